//go:build unix

package e2e

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/evtui/evtui/server/client"
)

var (
	tailPairs = flag.Int("tail.pairs", 10, "BenchmarkTailOpen: how often the UI is opened and closed")
	tailSlice = flag.Duration("tail.slice", 2*time.Second, "BenchmarkTailOpen: how long the load is measured with and without it")
)

// BenchmarkTailOpen prints what a load of ten workers gets done while a
// terminal UI of another process follows it on the Tail page, as a ratio to
// what it gets done without. The two alternate under one load that never
// stops, and each stretch with the UI is held against those before and after
// it, so that a disk that drifts says nothing.
func BenchmarkTailOpen(b *testing.B) {
	url, head := loadedServer(b)
	rate := func() float64 {
		from, start := head(), time.Now()
		<-time.After(*tailSlice)
		return float64(head()-from) / time.Since(start).Seconds()
	}
	var ratios, shares []float64
	for b.Loop() {
		before := rate()
		for range *tailPairs {
			stop := followed(b, url)
			with := rate()
			shares = append(shares, stop())
			after := rate()
			ratios = append(ratios, with/((before+after)/2))
			before = after
		}
	}
	slices.Sort(ratios)
	slices.Sort(shares)
	b.ReportMetric(ratios[len(ratios)/2], "of-headless")
	b.ReportMetric(ratios[len(ratios)/4], "of-headless-lower-quartile")
	b.ReportMetric(100*shares[len(shares)/2], "%-of-a-core-for-the-UI")
	b.ReportMetric(0, "ns/op")
}

// loadedServer starts a server and a load, and returns the server's URL with a
// function that returns its head.
func loadedServer(b *testing.B) (url string, head func() int64) {
	dir := b.TempDir()
	server, err := Launch(nil, []string{"HOME=" + dir}, binary, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Kill)
	if err := server.AwaitStderr("serving", 20*time.Second); err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(server.Stderr(), "http://")
	url = "http://" + rest[:strings.IndexAny(rest, " \n\"")]
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	if err != nil {
		b.Fatal(err)
	}
	b.Setenv("EVTUI_TOKEN", strings.TrimSpace(string(token)))
	load, err := Launch(nil, nil, binary, "load", "--url", url, "--workers", "10", "--mix", "1:0", "--duration", "1h")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(load.Kill)
	c, err := client.New(url, client.WithToken(strings.TrimSpace(string(token))))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return url, func() int64 {
		n, err := c.Head(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
}

// followed opens the UI on its Tail page, in a terminal that takes all it
// draws and looks at none of it, and waits until it follows. stop closes it
// and returns how much of a core it took.
func followed(b *testing.B, url string) (stop func() float64) {
	ui := exec.Command(binary, "attach", url, "--no-restore", "--no-triggers")
	ui.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "HOME="+b.TempDir())
	start := time.Now()
	terminal, err := pty.StartWithSize(ui, &pty.Winsize{Rows: 50, Cols: 160})
	if err != nil {
		b.Fatal(err)
	}
	following := make(chan struct{})
	go func() {
		var seen []byte
		buf := make([]byte, 64<<10)
		for found := false; ; {
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			if found {
				continue
			}
			if seen = append(seen, buf[:n]...); bytes.Contains(seen, []byte("matched")) {
				found = true
				close(following)
			}
		}
	}()
	for waiting := true; waiting; { // until the UI is up and has heard the key
		_, _ = terminal.WriteString("3")
		select {
		case <-following:
			waiting = false
		case <-time.After(200 * time.Millisecond):
			if time.Since(start) > 30*time.Second {
				b.Fatal("the UI does not come to its Tail page")
			}
		}
	}
	return func() float64 {
		_ = ui.Process.Kill()
		_ = ui.Wait() // killed
		_ = terminal.Close()
		s := ui.ProcessState
		return (s.UserTime() + s.SystemTime()).Seconds() / time.Since(start).Seconds()
	}
}
