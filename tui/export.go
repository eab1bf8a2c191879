package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// exportPage is how many messages are read at once.
const exportPage = 1000

// messagesOf hands messages, oldest first, to emit until it returns an error.
// It counts those that it looked at.
type messagesOf func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error

// exporting is a page's export: asked for, or under way.
type exporting struct {
	of      messagesOf
	columns []filter.Column // of a CSV file
	run     *exportRun      // nil: none
	gen     uint64
}

// exportRun is an export under way. Only its counters and stop are used by
// others while it runs.
type exportRun struct {
	file    string
	written atomic.Int64
	looked  atomic.Int64
	ctx     context.Context // ends when the user cancels
	stop    context.CancelFunc
}

// ask asks where to write what of hands out.
func (e *exporting) ask(t *page.Turn, of messagesOf, columns []filter.Column, name string) {
	if e.run != nil {
		t.Toast(page.LevelWarn, "an export runs; esc cancels it")
		return
	}
	e.of, e.columns = of, columns
	t.Prompt(page.Prompt{ID: "export", Label: "export to", Hint: "FILE.ndjson for evtui import, or FILE.csv", Text: fileName(t.Namespace + "-" + name)})
}

// fileName makes a name that any file system takes.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '+' || r == '.' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 {
			return r
		}
		return '_'
	}, s)
	return strings.TrimLeft(s[:min(len(s), 100)], ".-") + ".ndjson"
}

// prompted begins the export, and reports whether the prompt was its own. gen is
// what its reply carries.
func (e *exporting) prompted(t *page.Turn, msg page.PromptMsg, gen uint64) bool {
	if msg.ID != "export" {
		return false
	}
	file := strings.TrimSpace(msg.Text)
	if msg.State != page.PromptDone || file == "" || e.of == nil {
		return true
	}
	if ext := strings.ToLower(filepath.Ext(file)); ext != ".csv" && ext != ".ndjson" {
		t.Toast(page.LevelWarn, "a name that ends with .ndjson or .csv says how to write it")
		t.Prompt(page.Prompt{ID: "export", Label: ".ndjson or .csv", Text: file + ".ndjson"})
		return true
	}
	ctx, stop := context.WithCancel(context.Background())
	run := &exportRun{file: file, ctx: ctx, stop: stop}
	e.run, e.gen = run, gen
	of, columns := e.of, e.columns
	t.Ask(gen, func(ctx context.Context, c *client.Client) (any, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(run.ctx, cancel)()
		return nil, run.do(ctx, c, of, columns)
	})
	return true
}

// cancel ends an export under way, and reports whether there was one.
func (e *exporting) cancel() bool {
	if e.run == nil {
		return false
	}
	e.run.stop()
	return true
}

// replied takes the export's end, and reports whether the reply was its own.
func (e *exporting) replied(t *page.Turn, msg page.Reply) bool {
	if e.run == nil || msg.Gen != e.gen {
		return false
	}
	run := e.run
	e.run = nil
	run.stop()
	switch {
	case errors.Is(msg.Err, fs.ErrExist):
		t.Toast(page.LevelWarn, "%s is there already and stays as it is; give another name", run.file)
		t.Prompt(page.Prompt{ID: "export", Label: "taken; another name", Text: another(run.file)})
	case errors.Is(msg.Err, context.Canceled):
		t.Toast(page.LevelInfo, "export cancelled; nothing of it is kept")
	case msg.Err != nil:
		t.Toast(page.LevelError, "export to %s: %v; nothing of it is kept", run.file, msg.Err)
	default:
		t.Toast(page.LevelInfo, "exported %s messages to %s", text.Count(run.written.Load()), run.file)
	}
	return true
}

// another suggests a name beside one that is taken.
func another(file string) string {
	ext := filepath.Ext(file)
	base := strings.TrimSuffix(file, ext)
	n := 2
	if i := strings.LastIndexByte(base, '-'); i > 0 {
		var last int
		if _, err := fmt.Sscanf(base[i:], "-%d", &last); err == nil && last > 1 && last < 1000 && fmt.Sprintf("-%d", last) == base[i:] {
			base, n = base[:i], last+1
		}
	}
	return fmt.Sprintf("%s-%d%s", base, n, ext)
}

// chip says how far an export is; "" when none runs.
func (e *exporting) chip() string {
	if e.run == nil {
		return ""
	}
	s := "exporting " + text.Count(e.run.written.Load())
	if looked := e.run.looked.Load(); looked > e.run.written.Load() {
		s += " of " + text.Count(looked) + " read"
	}
	return s
}

// do writes the file, whole or not at all: under another name first, so that
// what was cut short is never taken for an export.
func (r *exportRun) do(ctx context.Context, c *client.Client, of messagesOf, columns []filter.Column) (err error) {
	name := expandHome(r.file)
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	part := name + ".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part) // it is of no use; the error told is the first
		}
	}()
	w := newExportWriter(file, strings.EqualFold(filepath.Ext(name), ".csv"), columns)
	err = of(ctx, c, &r.looked, func(m *store.Message) error {
		r.written.Add(1)
		return w.write(m)
	})
	if err = errors.Join(err, w.flush(), file.Close()); err != nil {
		return err
	}
	// A link is made only where there is nothing, unlike a rename.
	if os.Link(part, name) == nil {
		return os.Remove(part)
	}
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	return os.Rename(part, name)
}

// expandHome reads a leading ~ as shells do.
func expandHome(file string) string {
	if rest, ok := strings.CutPrefix(file, "~"+string(filepath.Separator)); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return file
}

// given hands out messages at hand.
func given(messages []*store.Message) messagesOf {
	return func(_ context.Context, _ *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		for _, m := range messages {
			looked.Add(1)
			if err := emit(m); err != nil {
				return err
			}
		}
		return nil
	}
}

// tailedFrom hands out what is tailed in the global positions [from, to].
func tailedFrom(q tailPull, from, to int64) messagesOf {
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		for {
			list, err := q.what.read(ctx, c, store.CategoryQuery{GlobalPosition: from, Limit: exportPage})
			if err != nil {
				return err
			}
			for i := range list {
				if list[i].GlobalPosition > to {
					return nil
				}
				looked.Add(1)
				if q.keeps(&list[i]) {
					if err := emit(&list[i]); err != nil {
						return err
					}
				}
				from = list[i].GlobalPosition + 1
			}
			if len(list) < exportPage {
				return nil
			}
		}
	}
}

// streamsOf hands out the messages of streams in their global order: of one by
// reading it, of several by going through their categories once.
func streamsOf(names []string) messagesOf {
	if len(names) == 1 {
		return source{kind: listMessages, stream: names[0], oldest: true}.each
	}
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		keep := make(map[string]bool, len(names))
		var categories []string
		for _, name := range names {
			keep[name] = true
			if category := store.Category(name); !slices.Contains(categories, category) {
				categories = append(categories, category)
			}
		}
		head, err := headOf(ctx, c)
		if err != nil {
			return err
		}
		of := tailedFrom(tailPull{what: tailed{categories: categories}}, 1, head)
		return of(ctx, c, looked, func(m *store.Message) error {
			if keep[m.Stream] {
				return emit(m)
			}
			return nil
		})
	}
}

// headOf is the last global position, beyond all where the server does not
// tell it.
func headOf(ctx context.Context, c *client.Client) (int64, error) {
	head, err := c.Head(ctx)
	if client.NotOffered(err) {
		return math.MaxInt64, nil
	}
	return head, err
}
