package state_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/store"
)

// messagesOf makes a stream of data, one message each, of the type Changed.
func messagesOf(data ...string) []store.Message {
	out := make([]store.Message, len(data))
	for i, d := range data {
		out[i] = store.Message{
			ID: store.MakeID(noon, [10]byte{byte(i)}), Stream: "account-1", Type: "Changed", Position: int64(i), GlobalPosition: int64(i) + 1,
			Time: noon.Add(time.Duration(i) * time.Second), Data: []byte(d),
		}
	}
	return out
}

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// newProcess is a reducer that ends with the test.
func newProcess(t testing.TB, reducer, condition string, limits state.Limits) *state.Process {
	p := state.NewProcess(reducer, condition, limits)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestPrograms is a list of programs with what they make of the same messages.
func TestPrograms(t *testing.T) {
	messages := messagesOf(`{"amount":100}`, `{"amount":-30,"tags":["a","b"]}`, `{"amount":1.10,"big":12345678901234567890}`)
	messages[1].Type, messages[1].Metadata = "Withdrawn", []byte(`{"by":"ann"}`)
	for program, want := range map[string]string{
		`.`:                              `null`,
		`.balance += $event.data.amount`: `{"balance":71.1}`,
		`.n += 1`:                        `{"n":3}`,
		`if $event.type == "Withdrawn" then .out += [-$event.data.amount] else . end`: `{"out":[30]}`,
		`select($event.type == "Changed") | .n += 1`:                                  `{"n":2}`, // no output: as it was
		`1, 2, .`:                           `null`, // of several the last
		`$event.data`:                       `{"amount":1.10,"big":12345678901234567890}`,
		`$event.data.amount`:                `1.10`,
		`$event.data.amount + 0`:            `1.1`,
		`$event.data.big + 1`:               `12345678901234567891`,
		`[$event | keys[]]`:                 `["data","globalPosition","id","metadata","position","stream","time","type"]`,
		`$event.position`:                   `2`,
		`$event.globalPosition`:             `3`,
		`$event.stream`:                     `"account-1"`,
		`$event.time`:                       `"2026-11-29T12:00:02Z"`,
		`.by = ($event.metadata.by // .by)`: `{"by":"ann"}`,
		`. * $event.data`:                   `{"amount":1.10,"big":12345678901234567890,"tags":["a","b"]}`,
		`. + {(($event.position|tostring)): $event.type}`: `{"0":"Changed","1":"Withdrawn","2":"Changed"}`,
		`env`:                               `{}`,
		`$ENV`:                              `{}`,
		`$ENV.PATH`:                         `null`,
		`[limit(3; repeat(1))]`:             `[1,1,1]`,
		`try error("x") catch .`:            `"x"`,
		`{b:1,a:2}`:                         `{"a":2,"b":1}`, // names are sorted
		`reduce range(5) as $i (0; . + $i)`: `10`,
		`"é\u0000" | @json`:                 `"\"é\\u0000\""`,
	} {
		p := newProcess(t, program, "", state.DefaultLimits())
		from := state.Initial()
		if program == `. * $event.data` {
			from = json.RawMessage(`{}`)
		}
		folded, err := p.Fold(t.Context(), from, messages)
		if err != nil || string(folded.State) != want || folded.Applied != 3 || folded.Held != -1 {
			t.Errorf("%s: %s, %d applied, %v; want %s", program, folded.State, folded.Applied, err, want)
		}
	}
}

// TestProgramsThatAreNone are refused before a message is read.
func TestProgramsThatAreNone(t *testing.T) {
	for program, want := range map[string]string{
		`if`: "unexpected EOF", ".a\n| .b |": "line 2", `input`: "input(s)/0 is not allowed", `inputs`: "not allowed", `$__loc__`: "variable not defined",
		`import "a" as a; .`: "not available", `include "a"; .`: "not available", `import "a" as $a; .`: "not available", `nothing`: "function not defined: nothing/0",
		`debug`: "function not defined", `input_filename`: "function not defined", `$other`: "variable not defined",
	} {
		_, err := newProcess(t, program, "", state.DefaultLimits()).Fold(t.Context(), state.Initial(), messagesOf(`{}`))
		wrong, ok := errors.AsType[*state.ProgramError](err)
		if !ok || wrong.What != "reducer" || !strings.Contains(wrong.Reason, want) {
			t.Errorf("%q: %v; want %q", program, err, want)
		}
	}
	_, err := newProcess(t, ".", "(", state.DefaultLimits()).Fold(t.Context(), state.Initial(), messagesOf(`{}`))
	if wrong, ok := errors.AsType[*state.ProgramError](err); !ok || wrong.What != "condition" {
		t.Errorf("a condition: %v", err)
	}
}

// TestHostilePrograms fail at a message, in words, and keep what was before it,
// whatever they do to their process.
func TestHostilePrograms(t *testing.T) {
	at := func(evil string) string { return `if $event.position == 2 then ` + evil + ` else .n += 1 end` }
	for evil, want := range map[string]string{
		`def f: f; f`:        "took longer than 500ms",
		`[range(1e12)]`:      "",
		`"x" * 1e9`:          "",
		`"x" * 1e9 | length`: "",
		`[limit(1e9; repeat("xxxxxxxxxxxxxxxxxxxxxxxx"))]`: "",
		`def f: [f]; f`:                       "",
		`def f: 1 + f; f`:                     "",
		`last(range(1e12))`:                   "took longer than 500ms",
		`reduce range(1e12) as $i (0; . + 1)`: "took longer than 500ms",
		`reduce range(100000) as $i (0; [.])`: "nest deeper than 512",
		`[range(1e6)] | map([range(1e6)])`:    "",
		`"a" * 20e6`:                          "more than 16 MiB",
		`error`:                               "error",
		`error("no " + "way")`:                "no way",
		`error(null)`:                         "null",
		`halt`:                                "ended itself",
		`halt_error`:                          "ended itself",
		`{} + 1`:                              "cannot add",
		`.a.b.c[0] = 1 | .a.b.c.d`:            "object",
		`("a" * 1e6) | error`:                 "aaa",
		`[splits("(a+)+b")]`:                  "cannot be applied",
		`1e1000000000 | tostring | error`:     "error",
	} {
		limits := state.Limits{Memory: 64 << 20, Message: 500 * time.Millisecond, Batch: 200 * time.Millisecond}
		if !strings.Contains(want, "took longer") && want != "" {
			limits.Message = time.Minute // it fails by itself, on a busy machine too
		}
		p := newProcess(t, at(evil), "", limits)
		folded, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`, `{}`, `{}`, `{}`, `{}`))
		fault, ok := errors.AsType[*state.Fault](err)
		switch {
		case !ok || fault.Position != 2 || fault.Type != "Changed" || !strings.Contains(fault.Reason, want) || len(fault.Reason) > 500:
			t.Errorf("%s: %v; want %q at 2", evil, err, want)
		case string(folded.State) != `{"n":2}` || folded.Applied != 2:
			t.Errorf("%s: kept %s after %d", evil, folded.State, folded.Applied)
		default:
			t.Logf("%s: %s", evil, fault.Reason)
		}
		// What is killed comes again.
		folded, err = p.Fold(t.Context(), json.RawMessage(`{"n":7}`), messagesOf(`{}`))
		if err != nil || string(folded.State) != `{"n":8}` {
			t.Errorf("after %s: %s, %v", evil, folded.State, err)
		}
	}
}

// TestHostileData goes through programs unharmed, or fails at its message.
func TestHostileData(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 500) + `1` + strings.Repeat(`}`, 500)
	wide := `{"a":"` + strings.Repeat("x", 1_000_000) + `"}`
	for _, c := range []struct{ data, program, want string }{
		{`{"a":1,"a":2,"\u0061":3}`, `$event.data.a`, `3`},
		{"{\"a\":\"\\u001b[31m\\u0000\"}", `$event.data.a`, `"\u001b[31m\u0000"`},
		{`{"a":"\ud800"}`, `$event.data.a | length`, `1`},
		{deep, `$event.data | [recurse(.a?)] | length`, `501`},
		{wide, `$event.data.a | length`, `1000000`},
		{`null`, `$event.data`, `null`},
		{``, `$event.data`, `null`},
	} {
		folded, err := newProcess(t, c.program, "", state.DefaultLimits()).Fold(t.Context(), state.Initial(), messagesOf(c.data))
		if err != nil || string(folded.State) != c.want {
			t.Errorf("%.40s: %.80s, %v; want %s", c.data, folded.State, err, c.want)
		}
	}
}

// TestFoldIsCancelled ends a program that never does.
func TestFoldIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := newProcess(t, `def f: f; f`, "", state.Limits{Memory: 64 << 20, Message: time.Hour, Batch: time.Hour})
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := p.Fold(ctx, state.Initial(), messagesOf(`{}`)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// TestCloseEndsAFold that runs on another goroutine.
func TestCloseEndsAFold(t *testing.T) {
	p := newProcess(t, `if $event.position == 0 then . else (def f: f; f) end`, "", state.Limits{Memory: 64 << 20, Message: time.Hour, Batch: time.Hour})
	if _, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`, `{}`)[1:])
		ended <- err
	}()
	if err := closeUnder(p, ended); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Fatal(err)
	}
}

// closeUnder closes the process until the fold has ended that another goroutine begins:
// closed before, it would have a child of its own. It returns the fold's error.
func closeUnder(p *state.Process, ended <-chan error) error {
	for {
		_ = p.Close()
		select {
		case err := <-ended:
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestConditions says at which message a condition holds first, and stops there.
func TestConditions(t *testing.T) {
	var data []string
	for i := range 200 {
		data = append(data, fmt.Sprintf(`{"n":%d}`, i))
	}
	for _, reducer := range []string{"", `. * $event.data`} {
		p := newProcess(t, reducer, `.n >= 150`, state.DefaultLimits())
		folded, err := p.Fold(t.Context(), json.RawMessage(`{}`), messagesOf(data...))
		if err != nil || folded.Held != 150 || folded.Applied != 151 || string(folded.State) != `{"n":150}` {
			t.Errorf("%q: %+v, %v", reducer, folded, err)
		}
	}
	p := newProcess(t, "", `$event.position == 3 and .n == 3`, state.DefaultLimits())
	if folded, err := p.Fold(t.Context(), state.Initial(), messagesOf(data...)); err != nil || folded.Held != 3 {
		t.Errorf("%+v, %v", folded, err)
	}
	p = newProcess(t, "", `.n + "x"`, state.DefaultLimits())
	if _, err := p.Fold(t.Context(), state.Initial(), messagesOf(data...)); err == nil || !strings.Contains(err.Error(), "the condition: cannot add") {
		t.Error(err)
	}
}
