package streams

import (
	"testing"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestTypesLeadToMessages goes from the tab to the messages of a type, to those
// that have a field, and back.
func TestTypesLeadToMessages(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press("]")
	pagetest.Says(t, s.Text(), "120 messages of 36 types", "Deposited account 8")
	s.Press("\\", "deposited", "enter")
	s.Frames(1)
	s.Press("enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "read all 8", "data.owner.name string 100.0%")
	s.Press("G", "enter")
	s.Frames(3)
	pagetest.Says(t, s.Text(), `filter type="Deposited" data.n`, "Deposited")
	s.Miss("Withdrawn", "OrderPlaced")
}

// TestTypesOfACategory opens the tab by the palette.
func TestTypesOfACategory(t *testing.T) {
	s := newPage(t, pagetest.Shop())
	s.Press(":types order", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "› order ─ ", "33 messages of 6 types")
	s.Miss("payment")
	s.Press("esc")
	s.Frames(2)
	s.See("order-7")
	s.Press(":types", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "120 messages")
	s.Press(":types order OrderPlaced", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "order › OrderPlaced", "data.amount number")
	s.Press("esc")
	pagetest.Says(t, s.Text(), "33 messages of 6 types")
	s.Press(":types order Nosuch thing", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), `category order has no type "Nosuch thing": these are its types`, "33 messages of 6 types")
	s.Press(":types nosuch Nosuch", "enter")
	s.Frames(2)
	s.See(`no category "nosuch"`)
	s.Press(":types or-der Nosuch", "enter")
	s.See("must not contain a dash")
	s.Press(":types nosuch", "enter")
	s.Frames(2)
	s.See(`no category "nosuch"`)
}
