package jetlog_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// outcomes is what became of every record that writers published, by its id.
type outcomes struct {
	mu     sync.Mutex
	acked  map[string]uint64 // its sequence
	never  map[string]error  // it was said not to be stored
	unsure map[string]error
}

func newOutcomes() *outcomes {
	return &outcomes{acked: map[string]uint64{}, never: map[string]error{}, unsure: map[string]error{}}
}

func (o *outcomes) note(id string, sequence uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.acked[id] = sequence
	case errors.Is(err, logstore.ErrUnanswered):
		o.unsure[id] = err
	default:
		o.never[id] = err
	}
}

func (o *outcomes) acks() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.acked)
}

// writers publish records of so many parts until ctx ends, each to subjects that it
// alone writes, one after the other. A part is the record's id, a blank, and its number.
func writers(ctx context.Context, l *jetlog.Log, n, parts int) (*outcomes, func()) {
	o := newOutcomes()
	var running sync.WaitGroup
	for w := range n {
		running.Go(func() {
			subject, last := fmt.Sprintf("cat.i%d", w), uint64(0)
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%d-%d", w, i)
				p := logstore.Publication{Subject: subject, ID: id, Expected: last}
				for part := range parts {
					p.Parts = append(p.Parts, fmt.Appendf(nil, "%s %d", id, part))
				}
				one, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
				sequence, err := l.Publish(one, "default", p)
				o.note(id, sequence, err)
				if err != nil { // nobody asks a log without a leader as often as he can
					<-time.After(10 * time.Millisecond)
				}
				if err == nil {
					last = sequence
				} else if n, err := l.Last(one, "default", subject); err == nil {
					last = n
				}
				cancel()
			}
		})
	}
	return o, running.Wait
}

// check compares what writers were told with what is in the log.
func (o *outcomes) check(t *testing.T, records []logstore.Record, parts int) {
	t.Helper()
	ends := map[string]uint64{} // sequence of a record's last part
	for i := 0; i < len(records); i++ {
		id, number, _ := strings.Cut(string(records[i].Body), " ")
		if number != "0" {
			t.Fatalf("record %d is part %s of %s, whose first is missing", i, number, id)
		}
		if ends[id] > 0 {
			t.Errorf("%s is stored twice", id)
		}
		for part := 1; part < parts; part++ {
			i++
			if i == len(records) || string(records[i].Body) != fmt.Sprintf("%s %d", id, part) {
				t.Fatalf("part %d of %s is not behind the one before", part, id)
			}
		}
		ends[id] = records[i].Sequence
	}
	for id, sequence := range o.acked {
		if ends[id] != sequence {
			t.Errorf("%s was acknowledged at %d, and is at %d", id, sequence, ends[id])
		}
	}
	for id, err := range o.never {
		if ends[id] > 0 {
			t.Errorf("%s is at %d, and was answered %v", id, ends[id], err)
		}
	}
	stored := 0
	for id := range o.unsure {
		if ends[id] > 0 {
			stored++
		}
	}
	t.Logf("%d acknowledged, %d not stored, %d unanswered of which %d are stored", len(o.acked), len(o.never), len(o.unsure), stored)
}

// follower reads a feed until stop, which returns what came up to the log's end.
func follower(t *testing.T, l *jetlog.Log, ns logstore.Namespace) (stop func() []logstore.Record) {
	t.Helper()
	f := mustFollow(t, l, ns, 0)
	var end atomic.Uint64
	end.Store(^uint64(0))
	result := make(chan []logstore.Record, 1)
	go func() {
		var all []logstore.Record
		buf := make([]logstore.Record, 64)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		for last := uint64(0); last < end.Load(); {
			one, stop := context.WithTimeout(ctx, time.Second)
			n, _, err := f.Next(one, buf)
			stop()
			if err != nil && one.Err() == nil || ctx.Err() != nil {
				t.Errorf("the feed ended behind %d: %v", last, err)
				break
			}
			for _, r := range buf[:n] {
				last = r.Sequence
				all = append(all, r)
			}
		}
		result <- all
	}()
	return func() []logstore.Record {
		n, err := l.End(within(t, time.Minute), ns.ID)
		if err != nil {
			t.Fatal(err)
		}
		end.Store(n)
		all := <-result
		for i, r := range all {
			if r.Sequence != uint64(i+1) {
				t.Fatalf("record %d has sequence %d", i, r.Sequence)
			}
		}
		return all
	}
}

// awaitMore waits until so many more records are acknowledged.
func (o *outcomes) awaitMore(t *testing.T, n int) {
	t.Helper()
	want := o.acks() + n
	ctx := within(t, time.Minute)
	for o.acks() < want {
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d records were acknowledged in a minute", o.acks(), want)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

var long = flag.Bool("jetlog.long", false, "lose leaders more often")

func testLeaderLost(t *testing.T, parts int, lose, bring func(c *jettest.Cluster, leader int)) {
	t.Parallel()
	c := jettest.Start(t, jettest.Options{})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	l := mustOpenOn(t, c, o)
	ns := mustCreate(t, l, "default")
	stop := follower(t, l, ns)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told, wait := writers(ctx, l, 8, parts)
	rounds := 1
	if *long {
		rounds = 6
	}
	for range rounds {
		told.awaitMore(t, 50)
		leader := c.Leader(t, o.User, "evtui-default")
		lose(c, leader)
		told.awaitMore(t, 50)
		bring(c, leader)
		if err := c.Ready(within(t, time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	told.awaitMore(t, 50)
	cancel()
	wait()
	told.check(t, stop(), parts)
}

func TestLeaderKilled(t *testing.T) {
	for _, parts := range []int{1, 5} {
		t.Run(fmt.Sprintf("%d parts", parts), func(t *testing.T) {
			testLeaderLost(t, parts, func(c *jettest.Cluster, i int) { c.Kill(i) }, func(c *jettest.Cluster, i int) { c.Restart(t, i) })
		})
	}
}

func TestLeaderStopped(t *testing.T) {
	testLeaderLost(t, 1, func(c *jettest.Cluster, i int) { c.Stop(t, i) }, func(c *jettest.Cluster, i int) { c.Continue(t, i) })
}

func TestLeaderCutOff(t *testing.T) {
	testLeaderLost(t, 1, func(c *jettest.Cluster, i int) { c.CutOff(i) }, func(c *jettest.Cluster, i int) { c.Heal(i) })
}

func TestInFlightIsNotStored(t *testing.T) {
	l, _ := mustOpen(t)
	ns := mustCreate(t, l, "default")
	stop := follower(t, l, ns)
	told := newOutcomes()
	var inFlight atomic.Int64
	var running sync.WaitGroup
	ctx := within(t, time.Minute)
	for w := range 16 {
		running.Go(func() {
			for i := range 50 {
				id := fmt.Sprintf("%d-%d", w, i)
				last, err := l.Last(ctx, ns.ID, "cat.i1")
				if err != nil {
					t.Error(err)
					return
				}
				n, err := l.Publish(ctx, ns.ID, logstore.Publication{Subject: "cat.i1", ID: id, Expected: last, Parts: [][]byte{[]byte(id + " 0")}})
				told.note(id, n, err)
				var wrong *logstore.WrongLastError
				if errors.Is(err, logstore.ErrInFlight) {
					inFlight.Add(1)
				} else if err != nil && !errors.As(err, &wrong) {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	told.check(t, stop(), 1)
	if inFlight.Load() == 0 {
		t.Error("no publication was refused because another was under way")
	}
}

// A leader that is cut off must not say that its end is the log's, once another leads.
func TestEndOfALeaderThatIsCutOff(t *testing.T) {
	t.Parallel()
	c := jettest.Start(t, jettest.Options{})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	l := mustOpenOn(t, c, o)
	ns := mustCreate(t, l, "default")
	last := mustPublish(t, l, ns.ID, "cat.i1", "0", 0)
	old := c.Leader(t, o.User, "evtui-default")
	there, err := jetlog.Open(within(t, time.Minute), c.ServerURL(old), o)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	elsewhere, err := jetlog.Open(within(t, time.Minute), c.ServerURL((old+1)%3), o)
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	var acked atomic.Uint64
	acked.Store(last)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			one, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			n, err := elsewhere.Publish(one, ns.ID, logstore.Publication{Subject: "cat.i1", ID: fmt.Sprint(i), Expected: acked.Load(), Parts: [][]byte{[]byte("x")}})
			if err != nil {
				n, err = elsewhere.Last(one, ns.ID, "cat.i1")
			}
			if err == nil {
				acked.Store(n)
			}
			stop()
		}
	})
	answers, refusals, stale := 0, 0, 0
	ask := func() {
		one, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer stop()
		before := acked.Load()
		n, err := there.End(one, ns.ID)
		var not *store.UnavailableError
		switch {
		case err == nil && n < before:
			stale++
		case err == nil:
			answers++
		case errors.As(err, &not):
			refusals++
		default:
			t.Error(err)
		}
	}
	for range 20 {
		ask()
	}
	if answers == 0 {
		t.Error("the leader's end was never told while all was well")
	}
	before := acked.Load()
	c.CutOff(old)
	for deadline := time.Now().Add(14 * time.Second); time.Now().Before(deadline); {
		ask()
	}
	if acked.Load() < before+10 {
		t.Errorf("nobody else led: %d records were acknowledged, %d before", acked.Load(), before)
	}
	if refusals == 0 {
		t.Error("the leader that was cut off was always believed")
	}
	if stale > 0 {
		t.Errorf("%d ends were below what was acknowledged before they were asked for", stale)
	}
	t.Logf("%d answers, %d refusals, %d acknowledged", answers, refusals, acked.Load())
	cancel()
	running.Wait()
	c.Heal(old)
	if n, err := there.End(within(t, time.Minute), ns.ID); err != nil || n < acked.Load() {
		t.Errorf("healed, the end is %d, %v; %d were acknowledged", n, err, acked.Load())
	}
}
