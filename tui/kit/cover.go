package kit

import (
	"slices"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/tui/page"
)

// Cover is what may hide the lists of a page of messages: columns that are chosen, or two
// messages that are compared. The zero value is neither.
type Cover struct {
	Picker  *Picker // open while columns are chosen
	Compare Comparison
}

// On reports whether one of them is open. What follows but Act wants that.
func (c *Cover) On() bool { return c.Picker != nil || c.Compare.On() }

// Act does what the open one can, and reports whether it did; show takes the columns when
// they were chosen.
func (c *Cover) Act(t *page.Turn, a page.Action, show func([]filter.Column)) bool {
	if c.Picker == nil {
		return c.Compare.On() && c.Compare.Act(a)
	}
	done, taken := c.Picker.Act(t, a)
	if taken {
		show(c.Picker.Chosen)
	}
	if done {
		c.Picker = nil
	}
	return true
}

// Scroll moves it by n lines.
func (c *Cover) Scroll(n int) {
	if c.Picker != nil {
		c.Picker.Scroll(n)
	} else {
		c.Compare.Grid.Scroll(n)
	}
}

// Lines draws it in exactly h lines of w cells, which may be drawn over.
func (c *Cover) Lines(env page.Env, w, h int) []string {
	if c.Picker != nil {
		return c.Picker.Lines(env, w, h)
	}
	return slices.Clone(c.Compare.View(env, w, h))
}

// Bindings lists what can be done in it.
func (c *Cover) Bindings() []page.Binding {
	if c.Picker != nil {
		return c.Picker.Bindings()
	}
	return c.Compare.Bindings()
}

// Status is its name, for the end of the crumbs, and how much there is in it.
func (c *Cover) Status() (crumb, count string) {
	if c.Picker != nil {
		return "columns", c.Picker.Grid.Status()
	}
	return "difference", c.Compare.Count()
}
