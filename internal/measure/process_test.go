package measure

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// asServer has the test binary behave as a program that is measured. It must not
// begin with EVTUI_: those are not handed on.
const asServer = "TEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) == "" {
		os.Exit(m.Run())
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "EVTUI_") && v != "EVTUI_CONFIG=none" {
			fmt.Fprintln(os.Stderr, "was given", v)
			os.Exit(7)
		}
	}
	if os.Args[1] == "fail" {
		os.Exit(3)
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", l.Addr())
	<-interrupted
	os.Exit(0)
}

func TestServerIsStartedAndStopped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("ends a process by a signal")
	}
	t.Setenv(asServer, "1")
	t.Setenv("EVTUI_TOKEN", "of the user")
	s, err := StartPrinting(t.Context(), os.Args[0], filepath.Join(t.TempDir(), "out"), "serve")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil || s.URL() != "http://"+s.Addr || s.Ended() {
		t.Errorf("%v, at %s", err, s.URL())
	} else {
		conn.Close()
	}
	if runtime.GOOS == "linux" {
		used, err := s.CPU()
		peak, peakErr := s.PeakMemory()
		if err != nil || peakErr != nil || used <= 0 || peak <= 0 {
			t.Errorf("used %v (%v) and %d bytes (%v)", used, err, peak, peakErr)
		}
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestServerThatEndsEarly(t *testing.T) {
	t.Setenv(asServer, "1")
	_, err := StartPrinting(t.Context(), os.Args[0], filepath.Join(t.TempDir(), "out"), "fail")
	if err == nil || !strings.Contains(err.Error(), "start fail: it ended: exit status 3") {
		t.Errorf("%v", err)
	}
	p, err := Start(os.Args[0], "", "fail")
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 || !p.Ended() {
		t.Errorf("ended with %v", err)
	}
}
