package profile

import (
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// otherProgram is a Go program that serves its profiles, but for those left out.
func otherProgram(t *testing.T, without ...string) (url string, tokens *atomic.Int32) {
	t.Helper()
	tokens = &atomic.Int32{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || !strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
			tokens.Add(1)
		}
		for _, name := range without {
			if r.URL.Path == "/debug/pprof/"+name {
				http.NotFound(w, r)
				return
			}
		}
		if r.URL.Path != "/debug/pprof/" {
			pprof.Index(w, r)
			return
		}
		recorded := httptest.NewRecorder()
		pprof.Index(recorded, r)
		page := recorded.Body.String()
		for _, name := range without {
			page = strings.ReplaceAll(page, "<a href='"+name+"?", "<a name='")
		}
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(web.Close)
	return web.URL, tokens
}

// TestProfileOfAnotherProgram captures of a program that the UI is not attached
// to, says of whom, and goes back.
func TestProfileOfAnotherProgram(t *testing.T) {
	pagetest.HoldHeap(t)
	url, tokens := otherProgram(t, "heap")
	s, p := profileStage(t, 120, 40)
	s.See(":profile URL  another Go program")
	s.Press(":profile "+url, "enter")
	s.Miss(":profile URL  another Go program")
	s.See("captures are of "+url+" now, which offers cpu, allocs, goroutine, mutex, block", "of "+url)
	s.Press(":profile goroutine", "enter")
	s.See("captured a goroutine profile", "· of "+url+" ·", "runtime.gopark")
	if held := p.subject.loaded[profiler.Goroutine]; held.about.Target != url || held.about.Figures != nil {
		t.Errorf("kept as %+v", held.about)
	}
	s.Press(":profile heap", "enter")
	s.See(url + " offers no heap profiles; it has cpu, allocs, goroutine, mutex, block")
	s.Press(":profile here", "enter")
	s.See("again")
	s.Miss("of " + url + " ")
	s.Press("[", ":profile heap", "enter") // from what is kept to what was asked for
	s.See("captured a heap profile", "flat%")
	if n := tokens.Load(); n != 0 {
		t.Errorf("%d requests had a token, or were of something else than profiles", n)
	}
}

// TestProfileFetchesAnAddress fetches one profile, and says why it could not.
func TestProfileFetchesAnAddress(t *testing.T) {
	url, _ := otherProgram(t, "heap")
	s, p := profileStage(t, 140, 40)
	s.Press(":profile "+url+"/debug/pprof/goroutine", "enter")
	s.See("fetched "+url+"/debug/pprof/goroutine; x saves it", "goroutines", "runtime.gopark")
	s.Press("x")
	if kept, err := filepath.Glob(filepath.Join(p.views.kept.dir, "*-goroutine-*.pb.gz")); err != nil || len(kept) != 1 {
		t.Errorf("kept %q, error %v", kept, err)
	}
	s.Press(":profile "+url+"/debug/pprof/goroutine?debug=1", "enter")
	s.See("the text of a goroutine profile: fetch it without debug=")
	s.Press(":profile "+url+"/debug/pprof/heap", "enter")
	s.See("it is not offered there (404")
	if p.captures.job != nil || p.captures.program != nil {
		t.Error("the page waits, or is of another program")
	}
	s.Press(":profile http://127.0.0.1:1", "enter")
	s.See("unreachable")
	s.Press(":profile http://", "enter")
	s.See("no host")
}

// TestProfileSaysWhyItIsEmpty: a program that records no locks is not one
// without contention.
func TestProfileSaysWhyItIsEmpty(t *testing.T) {
	s, p := profileStage(t, 80, 24)
	p.captures.program = &program{url: "http://app:6060"}
	empty, err := profiler.OpenFile(filepath.Join("..", "..", "profiler", "testdata", "shop-mutex-1.pb.gz"), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := empty.Diff(empty, profiler.Base, false)
	if err != nil {
		t.Fatal(err)
	}
	p.subject.loaded[profiler.Mutex] = &loadedProfile{profile: nothing, about: profiler.Session{Kind: profiler.Mutex}}
	s.Press("tttttt")
	s.See("waiting for locks", "nothing was recorded", "runtime.SetMutexProfileFraction")
	s.Press("]")
	s.See("nothing was recorded")
}
