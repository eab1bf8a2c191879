package follow

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// ErrNoBrowser is returned where nothing can show a URL, such as on a server that
// one is logged in to.
var ErrNoBrowser = errors.New("there is no browser here")

// browserBegins is after what time a browser that still runs has begun well.
const browserBegins = 3 * time.Second

// Browse opens a URL in the user's browser, which goes on by itself.
func Browse(address string) error {
	command := browserCommand(runtime.GOOS, os.Getenv, address)
	if command == nil {
		return ErrNoBrowser
	}
	var said bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
			return fmt.Errorf("open the browser: %s: %w: %s", command[0], err, first)
		}
	case <-time.After(browserBegins):
	}
	return nil
}

// browserCommand is the program that shows a URL, with its arguments; nil where
// there is none. No shell reads it.
func browserCommand(system string, env func(string) string, address string) []string {
	first, _, _ := strings.Cut(env("BROWSER"), ":")
	if words := strings.Fields(first); len(words) > 0 {
		placed := false
		for i, w := range words {
			if w == "%s" {
				words[i], placed = address, true
			}
		}
		if !placed {
			words = append(words, address)
		}
		return words
	}
	switch {
	case system == "darwin":
		return []string{"open", address}
	case system == "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", address}
	case env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "":
		return nil
	}
	return []string{"xdg-open", address}
}
