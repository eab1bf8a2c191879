package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// tailed says what is tailed: categories, or the whole namespace, and of those
// perhaps only what one member of a consumer group owns.
type tailed struct {
	categories []string // none: the whole namespace; never changed
	group      store.Group
}

// tailedOf is what a location asks for.
func tailedOf(l page.Location) tailed {
	w := tailed{group: l.Group}
	if l.Category != "" {
		w.categories = append([]string{l.Category}, l.Also...)
	}
	return w
}

// location asks for it.
func (w tailed) location() page.Location {
	l := page.Location{Page: page.Tail, Group: w.group, All: len(w.categories) == 0}
	if !l.All {
		l.Category, l.Also = w.categories[0], w.categories[1:]
	}
	return l
}

// parseTailed reads what people write: categories with spaces between, and
// perhaps a member such as 1/3. A name with a space stands in quotes.
func parseTailed(line string) (tailed, error) {
	var w tailed
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		word, after, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil && quoted[0] == '"' {
			word, after = quoted, rest[len(quoted):]
			if name, err := strconv.Unquote(word); err == nil {
				word = name
			}
		} else if member, isMember, err := parseMember(word); isMember {
			if err != nil {
				return tailed{}, err
			}
			w.group, rest = member, after
			continue
		}
		rest = after
		if err := store.CheckCategory(word); err != nil {
			return tailed{}, err
		}
		if !slices.Contains(w.categories, word) {
			w.categories = append(w.categories, word)
		}
	}
	if len(w.categories) == 1 && w.categories[0] == "all" {
		w.categories = nil
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
func (w tailed) String() string {
	words := make([]string, 0, len(w.categories)+1)
	for _, c := range w.categories {
		if _, isMember, _ := parseMember(c); isMember || c == "all" || strings.ContainsAny(c, " \"") {
			c = strconv.Quote(c)
		}
		words = append(words, c)
	}
	if !w.group.IsZero() {
		words = append(words, w.member())
	}
	return strings.Join(words, " ")
}

func (w tailed) member() string {
	return strconv.Itoa(w.group.Member) + "/" + strconv.Itoa(w.group.Size)
}

// crumb names the categories.
func (w tailed) crumb() string {
	if len(w.categories) == 0 {
		return "all categories"
	}
	return strings.Join(w.categories, " + ")
}

func (w tailed) equal(o tailed) bool {
	return w.group == o.group && slices.Equal(w.categories, o.categories)
}

// has reports whether a category is tailed.
func (w tailed) has(category string) bool {
	return len(w.categories) == 0 || slices.Contains(w.categories, category)
}

// read returns a page of the categories' messages in their global order, as
// the store gives one of a single category: fewer than the limit mean that
// there are no more. Those that the group leaves out are among them.
func (w tailed) read(ctx context.Context, c *client.Client, q store.CategoryQuery) ([]store.Message, error) {
	if len(w.categories) == 0 {
		return c.ReadCategory(ctx, q)
	}
	var all []store.Message
	for _, q.Category = range w.categories {
		page, err := c.ReadCategory(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	if len(w.categories) > 1 {
		// The next ones of all are among the next ones of each.
		slices.SortFunc(all, func(a, b store.Message) int {
			if q.Backward {
				a, b = b, a
			}
			return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
		})
		all = all[:min(len(all), q.Limit)]
	}
	return all, nil
}

// since is read for the newest messages after a position, the last of all
// being known: categories in which there are none are not asked.
func (w tailed) since(ctx context.Context, c *client.Client, after, last int64, limit int, newest map[string]int64) ([]store.Message, error) {
	asked := tailed{}
	for _, name := range w.categories {
		if newest[name] > after {
			asked.categories = append(asked.categories, name)
		}
	}
	if len(w.categories) > 0 && len(asked.categories) == 0 {
		return nil, nil
	}
	list, err := asked.read(ctx, c, store.CategoryQuery{GlobalPosition: last, Limit: limit, Backward: true})
	slices.Reverse(list)
	return list, err
}
