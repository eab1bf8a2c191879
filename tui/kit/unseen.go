package kit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// UnseenLooks is among how many messages at hand a filter's names are looked for.
const UnseenLooks = 1000

// SayUnseen says what a filter names that none of the messages at hand has, with
// what was seen that is like it: such a filter may wait for ever. It says nothing
// where there is nothing to go by.
func SayUnseen(t *page.Turn, f filter.Filter, seen []*store.Message) {
	seen = seen[:min(len(seen), UnseenLooks)]
	if len(seen) == 0 {
		return
	}
	unseen := f.Unseen(seen)
	if len(unseen) == 0 {
		return
	}
	of := text.Count(int64(len(seen))) + " " + text.Plural(int64(len(seen)), "message") + " at hand"
	one := unseen[0]
	if one.Text == "" {
		t.Toast(page.LevelWarn, "%s is in none of the %s%s", one.Field, of, likePath(one.Field, seen))
		return
	}
	t.Toast(page.LevelWarn, "no %s matches %s in the %s%s", one.Field, strconv.Quote(one.Text), of, likeName(one, seen))
}

// likeName suggests names that hold the text, else those that are there.
func likeName(u filter.Unseen, seen []*store.Message) string {
	names := map[string]int{}
	for _, m := range seen {
		switch u.Field {
		case "type":
			names[m.Type]++
		case "stream":
			names[m.Stream]++
		case "category":
			names[store.Category(m.Stream)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return cmp.Or(cmp.Compare(names[b], names[a]), strings.Compare(a, b))
	})
	for _, name := range all {
		if strings.Contains(strings.ToLower(name), strings.ToLower(strings.Trim(u.Text, "*"))) {
			return fmt.Sprintf(": %s~*%s* would find %s", u.Field, sameSpelling(name, strings.Trim(u.Text, "*")), name)
		}
	}
	more := ""
	if len(all) > 3 {
		all, more = all[:3], ", …"
	}
	return "; there are " + strings.Join(all, ", ") + more
}

// sameSpelling is the part of a name that is the text but for its case.
func sameSpelling(name, text string) string {
	i := strings.Index(strings.ToLower(name), strings.ToLower(text))
	if i < 0 || i+len(text) > len(name) {
		return text
	}
	return name[i : i+len(text)]
}

// likePath suggests a path that messages have.
func likePath(path string, seen []*store.Message) string {
	document, _, _ := strings.Cut(path, ".")
	known := map[string]bool{}
	for _, m := range seen[:min(len(seen), PickerLooks)] {
		raw := m.Data
		if document == "metadata" {
			raw = m.Metadata
		}
		filter.Paths(raw, func(at string, _ []byte) { known[document+at] = true })
	}
	all := slices.Sorted(maps.Keys(known))
	for n := len(path); n > len(document)+1; n-- {
		if found := page.Match(all, path[:n]); len(found) > 0 {
			return "; did you mean " + found[0] + "?"
		}
	}
	return "; C lists the paths that there are"
}
