package server_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// onDisk starts a server on a real directory, whose parent is returned.
func onDisk(t *testing.T) (h *host, parent, data string) {
	t.Helper()
	parent = t.TempDir()
	data = filepath.Join(parent, "data")
	h = &host{t: t, log: &logText{}}
	st, err := pebblestore.Open(data, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.store = st
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if h.admin, err = server.EnsureDefault(context.Background(), st, "", filepath.Join(data, "token")); err != nil {
		t.Fatal(err)
	}
	h.start(server.Config{Store: st})
	return h, parent, data
}

// TestFilesAreTheOwners: whatever the umask lets through, nobody but the owner
// may read a file or enter a directory.
func TestFilesAreTheOwners(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode there")
	}
	defer umask(umask(0))
	h, _, data := onDisk(t)
	h.namespace("shop")
	for _, ns := range []string{"default", "shop"} {
		h.call(`["stream.write","a-1",{"type":"T","data":{}}]`)
		for _, method := range []string{"engine.flush", "engine.compact"} {
			h.call(fmt.Sprintf(`[%q,%q]`, method, ns))
		}
	}
	h.importAll("?force=true", records(1, 2000))
	h.call(`["engine.flush","default"]`)
	looked := 0
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		looked++
		if mode := info.Mode().Perm(); mode&0o077 != 0 || entry.IsDir() && mode != 0o700 {
			t.Errorf("%s has mode %04o", strings.TrimPrefix(path, data), mode)
		}
		return nil
	})
	if err != nil || looked < 10 {
		t.Errorf("%d files and directories, %v", looked, err)
	}
}

// TestNamespaceIDsStayInside: no id of a namespace leads out of the data
// directory, or to another namespace's.
func TestNamespaceIDsStayInside(t *testing.T) {
	h, parent, data := onDisk(t)
	canary := filepath.Join(parent, "canary")
	if err := os.WriteFile(canary, []byte("still here"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "../canary", "../../etc", "a/b", "/etc", `..\canary`, `C:\x`, "a\x00b", "a\nb", "a\x7fb", "\x1b[2J", "a/../../canary", strings.Repeat("x", 129)} {
		for _, method := range []string{"ns.create", "ns.delete", "ns.info", "engine.storage", "engine.flush", "engine.compact"} {
			h.refused(h.admin, fmt.Sprintf(`[%q,%s]`, method, quote(id)), http.StatusBadRequest, "INVALID_REQUEST")
		}
		if store.CheckNamespaceID(id) == nil {
			t.Errorf("%q is an id", id)
		}
		// Nor does a token that names it.
		h.refused(tokenOf(id), `["ns.head"]`, http.StatusUnauthorized, "AUTH_INVALID_TOKEN")
	}
	legal := []string{
		"%2e%2e", "%2e%2e%2fcanary", "..%2fcanary", "...", " ", " .", ".. ", "..canary", "canary.", "CON", "nul", "a:b", "a*?\"<>|b", "~", "~root", "-rf", "$HOME", "`id`", "LOCK", "registry", "token", "ns", "A", "a",
		"ü", "u\u0308", "日本", strings.Repeat("x", 128), strings.Repeat("日", 42), "%", "%41", "endpoint",
	}
	for _, id := range legal {
		h.callAs(h.namespace(id), `["stream.write","a-1",{"type":"T","data":{"of":`+quote(id)+`}}]`)
	}
	for _, id := range legal {
		answer, text := h.request("POST", "/rpc", h.admin, `["stream.get","a-1"]`, "X-Evtui-Namespace", id)
		if strings.TrimSpace(id) != id {
			continue // no header can hold it
		}
		if answer.StatusCode != http.StatusOK || len(rows(t, text)) != 1 || !strings.Contains(text, `{"of":`+quote(id)+`}`) {
			t.Errorf("%q holds %s", id, text)
		}
	}
	mustHoldOnly(t, parent, "canary", "data")
	for _, id := range legal {
		h.call(`["ns.delete",` + quote(id) + `]`)
	}
	mustHoldOnly(t, filepath.Join(data, "ns"), "default.1")
	if text, err := os.ReadFile(canary); err != nil || string(text) != "still here" {
		t.Errorf("the file beside the data is %q, %v", text, err)
	}
}

func mustHoldOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}
