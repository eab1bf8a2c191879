package groups

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How often the categories are counted while they are seen.
const (
	countEvery = 3 * time.Second
	countShare = 20 // at most 1/20 of the time is spent on it
)

// categories are those of the namespace, and their list.
type categories struct {
	list *kit.List[*store.CategoryCount]

	all    []store.CategoryCount // by name
	listed bool                  // all was read

	gen   uint64 // of the question under way; 0: none
	asked time.Time
	took  time.Duration // by the last answer
}

func newCategories(search *kit.Finder) *categories {
	return &categories{list: kit.NewList(kit.ListOptions[*store.CategoryCount]{
		Columns: countColumns(), Finder: search,
		Same: func(a, b *store.CategoryCount) bool { return a.Category == b.Category },
	})}
}

// restart begins again, with what was read if that is to be kept.
func (c *categories) restart(keep bool) {
	before := *c
	*c = categories{list: c.list}
	if keep {
		c.all, c.listed = before.all, before.listed
	}
}

// ask counts them once, and while they are seen once in a while.
func (c *categories) ask(t *page.Turn, q *questions, seen bool) {
	if c.gen != 0 || !seen && !c.asked.IsZero() || t.Now.Sub(c.asked) < max(countEvery, countShare*c.took) {
		return
	}
	c.asked = t.Now
	c.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return c.Categories(ctx) })
}

// counted takes an answer.
func (c *categories) counted(now time.Time, msg page.Reply) {
	c.gen, c.took = 0, now.Sub(c.asked)
	if msg.Err != nil {
		return
	}
	c.all, _ = msg.Value.([]store.CategoryCount)
	slices.SortFunc(c.all, func(a, b store.CategoryCount) int { return strings.Compare(a.Category, b.Category) })
	c.listed = true
}

// show lists those whose names hold a text, and returns them by name.
func (c *categories) show(find string) (kept []*store.CategoryCount) {
	for i := range c.all {
		if keeps(find, c.all[i].Category) {
			kept = append(kept, &c.all[i])
		}
	}
	c.list.SetRows(kept)
	return kept
}

// count is a category's line of the list, nil when it has gone.
func (c *categories) count(name string) *store.CategoryCount {
	for i := range c.all {
		if c.all[i].Category == name {
			return &c.all[i]
		}
	}
	return nil
}

func (c *categories) view(env *page.Env, focus bool, w, h int) []string {
	c.list.SetUnread(env.Pending("reading"))
	if c.listed {
		c.list.SetEmpty("no categories yet")
	}
	if len(c.all) > 0 {
		c.list.SetEmpty("nothing matches; esc shows all")
	}
	c.list.SetFocus(focus)
	return c.list.View(&env.Theme, w, h)
}

// keeps reports whether one of the names holds the filter's text.
func keeps(find string, names ...string) bool {
	needle := strings.ToLower(find)
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), needle) })
}

// countColumns are of the list of categories.
func countColumns() []kit.Column[*store.CategoryCount] {
	return []kit.Column[*store.CategoryCount]{
		{Title: "category", Min: 10, Flex: 1, Text: func(c *store.CategoryCount) string { return c.Category }},
		{
			Title: "streams", Min: 9, Right: true, Priority: 1, Muted: true,
			Text:  func(c *store.CategoryCount) string { return text.About(c.StreamCount, c.Estimated) },
			Order: kit.By(func(c *store.CategoryCount) int64 { return c.StreamCount }),
		},
		{
			Title: "messages", Min: 12, Right: true, Priority: 2,
			Text:  func(c *store.CategoryCount) string { return text.About(c.MessageCount, c.Estimated) },
			Order: kit.By(func(c *store.CategoryCount) int64 { return c.MessageCount }),
		},
	}
}
