package server

import (
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/evtui/evtui/server/wire"
)

// serveCommandLine answers with how the process was started, as net/http/pprof
// does, but for tokens: profiles are handed around.
func serveCommandLine(w http.ResponseWriter) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	args := make([]string, len(os.Args))
	for i, arg := range os.Args {
		args[i] = withoutToken(arg)
	}
	_, _ = io.WriteString(w, strings.Join(args, "\x00")) // a client that went away needs none
}

// withoutToken returns an argument without the secret of the token that it
// holds or ends with, as --token=TOKEN does.
func withoutToken(arg string) string {
	for at := 0; ; {
		next := strings.Index(arg[at:], "ns_")
		if next < 0 {
			return arg
		}
		at += next
		if _, err := wire.ParseToken(arg[at:]); err == nil {
			return arg[:at] + "ns_…"
		}
		at++
	}
}
