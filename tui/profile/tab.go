package profile

import "github.com/evtui/evtui/tui/kit"

// profileTab is one of the ways to look at a profile.
type profileTab int

const (
	profileTop profileTab = iota
	profileFlame
	profileCallers
	profileSource
	profileKept
	profileTabs // how many there are
)

func (tab profileTab) String() string {
	return [...]string{"top", "flame", "callers", "source", "kept"}[tab]
}

// ofFunction reports whether it shows the chosen function alone.
func (tab profileTab) ofFunction() bool { return tab == profileCallers || tab == profileSource }

// line is all tabs, with this one open.
func (tab profileTab) line() kit.Tabs {
	line := kit.Tabs{On: int(tab)}
	for other := range profileTabs {
		line.Labels = append(line.Labels, " "+other.String()+" ")
	}
	return line
}

// openHelp says what the key that opens does in it.
func (tab profileTab) openHelp() string {
	switch tab {
	case profileFlame:
		return "zoom to the function under the cursor"
	case profileKept:
		return "open the saved profile"
	case profileSource:
		return "show the function's callers"
	default:
		return "show the function's callers and callees"
	}
}
