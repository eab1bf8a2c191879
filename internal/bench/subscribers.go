package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server/client"
)

// SubscribersCommand is the command under which the program calls ServeSubscribers.
const SubscribersCommand = "bench-subscribers"

// SubscribersConfig says what to measure of many subscriptions. All must be given.
type SubscribersConfig struct {
	Program  string
	Dir      string        // where to make a fresh directory; "": the system's for temporary files
	Duration time.Duration // of the writes beside them, and of those without
	Progress func(step string)
}

const (
	catchUps      = 1000   // subscriptions that read the past
	pastMessages  = 20_000 // that there are for them
	idleReaders   = 2500   // subscriptions that nothing matches
	writesASecond = 500    // the pace of the writes beside subscriptions that wait
)

// subscribers is one RunSubscribers under way.
type subscribers struct {
	SubscribersConfig
	dir    string
	server *measure.Server
	client *client.Client
}

// RunSubscribers measures what a writer, and whoever asks for /health, notices
// of many subscriptions: while they read the past, and while they wait for what
// never comes. The subscribers are one process of the lowest priority that discards
// what it reads; the writer is this one.
func RunSubscribers(ctx context.Context, c SubscribersConfig) (results []Result, err error) {
	s := &subscribers{SubscribersConfig: c}
	most := strconv.Itoa(max(catchUps, idleReaders) + 100)
	limits := []string{"--max-connections", most, "--max-subscriptions", most}
	err = serveFresh(ctx, c.Program, c.Dir, limits, func(dir string, server *measure.Server, client *client.Client) error {
		s.dir, s.server, s.client = dir, server, client
		if results, err = s.idle(ctx); err != nil {
			return fmt.Errorf("bench: subscriptions that nothing matches: %w", err)
		}
		past, err := s.catchUp(ctx)
		if err != nil {
			return fmt.Errorf("bench: subscriptions that read the past: %w", err)
		}
		results = append(results, past...)
		return nil
	})
	return results, err
}

// idle measures writes without and beside subscriptions to other streams, in turn.
func (s *subscribers) idle(ctx context.Context) ([]Result, error) {
	const rounds = 5
	var without, beside []time.Duration
	for round := range rounds {
		s.Progress(fmt.Sprintf("writing without subscriptions, and beside %d of other streams, round %d of %d", idleReaders, round+1, rounds))
		times, err := s.writes(ctx, s.Duration/rounds)
		if err != nil {
			return nil, err
		}
		without = append(without, times...)
		readers, err := s.subscribe(ctx, idleReaders, 0, url.Values{"stream": {"other-%d"}, "position": {"0"}})
		if err != nil {
			return nil, err
		}
		times, err = s.writes(ctx, s.Duration/rounds)
		if err = errors.Join(err, interrupt(readers)); err != nil {
			return nil, err
		}
		beside = append(beside, times...)
	}
	r := timed("idle-subscriptions", fmt.Sprintf("a write beside %d subscriptions that it does not concern", idleReaders), 0, beside, "")
	r.Measured, r.Limit = spread(beside).Median, spread(without).Median
	r.Ratio, r.Goal = r.Measured/r.Limit, 1.3*r.Limit
	r.Met, r.Note = r.Measured <= r.Goal, fmt.Sprintf("half take so long or less; the limit is without subscriptions; %d writes a second", writesASecond)
	return []Result{r}, nil
}

// writes appends at the usual pace and returns how long each took.
func (s *subscribers) writes(ctx context.Context, d time.Duration) ([]time.Duration, error) {
	tick := time.NewTicker(time.Second / writesASecond)
	defer tick.Stop()
	var times []time.Duration
	for end := time.Now().Add(d); time.Now().Before(end); {
		took, err := s.write(ctx)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
		<-tick.C
	}
	return times, nil
}

func (s *subscribers) write(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	_, err := s.client.Write(ctx, "account-1", client.Event{Type: "Deposited", Data: []byte(`{"amount":5,"currency":"EUR"}`)}, client.AnyVersion())
	return time.Since(start), err
}

// catchUp measures writes and /health while subscriptions read the past.
func (s *subscribers) catchUp(ctx context.Context) ([]Result, error) {
	s.Progress(fmt.Sprintf("writing %d messages", pastMessages))
	events := make([]client.Event, 100)
	for i := range events {
		events[i] = client.Event{Type: "Opened", Data: []byte(`{"customer":"c-4711","currency":"EUR"}`)}
	}
	for i := 0; i < pastMessages; i += len(events) {
		w := client.Write{Stream: fmt.Sprintf("past-%d", i%1000), Events: events[:min(len(events), pastMessages-i)]}
		if _, err := s.client.Append(ctx, w); err != nil {
			return nil, err
		}
	}
	s.Progress(fmt.Sprintf("%d subscriptions read %d messages each", catchUps, pastMessages))
	start := time.Now()
	readers, err := s.subscribe(ctx, catchUps, pastMessages, url.Values{"category": {"past"}, "position": {"0"}})
	if err != nil {
		return nil, err
	}
	var writes, healths []time.Duration
	for ctx.Err() == nil && !readers.Ended() {
		took, err := s.write(ctx)
		if err != nil {
			return nil, errors.Join(err, interrupt(readers))
		}
		writes = append(writes, took)
		if took, err = s.health(ctx); err != nil {
			return nil, errors.Join(err, interrupt(readers))
		}
		healths = append(healths, took)
		time.Sleep(2 * time.Millisecond)
	}
	if err := errors.Join(readers.Wait(), ctx.Err()); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("all had read all after %.1f s", time.Since(start).Seconds())
	what := fmt.Sprintf(" while %d subscriptions read %d messages each", catchUps, pastMessages)
	return []Result{
		timed("catch-up-write", "a write"+what, 50*time.Millisecond, writes, note),
		timed("catch-up-health", "/health"+what, 100*time.Millisecond, healths, note),
	}, nil
}

// health asks for /health on a new connection, as a load balancer does.
func (s *subscribers) health(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL()+"/health", nil)
	if err != nil {
		return 0, err
	}
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16))
	return time.Since(start), err
}

// subscribe starts a process with n subscriptions and waits until all are open.
// It ends by itself once each has had that number of announcements; 0 is never.
func (s *subscribers) subscribe(ctx context.Context, n, announcements int, query url.Values) (*measure.Process, error) {
	name := filepath.Join(s.dir, "subscribers")
	job, err := json.Marshal(subscribing{Addr: s.server.Addr, Token: s.server.Token, Count: n, Until: announcements, Query: query.Encode()})
	if err != nil {
		return nil, err
	}
	p, err := measure.Start(s.Program, name, SubscribersCommand, string(job))
	if err != nil {
		return nil, err
	}
	if _, err := p.AwaitLine(ctx, name); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// interrupt stops subscribers, which then end with the code of a process that was
// interrupted.
func interrupt(subscribers *measure.Process) error {
	err := subscribers.Stop()
	if _, ended := errors.AsType[*exec.ExitError](err); ended {
		return nil
	}
	return err
}

// subscribing is what a process of subscribers is to do.
type subscribing struct {
	Addr, Token string
	Count       int
	Until       int    // announcements for each; 0: until it is interrupted
	Query       string // of /subscribe; %d in it is the subscription's number
}

// ServeSubscribers opens the subscriptions of a job, prints a line once all are open,
// and discards what they announce.
func ServeSubscribers(ctx context.Context, w io.Writer, job string) error {
	var j subscribing
	if err := json.Unmarshal([]byte(job), &j); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	measure.LowerPriority()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var open, all sync.WaitGroup
	for i := range j.Count {
		open.Add(1)
		all.Go(func() {
			if err := j.read(ctx, i, open.Done); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	open.Wait()
	if _, err := fmt.Fprintln(w, "open"); err != nil {
		return err
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

// read follows one subscription. opened is called once, when it is open or
// cannot be opened.
func (j *subscribing) read(ctx context.Context, number int, opened func()) error {
	once := sync.OnceFunc(opened)
	defer once()
	conn, err := barehttp.Dial(ctx, j.Addr, 16<<10)
	if err != nil {
		return err
	}
	defer conn.Close()
	query, err := url.QueryUnescape(j.Query)
	if err != nil {
		return err
	}
	query = strings.ReplaceAll(query, "%d", strconv.Itoa(number))
	head := fmt.Sprintf("GET /subscribe?%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: ", query, j.Addr, j.Token)
	if err := conn.Send([]byte(head), nil); err != nil {
		return err
	}
	body, status, err := conn.Stream()
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("the server answered %d", status)
	}
	lines := bufio.NewScanner(body)
	for seen := 0; j.Until == 0 || seen < j.Until; {
		if !lines.Scan() {
			return errors.Join(io.ErrUnexpectedEOF, lines.Err())
		}
		switch line := lines.Bytes(); {
		case bytes.HasPrefix(line, []byte("event: poke")):
			seen++
		case bytes.HasPrefix(line, []byte(": ready")):
			once()
		}
	}
	return nil
}
