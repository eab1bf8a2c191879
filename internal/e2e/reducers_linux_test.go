package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/state"
)

// writeDeadline is how long an append beside a hostile reducer may take. It is long
// for a busy machine; a reducer that ran in the store's process would take it all.
const writeDeadline = 10 * time.Second

// TestHostileReducersBesideWrites gives the process that holds the store reducers
// that loop, grow and fail, while programs write to it and read: each is said on
// the screen, nothing else is held up, and no process of theirs is left, also when
// the one that holds the store is killed.
func TestHostileReducersBesideWrites(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	term := mustOpen(t, 160, 44, "--data", data, "--listen", "127.0.0.1:0")
	mustSee(t, term, "1 Overview", "ns default")
	url, token, err := awaitServer(data)
	if err != nil {
		t.Fatal(err)
	}
	c := rpc{url, token}
	for _, event := range []string{"Opened", "Deposited", "Withdrawn"} {
		mustWriteEvent(t, c, "account-1", event)
	}
	others := mustGoOnBeside(t, c)
	mustTell(t, term, "stream account-1")
	mustSee(t, term, "account-1", "Withdrawn")
	mustPress(t, term, "]")
	mustSee(t, term, "data merged")
	for _, hostile := range []struct {
		name, jq, said string
		left           int // processes: one that could be interrupted goes on with the next message
	}{
		{"loops", `def f: f; f`, "it took longer than 1s", 1},
		{"searches", `("a" * 5e7) | test("(a?){100}b")`, "could not be interrupted: its process was killed", 0},
		{"grows", `def g: . + . | g; "growing" | g`, "256 MiB", 0},
		{"fails", `if $event.type == "Withdrawn" then error("not enough") else .n += 1 end`, "not enough", 1},
		{"repeats", `"x" * 1e9`, "256 MiB", 0},
	} {
		file := filepath.Join(dir, hostile.name+".jq")
		if err := os.WriteFile(file, []byte(hostile.jq), 0o600); err != nil {
			t.Fatal(err)
		}
		before := others.rounds.Load()
		mustTell(t, term, "reducer "+file)
		if _, err := term.Await(hostile.said, patience, func(s Screen) bool { return strings.Contains(unwrapped(s), hostile.said) }); err != nil {
			t.Fatal(err)
		}
		others.mustGoOn(t, hostile.name, before)
		awaitReducers(t, "the reducer that "+hostile.name, hostile.left)
	}
	// Back to what holds, in the same process; and killed while a reducer loops.
	mustTell(t, term, "reducer -")
	mustSee(t, term, "data merged")
	awaitReducers(t, "merging", 0)
	mustTell(t, term, "reducer "+filepath.Join(dir, "loops.jq"))
	awaitReducers(t, "the reducer that loops", 1)
	others.mustGoOn(t, "loops", others.rounds.Load())
	others.stop()
	if err := term.Signal(os.Kill); err != nil {
		t.Fatal(err)
	}
	awaitReducers(t, "the store's process was killed", 0)
}

// unwrapped is what a screen says, without the lines that it is broken into.
func unwrapped(s Screen) string {
	var words []string
	for y := range s.Height {
		words = append(words, strings.FieldsFunc(s.Line(y), func(r rune) bool { return r == ' ' || r == '│' })...)
	}
	return strings.Join(words, " ")
}

// beside writes and reads while something else happens.
type beside struct {
	rounds atomic.Int64
	end    context.CancelFunc
	done   chan struct{} // closed once it has ended
}

// mustGoOnBeside begins. An append or a read that takes longer than writeDeadline
// fails the test.
func mustGoOnBeside(t *testing.T, c rpc) *beside {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := &beside{end: cancel, done: make(chan struct{})}
	t.Cleanup(b.stop)
	go func() {
		defer close(b.done)
		for i := 0; ctx.Err() == nil; i++ {
			for _, call := range [][]any{
				{"stream.write", "other-1", map[string]any{"type": "Noted", "data": map[string]int{"n": i}}},
				{"stream.get", "account-1"},
			} {
				if err := within(ctx, c, writeDeadline, call...); err != nil && ctx.Err() == nil {
					t.Errorf("%v beside a reducer: %v", call[0], err)
					return
				}
			}
			b.rounds.Add(1)
		}
	}()
	return b
}

func (b *beside) stop() {
	b.end()
	<-b.done
}

// within makes a call that may take so long.
func within(ctx context.Context, c rpc, limit time.Duration, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/rpc", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var result json.RawMessage
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", answer.Status, result)
	}
	return nil
}

// mustGoOn waits until there were rounds more.
func (b *beside) mustGoOn(t *testing.T, what string, before int64) {
	t.Helper()
	for deadline := time.Now().Add(patience); b.rounds.Load() < before+2; <-time.After(again) {
		if t.Failed() || time.Now().After(deadline) {
			t.Fatalf("%d rounds of a write and a read beside the reducer that %s", b.rounds.Load()-before, what)
		}
	}
}

// again is when is looked again for what there is no word of.
const again = 10 * time.Millisecond

// awaitReducers waits until as many processes run reducers.
func awaitReducers(t *testing.T, after string, want int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(again) {
		n := reducersOf(t)
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %d processes run reducers, want %d", after, n, want)
		}
	}
}

// reducersOf counts the processes of the evtui under test that run reducers.
func reducersOf(t *testing.T) (n int) {
	t.Helper()
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		raw, _ := os.ReadFile(command) // one that has ended has none
		_, argument, _ := strings.Cut(strings.TrimSuffix(string(raw), "\x00"), "\x00")
		program, _ := os.Readlink(filepath.Join(filepath.Dir(command), "exe"))
		if argument == state.Argument && program == binary {
			n++
		}
	}
	return n
}
