package load

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlotsAreEven(t *testing.T) {
	base := time.Unix(1000, 0)
	p := newPacer(3, base)
	for n := range int64(30_000) { // no rounding adds up over days
		at, missed := p.slot(base)
		if missed != 0 {
			t.Fatalf("slot %d: %d missed", n, missed)
		}
		if n%3 == 0 && at.Sub(base).Round(time.Microsecond) != time.Duration(n/3)*time.Second {
			t.Fatalf("slot %d is at %s", n, at.Sub(base))
		}
	}
}

// TestLateness: a second is caught up, more is given up and counted.
func TestLateness(t *testing.T) {
	base := time.Unix(1000, 0)
	p := newPacer(10, base)
	if at, missed := p.slot(base.Add(maxLate)); !at.Equal(base) || missed != 0 {
		t.Errorf("a second late: %s, %d missed", at.Sub(base), missed)
	}
	at, missed := p.slot(base.Add(10 * time.Second))
	if missed != 99 || at.Sub(base) != 10*time.Second {
		t.Errorf("ten seconds late: %s, %d missed", at.Sub(base), missed)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(10, time.Now())
		start := time.Now()
		for n := range 20 {
			from, _, err := p.wait(t.Context())
			if err != nil || from.Sub(start) != time.Duration(n)*100*time.Millisecond {
				t.Fatalf("call %d from %s, %v", n, from.Sub(start), err)
			}
		}
		// Whoever comes late counts from when it should have started.
		time.Sleep(time.Second)
		if from, _, _ := p.wait(t.Context()); from.Sub(start) != 2*time.Second {
			t.Errorf("from %s", from.Sub(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if _, _, err := p.wait(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestNoPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(0, time.Now())
		start := time.Now()
		for range 1000 {
			if _, _, err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if time.Since(start) != 0 {
			t.Error("it waited")
		}
	})
}
