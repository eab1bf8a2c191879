// Package curl holds a shell script; this runs it.
package curl

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
)

func TestTour(t *testing.T) {
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	s := servertest.New(t, server.Config{})
	url, token := s.Listen(), s.Token
	tour := exec.CommandContext(t.Context(), "sh", "tour.sh")
	tour.Env = append(os.Environ(), "URL="+url, "TOKEN="+token)
	raw, err := tour.CombinedOutput()
	out := string(raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`{"status":"ok"}`,
		`{"position":0,"globalPosition":1}`,
		`{"position":1,"globalPosition":2}`,
		`"code":"STREAM_VERSION_CONFLICT"`,
		`{"positions":[2,3],"globalPositions":[3,4]}`,
		`"Deposited",1,2,{"amount": 10},null,`,
		`"Closed",3,4,{},null,`,
		"\n3\n",
		": ready\n",
		`"position":3,"globalPosition":4}`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q", want)
		}
	}
	if strings.Count(out, "event: poke") != 4 || strings.Count(out, `"error"`) != 1 {
		t.Errorf("it prints other announcements or errors than it should:\n%s", out)
	}
}
