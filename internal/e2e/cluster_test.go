package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// peers are two evtui on one cluster, each a process with a data directory of its own.
type peers struct {
	t     *testing.T
	url   string   // of the cluster
	env   []string // with its password
	token string   // the file that both are given
	home  string
	of    [2]twin
}

// twin is one of them.
type twin struct {
	dir     string
	process *Process
	client  atomic.Pointer[client.Client]
}

// mustServeCluster starts both: the first makes the namespace default, and the second is
// given its token.
func mustServeCluster(t *testing.T, c *jettest.Cluster) (p *peers, account string) {
	t.Helper()
	u := c.URL()
	account, password := c.Account(t)
	u.User = url.User(account)
	u.RawQuery = url.Values{"monitor": {strings.Join(c.Monitor(), ",")}}.Encode()
	home := t.TempDir()
	p = &peers{t: t, url: u.String(), home: home, token: filepath.Join(home, "shared-token"), env: []string{"HOME=" + home, "EVTUI_NATS_PASSWORD=" + password}}
	for i := range p.of {
		p.of[i].dir = filepath.Join(home, fmt.Sprintf("evtui%d", i))
	}
	p.mustServe(0)
	token, err := os.ReadFile(filepath.Join(p.of[0].dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.token, token, 0o600); err != nil {
		t.Fatal(err)
	}
	p.mustServe(1, "--token-file", p.token)
	return p, account
}

// mustServe starts one of the two, on a directory that may be gone.
func (p *peers) mustServe(i int, args ...string) {
	p.t.Helper()
	one := &p.of[i]
	args = append([]string{"serve", "--data", one.dir, "--db-url", p.url, "--listen", "127.0.0.1:0", "--write-timeout", "10s"}, args...)
	var err error
	if one.process, err = Launch(nil, p.env, binary, args...); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(one.process.Kill)
	if err := one.process.AwaitStderr("msg=serving", patience); err != nil {
		p.t.Fatal(err)
	}
	at, token, err := awaitServer(one.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := client.New(at, client.WithToken(token), client.WithRetries(client.Once()), client.WithTimeout(15*time.Second))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	one.client.Store(c)
}

// run runs a command to its end, which must be 0, and returns what it printed.
func (p *peers) run(args ...string) string {
	p.t.Helper()
	command, err := Launch(nil, p.env, binary, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(command.Kill)
	mustExit(p.t, command, 0)
	return command.Stdout()
}

// toldWrites is what writers were told.
type toldWrites struct {
	count atomic.Int64

	mu   sync.Mutex // guards what follows
	told map[store.ID]told
}

type told struct {
	stream   string
	position int64
}

func (a *toldWrites) note(id store.ID, stream string, position int64) {
	a.mu.Lock()
	a.told[id] = told{stream, position}
	a.mu.Unlock()
	a.count.Add(1)
}

// write appends to the streams of one writer and, every other time, to those that all share, at
// one evtui after the other, with expected versions and ids, until ctx ends. What was
// not answered is asked again with the same id until somebody knows.
func (p *peers) write(ctx context.Context, writer int, a *toldWrites) error {
	versions := map[string]int64{}
	for n := 0; ctx.Err() == nil; n++ {
		stream := fmt.Sprintf("own-%d", writer)
		if n%2 == 1 {
			stream = fmt.Sprintf("shared-%d", n%6)
		}
		if _, known := versions[stream]; !known {
			versions[stream] = store.NoStream
		}
		event := client.Event{ID: store.NewID(time.Now()), Type: "T", Data: fmt.Appendf(nil, `{"writer":%d,"n":%d}`, writer, n)}
		for try := writer + n; ; try++ {
			stored, err := p.of[try%2].client.Load().Write(context.WithoutCancel(ctx), stream, event, client.AtVersion(versions[stream]))
			var conflict *store.ConflictError
			switch {
			case err == nil:
				a.note(event.ID, stream, stored.LastPosition)
				versions[stream] = stored.LastPosition
			case errors.As(err, &conflict): // nothing was stored: an id that is there is answered with its place
				versions[stream] = conflict.Actual
				if stream[0] == 'o' && conflict.Actual > conflict.Expected {
					return fmt.Errorf("nobody else writes to %s, and it is at %d: %w", stream, conflict.Actual, err)
				}
			case client.Unavailable(err), client.OutcomeUnknown(err), client.Unreachable(err):
				select {
				case <-time.After(20 * time.Millisecond):
				case <-p.t.Context().Done():
					return p.t.Context().Err()
				}
				continue
			default:
				return fmt.Errorf("write to %s: %w", stream, err)
			}
			break
		}
	}
	return nil
}

// TestClusterOutlivesItsParts is two evtui on three NATS servers, with writers at both while a
// server is killed, the leader stands still for seven seconds, and an evtui is killed and
// loses its directory. Nothing that was acknowledged is lost or there twice, and both
// show the same.
func TestClusterOutlivesItsParts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("servers are stopped by a signal")
	}
	c := jettest.Start(t, jettest.Options{})
	p, account := mustServeCluster(t, c)
	a := &toldWrites{told: map[store.ID]told{}}
	writing, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for i := range 6 {
		writers.Go(func() {
			if err := p.write(writing, i, a); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	defer writers.Wait()
	defer stop()
	more := func() { t.Helper(); awaitCount(t, &a.count, a.count.Load()+200) }

	more()
	leader := c.Leader(t, account, "evtui-default")
	killed := (leader + 1) % 3
	c.Kill(killed)
	more()
	c.Restart(t, killed)
	ready, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Ready(ready); err != nil {
		t.Fatal(err)
	}
	more()
	leader = c.Leader(t, account, "evtui-default")
	c.Stop(t, leader)
	pass(t, 7*time.Second)
	c.Continue(t, leader)
	more()
	p.of[0].process.Kill()
	if err := os.RemoveAll(p.of[0].dir); err != nil {
		t.Fatal(err)
	}
	more()
	p.mustServe(0, "--token-file", p.token)
	more()
	stop()
	writers.Wait()
	if !t.Failed() {
		p.check(a)
	}
}

// check compares what both show with what the writers were told, and with the log.
func (p *peers) check(a *toldWrites) {
	p.t.Helper()
	var exported [2][]byte
	for i := range p.of {
		one := &p.of[i]
		if _, err := one.client.Load().Fresh().Version(p.t.Context(), "own-0"); err != nil {
			p.t.Fatalf("evtui %d cannot say what was acknowledged: %v", i, err)
		}
		file := filepath.Join(p.home, fmt.Sprintf("export%d.ndjson", i))
		p.run("export", file, "--data", one.dir)
		text, err := os.ReadFile(file)
		if err != nil {
			p.t.Fatal(err)
		}
		exported[i] = text
		mustFindNothing(p.t, p.run("verify", "--data", one.dir, "-o", "json"))
	}
	if !bytes.Equal(exported[0], exported[1]) {
		p.t.Errorf("the two show different messages: %d and %d bytes", len(exported[0]), len(exported[1]))
	}
	a.check(p.t, exported[0])
	p.t.Logf("%d writes were acknowledged", a.count.Load())
}

func mustFindNothing(t *testing.T, report string) {
	t.Helper()
	if strings.Count(report, `"findings": []`) != strings.Count(report, `"namespace"`) || report == "" {
		t.Errorf("verify says\n%s", report)
	}
}

// check holds an export against what was acknowledged: all of it is there, once, and neither
// streams nor the namespace have a gap.
func (a *toldWrites) check(t *testing.T, exported []byte) {
	t.Helper()
	versions, ids, global := map[string]int64{}, map[store.ID]bool{}, int64(0)
	for line := range bytes.Lines(exported) {
		var m struct {
			ID     string
			Stream string
			Pos    int64
			GPos   int64
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		id, err := store.ParseID(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if global++; m.GPos != global || m.Pos != versions[m.Stream] || ids[id] {
			t.Fatalf("message %d is %s#%d at %d, its id was there: %t", global, m.Stream, m.Pos, m.GPos, ids[id])
		}
		versions[m.Stream], ids[id] = m.Pos+1, true
		if was, known := a.told[id]; known {
			if was.stream != m.Stream || was.position != m.Pos {
				t.Errorf("%s#%d was acknowledged as %s#%d", m.Stream, m.Pos, was.stream, was.position)
			}
			delete(a.told, id)
		} else { // each write was asked for until somebody knew
			t.Errorf("%s#%d is there, and was not acknowledged", m.Stream, m.Pos)
		}
	}
	if len(a.told) > 0 {
		t.Errorf("%d of %d acknowledged messages are lost: %v", len(a.told), a.count.Load(), a.told)
	}
}
