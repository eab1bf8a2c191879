package page

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// catalogued is every action, apart from those that open the pages.
func catalogued() []Binding { return append(PaneCatalogue(), ShellCatalogue()...) }

func TestKeymapRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		list []Rebinding
		want map[int]string
	}{
		"unknown":           {[]Rebinding{{"refrsh", []string{"R"}}}, map[int]string{0: `there is no action "refrsh"; did you mean refresh?`}},
		"each other":        {[]Rebinding{{ActRefresh, []string{"R"}}, {ActOrder, []string{"R"}}}, map[int]string{0: "R is taken by order", 1: "R is taken by refresh"}},
		"hidden by":         {[]Rebinding{{ActRefresh, []string{"r r"}}, {ActOrder, []string{"r"}}}, map[int]string{0: "r r begins with r", 1: "r begins r r"}},
		"no key":            {[]Rebinding{{ActRefresh, []string{"hyper+x"}}}, map[int]string{0: `"hyper+x" is not a key`}},
		"glued":             {[]Rebinding{{ActRefresh, []string{"gr"}}}, map[int]string{0: `two strokes with a space as in "g r"`}},
		"three strokes":     {[]Rebinding{{ActRefresh, []string{"g r x"}}}, map[int]string{0: "one or two strokes"}},
		"empty":             {[]Rebinding{{ActRefresh, []string{""}}}, map[int]string{0: "one or two strokes"}},
		"capital ctrl":      {[]Rebinding{{ActRefresh, []string{"ctrl+R"}}}, map[int]string{0: `"ctrl+R" is not a key`}},
		"the way out":       {[]Rebinding{{ActRefresh, []string{"ctrl-c"}}}, map[int]string{0: "ctrl+c cannot be rebound"}},
		"the way out moved": {[]Rebinding{{ActCancelUI, []string{"X"}}}, map[int]string{0: "ctrl+c cannot be rebound"}},
		"twice":             {[]Rebinding{{ActRefresh, []string{"R"}}, {ActRefresh, []string{"W"}}}, map[int]string{1: "is rebound twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, wrong := NewKeymap(catalogued(), test.list)
			if len(wrong) != len(test.want) || len(m.keys) != 0 {
				t.Fatalf("%v, keymap %v", wrong, m.keys)
			}
			for i, want := range test.want {
				if wrong[i] == nil || !strings.Contains(wrong[i].Error(), want) {
					t.Errorf("%d: %v, want %q", i, wrong[i], want)
				}
			}
		})
	}
}

func TestKeymapTakes(t *testing.T) {
	m, wrong := NewKeymap(catalogued(), []Rebinding{
		{ActRefresh, []string{"R", "ctrl-r", "f5", "g r"}},
		{ActQuit, []string{"Q"}}, {ActOrder, []string{"q"}}, // what was quit's is free now
		{ActCapture, []string{"c", "f9"}}, // shares c with the choice of a category, as before
		{ActWrap, nil},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	want := map[Action][]string{
		ActRefresh: {"R", "ctrl+r", "f5", "g r"}, ActQuit: {"Q"}, ActOrder: {"q"}, ActCapture: {"c", "f9"}, ActWrap: {},
		ActRetry: {}, // its R is refresh here
	}
	if !reflect.DeepEqual(m.keys, want) {
		t.Errorf("%v, want %v", m.keys, want)
	}
	if own, wrong := NewKeymap(catalogued(), nil); len(wrong) > 0 || len(own.Apply(catalogued())) != len(catalogued()) {
		t.Error("an empty keymap is not the catalogue's")
	}
}

// TestDefaultKeysGiveWay gives keys of the catalogue to other actions: they are
// dropped there, and it is said.
func TestDefaultKeysGiveWay(t *testing.T) {
	m, wrong := NewKeymap(catalogued(), []Rebinding{
		{ActRefresh, []string{"q", "F"}}, {ActOrder, []string{"g"}}, {ActMark, []string{"space", "m"}},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for _, b := range m.Apply(catalogued()) {
		want := map[Action][]string{
			ActQuit: {}, ActZoomPane: {}, ActTop: {"home"}, ActGoTime: {}, ActMessages: {}, ActPause: {"space"}, ActRefresh: {"q", "F"},
		}
		if keys, checked := want[b.Action]; checked && !slices.Equal(b.Keys, keys) {
			t.Errorf("%s has %q, want %q", b.Action, b.Keys, keys)
		}
	}
	said := strings.Join(m.Dropped(), "\n")
	for _, line := range []string{
		"key q: it is refresh by the configuration, and no longer quit",
		"key F: it is refresh by the configuration, and no longer zoom-pane",
		"key g g: it is order by the configuration, and no longer top",
	} {
		if !strings.Contains(said, line) {
			t.Errorf("it does not say %q:\n%s", line, said)
		}
	}
	if strings.Contains(said, "pause") {
		t.Errorf("space is shared by design:\n%s", said)
	}
}

// TestCatalogueHasNoConflicts holds that each action could be rebound to the
// very keys that it has.
func TestCatalogueHasNoConflicts(t *testing.T) {
	for _, b := range catalogued() {
		if b.Action == ActCancelUI {
			continue
		}
		if _, wrong := NewKeymap(catalogued(), []Rebinding{{b.Action, b.Keys}}); len(wrong) > 0 {
			t.Errorf("%s: %v", b.Action, wrong)
		}
	}
}
