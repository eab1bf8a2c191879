package tally

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/server/wire"
)

// TestPlacesAreBounded counts in far more categories than are kept apart, from
// several goroutines, while places are forgotten: nothing is lost.
func TestPlacesAreBounded(t *testing.T) {
	const goroutines, rounds, categories = 4, 2, 1100
	var r Messages
	var p Rates
	var wg sync.WaitGroup
	counted := make(chan struct{}, 1) // since the last sample
	for g := range goroutines {
		wg.Go(func() {
			for round := range rounds {
				for i := range categories {
					r.Count(fmt.Sprintf("ns%d", i%3), fmt.Sprintf("c%d", (i*7+g*round)%categories), 1, 2)
					select {
					case counted <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	var appends, reads float64
	tally := func() {
		// The busiest few namespaces are all of them.
		namespaces, _ := p.Sample(&r, 1)
		for _, n := range namespaces {
			appends += n.Appends
			reads += n.Reads
		}
	}
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-counted: // else a namespace would be idle for many samples, and forgotten as a whole
				tally()
			}
		}
	}()
	wg.Wait()
	close(stop)
	<-done
	tally()
	if want := float64(goroutines * rounds * categories); appends != want || reads != 2*want {
		t.Errorf("samples add up to %.0f appends and %.0f reads, want %.0f and %.0f", appends, reads, want, 2*want)
	}
	if len(r.places()) > maxPlaces {
		t.Errorf("%d places are kept", len(r.places()))
	}
	sum := r.Totals()
	if len(sum) != 3 || sum["ns0"][0]+sum["ns1"][0]+sum["ns2"][0] != goroutines*rounds*categories {
		t.Errorf("totals are %v", sum)
	}
	// What is idle makes room again; the namespace that is not keeps its total.
	for range idlePlace {
		r.Count("ns0", "busy", 1, 0)
		tally()
	}
	before := r.Totals()["ns0"]
	tally()
	if after := r.Totals(); after["ns0"] != before || len(r.places()) >= maxPlaces*3/4 {
		t.Errorf("%d places are left, totals %v, %v before", len(r.places()), after, before)
	}
	r.Forget("ns0")
	if r.Totals()["ns0"] != [2]int64{} {
		t.Errorf("a deleted namespace is still counted: %v", r.Totals())
	}
}

func TestBusiestPlaces(t *testing.T) {
	var r Messages
	var p Rates
	for i := range 20 {
		r.Count(fmt.Sprintf("ns%02d", i), strings.Repeat("c", i+1), int64(i), int64(i))
	}
	r.Count("ns00", strings.Repeat("long", 100), 1000, 0)
	namespaces, categories := p.Sample(&r, 2)
	if len(namespaces) != wire.TopRates || namespaces[0] != (wire.NamespaceRate{Namespace: "ns00", Appends: 500}) ||
		namespaces[1] != (wire.NamespaceRate{Namespace: "ns19", Appends: 9.5, Reads: 9.5}) || namespaces[7].Namespace != "ns13" {
		t.Errorf("got %v", namespaces)
	}
	if len(categories) != wire.TopRates || categories[0].Category != strings.Repeat("c", 20) || categories[7].Namespace != "ns12" {
		t.Errorf("got %v", categories)
	}
	if n, c := p.Sample(&r, 1); n != nil || c != nil {
		t.Errorf("nothing happened, got %v %v", n, c)
	}
}
