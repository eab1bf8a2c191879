//go:build unix

package terminal

import "testing"

func TestResumable(t *testing.T) {
	for _, c := range []struct {
		name                    string
		session, group, parents int
		want                    bool
	}{
		{"a job of an interactive shell", 100, 120, 100, true},
		{"xterm -e evtui: the leader of its session", 100, 100, 50, false},
		{"sh -c in xterm: the group of the session's leader", 100, 100, 100, false},
		{"the shell has gone, init took over", 100, 120, 1, false},
	} {
		if got := resumable(c.session, c.group, c.parents); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
