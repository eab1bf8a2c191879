package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type mutation struct {
	promise string // how its row begins
	broken  string // what is done
	edits   []edit
	test    string   // as the page names it: store/pebblestore.TestCrash
	part    string   // which of its subtests; "": all
	flags   []string // of the test binary
	quick   bool     // also in CI
}

// edit replaces a text that stands once below a directory.
type edit struct {
	below    string // the module
	old, new string // whole lines
}

// apply changes the file that holds the text. changed has the files that were
// changed before, by name.
func (e edit) apply(root string, changed map[string][]byte) error {
	count, where := 0, ""
	var found []byte
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(e.below)), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, ok := changed[name]
		if !ok {
			if text, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		if n := bytes.Count(text, []byte(e.old)); n > 0 {
			count, where, found = count+n, name, text
		}
		return nil
	})
	if err != nil {
		return err
	}
	if count != 1 {
		return fmt.Errorf("the text to be changed stands %d times below %s, not once:\n%s", count, e.below, e.old)
	}
	changed[where] = bytes.Replace(found, []byte(e.old), []byte(e.new), 1)
	return nil
}

// Outcomes of a run.
const (
	outcomeRed   = "red"   // the test failed, as it must
	outcomeGreen = "GREEN" // the test did not notice
	outcomeError = "ERROR" // nothing is known
)

// testTimeout bounds one run; who hangs is red.
const testTimeout = 4 * time.Minute

// overlay writes the changed files below dir and returns the file that says
// go of them.
func (m mutation) overlay(root, dir string) (string, error) {
	changed := map[string][]byte{}
	for _, e := range m.edits {
		if err := e.apply(root, changed); err != nil {
			return "", err
		}
	}
	replace := map[string]string{}
	for name, text := range changed {
		copied := filepath.Join(dir, fmt.Sprintf("%d-%s", len(replace), filepath.Base(name)))
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			return "", err
		}
		replace[name] = copied
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

// run runs the mutation's test on the changed source.
func (m mutation) run(ctx context.Context, root string) (outcome, detail string) {
	dir, err := os.MkdirTemp("", "evtui-mutate-")
	if err != nil {
		return outcomeError, err.Error()
	}
	defer func() { _ = os.RemoveAll(dir) }()
	list, err := m.overlay(root, dir)
	if err != nil {
		return outcomeError, err.Error()
	}
	return m.tested(ctx, root, "GOFLAGS=-overlay="+list)
}

// tested runs the mutation's test.
func (m mutation) tested(ctx context.Context, root string, env ...string) (outcome, detail string) {
	at := strings.LastIndexByte(m.test, '.')
	pattern := "^" + m.test[at+1:] + "$"
	if m.part != "" {
		pattern += "/" + m.part
	}
	ctx, cancel := context.WithTimeout(ctx, testTimeout+time.Minute)
	defer cancel()
	// A test that builds binaries is the same test binary on changed source:
	// go would show what it came to before.
	args := []string{"test", "-vet=off", "-count=1", "-run", pattern, "-timeout", testTimeout.String(), "./" + m.test[:at]}
	cmd := exec.CommandContext(ctx, "go", append(args, m.flags...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	text := string(output)
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		return outcomeError, err.Error()
	case strings.Contains(text, "[build failed]") || strings.Contains(text, "[setup failed]"):
		return outcomeError, text
	case strings.Contains(text, "no tests to run"):
		return outcomeError, "there is no test " + pattern
	case err == nil:
		return outcomeGreen, ""
	}
	return outcomeRed, text
}
