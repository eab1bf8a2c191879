package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutation breaks one promise.
type mutation struct {
	promise string // how its row begins
	broken  string // what is done
	edits   []edit
	test    string   // as the page names it: store/pebblestore.TestCrash
	part    string   // which of its subtests; "": all
	flags   []string // of the test binary
	quick   bool     // also in CI
}

// edit replaces a text that stands in a file once.
type edit struct {
	file     string // below the module
	old, new string // whole lines
}

// apply returns the file as it is with the edit.
func (e edit) apply(text []byte) ([]byte, error) {
	if n := bytes.Count(text, []byte(e.old)); n != 1 {
		return nil, fmt.Errorf("%s: the text to be changed stands there %d times, not once:\n%s", e.file, n, e.old)
	}
	return bytes.Replace(text, []byte(e.old), []byte(e.new), 1), nil
}

// Outcomes of a run.
const (
	outcomeRed   = "red"   // the test failed, as it must
	outcomeGreen = "GREEN" // the test did not notice
	outcomeError = "ERROR" // nothing is known
)

// testTimeout bounds one run; who hangs is red.
const testTimeout = 4 * time.Minute

// overlay writes the changed files below dir and returns the file that tells
// go of them.
func (m mutation) overlay(root, dir string) (string, error) {
	changed := map[string][]byte{}
	for _, e := range m.edits {
		name := filepath.Join(root, filepath.FromSlash(e.file))
		text, ok := changed[name]
		if !ok {
			var err error
			if text, err = os.ReadFile(name); err != nil {
				return "", err
			}
		}
		text, err := e.apply(text)
		if err != nil {
			return "", err
		}
		changed[name] = text
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
	args := []string{"test", "-vet=off", "-run", pattern, "-timeout", testTimeout.String(), "./" + m.test[:at]}
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
