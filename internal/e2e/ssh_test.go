package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestRealSSH comes with OpenSSH's own client: to look at the UI, and for all
// that is not behind the door.
func TestRealSSH(t *testing.T) {
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("there is no ssh here")
	}
	dir := t.TempDir()
	key, keys := filepath.Join(dir, "id"), filepath.Join(dir, "keys")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Skipf("ssh-keygen: %v %s", err, out)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keys, public, 0o600); err != nil {
		t.Fatal(err)
	}
	server := mustLaunch(t, "serve", "--data", filepath.Join(dir, "db"), "--listen", "127.0.0.1:0", "--ssh", "127.0.0.1:0", "--ssh-authorized-keys", keys)
	if err := server.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`over SSH.*address=(\S+)`).FindStringSubmatch(server.Stderr())
	if found == nil {
		t.Fatalf("the log does not say where: %s", server.Stderr())
	}
	shows, err := exec.Command("ssh-keygen", "-lf", filepath.Join(dir, "db", "ssh_host_key.pub")).Output()
	if words := strings.Fields(string(shows)); err != nil || len(words) < 2 || !strings.Contains(server.Stderr(), "fingerprint="+words[1]) {
		t.Errorf("the log does not say the fingerprint %q (%v): %s", shows, err, server.Stderr())
	}
	host, port, err := net.SplitHostPort(found[1])
	if err != nil {
		t.Fatal(err)
	}
	arguments := func(more ...string) []string {
		return append([]string{"-p", port, "-i", key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + filepath.Join(dir, "known"),
			"-o", "BatchMode=yes", "-F", "none", "me@" + host}, more...)
	}
	term := mustStart(t, Options{Binary: ssh, Args: arguments(), Env: []string{"HOME=" + dir}, Width: 100, Height: 30})
	mustSee(t, term, "Overview", "read-only")
	if err := term.Resize(80, 24); err != nil {
		t.Fatal(err)
	}
	if err := term.Type("3"); err != nil {
		t.Fatal(err)
	}
	mustSee(t, term, "all categories")
	if err := term.Press("ctrl+z"); err != nil { // nothing is behind it
		t.Fatal(err)
	}
	if err := term.Press("ctrl+c", "ctrl+c"); err != nil {
		t.Fatal(err)
	}
	mustEnd(t, term, 0)
	for what, c := range map[string]struct {
		args []string
		says string
	}{
		"a command":   {arguments("cat", "/etc/passwd"), "runs no commands"},
		"no terminal": {arguments("-T"), "needs a terminal"},
		"a subsystem": {append([]string{"-s"}, arguments("sftp")...), "subsystem request failed"},
	} {
		out, err := exec.CommandContext(t.Context(), ssh, c.args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.says) || strings.Contains(string(out), "root:") {
			t.Errorf("%s: %v %q", what, err, out)
		}
	}
	forward := exec.CommandContext(t.Context(), ssh, append([]string{"-W", found[1]}, arguments()...)...)
	forward.WaitDelay = time.Second
	if out, err := forward.CombinedOutput(); err == nil || strings.Contains(string(out), "SSH-2.0") {
		t.Errorf("it forwards: %q", out)
	}
	if err := server.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	mustExit(t, server, 0)
}
