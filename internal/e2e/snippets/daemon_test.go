//go:build unix

package snippets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// daemon is a server that a page leaves running. Its process and its log are in
// files, since whoever started it is gone when another ends it.
type daemon struct{ dir, name string }

func (d daemon) file(kind string) string { return filepath.Join(d.dir, d.name+kind) }

// said reports whether its log has a word.
func (d daemon) said(word string) bool {
	log, err := os.ReadFile(d.file(".log"))
	return err == nil && regexp.MustCompile(`\b`+word+`\b`).Match(log)
}

// start runs evtui in the background, unless it does already, and waits until it
// serves.
func (d daemon) start(args ...string) error {
	if _, err := os.Stat(d.file(".pid")); err == nil {
		return nil
	}
	log, err := os.Create(d.file(".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(os.Getenv(realEvtui), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := os.WriteFile(d.file(".pid"), fmt.Appendf(nil, "%d\n", cmd.Process.Pid), 0o600); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return await("the server", patience, func() (bool, error) {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(d.file(".log"))
			return false, fmt.Errorf("it ended (%v): %s", err, text)
		default:
			return d.said("serving"), nil
		}
	})
}

// stop ends it as systemd does, if it runs.
func (d daemon) stop() error {
	text, err := os.ReadFile(d.file(".pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	// Nobody may be there to ask for its exit code, so that its log is asked.
	if err := await("the end of "+d.name, patience, func() (bool, error) { return d.said("stopped"), nil }); err != nil {
		return err
	}
	return os.Remove(d.file(".pid"))
}

// daemonsIn are those that still run.
func daemonsIn(dir string) (all []daemon) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.pid")) // the pattern is well-formed
	for _, file := range files {
		all = append(all, daemon{dir, strings.TrimSuffix(filepath.Base(file), ".pid")})
	}
	return all
}

// await looks again and again whether something holds.
func await(what string, limit time.Duration, holds func() (bool, error)) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if done, err := holds(); done || err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return fmt.Errorf("waited %v for %s", limit, what)
		}
	}
}

// leftRunning returns the processes whose environment speaks of a directory, with
// their command lines. Only Linux tells.
func leftRunning(dir string) map[int]string {
	all := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well-formed
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(env), dir) {
			continue
		}
		var pid int
		if _, err := fmt.Sscan(filepath.Base(filepath.Dir(file)), &pid); err != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		all[pid] = strings.ReplaceAll(string(line), "\x00", " ")
	}
	return all
}
