package lag_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store/storetest"
)

// place is a server, and the same without what evtui adds.
type place struct {
	*testing.T
	c, plain *client.Client
	token    string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	model := storetest.NewModel()
	token, err := server.EnsureDefault(t.Context(), model, "", "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{Store: model})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{T: t, token: token}
	p.c = p.connect(s.Handler(), token)
	p.plain = p.connect(peer.Handler(s.Handler(), peer.Options{}), token)
	return p
}

func (p *place) connect(h http.Handler, token string) *client.Client {
	p.Helper()
	web := httptest.NewServer(h)
	p.Cleanup(web.CloseClientConnections)
	c, err := client.New(web.URL, client.WithToken(token))
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(c.Close)
	return c
}

func (p *place) write(n int, streams ...string) {
	p.Helper()
	for range n {
		for _, s := range streams {
			if _, err := p.c.Write(p.Context(), s, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
				p.Fatal(err)
			}
		}
	}
}

func (p *place) record(stream string, done int) {
	p.Helper()
	event := client.Event{Type: "Recorded", Data: fmt.Appendf(nil, `{"position":%d}`, done)}
	if _, err := p.c.Write(p.Context(), stream, event, client.AnyVersion()); err != nil {
		p.Fatal(err)
	}
}

// look says of each consumer who it is, and how many messages are before it.
func (p *place) look(w *lag.Watch, c *client.Client, now time.Time) (lag.Look, string) {
	p.Helper()
	look, err := w.Look(p.Context(), c, "", now)
	if err != nil {
		p.Fatal(err)
	}
	var all []string
	for i := range look.Consumers {
		m := &look.Consumers[i]
		n := "?"
		if m.Messages != nil {
			n = fmt.Sprint(*m.Messages)
		}
		all = append(all, fmt.Sprintf("%s %s %d/%d %s: %s %s", m.Category, m.Name, m.Member, m.Size, m.Via, n, m.State()))
	}
	return look, strings.Join(all, "\n")
}

// TestEveryServerTellsTheSame: recorded positions and what is before them are the same
// where the server counts and where the client has to.
func TestEveryServerTellsTheSame(t *testing.T) {
	p := newPlace(t)
	p.write(5, "noise-1", "account-1", "account-2", "noise-2", "account-3")
	p.record("account:position-reports", 10)
	p.record("account:position-pair-0-of-2", 0)
	p.record("account:position-pair-1-of-2", 0)
	p.record("account:position", 25)
	p.write(1, "account:position-somebody")
	p.record("order:command+position-bill", 3)
	const want = `account pair %s
account reports 0/0 position stream: 9 behind
account pair %s
account  0/0 position stream: 0 caught up
order:command bill 0/0 position stream: 0 caught up`
	var w, plain lag.Watch
	now := time.Now()
	look, got := p.look(&w, p.c, now)
	pairs := [2]string{"0/2 position stream: 10 behind", "1/2 position stream: 5 behind"}
	if strings.Contains(got, "0/2 position stream: 5") {
		pairs = [2]string{"1/2 position stream: 10 behind", "0/2 position stream: 5 behind"}
	}
	if want := fmt.Sprintf(want, pairs[0], pairs[1]); got != want || look.Why != "" || look.Read != 0 {
		t.Errorf("evtui's server tells (%q, %d read)\n%s\nwant\n%s", look.Why, look.Read, got, want)
	}
	look, again := p.look(&plain, p.plain, now)
	if again != got || look.Why != "this server does not observe who reads" || look.Read != 9+15+15 {
		t.Errorf("a plain server tells (%q, %d read)\n%s\nwant\n%s", look.Why, look.Read, again, got)
	}
	p.write(3, "account-1")
	p.record("account:position-reports", 25)
	_, got = p.look(&w, p.c, now)
	look, again = p.look(&plain, p.plain, now)
	if again != got || !strings.Contains(got, "reports 0/0 position stream: 3 ") || look.Read > 15 {
		t.Errorf("after more (%d read)\n%s\nwant\n%s", look.Read, again, got)
	}
}

// TestATenantSeesItsOwn: who reads is the admin's to know; recorded positions are told to
// whoever may read them.
func TestATenantSeesItsOwn(t *testing.T) {
	p := newPlace(t)
	made, err := p.c.CreateNamespace(t.Context(), "shop", client.NamespaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := client.New(p.c.URL(), client.WithToken(made.Token))
	if err != nil {
		t.Fatal(err)
	}
	defer tenant.Close()
	p.record("account:position-others", 1)
	p.c = tenant
	p.write(4, "account-1")
	p.record("account:position-reports", 1)
	var w lag.Watch
	if look, got := p.look(&w, tenant, time.Now()); got != "account reports 0/0 position stream: 3 behind" || look.Why != "who reads is told to the admin token only" {
		t.Errorf("%q\n%s", look.Why, got)
	}
}

// TestTrends: a consumer that reads is connected to no stream, and is promised a time only
// while it catches up; a dead one is not (U5).
func TestTrends(t *testing.T) {
	p := newPlace(t)
	p.write(100, "account-1")
	read := func(from int64) {
		if _, err := p.c.ReadCategory(t.Context(), client.CategoryQuery{Category: "account", GlobalPosition: from, Limit: 10, Group: client.Group{Member: 0, Size: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	read(1)
	var w lag.Watch
	now := time.Now()
	if look, _ := p.look(&w, p.c, now); !look.Consumers[0].Once || look.Consumers[0].State() != lag.Once {
		t.Errorf("after one read: %+v", look.Consumers[0])
	}
	for step := range 4 {
		read(int64(10*step + 11))
		now = now.Add(2 * time.Second)
		p.look(&w, p.c, now)
	}
	look, _ := p.look(&w, p.c, now)
	c := look.Consumers[0]
	d, known := c.CatchUp()
	if c.State() != lag.Catching || *c.Messages != 60 || !known || d != 12*time.Second || c.Trend != -5 {
		t.Errorf("%s with %d before it, trend %v: %s (%t)", c.State(), *c.Messages, c.Trend, d, known)
	}
	at, known := w.At(c.ID(), now.Add(-4*time.Second), 3*time.Second)
	if !known || *at.Messages != 80 {
		t.Errorf("four seconds ago: %+v (%t)", at, known)
	}
	if _, known := w.At(c.ID(), now.Add(-time.Hour), 3*time.Second); known {
		t.Error("an hour ago is known")
	}
	silent := int64(time.Minute)
	c.SilentFor = &silent
	if _, known := c.CatchUp(); c.State() != lag.Silent || known {
		t.Errorf("a dead one is %s, and promised %t", c.State(), known)
	}
	c.Connected = 1
	if c.State() != lag.Catching {
		t.Errorf("one that is connected is %s", c.State())
	}
}

// TestWhoKeepsUp: messages that have just come are no reason to worry; those that stay are.
func TestWhoKeepsUp(t *testing.T) {
	p := newPlace(t)
	p.write(10, "account-1")
	p.record("account:position-reports", 10)
	var w lag.Watch
	now := time.Now()
	for _, step := range []struct {
		write int
		want  lag.State
	}{{0, lag.CaughtUp}, {3, lag.KeepsUp}, {0, lag.KeepsUp}, {0, lag.KeepsUp}, {1, lag.Falling}, {1, lag.Falling}} {
		p.write(step.write, "account-1")
		look, _ := p.look(&w, p.c, now)
		if got := look.Consumers[0].State(); got != step.want {
			t.Errorf("at %s it is %s, want %s", now.Format(time.TimeOnly), got, step.want)
		}
		now = now.Add(2 * time.Second)
	}
}

// TestWhoIsSilent: one that records its position each hundred messages may be idle.
func TestWhoIsSilent(t *testing.T) {
	n, hour := func(n int64) *int64 { return &n }, int64(time.Hour)
	for _, c := range []struct {
		of   wire.GroupMember
		want lag.State
	}{
		{wire.GroupMember{Via: wire.ViaPosition, Messages: n(99), SilentFor: &hour}, lag.Behind},
		{wire.GroupMember{Via: wire.ViaPosition, Messages: n(100), SilentFor: &hour}, lag.Silent},
		{wire.GroupMember{Via: wire.ViaPosition, Size: 2, Messages: n(1), SilentFor: &hour}, lag.Silent},
		{wire.GroupMember{Via: wire.ViaRead, Size: 2, Messages: n(1), SilentFor: &hour}, lag.Silent},
		{wire.GroupMember{Via: wire.ViaRead, Size: 2, Messages: n(0), SilentFor: &hour}, lag.CaughtUp},
		{wire.GroupMember{Via: wire.ViaRead, Size: 2, Messages: n(0), AtLeast: true, SilentFor: n(1)}, lag.Behind},
		{wire.GroupMember{Via: wire.ViaRead, Size: 2, SilentFor: &hour}, lag.Unknown},
		{wire.GroupMember{Size: 2}, lag.Unknown},
	} {
		if got := (&lag.Consumer{GroupMember: c.of}).State(); got != c.want {
			t.Errorf("%+v is %s, want %s", c.of, got, c.want)
		}
	}
}
