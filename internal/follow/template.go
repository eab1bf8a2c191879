package follow

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

// namespaceField is the one place of a template that is not of the message.
const namespaceField = "namespace"

// Template is a URL with places that a message fills. The zero Template is none.
type Template struct {
	source string
	parts  []part
}

// part is what stands before a place, and the place; the last has none.
type part struct {
	before string
	name   string // as it stands in the braces; "": no place
	column filter.Column
}

// Parse reads a template such as https://traces.example.com/{metadata.traceId}.
// A place is a field or a path of the filter language, or {namespace}. The scheme
// and the host are fixed: no message may choose where a URL leads.
func Parse(source string) (Template, error) {
	scheme, rest, ok := strings.Cut(source, "://")
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case !ok || scheme != "http" && scheme != "https":
		return Template{}, fmt.Errorf("must be a URL such as https://traces.example.com/{metadata.traceId}, not %q", source)
	case strings.ContainsAny(host, "{}?#"):
		return Template{}, errors.New("the host is fixed: places in braces come after its /")
	}
	t := Template{source: source}
	for rest := source; ; {
		before, after, place := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return Template{}, errors.New("a } closes nothing; write %7D for one")
		}
		if !place {
			t.parts = append(t.parts, part{before: before})
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return Template{}, fmt.Errorf("{%s is not closed", name)
		}
		p := part{before: before, name: strings.TrimSpace(name)}
		if p.name != namespaceField {
			column, err := filter.ParseColumn(p.name)
			if err != nil {
				return Template{}, fmt.Errorf("{%s}: %w, and namespace", name, err)
			}
			p.column = column
		}
		t.parts = append(t.parts, p)
		rest = behind
	}
	if u, err := url.Parse(t.fill(func(part) string { return "x" })); err != nil || u.Host == "" {
		return Template{}, fmt.Errorf("must be a URL such as https://traces.example.com/{metadata.traceId}, not %q", source)
	}
	return t, nil
}

// IsZero reports whether there is no template.
func (t Template) IsZero() bool { return len(t.parts) == 0 }

// String returns what the template was made of.
func (t Template) String() string { return t.source }

// URL fills the template. It fails where the message has nothing to fill a place
// with.
func (t Template) URL(m *store.Message, namespace string) (string, error) {
	var missing error
	filled := t.fill(func(p part) string {
		value := namespace
		if p.name != namespaceField {
			value = p.column.Text(m)
		}
		switch {
		case value == "" && missing == nil:
			missing = fmt.Errorf("the message has no %s, which %s needs", p.name, t.source)
		case value == "." || value == "..": // they would climb in the path, however they are spelled
			missing = fmt.Errorf("%s is %q, which is no part of a URL", p.name, value)
		}
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	if missing != nil {
		return "", missing
	}
	return filled, nil
}

func (t Template) fill(value func(part) string) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.before)
		if p.name != "" {
			b.WriteString(value(p))
		}
	}
	return b.String()
}
