package profile

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// program is a Go program other than what the UI is attached to, of which the
// page captures. No token is sent to it.
type program struct {
	url    string
	client *client.Client
}

// openProgram returns the program at an address. It does not connect yet.
func openProgram(address string) (*program, error) {
	root, err := source.Root(address)
	if err != nil {
		return nil, err
	}
	c, err := client.New(root.String(), client.WithRetries(client.Once()), client.WithTransport(source.OnlyProfiles))
	if err != nil {
		return nil, err
	}
	return &program{url: root.String(), client: c}, nil
}

// programMsg asks the Profile page to capture of a program, or of what the UI
// is attached to again.
type programMsg struct {
	of *program // nil: what the UI is attached to
}

// fetchMsg asks the Profile page to fetch one profile.
type fetchMsg struct{ address string }

// runAddress does what ":profile ADDRESS" says: an address that names a profile
// is fetched, any other is of a program to capture of.
func runAddress(t *page.Turn, arg string) any {
	u, err := url.Parse(arg)
	if err == nil && u.Path != "" {
		root, err := source.Root(arg)
		if err == nil && u.Path != root.Path && u.Path != root.Path+"/" && u.Path != root.JoinPath("debug/pprof").Path && u.Path != root.JoinPath("debug/pprof/").Path {
			return fetchMsg{address: arg}
		}
	}
	of, err := openProgram(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":profile %v", err)
		return nil
	}
	return programMsg{of: of}
}

// moveTo has captures be of another program, once that says what it offers.
func (c *captures) moveTo(t *page.Turn, of *program, asks *profileAsks) {
	if of == nil {
		if c.program != nil {
			c.program = nil
			t.Toast(page.LevelInfo, "captures are of %s again", here(t))
		}
		return
	}
	t.Toast(page.LevelInfo, "asking %s what it offers", of.url)
	took := func(t *page.Turn, reply page.Reply) { c.moved(t, of, reply) }
	t.AskElsewhere(asks.await(&asks.offers, took), func(ctx context.Context, _ *client.Client) (any, error) {
		return source.Web{Patience: offersPatience}.Offers(ctx, of.url)
	})
}

// offersPatience is how long a program may take to say what it offers.
const offersPatience = 5 * time.Second

func (c *captures) moved(t *page.Turn, of *program, msg page.Reply) {
	if msg.Err != nil {
		t.Toast(page.LevelError, ":profile %v", msg.Err)
		return
	}
	c.program, c.auto = of, false
	offers := msg.Value.(source.Offers).Names()
	t.Toast(page.LevelInfo, "captures are of %s now, which offers %s; :profile here goes back", of.url, strings.Join(offers, ", "))
}

// here names what the UI is attached to.
func here(t *page.Turn) string { return cmp.Or(t.URL, "this process") }

// explain has the error of a profile that a program does not offer say what it does.
func explain(ctx context.Context, kind profiler.Kind, of string, err error) error {
	if !client.NotOffered(err) || ctx.Err() != nil {
		return err
	}
	offers, _ := source.Web{Patience: offersPatience}.Offers(ctx, of) // what is not known is not said
	return &source.Missing{Of: of, Kind: kind, Offers: offers}
}

// fetch gets one profile from an address, as a capture that somebody else takes.
func (c *captures) fetch(t *page.Turn, name string) (ask page.Ask) {
	if c.busy(t) {
		return ask
	}
	web := source.Web{}
	address, takes, err := web.Address(name)
	if err != nil {
		t.Toast(page.LevelWarn, ":profile %v", err)
		return ask
	}
	job := captureJob{fetched: address.Redacted(), began: t.Now, total: takes, apart: true}
	ask.Elsewhere = true
	ask.Call = c.begin(job, func(ctx context.Context, _ *client.Client) (any, error) {
		return fetchProfile(ctx, web, name, address)
	})
	return ask
}

// maxFetched is how many bytes of one profile are fetched, as they come.
const maxFetched = 256 << 20

func fetchProfile(ctx context.Context, web source.Web, name string, address *url.URL) (*loadedProfile, error) {
	began := time.Now()
	data, err := web.Fetch(ctx, name, maxFetched)
	if err != nil {
		return nil, err
	}
	held, err := inMemory(&profiler.Recording{Target: address.Redacted(), Began: began, Took: time.Since(began), Data: data})
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", address.Redacted(), err)
	}
	return held, nil
}
