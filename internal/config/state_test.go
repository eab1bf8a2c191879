package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestStates(t *testing.T) {
	s := NewStates(filepath.Join(t.TempDir(), "evtui"))
	if got, err := s.Load("http://a:1"); got != nil || err != nil {
		t.Errorf("nothing saved: %s, %v", got, err)
	}
	keys := []string{"http://a:1", "http://a:2", "https://a:1", "data /var/lib/evtui", "data /" + strings.Repeat("long/", 50), "data /" + strings.Repeat("Long/", 50), ""}
	for i, key := range keys {
		if err := s.Save(key, json.RawMessage(`{"n":`+string(rune('0'+i))+`}`)); err != nil {
			t.Fatal(err)
		}
	}
	for i, key := range keys {
		if got, err := s.Load(key); err != nil || string(got) != `{"n":`+string(rune('0'+i))+`}` {
			t.Errorf("%q: %s, %v", key, got, err)
		}
		if info, err := os.Stat(s.path(key)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v", key, info, err)
		}
	}
	for name, text := range map[string]string{"damaged": "{", "huge": strings.Repeat(" ", maxState+1)} {
		mustWrite(t, s.path(name), text)
		if got, err := s.Load(name); got != nil || err == nil || !strings.Contains(err.Error(), s.path(name)) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
