package tui

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestOpenURLOfTheMessage opens what the template makes of the message under the
// cursor, and says so where it cannot.
func TestOpenURLOfTheMessage(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.open()
	s.press("O")
	s.see("set open_url in the configuration")
	var opened []string
	var fails error
	tmpl, err := follow.Parse("https://traces.example.com/{namespace}/{stream}/{position}?n={data.amount}")
	if err != nil {
		t.Fatal(err)
	}
	s.app.leads.url, s.app.leads.browse = tmpl, func(address string) error { opened = append(opened, address); return fails }
	s.press("O")
	m := messageOf(s.app.panes[s.app.page])
	if m == nil {
		t.Fatal("no message under the cursor")
	}
	want, err := tmpl.URL(m, "default")
	if err != nil || len(opened) != 1 || opened[0] != want || !strings.HasPrefix(want, "https://traces.example.com/default/account-1/") {
		t.Errorf("opened %q, want %q (%v)", opened, want, err)
	}
	s.see("opened https://traces.example.com/default/account-1/")
	fails = follow.ErrNoBrowser
	s.press("O")
	s.see("no browser here; copied https://traces.example.com")
	fails = errors.New("open the browser: xdg-open: exit status 3: no display")
	s.press("O")
	s.see("exit status 3: no display")
	if s.app.leads.url, err = follow.Parse("https://x/{metadata.absent}"); err != nil {
		t.Fatal(err)
	}
	s.press("O")
	s.see("the message has no metadata.absent")
	s.show(page.Overview)
	s.press("O")
	s.see("no message here")
	if len(opened) != 3 {
		t.Errorf("opened %q", opened)
	}
}

// plugged is a UI with a plugin on a key that the catalogue gives to another
// action, and one that may write.
func plugged(t *testing.T, script string) *stage {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	s := newStage(t, 140, 40, pagetest.Shop())
	s.app.cfg.Plugins = []follow.Plugin{
		{Name: "peek", Help: "peek at the stream", Key: []string{"T"}, Command: []string{"sh", "-c", script}},
		{Name: "mend", Command: []string{"sh", "-c", "echo mended"}, Writes: true},
	}
	m, wrong := NewKeymap([]page.Rebinding{{Action: "plugin-peek", Keys: []string{"T"}}}, s.app.cfg.Plugins)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	s.app.cfg.Keys = m
	s.app.cfg.WriteToken = func(name string) error { return os.WriteFile(name, []byte("ns_secret\n"), 0o600) }
	s.app.begin()
	s.app.clock.last = 0
	s.frames(2)
	return s
}

// TestPluginRunsWithTheMessage runs one by its key: what it is told is what the
// cursor is on, and what it prints is a toast and stands in Log.
func TestPluginRunsWithTheMessage(t *testing.T) {
	s := plugged(t, `echo "at $STREAM $POSITION in $NAMESPACE"; echo "$URL"; test "$(stat -c %a "$TOKEN_FILE")" = 600 && cat "$TOKEN_FILE"; echo "$TOKEN_FILE" >&2`)
	s.open()
	m := messageOf(s.app.panes[s.app.page])
	s.press("T")
	s.see("peek: at account-1 " + strconv.FormatInt(m.Position, 10) + " in default (4 lines in Log)")
	s.show(page.Log)
	s.frames(2)
	s.see("peek: at account-1", "peek: ns_secret", "evtui-plugin-")
	for _, line := range strings.Split(s.text(), "\n") {
		if i := strings.Index(line, "peek: "+os.TempDir()); i >= 0 {
			name := strings.Fields(line[i+len("peek: "):])[0]
			if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the token's file %s is still there: %v", name, err)
			}
		}
	}
	s.press("?", "/", "peek", "enter")
	s.see("peek at the stream", "T ")
}

// TestPluginThatFailsSaysWhy names the last line and the status.
func TestPluginThatFailsSaysWhy(t *testing.T) {
	s := plugged(t, "echo begun; echo no such trace >&2; exit 4")
	s.press("T")
	s.see("peek: sh: exit status 4: no such trace (2 lines in Log)")
}

// TestReadOnlyRunsNoPluginThatMayWrite refuses it, by key and by name.
func TestReadOnlyRunsNoPluginThatMayWrite(t *testing.T) {
	s := plugged(t, "echo looked")
	s.press(":plugin-mend", "enter")
	s.see("mend: mended")
	s.app.env.ReadOnly = true
	s.press(":plugin-mend", "enter")
	s.see("read-only: plugin mend may write; writes = false")
	s.press("T")
	s.see("peek: looked")
}

// TestPluginTakesADefaultKey drops the catalogue's key, with a line in Log, and
// refuses one that is no key.
func TestPluginTakesADefaultKey(t *testing.T) {
	plugins := []follow.Plugin{{Name: "peek", Command: []string{"x"}}}
	m, wrong := NewKeymap([]page.Rebinding{{Action: "plugin-peek", Keys: []string{"O"}}}, plugins)
	if len(wrong) > 0 || len(m.Dropped()) != 1 || !strings.Contains(m.Dropped()[0], "plugin-peek") {
		t.Errorf("dropped %q, wrong %v", m.Dropped(), wrong)
	}
	for name, list := range map[string][]page.Rebinding{
		"no key":    {{Action: "plugin-peek", Keys: []string{"hyper+x"}}},
		"no plugin": {{Action: "plugin-pick", Keys: []string{"X"}}},
		"twice":     {{Action: "refresh", Keys: []string{"X"}}, {Action: "plugin-peek", Keys: []string{"X"}}},
	} {
		if _, wrong := NewKeymap(list, plugins); len(wrong) == 0 {
			t.Errorf("%s: nothing is wrong with it", name)
		}
	}
}
