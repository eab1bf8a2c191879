package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	httppprof "net/http/pprof"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// maxCapture is the longest that a profile may take, in seconds.
const maxCapture = 300

// serveProfile answers /debug/pprof/*, which needs the admin token.
func (s *Server) serveProfile(w http.ResponseWriter, r *http.Request) error {
	done, err := s.admitAdmin(r, "", "profiles")
	if err != nil {
		return err
	}
	defer done()
	// A profile may take longer than a request is given to arrive.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	ctx, cancel := s.untilStopped(r.Context())
	defer cancel()
	return s.profile(w, r.WithContext(ctx))
}

func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, profilePath)
	seconds, err := captureSeconds(r)
	if err != nil {
		return err
	}
	switch name {
	case "heap", "allocs":
		defer s.noteProfile(r, name, time.Now())
		httppprof.Handler(name).ServeHTTP(w, r)
	case "":
		httppprof.Index(w, r)
	case "cmdline":
		serveCommandLine(w)
	case "symbol":
		httppprof.Symbol(w, r)
	case "profile":
		return s.capture(w, r, "CPU", max(seconds, 1), pprof.StartCPUProfile, pprof.StopCPUProfile)
	case "trace":
		return s.capture(w, r, "trace", max(seconds, 1), trace.Start, trace.Stop)
	case "mutex", "block":
		defer s.noteProfile(r, name, time.Now())
		if seconds > 0 {
			return s.contention(w, r, name, seconds)
		}
		httppprof.Handler(name).ServeHTTP(w, r)
	default:
		if pprof.Lookup(name) == nil {
			return refuse(http.StatusNotFound, wire.NotFound, "there is no profile %q", name)
		}
		httppprof.Handler(name).ServeHTTP(w, r)
	}
	return nil
}

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

// captureSeconds reads how long a capture is to take: 0 when it is not said,
// or 30 for a CPU profile, as `go tool pprof` expects.
func captureSeconds(r *http.Request) (int, error) {
	text := r.FormValue("seconds")
	if text == "" {
		if strings.HasSuffix(r.URL.Path, "/profile") {
			return 30, nil
		}
		return 0, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > maxCapture {
		return 0, invalid("seconds", "must be from 1 to %d, got %q", maxCapture, text)
	}
	return seconds, nil
}

// noteProfile tells in the journal of a profile that was taken, for it costs
// what the figures then show. Its event follows what happened meanwhile, as
// those of flushes and compactions do.
func (s *Server) noteProfile(r *http.Request, kind string, began time.Time) {
	e := store.EngineEvent{Kind: wire.EventProfile, Reason: kind + ", taken by " + clientOf(r), Duration: time.Since(began)}
	if r.Context().Err() != nil {
		e.Error = "nobody waited for its end"
	}
	s.journal.note(e)
}

func clientOf(r *http.Request) string {
	if isUI(r) {
		return "the terminal UI"
	}
	return "the client at " + r.RemoteAddr
}

// captures says who is taking which profile, by kind. The process can take only one
// of each of these kinds at a time.
type captures struct{ holders sync.Map }

type holder struct {
	who   string
	until time.Time
}

// hold reserves a kind of profile. It returns the fault to answer with while
// somebody else holds it.
func (c *captures) hold(kind string, r *http.Request, seconds int) (release func(), err error) {
	mine := holder{who: clientOf(r), until: time.Now().Add(time.Duration(seconds) * time.Second)}
	if other, held := c.holders.LoadOrStore(kind, mine); held {
		by := other.(holder)
		return nil, refuse(http.StatusConflict, wire.ProfileBusy, "%s is taking a %s profile, for %.0f s more", by.who, kind, max(time.Until(by.until).Seconds(), 0))
	}
	return func() { c.holders.Delete(kind) }, nil
}

// capture records a CPU profile or an execution trace.
func (s *Server) capture(w http.ResponseWriter, r *http.Request, kind string, seconds int, start func(io.Writer) error, stop func()) error {
	release, err := s.captures.hold(kind, r, seconds)
	if err != nil {
		return err
	}
	defer release()
	began := time.Now()
	var recorded bytes.Buffer
	if err := start(&recorded); err != nil {
		// Started in this process, but not over HTTP.
		return refuse(http.StatusConflict, wire.ProfileBusy, "this process is taking a %s profile already: %s", kind, err)
	}
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-r.Context().Done():
		err = r.Context().Err()
	}
	stop()
	s.noteProfile(r, kind, began)
	if err != nil {
		return fmt.Errorf("record for %d s: %w", seconds, err)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(recorded.Len()))
	_, _ = w.Write(recorded.Bytes()) // a client that went away needs no profile
	return nil
}

// Rates at which contention is recorded while somebody asks for it.
const (
	mutexFraction = 10     // one of so many contended locks
	blockRate     = 10_000 // nanoseconds: blocked that long is recorded once on average
)

// contention takes a mutex or block profile of the next seconds. Recording is
// off otherwise, since it costs, and is put back as it was.
func (s *Server) contention(w http.ResponseWriter, r *http.Request, kind string, seconds int) error {
	release, err := s.captures.hold(kind, r, seconds)
	if err != nil {
		return err
	}
	defer release()
	if kind == "mutex" {
		before := runtime.SetMutexProfileFraction(mutexFraction)
		defer runtime.SetMutexProfileFraction(before)
	} else {
		runtime.SetBlockProfileRate(blockRate)
		defer runtime.SetBlockProfileRate(0)
	}
	httppprof.Handler(kind).ServeHTTP(w, r)
	return nil
}
