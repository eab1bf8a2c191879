package streams

import (
	"testing"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestFlowTab opens the flow of a category from its streams and by the palette, and
// goes from an edge to the message that took it.
func TestFlowTab(t *testing.T) {
	s := pagetest.NewStage(t, 120, 30, Spec(), page.Setup{}, pagetest.Shop())
	s.Press(":flow order", "enter")
	s.Frames(3)
	s.See("order", "(start)", "transitions", "all read")
	s.Press("enter", "enter")
	s.Frames(3)
	s.See("order-")
	s.Press(":flow nothing", "enter")
	s.See(`no category "nothing"`)
	s.Press(":category order", "enter")
	s.Frames(2)
	s.Press("[") // the last of the tabs
	s.Frames(3)
	s.See("(start)")
	s.Press("esc")
	s.Frames(1)
	s.Miss("(start)")
}
