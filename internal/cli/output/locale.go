package output

import (
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/internal/text"
)

// KeepToLocale has a program whose locale is not UTF-8 print ASCII alone: a
// terminal that takes the bytes one by one finds controls among those of UTF-8,
// which names and payloads would put there. What the shell asks for to complete
// a line goes back into it and is left as it is.
func KeepToLocale(root *cobra.Command, args []string, t terminal.Terminal) {
	if t.UTF8 || len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		return
	}
	root.SetOut(&AsciiFile{File: os.Stdout})
	root.SetErr(&AsciiFile{File: os.Stderr})
}

// AsciiFile is a file that whatever is printed to goes to in ASCII. See
// [verbatim] for what must not be changed.
type AsciiFile struct {
	*os.File

	mu    sync.Mutex // guards what follows
	begun []byte     // the first bytes of a character whose others have not come yet
}

// Write implements io.Writer.
func (f *AsciiFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append(f.begun, p...)
	whole := len(all)
	for back := 1; back <= min(len(all), utf8.UTFMax-1); back++ {
		if tail := all[len(all)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				whole -= back
			}
			break
		}
	}
	_, err := f.File.WriteString(text.ASCII(string(all[:whole])))
	f.begun = append([]byte(nil), all[whole:]...)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (f *AsciiFile) WriteString(s string) (int, error) { return f.Write([]byte(s)) }

// InASCII reports whether what is printed to w must be ASCII.
func InASCII(w io.Writer) bool {
	_, ok := w.(*AsciiFile)
	return ok
}

// Verbatim is where data goes that is to be read again, byte by byte: an export,
// CSV, a picture. Only a terminal gets it as anything else.
func Verbatim(w io.Writer) io.Writer {
	if f, ok := w.(*AsciiFile); ok && !IsTerminal(f) {
		return f.File
	}
	return w
}

// FileOf returns the file that a command's stream is.
func FileOf(stream any) (*os.File, bool) {
	switch s := stream.(type) {
	case *os.File:
		return s, true
	case *AsciiFile:
		return s.File, true
	}
	return nil, false
}
