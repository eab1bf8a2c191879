package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// asMember makes this test binary a member of a group: its words are the server's
// URL, the token, the member, the group's size, a seed, and the file that it writes
// down in what it handled.
const asMember = "EVTUI_TEST_MEMBER"

func TestMain(m *testing.M) {
	if words := strings.Fields(os.Getenv(asMember)); len(words) == 6 {
		if err := beMember(words); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beMember handles messages until it is told to stop, or killed. It fails now and
// then, never often enough to park a message, and always on poison.
func beMember(words []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Println("up") // signals are heard from here on
	var group client.Group
	var seed uint64
	if _, err := fmt.Sscan(strings.Join(words[2:5], " "), &group.Member, &group.Size, &seed); err != nil {
		return err
	}
	c, err := client.New(words[0], client.WithToken(words[1]))
	if err != nil {
		return err
	}
	defer c.Close()
	file, err := os.OpenFile(words[5], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	random, fails := rand.New(rand.NewPCG(seed, 0)), map[int64]int{}
	one, err := consumer.New(consumer.Config{
		Client: c, Category: "job", Name: "processes", Group: group, Backoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond,
		Page: 1 + random.IntN(20), Logger: slog.New(slog.DiscardHandler),
		Handle: func(_ context.Context, m client.Message) error {
			if poisonous(m.Stream, m.Position) {
				return errors.New("poison")
			}
			if fails[m.GlobalPosition] < 2 && random.IntN(10) == 0 {
				fails[m.GlobalPosition]++
				return errors.New("not now")
			}
			_, err := fmt.Fprintf(file, "%s %d\n", m.Stream, m.Position) // one write: lines of several processes do not mix
			return err
		},
	})
	if err != nil {
		return err
	}
	return one.Run(ctx)
}

func poisonous(stream string, position int64) bool { return stream == "job-0" && position == 3 }

// crew is the processes of a group.
type crew struct {
	t       *testing.T
	p       *place
	file    string
	random  *rand.Rand
	members []*exec.Cmd
}

// start starts a member in a process of its own.
func (c *crew) start(member, size int) *exec.Cmd {
	c.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d %d %s", asMember, c.p.url, c.p.token, member, size, c.random.Uint64(), c.file))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = fmt.Fscanln(out, new(string))
	}
	if err != nil {
		c.t.Fatalf("start member %d of %d: %v", member, size, err)
	}
	return cmd
}

// end stops all members, or kills them all, and waits for their ends.
func (c *crew) end(kill bool) {
	for _, cmd := range c.members {
		if kill {
			_ = cmd.Process.Kill()
		} else {
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	for _, cmd := range c.members {
		if err := cmd.Wait(); err != nil && !kill {
			c.t.Errorf("a member that was told to stop: %v", err)
		}
	}
	c.members = nil
}

// handled reads what was handled, and checks that each stream was so in order.
func (c *crew) handled() map[string]int64 {
	c.t.Helper()
	text, err := os.ReadFile(c.file)
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	next := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		var stream string
		var position int64
		if !strings.HasSuffix(line, "\n") {
			break // is being written
		}
		if _, err := fmt.Sscan(line, &stream, &position); err != nil {
			c.t.Fatalf("%q: %v", line, err)
		}
		switch {
		case position > next[stream]:
			c.t.Fatalf("%s: message %d came before %d", stream, position, next[stream])
		case position == next[stream]:
			next[stream]++
		}
	}
	return next
}

// TestProcesses: a group whose members are processes, killed with -9 and started
// again while messages are written, and resized as docs/consumers.md says (all are
// stopped, then others start), handles every message at least once, each stream in
// order, and parks none but the poison and what is behind it.
func TestProcesses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("ends processes by a signal")
	}
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -consumer.seed=%d", seed)
	p := newPlace(t)
	c := &crew{t: t, p: p, file: filepath.Join(t.TempDir(), "handled"), random: rand.New(rand.NewPCG(seed, 9))}
	defer func() { c.end(true) }()
	written := map[string]int64{}
	for round, size := range []int{3, 2, 4, 3} {
		for member := range size {
			c.members = append(c.members, c.start(member, size))
		}
		for i := range 150 {
			if i%50 == 30 {
				// In the middle of its work.
				until(t, func() bool { return total(c.handled()) >= total(written)/2 })
				member := c.random.IntN(size)
				_ = c.members[member].Process.Kill()
				_ = c.members[member].Wait() // killed, as it should be
				c.members[member] = c.start(member, size)
			}
			stream := fmt.Sprintf("job-%d", c.random.IntN(9))
			p.write(stream)
			written[stream]++
		}
		if round < 3 {
			c.end(c.random.IntN(2) == 0)
		}
	}
	last, err := consumer.New(consumer.Config{
		Client: p.direct, Category: "job", Name: "processes", Group: client.Group{Member: 0, Size: 3},
		Handle: func(context.Context, client.Message) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	behind := int(max(written["job-0"]-3, 0))
	until(t, func() bool {
		next := c.handled()
		for stream, n := range written {
			if stream == "job-0" {
				n = min(n, 3)
			}
			if next[stream] < n {
				return false
			}
		}
		return len(p.parked(last)) == behind
	})
	c.end(false)
	for g, one := range p.parked(last) {
		if one.Stream != "job-0" || one.Position < 3 || one.Position > 3 && !one.Behind {
			t.Errorf("message %d is parked wrongly: %+v", g, one)
		}
	}
}

func total(next map[string]int64) (n int64) {
	for _, one := range next {
		n += one
	}
	return n
}
