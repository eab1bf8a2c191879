package kit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// Between hands out what is tailed in the global positions [from, to], as far
// as a filter and keep want it; "" and nil want all.
func (w Tailed) Between(from, to int64, line string, keep func(*store.Message) bool) MessagesOf {
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		q := client.ScanQuery{Categories: w.Categories, Group: w.Group, Filter: line, From: from}
		q.Progress = func(cost client.ScanCost) { looked.Store(cost.Messages) }
		for m, err := range c.Scan(ctx, q) {
			switch {
			case err != nil:
				return err
			case m.GlobalPosition > to:
				return nil
			case keep != nil && !keep(&m):
				continue
			}
			if err := emit(&m); err != nil {
				return err
			}
		}
		return nil
	}
}

// HeadOf is the last global position, beyond all where the server does not
// tell it.
func HeadOf(ctx context.Context, c *client.Client) (int64, error) {
	head, err := c.Head(ctx)
	if client.NotOffered(err) {
		return math.MaxInt64, nil
	}
	return head, err
}

// Tailed says what is tailed: categories, or the whole namespace, and of those
// perhaps only what one member of a consumer group owns.
type Tailed struct {
	Categories []string // none: the whole namespace; never changed
	Group      store.Group
}

// TailedOf is what a location asks for.
func TailedOf(l page.Location) Tailed {
	w := Tailed{Group: l.Group}
	if l.Category != "" {
		w.Categories = append([]string{l.Category}, l.Also...)
	}
	return w
}

// Location asks for it.
func (w Tailed) Location() page.Location {
	l := page.Location{Page: page.Tail, Group: w.Group, All: len(w.Categories) == 0}
	if !l.All {
		l.Category, l.Also = w.Categories[0], w.Categories[1:]
	}
	return l
}

// ParseTailed reads what people write: categories with spaces between, and
// perhaps a member such as 1/3. A name with a space stands in quotes.
func ParseTailed(line string) (Tailed, error) {
	var w Tailed
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		word, after, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil && quoted[0] == '"' {
			word, after = quoted, rest[len(quoted):]
			if name, err := strconv.Unquote(word); err == nil {
				word = name
			}
		} else if member, isMember, err := parseMember(word); isMember {
			if err != nil {
				return Tailed{}, err
			}
			w.Group, rest = member, after
			continue
		}
		rest = after
		if err := store.CheckCategory(word); err != nil {
			return Tailed{}, err
		}
		if !slices.Contains(w.Categories, word) {
			w.Categories = append(w.Categories, word)
		}
	}
	if len(w.Categories) == 1 && w.Categories[0] == "all" {
		w.Categories = nil
	}
	return w, nil
}

// parseMember reads MEMBER/SIZE.
func parseMember(word string) (g store.Group, isMember bool, err error) {
	if n, _ := fmt.Sscanf(word+" ", "%d/%d ", &g.Member, &g.Size); n != 2 || word != strconv.Itoa(g.Member)+"/"+strconv.Itoa(g.Size) {
		return store.Group{}, false, nil
	}
	if g.IsZero() || g.Check() != nil {
		return g, true, fmt.Errorf("%s is no member: of 3, say, there are 0/3, 1/3 and 2/3", word)
	}
	return g, true, nil
}

// String writes it as parseTailed reads it.
func (w Tailed) String() string {
	words := make([]string, 0, len(w.Categories)+1)
	for _, c := range w.Categories {
		if _, isMember, _ := parseMember(c); isMember || c == "all" || strings.ContainsAny(c, " \"") {
			c = strconv.Quote(c)
		}
		words = append(words, c)
	}
	if !w.Group.IsZero() {
		words = append(words, w.Member())
	}
	return strings.Join(words, " ")
}

// Member writes the member as MEMBER/SIZE.
func (w Tailed) Member() string {
	return strconv.Itoa(w.Group.Member) + "/" + strconv.Itoa(w.Group.Size)
}

// Crumb names the categories.
func (w Tailed) Crumb() string {
	if len(w.Categories) == 0 {
		return "all categories"
	}
	return strings.Join(w.Categories, " + ")
}

// Equal reports whether both mean the same.
func (w Tailed) Equal(o Tailed) bool {
	return w.Group == o.Group && slices.Equal(w.Categories, o.Categories)
}

// Has reports whether a category is tailed.
func (w Tailed) Has(category string) bool {
	return len(w.Categories) == 0 || slices.Contains(w.Categories, category)
}

// Read returns a page of the categories' messages in their global order, as
// the store gives one of a single category: fewer than the limit mean that
// there are no more. Those that the group leaves out are among them.
func (w Tailed) Read(ctx context.Context, c *client.Client, q client.CategoryQuery) ([]store.Message, error) {
	if len(w.Categories) < 2 {
		q.Category = strings.Join(w.Categories, "")
		return c.ReadCategory(ctx, q)
	}
	s := client.ScanQuery{Categories: w.Categories, Limit: q.Limit, Backward: q.Backward}
	switch {
	case !q.Backward:
		s.From = q.GlobalPosition
	case q.GlobalPosition > 0:
		s.Before = q.GlobalPosition + 1
	}
	var all []store.Message
	for m, err := range c.Scan(ctx, s) {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// Since is read for the newest messages after a position, the last of all
// being known: categories in which there are none are not asked.
func (w Tailed) Since(ctx context.Context, c *client.Client, after, last int64, limit int, newest map[string]int64) ([]store.Message, error) {
	asked := Tailed{}
	for _, name := range w.Categories {
		if newest[name] > after {
			asked.Categories = append(asked.Categories, name)
		}
	}
	if len(w.Categories) > 0 && len(asked.Categories) == 0 {
		return nil, nil
	}
	list, err := asked.Read(ctx, c, client.CategoryQuery{GlobalPosition: last, Limit: limit, Backward: true})
	slices.Reverse(list)
	return list, err
}
