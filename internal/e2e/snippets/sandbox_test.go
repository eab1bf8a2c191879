//go:build unix

package snippets

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/e2e"
	"github.com/evtui/evtui/server/wire"
)

// fixture is what all sandboxes have copies of, made once.
type fixture struct {
	dir      string // stores below stores/, files below work/
	evtui    string // the real program
	standIns string // the programs that shells find first
	program  string // host:port of a Go program that serves its profiles
	repo     string
	goEnv    []string
	postgres *postgres // nil where there is none
	turns    chan struct{}
}

// repositoryPrograms are stand-ins for programs that are called by their path.
var repositoryPrograms = []string{".ci/run", ".ci/mutate", ".ci/fresh", "packaging/smoke", "packaging/snapshot"}

func mustFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{dir: t.TempDir(), turns: make(chan struct{}, 2)}
	var err error
	if f.repo, err = filepath.Abs(filepath.Join("..", "..", "..")); err != nil {
		t.Fatal(err)
	}
	if f.evtui, err = e2e.Build(f.dir); err != nil {
		t.Fatal(err)
	}
	f.standIns = filepath.Join(f.dir, "bin")
	for _, name := range []string{"evtui", "go", "curl", "systemctl", "journalctl", "make", "ssh"} {
		mustScript(t, filepath.Join(f.standIns, name), name)
	}
	if err := os.Mkdir(filepath.Join(f.dir, "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		f.goEnv = append(f.goEnv, name+"="+strings.TrimSpace(string(out)))
	}
	work := filepath.Join(f.dir, "work")
	for _, name := range repositoryPrograms {
		mustScript(t, filepath.Join(work, name), name)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	f.program = strings.TrimPrefix(web.URL, "http://")
	f.stores(t)
	f.files(t, work)
	return f
}

// mustScript writes a program that is a stand-in for the named one.
func mustScript(t *testing.T, file, name string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' \"$@\"\n", standInFor, name, self)
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// evtuiDoes runs the real evtui, which must do well.
func (f *fixture) evtuiDoes(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(f.evtui, append(args, "--config", "none")...)
	cmd.Env = append(os.Environ(), "HOME="+f.dir)
	cmd.Stdin = strings.NewReader(stdin)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("evtui %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// knownID is the id of a message that every sandbox has: examples ask for it.
const knownID = "6b3c1b3e-4c1f-4a53-9d1a-0d0f7f1a2b3c"

// content is what the namespaces of a sandbox hold, as an export has it.
func content() string {
	var out strings.Builder
	begun := time.Now().Add(-time.Hour).UTC()
	versions := map[string]int{}
	line := func(i int, stream, kind, data string) {
		id := fmt.Sprintf("6b3c1b3e-4c1f-4a53-9d1a-%012x", i)
		if i == 1 {
			id = knownID
		}
		at := begun.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano)
		fmt.Fprintf(&out, `{"id":"%s","stream":"%s","type":"%s","pos":%d,"gpos":%d,"data":%s,"meta":null,"time":"%s"}`+"\n", id, stream, kind, versions[stream], i, data, at)
		versions[stream]++
	}
	for i := 1; i <= 3; i++ {
		line(i, "account-123", "Deposited", fmt.Sprintf(`{"amount":%d}`, 50*i))
	}
	for i := 4; i <= 40; i++ {
		line(i, fmt.Sprintf("order-%d", i%7), "Placed", fmt.Sprintf(`{"n":%d}`, i))
	}
	line(41, "account-123", "Deposited", `{"amount":-1}`)
	line(42, "account:parked-reports", "Parked", `{"stream":"account-123","type":"Deposited","position":3,"globalPosition":41,"error":"a negative amount","retry":0}`)
	return out.String()
}

// shopToken is the token of the namespace shop in every sandbox that has it.
var shopToken = wire.NewToken("shop")

// stores makes the two stores that sandboxes have copies of: one with the
// namespace shop, and one in which it is still to be created.
func (f *fixture) stores(t *testing.T) {
	for _, name := range []string{"with", "without"} {
		dir := filepath.Join(f.dir, "stores", name)
		f.evtuiDoes(t, content(), "import", "-", "--data", dir)
		if name == "with" {
			f.evtuiDoes(t, "", "ns", "create", "shop", "--with-token", shopToken, "--data", dir)
			f.evtuiDoes(t, content(), "import", "-", "--data", dir, "--ns", "shop")
		}
		f.evtuiDoes(t, "", "ns", "create", "copy", "--data", dir)
	}
}

// files makes the files that the pages speak of.
func (f *fixture) files(t *testing.T, work string) {
	store := filepath.Join(f.dir, "stores", "with")
	scratch := filepath.Join(f.dir, "scratch")
	if err := os.CopyFS(scratch, os.DirFS(store)); err != nil {
		t.Fatal(err)
	}
	cpu, heap := f.profiles(t)
	write := func(text []byte, names ...string) {
		for _, name := range names {
			file := filepath.Join(work, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(cpu, "cpu.pb.gz", "before.pb.gz", "after.pb.gz", "cpu-10s.pb.gz", "cpu-30s.pb.gz", "monday.pb.gz", "tuesday.pb.gz", "pebble-2/cpu.prof", "sqlite-2/cpu.prof")
	write(heap, "heap.pb.gz")
	write([]byte(content()), "backup.ndjson", "old.ndjson", "messages.ndjson", "account.ndjson", "shop.ndjson")
	write([]byte(`{"type":"Deposited","data":{"amount":1}}`+"\n"), "events.ndjson")
	write([]byte(shopToken+"\n"), "shop.token")
	write([]byte("# what is wrong with it stands on the page\ntheme = \"auto\"\nthem = \"auto\"\n\n\n\n[keys]\nraw = [\"R\"]\nrefresh = [\"R\"]\n"), "broken.toml")
	write([]byte("theme = \"dark\"\n"), "evtui.toml")
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	if _, err := gz.Write([]byte(content())); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	write(packed.Bytes(), "backup.ndjson.gz")
	f.evtuiDoes(t, "", "record", "--data", scratch, "--duration", "1s", "--out", filepath.Join(work, "run.evt"))
	write(mustRead(t, filepath.Join(work, "run.evt")), "night.evt", "before.evt", "after.evt")
	for _, dir := range []string{"dist/evtui_linux_arm64", "examples"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"dist/evtui_linux_arm64/evtui": f.evtui, "examples/messagedb": filepath.Join(f.repo, "examples", "messagedb"), "packaging/kubernetes": filepath.Join(f.repo, "packaging", "kubernetes")} {
		if err := os.Symlink(to, filepath.Join(work, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// profiles returns a processor's and a heap's profile of an engine under load, in
// which the functions stand that the examples name. On a busy machine a few
// samples may miss one, so that it takes longer then.
func (f *fixture) profiles(t *testing.T) (cpu, heap []byte) {
	t.Helper()
	var missed error
	for _, duration := range []string{"2s", "4s", "8s", "16s"} {
		session := filepath.Join(f.dir, "session-"+duration)
		f.evtuiDoes(t, "", "profile", "--duration", duration, "--workers", "16", "--into", session)
		found := map[string]string{}
		err := filepath.WalkDir(session, func(path string, _ os.DirEntry, err error) error {
			found[filepath.Base(path)] = path
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		missed = nil
		for _, function := range []string{"runtime.mallocgc", "engine.*commit", "Server.*serveRPC"} {
			missed = errors.Join(missed, exec.Command(f.evtui, "profile", "callers", found["cpu.prof"], function, "--config", "none").Run())
		}
		if missed == nil {
			return mustRead(t, found["cpu.prof"]), mustRead(t, found["heap-after.prof"])
		}
	}
	t.Fatalf("no profile has the functions that the examples name: %v", missed)
	return nil, nil
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sandbox is where the snippets of one page, or of one command's help, run.
type sandbox struct {
	*fixture
	t     *testing.T
	root  string // stands for the machine's root directory
	env   []string
	token string // the admin's, of the store at /tmp/evdb
	ports map[string]string
}

// needsServer finds snippets that reach the store at /tmp/evdb by its URL.
var needsServer = regexp.MustCompile(`127\.0\.0\.1:8080|https?://[\w.-]+\.example\b|--context|tail |evtui servers`)

// servesItself finds those that serve that store, and leave it served.
var servesItself = regexp.MustCompile(`serve --data /tmp/evdb .*--ssh `)

// mustSandbox makes a sandbox for a text.
func mustSandbox(t *testing.T, f *fixture, text string) *sandbox {
	t.Helper()
	s := &sandbox{fixture: f, t: t, root: t.TempDir(), ports: map[string]string{}}
	creates := func(where string) string {
		if regexp.MustCompile(`(?m)ns create shop` + where).MatchString(text) {
			return "without"
		}
		return "with"
	}
	at := func(path string) string { return filepath.Join(s.root, path) }
	s.copy(filepath.Join(f.dir, "stores", creates(`(.*(/tmp/evdb|127\.0\.0\.1)|$)`)), at("tmp/evdb"))
	s.copy(filepath.Join(f.dir, "stores", creates(`.*/var/lib/evtui( |$)`)), at("var/lib/evtui"))
	s.copy(filepath.Join(f.dir, "work"), at("home/work"))
	if regexp.MustCompile(`(?m)import .*--data /var/lib/evtui( |$)`).MatchString(text) { // into what is new
		if err := os.RemoveAll(at("var/lib/evtui")); err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range regexp.MustCompile(`--out (\S+)`).FindAllStringSubmatch(text, -1) { // what is made is not there yet
		if err := os.Remove(at("home/work/" + made[1])); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"tmp", "mnt/backup", "mnt/ssd", "root", "etc", "home/.local/share", "home/.config/evtui", "daemons", "downloads", "home/.ssh", "etc/evtui"} {
		if err := os.MkdirAll(at(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.keys(at("home/.ssh/id_ed25519"), at("home/.ssh/authorized_keys"), at("etc/evtui/keys"))
	if err := os.Symlink(at("tmp/evdb"), at("home/.local/share/evtui")); err != nil {
		t.Fatal(err)
	}
	s.copyFile(filepath.Join(f.dir, "work", "account.ndjson"), at("downloads/account.ndjson"))
	s.token = strings.TrimSpace(string(mustRead(t, at("tmp/evdb/token"))))
	s.ports["8080"], s.ports["6060"] = freePort(t), strings.TrimPrefix(f.program, "127.0.0.1:")
	config := fmt.Sprintf("[contexts.prod]\nurl = \"http://127.0.0.1:%s\"\ntoken_file = %q\n", s.ports["8080"], at("tmp/evdb/token"))
	if err := os.WriteFile(at("home/.config/evtui/config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append([]string{
		"HOME=" + at("home"), "TMPDIR=" + at("tmp"), "PATH=" + f.standIns + string(filepath.ListSeparator) + os.Getenv("PATH"), "TZ=UTC", "LANG=C.UTF-8", "TERM=xterm-256color",
		"EVTUI_LISTEN=127.0.0.1:0", "SHOP_TOKEN=" + shopToken,
		realEvtui + "=" + f.evtui, repository + "=" + f.repo, daemons + "=" + at("daemons"), serviceData + "=" + at("var/lib/evtui"), downloads + "=" + at("downloads"),
		testsOf + "=" + filepath.Join(f.dir, "tests"), sshKey + "=" + at("home/.ssh/id_ed25519"),
	}, f.goEnv...)
	if f.postgres != nil {
		s.env = append(s.env, "PGHOST=127.0.0.1", "PGUSER=postgres", "PGPORT="+f.postgres.port)
	}
	t.Cleanup(s.end)
	if servesItself.MatchString(text) {
		s.env = append(s.env, "EVTUI_LISTEN=127.0.0.1:"+s.ports["8080"])
	} else if needsServer.MatchString(text) {
		s.serve(at("tmp/evdb"))
	}
	return s
}

// keys makes the pair of keys of whoever comes by ssh, where there is ssh, and
// the lists that let it in.
func (s *sandbox) keys(private string, lists ...string) {
	s.t.Helper()
	public := []byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea reader\n") // of RFC 8032's first test
	if !missing("ssh", s.postgres) {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", private).CombinedOutput(); err != nil {
			s.t.Fatalf("ssh-keygen: %v %s", err, out)
		}
		public = mustRead(s.t, private+".pub")
	}
	for _, list := range append(lists, private+".pub") {
		if err := os.WriteFile(list, public, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *sandbox) copy(from, to string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

func (s *sandbox) copyFile(from, to string) {
	s.t.Helper()
	if err := os.WriteFile(to, mustRead(s.t, from), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// serve has the store at /tmp/evdb served, as the reader of a page has it who
// began with the README.
func (s *sandbox) serve(dir string) {
	s.t.Helper()
	p, err := e2e.Launch(nil, s.env, s.evtui, "serve", "--data", dir, "--listen", "127.0.0.1:"+s.ports["8080"], "--config", "none")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := p.Signal(syscall.SIGTERM); err != nil {
			s.t.Error(err)
		}
		if code, err := p.Wait(patience); err != nil || code != 0 {
			s.t.Errorf("the server ends with %d, %v: %s", code, err, p.Stderr())
			p.Kill()
		}
	})
	if err := p.AwaitStderr("serving", patience); err != nil {
		s.t.Fatal(err)
	}
}

// end ends what a page has left running for its reader, and what it should not
// have left.
func (s *sandbox) end() {
	for _, one := range daemonsIn(filepath.Join(s.root, "daemons")) {
		if err := one.stop(); err != nil {
			s.t.Error(err)
		}
	}
	// What a page has told to end may take its time.
	err := await("what it started to end", 15*time.Second, func() (bool, error) { return len(leftRunning(s.root)) == 0, nil })
	if err == nil {
		return
	}
	for pid, line := range leftRunning(s.root) {
		s.t.Errorf("left running: %s", line)
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by now
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

var (
	address   = regexp.MustCompile(`\b(127\.0\.0\.1|0\.0\.0\.0|localhost):(\d{4,5})\b`)
	portFlag  = regexp.MustCompile(`(--port[ =]|--ssh :|ssh -p )(\d+)`)
	elsewhere = regexp.MustCompile(`https?://[\w.-]+\.example(:\d+)?([\s"'])`)
	directory = regexp.MustCompile(`(^|[\s='":(])/(tmp|var/lib|mnt|root|restore|etc)(/|\b)`)
	secret    = regexp.MustCompile(`ns_[\w-]*…`)
	database  = regexp.MustCompile(`(postgres://\w+@)localhost/`)
	// outside is a path that would be the machine's own.
	outside = regexp.MustCompile(`(?m)(?:^|[\s='":(>])(/(?:tmp|var|mnt|root|restore|etc|home|opt|srv|run|usr|data)(?:/\S*|\b))`)
)

// places puts the sandbox's own directories, ports and placeholders' values
// into a snippet.
func (s *sandbox) places(text string) string {
	port := func(number string) string {
		if s.ports[number] == "" {
			s.ports[number] = freePort(s.t)
		}
		return s.ports[number]
	}
	text = elsewhere.ReplaceAllString(text, "http://127.0.0.1:8080$2")
	text = secret.ReplaceAllString(text, s.token)
	text = address.ReplaceAllStringFunc(text, func(found string) string {
		host, number, _ := strings.Cut(found, ":")
		return host + ":" + port(number)
	})
	text = portFlag.ReplaceAllStringFunc(text, func(found string) string {
		parts := portFlag.FindStringSubmatch(found)
		return parts[1] + port(parts[2])
	})
	if s.postgres != nil {
		text = database.ReplaceAllString(text, "${1}127.0.0.1:"+s.postgres.port+"/")
	}
	text = directory.ReplaceAllString(text, "${1}"+s.root+"/$2$3")
	for _, found := range outside.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(found[1], s.root+"/") {
			s.t.Errorf("%s is no path of the sandbox: %s", found[1], text)
		}
	}
	return text
}

// shell runs a script as a reader's shell does, except that it ends at the
// first command that fails, and in good time before the test does.
func (s *sandbox) shell(script string) (output string, err error) {
	ctx := s.t.Context()
	if deadline, limited := s.t.Deadline(); limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-30*time.Second))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = filepath.Join(s.root, "home", "work")
	cmd.Env = s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}
