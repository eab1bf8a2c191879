package follow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/evtui/evtui/store"
)

const (
	// Patience is how long a plugin may run.
	Patience = 30 * time.Second
	// MaxOutput is how many bytes of a plugin's output are kept.
	MaxOutput = 64 << 10
	// afterEnd is how long whoever a plugin started may hold its output.
	afterEnd = 2 * time.Second
)

// Plugin is a command of the configuration.
type Plugin struct {
	Name    string
	Help    string   // imperative, one line; "": what it runs
	Key     []string // as the keymap takes them; none: it has no key
	Command []string // the program and its arguments, as they are
	Writes  bool     // it may change something: it does not run read-only
}

// About is what a plugin is told of where the user is. It comes in its
// environment: STREAM, POSITION, ID, NAMESPACE, URL and TOKEN_FILE.
type About struct {
	Message   *store.Message // nil: none is under the cursor; shared, not to be changed
	Namespace string
	URL       string // where the server is; "" when no network reaches it
	TokenFile string // readable by its owner alone; "": there is no token
}

// environment is what a plugin is told, over what this process has.
func (a About) environment() []string {
	stream, position, id := "", "", ""
	if m := a.Message; m != nil {
		stream, position, id = m.Stream, strconv.FormatInt(m.Position, 10), m.ID.String()
	}
	return append(os.Environ(), "STREAM="+stream, "POSITION="+position, "ID="+id,
		"NAMESPACE="+a.Namespace, "URL="+a.URL, "TOKEN_FILE="+a.TokenFile)
}

// Run runs the plugin and returns what it printed, on standard output and on
// standard error, at most [MaxOutput] bytes. It has no terminal and no standard
// input, and ends after [Patience] at the latest.
func (p *Plugin) Run(ctx context.Context, about About) (output string, err error) {
	if len(p.Command) == 0 {
		return "", errors.New("it has no command")
	}
	bounded, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	out := &boundedOutput{}
	cmd := exec.CommandContext(bounded, p.Command[0], p.Command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = about.environment(), out, out, afterEnd
	err = cmd.Run()
	switch {
	case err == nil:
	case ctx.Err() == nil && bounded.Err() != nil:
		err = fmt.Errorf("it did not end within %v", Patience)
	default:
		err = fmt.Errorf("%s: %w", p.Command[0], err)
	}
	return out.String(), err
}

// boundedOutput keeps the first MaxOutput bytes that are written to it, and says that
// it let go of others. exec writes to it from one goroutine: both streams are one.
type boundedOutput struct {
	kept bytes.Buffer
	more bool
}

// Write implements io.Writer.
func (b *boundedOutput) Write(p []byte) (int, error) {
	room := min(len(p), MaxOutput-b.kept.Len())
	b.kept.Write(p[:room])
	b.more = b.more || room < len(p)
	return len(p), nil
}

// String is what was kept.
func (b *boundedOutput) String() string {
	if b.more {
		return b.kept.String() + "\n… and more, left out"
	}
	return b.kept.String()
}
