package jetlog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
)

// mostSections is how many namespaces have sections of their own.
const mostSections = 64

// measure measures all there is to be shown. What could not be measured keeps what was
// found before, and says why.
func (l *Log) measure(ctx context.Context) []store.Section {
	before := l.lookout.found // written by this goroutine alone
	told := l.monitor(ctx)    // first: where there is no leader the rest takes all the time there is
	infos, err := l.streams(ctx)
	slices.SortFunc(infos, func(a, b jetstream.StreamInfo) int {
		return strings.Compare(a.Config.Metadata[keyID], b.Config.Metadata[keyID])
	})
	all := []store.Section{l.serverSection(told, infos), l.callSection()}
	if err != nil {
		for _, s := range before {
			if s.Name == "replicas" {
				s.Fault = err.Error()
				all = append(all, s)
			}
		}
		return all
	}
	for _, info := range infos[:min(len(infos), mostSections)] {
		all = append(all, replicaSection(info))
	}
	return all
}

// serverSection is a row a server, by what its monitoring port tells, and else by what the connection
// and the leaders of streams know of it.
func (l *Log) serverSection(told []sight, infos []jetstream.StreamInfo) store.Section {
	s := store.Section{
		Name: "servers", Title: "Servers of the log", At: time.Now().UTC(),
		Columns: []string{"state", "version", "connected", "cpu", "memory", "stored", "sync"},
	}
	rows := map[string][]store.SectionValue{}
	row := func(name string) []store.SectionValue {
		if rows[name] == nil {
			rows[name] = make([]store.SectionValue, len(s.Columns))
			rows[name][0] = words("", store.VerdictNone)
		}
		return rows[name]
	}
	for _, info := range infos {
		for _, r := range peers(info) {
			v := row(r.Name)
			if r.Offline {
				v[0] = bad("offline")
			} else if r.heard() && v[0].Text == "" {
				v[0] = good("up")
			}
		}
	}
	for _, one := range told {
		if one.err != nil {
			row(one.url)[0] = bad("its monitoring port does not answer")
			continue
		}
		v := row(one.Name)
		v[0], v[1], v[3] = good("up"), words(one.Version, store.VerdictNone), store.SectionValue{Unit: store.UnitShare, Number: one.CPU / 100}
		v[4], v[6] = size(one.Memory), syncValue(one.varz)
		if one.JetStream.Stats != nil {
			v[5] = size(one.JetStream.Stats.Storage)
		}
	}
	if name := l.conn.ConnectedServerName(); name != "" && l.conn.IsConnected() {
		v := row(name)
		v[0], v[1] = good("up"), words(l.conn.ConnectedServerVersion(), store.VerdictNone)
		if rtt, err := l.conn.RTT(); err == nil {
			v[2] = store.SectionValue{Unit: store.UnitSeconds, Number: rtt.Seconds(), Text: "there and back"}
		}
	}
	for name, values := range rows {
		s.Rows = append(s.Rows, store.SectionRow{Name: name, Values: values})
	}
	slices.SortFunc(s.Rows, func(a, b store.SectionRow) int { return strings.Compare(a.Name, b.Name) })
	if len(l.options.Monitor) == 0 {
		s.Lacks = "processors, memory and how often the servers sync are told by their monitoring ports only"
	}
	return s
}

// syncValue is how often a server syncs what it stores.
func syncValue(v varz) store.SectionValue {
	switch c := v.JetStream.Config; {
	case c == nil:
		return store.SectionValue{}
	case c.SyncAlways:
		return good("always")
	default:
		return words("every "+c.SyncInterval.String(), store.VerdictWarn)
	}
}

// called is what is counted of calls, as a row of a section.
var called = [counters]struct {
	name    string
	verdict store.Verdict // of any
	help    string
}{
	publishes:  {"published", store.VerdictNone, "records sent, those that were sent again included."},
	conflicts:  {"conflicts", store.VerdictNone, "records that another one was before: an expected version that did not hold, or two writers of one stream."},
	inFlight:   {"in flight", store.VerdictNone, "records that the log refused for now, since it was still storing another one of the stream. They are sent again."},
	unanswered: {"unanswered", store.VerdictWarn, "records of which the log did not say whether it stored them: a leader was lost. They are sent again with the same ids."},
	reconnects: {"reconnects", store.VerdictWarn, "connections to a server that were made anew."},
}

// callSection is what became of this evtui's calls since the measurement before.
func (l *Log) callSection() store.Section {
	now, before := l.counts.now(), l.lookout.before
	l.lookout.before = now
	seconds := now.at.Sub(before.at).Seconds()
	s := store.Section{Name: "calls", Title: "Records sent to the log by this evtui", At: now.at.UTC()}
	for i, row := range called {
		v := store.SectionValue{Unit: store.UnitNumber, Text: "/s"}
		if seconds > 0 {
			v.Number = float64(now.n[i]-before.n[i]) / seconds
		}
		if v.Number > 0 {
			v.Verdict = row.verdict
		}
		s.Rows = append(s.Rows, store.SectionRow{Name: row.name, Values: []store.SectionValue{v}, Key: true, Help: row.help})
	}
	return s
}

// peer is what a stream's leader says of one of its replicas.
type peer struct {
	jetstream.PeerInfo
	leader bool
}

func peers(info jetstream.StreamInfo) []peer {
	c := info.Cluster
	if c == nil {
		return nil
	}
	var list []peer
	if c.Leader != "" {
		list = append(list, peer{PeerInfo: jetstream.PeerInfo{Name: c.Leader, Current: true}, leader: true})
	}
	for _, r := range c.Replicas {
		list = append(list, peer{PeerInfo: *r})
	}
	return list
}

// replicaSection is a row a replica of a namespace's stream, and one for the stream itself.
func replicaSection(info jetstream.StreamInfo) store.Section {
	s := store.Section{
		Name: "replicas", Title: "The log and its replicas", Namespace: info.Config.Metadata[keyID], At: time.Now().UTC(),
		Columns: []string{"state", "messages", "bytes", "last", "lag", "heard"},
	}
	state := good("has a leader")
	if info.Cluster != nil && info.Cluster.Leader == "" {
		state = bad("has no leader: nothing can be written")
	}
	s.Rows = append(s.Rows, store.SectionRow{Name: "log", Values: []store.SectionValue{
		state, count(info.State.Msgs), size(int64(info.State.Bytes)), count(info.State.LastSeq), {}, {},
	}})
	for _, p := range peers(info) {
		values := make([]store.SectionValue, len(s.Columns))
		values[0] = p.state()
		if !p.leader {
			values[4] = count(p.Lag)
		}
		if !p.leader && p.heard() {
			values[5] = store.SectionValue{Unit: store.UnitSeconds, Number: p.Active.Seconds(), Text: "ago"}
		}
		s.Rows = append(s.Rows, store.SectionRow{Name: p.Name, Values: values})
	}
	return s
}

// heard reports whether a leader, which may be new, has ever heard from a replica.
func (p peer) heard() bool { return p.leader || p.Active > 0 }

func (p peer) state() store.SectionValue {
	switch {
	case p.leader:
		return good("leads")
	case p.Offline:
		return bad("offline")
	case !p.heard():
		return words("not heard yet", store.VerdictWarn)
	case p.Active > lease:
		return bad(fmt.Sprintf("not heard for %s", p.Active.Round(time.Second)))
	case !p.Current:
		return words("catches up", store.VerdictWarn)
	}
	return good("current")
}

func words(text string, v store.Verdict) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text, Verdict: v}
}

func good(text string) store.SectionValue { return words(text, store.VerdictGood) }
func bad(text string) store.SectionValue  { return words(text, store.VerdictBad) }

func count(n uint64) store.SectionValue {
	return store.SectionValue{Unit: store.UnitCount, Number: float64(n)}
}

func size(n int64) store.SectionValue {
	return store.SectionValue{Unit: store.UnitBytes, Number: float64(n)}
}
