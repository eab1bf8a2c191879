package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// TestTokensAreNowhere looks for the secrets of tokens, good and wrong ones,
// wherever a running server leaves anything: its log, its answers, metrics,
// profiles, the list of processes and the files beside the one that keeps it.
func TestTokensAreNowhere(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	admin, wrong := wire.NewToken(store.DefaultNamespace), wire.NewToken(store.DefaultNamespace)
	file := filepath.Join(files, "secret")
	if err := os.WriteFile(file, []byte(admin+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := mustLaunch(t, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--token-file", file, "--log-level", "debug")
	if err := server.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	url, kept, err := awaitServer(dir)
	if err != nil || kept != admin {
		t.Fatalf("the token that is kept is not the one that was given (%v)", err)
	}
	var created struct{ Token string }
	if err := (rpc{url, admin}).call(&created, "ns.create", "shop"); err != nil {
		t.Fatal(err)
	}
	s := &seeker{t: t, url: url, secrets: map[string]string{}}
	for name, token := range map[string]string{"the admin's": admin, "a tenant's": created.Token, "a wrong one's": wrong, "a malformed one's": wrong[:len(wrong)-1] + "g"} {
		s.secrets[name] = token[len(token)-64:]
	}
	for _, token := range []string{wrong, wrong[:len(wrong)-1] + "g", created.Token, admin} {
		for _, path := range []string{"/rpc", "/import", "/metrics", "/debug/pprof/heap", "/nowhere"} {
			s.ask(token, "POST", path, `["stream.write","a-1",{"type":"T","data":{}}]`)
			s.ask(token, "GET", path+"?token="+token, "")
		}
		answer, text := s.ask(admin, "POST", "/rpc", `["ns.create","x",{"token":"`+token+`"}]`)
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("a token that names another namespace is taken: %s", answer.Status)
		}
		s.look("what is said of a token that names another namespace", text)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine", "/debug/pprof/goroutine?debug=2",
		"/debug/pprof/allocs?debug=1", "/debug/pprof/mutex?debug=1", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1"} {
		answer, text := s.ask(admin, "GET", path, "")
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, answer.Status)
		}
		s.look(path, text)
	}
	for _, method := range []string{"engine.log", "engine.events", "engine.info", "engine.figures", "engine.subscriptions", "engine.groups", "engine.history", "ns.list"} {
		_, text := s.ask(admin, "POST", "/rpc", `["`+method+`"]`)
		s.look(method, text)
	}
	if runtime.GOOS == "linux" {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", server.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		s.look("visible in ps", line)
	}
	s.look("what the server said", []byte(server.Stdout()+server.Stderr()))
	s.walk(dir)
	if s.looked < 30 {
		t.Errorf("only %d places were looked at", s.looked)
	}
}

// seeker looks for secrets.
type seeker struct {
	t       *testing.T
	url     string
	secrets map[string]string
	looked  int
}

// ask returns an answer with its body, and looks for secrets in its header.
func (s *seeker) ask(token, verb, path, body string) (*http.Response, []byte) {
	s.t.Helper()
	request, err := http.NewRequest(verb, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.look("the header of "+path, fmt.Append(nil, answer.Header))
	if answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden {
		s.look("an error of "+path, text)
	}
	return answer, text
}

// look fails the test when a place holds a secret.
func (s *seeker) look(where string, text []byte) {
	s.t.Helper()
	s.looked++
	if unpacked, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		if text, err = io.ReadAll(unpacked); err != nil {
			s.t.Errorf("%s: %v", where, err)
		}
	}
	for whose, secret := range s.secrets {
		if bytes.Contains(text, []byte(secret)) {
			s.t.Errorf("%s holds %s secret", where, whose)
		}
	}
}

// walk looks into all files of a data directory but the one that keeps the
// admin's token.
func (s *seeker) walk(dir string) {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == filepath.Join(dir, "token") {
			return err
		}
		text, err := os.ReadFile(path)
		s.look(strings.TrimPrefix(path, dir), text)
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}
