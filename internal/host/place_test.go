package host

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestPlace(t *testing.T) {
	p := Place(t.TempDir())
	if p.HoldsStore() {
		t.Error("an empty directory holds a store")
	}
	if url, token, err := p.Endpoint(); url != "" || token != "" || err != nil {
		t.Errorf("an empty directory has an endpoint: %q, %q, %v", url, token, err)
	}
	if err := p.publish("http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.TokenFile(), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if url, token, err := p.Endpoint(); url != "http://127.0.0.1:1" || token != "secret" || err != nil {
		t.Errorf("endpoint: %q, %q, %v", url, token, err)
	}
	if info, err := os.Stat(p.endpointFile()); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the endpoint file: %v, %v", info.Mode(), err)
	}
	for range 2 {
		if err := p.unpublish(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(string(p), "*endpoint*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLocalURL(t *testing.T) {
	for ip, want := range map[string]string{
		"127.0.0.1": "http://127.0.0.1:80", "0.0.0.0": "http://127.0.0.1:80", "::": "http://127.0.0.1:80", "::1": "http://[::1]:80",
	} {
		if got := localURL("http", &net.TCPAddr{IP: net.ParseIP(ip), Port: 80}); got != want {
			t.Errorf("localURL(%s) = %s, want %s", ip, got, want)
		}
	}
}

func TestDefaultDataIsAbsolute(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data")
	if dir, err := DefaultDir(); err != nil || runtime.GOOS != "windows" && dir != "/data/evtui" {
		t.Errorf("DefaultDir() = %q, %v", dir, err)
	}
	t.Setenv("XDG_DATA_HOME", "relative is to be ignored")
	if dir, err := DefaultDir(); err != nil || !filepath.IsAbs(dir) {
		t.Errorf("DefaultDir() = %q, %v", dir, err)
	}
}
