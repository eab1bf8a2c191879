package jetlog

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// How safely servers store what they acknowledge, as store.Description.Durability says it.
const (
	syncAlways  = "sync"
	syncUnknown = "sync not known"

	monitorTime = 2 * time.Second  // for one answer of a monitoring port
	inspectTime = 30 * time.Second // between two looks at how servers are set
)

// varz is what is read of a server's /varz.
type varz struct {
	Name       string  `json:"server_name"`
	Version    string  `json:"version"`
	CPU        float64 `json:"cpu"` // percent of one processor
	Memory     int64   `json:"mem"`
	MaxPayload int64   `json:"max_payload"`
	JetStream  struct {
		Config *struct {
			SyncInterval time.Duration `json:"sync_interval"`
			SyncAlways   bool          `json:"sync_always"`
		} `json:"config"`
		Stats *struct {
			Storage int64 `json:"storage"`
		} `json:"stats"`
		Meta *struct {
			Size int `json:"cluster_size"`
		} `json:"meta"` // nil: the server stands alone
	} `json:"jetstream"`
}

// sight is what one monitoring port told.
type sight struct {
	url string
	varz
	err error
}

// monitor asks all monitoring ports at once.
func (l *Log) monitor(ctx context.Context) []sight {
	all := make([]sight, len(l.options.Monitor))
	var asking sync.WaitGroup
	for i, u := range l.options.Monitor {
		asking.Go(func() {
			all[i].url = u
			all[i].err = l.fetch(ctx, u, &all[i].varz)
		})
	}
	asking.Wait()
	return all
}

func (l *Log) fetch(ctx context.Context, from string, into *varz) error {
	ctx, cancel := context.WithTimeout(ctx, monitorTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(from, "/")+"/varz", nil)
	if err != nil {
		return err
	}
	answer, err := l.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", from, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// durability sums up what the servers told. Of a server that did not answer it is not
// known, unless another makes it worse anyway.
func durability(all []sight) string {
	worst, unknown, servers := time.Duration(0), len(all) == 0, 0
	for _, one := range all {
		c := one.JetStream.Config
		switch {
		case one.err != nil:
			unknown = true
		case c == nil: // it stores nothing
		case !c.SyncAlways:
			worst = max(worst, c.SyncInterval)
		}
		if m := one.JetStream.Meta; m != nil { // not the routes: those that a server is configured with name itself as well
			servers = max(servers, m.Size)
		}
	}
	switch {
	case worst > 0:
		return "interval " + worst.String()
	case unknown || len(all) < max(servers, 1):
		return syncUnknown
	}
	return syncAlways
}

// inspect looks how the servers are set, and says what is not as it should be.
func (l *Log) inspect(ctx context.Context) {
	all := l.monitor(ctx)
	if ctx.Err() != nil {
		return
	}
	var list []string
	for _, one := range all {
		switch {
		case one.err != nil:
			l.logger.Warn("monitoring port", "url", one.url, "error", one.err)
			list = append(list, "the monitoring port "+one.url+" does not answer")
		case one.MaxPayload < minPayload:
			list = append(list, fmt.Sprintf("server %s takes messages of %d bytes: set max_payload to %d or more", one.Name, one.MaxPayload, minPayload))
		}
	}
	if l.replicas == 1 {
		list = append(list, "replicas=1: what is in the log is on one server only")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.durability, l.found = durability(all), list
}

// inspections goes on inspecting.
func (l *Log) inspections() {
	tick := time.NewTicker(inspectTime)
	defer tick.Stop()
	for {
		select {
		case <-l.done.Done():
			return
		case <-tick.C:
			l.inspect(l.done)
		}
	}
}

// Durability says what is known of how safely the servers store what they acknowledge:
// "sync", "interval 2m0s", "sync not known".
func (l *Log) Durability() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.durability
}

// Warnings returns what is not as it should be.
func (l *Log) Warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.found, l.warnings)
}
