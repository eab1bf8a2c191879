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
		Columns: []string{"version", "connected", "cpu", "memory", "stored", "sync", "state"},
	}
	rows := map[string][]store.SectionValue{}
	row := func(name string) []store.SectionValue {
		if rows[name] == nil {
			rows[name] = make([]store.SectionValue, len(s.Columns))
			rows[name][6] = said("")
		}
		return rows[name]
	}
	for _, info := range infos {
		for _, r := range peers(info) {
			v := row(r.name)
			if r.offline {
				v[6] = bad("offline")
			} else if !r.heard() {
				continue
			} else if v[6].Text == "" {
				v[6] = good("up")
			}
		}
	}
	for _, one := range told {
		if one.err != nil {
			row(one.url)[6] = bad("its monitoring port does not answer")
			continue
		}
		v := row(one.Name)
		v[0], v[2], v[3], v[5] = said(one.Version), store.SectionValue{Unit: store.UnitShare, Number: one.CPU / 100}, size(one.Memory), syncValue(one.varz)
		if one.JetStream.Stats != nil {
			v[4] = size(one.JetStream.Stats.Storage)
		}
		v[6] = good("up")
	}
	if name := l.conn.ConnectedServerName(); name != "" && l.conn.IsConnected() {
		v := row(name)
		v[0] = said(l.conn.ConnectedServerVersion())
		if rtt, err := l.conn.RTT(); err == nil {
			v[1] = store.SectionValue{Unit: store.UnitSeconds, Number: rtt.Seconds(), Text: "there and back"}
		}
		v[6] = good("up")
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

func syncValue(v varz) store.SectionValue {
	switch s := v.sync(); s {
	case syncAlways:
		return good("always")
	case syncUnknown:
		return store.SectionValue{}
	default:
		return store.SectionValue{Unit: store.UnitText, Text: strings.Replace(s, "interval", "every", 1), Verdict: store.VerdictWarn}
	}
}

// callSection is what became of this evtui's calls since the measurement before.
func (l *Log) callSection() store.Section {
	now, before := l.counts.now(), l.lookout.before
	l.lookout.before = now
	seconds := now.at.Sub(before.at).Seconds()
	rate := func(name string, now, before uint64, verdict store.Verdict, help string) store.SectionRow {
		v := store.SectionValue{Unit: store.UnitNumber, Text: "/s"}
		if seconds > 0 {
			v.Number = float64(now-before) / seconds
		}
		if v.Number > 0 {
			v.Verdict = verdict
		}
		return store.SectionRow{Name: name, Values: []store.SectionValue{v}, Key: true, Help: help}
	}
	return store.Section{
		Name: "calls", Title: "Records sent to the log by this evtui", At: now.at.UTC(),
		Rows: []store.SectionRow{
			rate("published", now.publishes, before.publishes, store.VerdictNone, "records sent, those that were sent again included."),
			rate("conflicts", now.conflicts, before.conflicts, store.VerdictNone, "records that another one was before: an expected version that did not hold, or two writers of one stream."),
			rate("in flight", now.inFlight, before.inFlight, store.VerdictNone, "records that the log refused for now, since it was still storing another one of the stream. They are sent again."),
			rate("unanswered", now.unanswered, before.unanswered, store.VerdictWarn, "records of which the log did not say whether it stored them: a leader was lost. They are sent again with the same ids."),
			rate("reconnects", now.reconnects, before.reconnects, store.VerdictWarn, "connections to a server that were made anew."),
		},
	}
}

// peer is what a stream's leader says of one of its replicas.
type peer struct {
	name             string
	leader           bool
	current, offline bool
	lag              uint64
	active           time.Duration
}

func peers(info jetstream.StreamInfo) []peer {
	c := info.Cluster
	if c == nil {
		return nil
	}
	var list []peer
	if c.Leader != "" {
		list = append(list, peer{name: c.Leader, leader: true, current: true})
	}
	for _, r := range c.Replicas {
		list = append(list, peer{name: r.Name, current: r.Current, offline: r.Offline, lag: r.Lag, active: r.Active})
	}
	return list
}

// replicaSection is a row a replica of a namespace's stream, and one for the stream itself.
func replicaSection(info jetstream.StreamInfo) store.Section {
	s := store.Section{
		Name: "replicas", Title: "The log and its replicas", Namespace: info.Config.Metadata[keyID], At: time.Now().UTC(),
		Columns: []string{"messages", "bytes", "last", "lag", "heard", "state"},
	}
	state := good("has a leader")
	if info.Cluster != nil && info.Cluster.Leader == "" {
		state = bad("has no leader: nothing can be written")
	}
	s.Rows = append(s.Rows, store.SectionRow{Name: "log", Values: []store.SectionValue{
		count(info.State.Msgs), size(int64(info.State.Bytes)), count(info.State.LastSeq), {}, {}, state,
	}})
	for _, p := range peers(info) {
		values := make([]store.SectionValue, len(s.Columns))
		if !p.leader {
			values[3] = count(p.lag)
		}
		if !p.leader && p.heard() {
			values[4] = store.SectionValue{Unit: store.UnitSeconds, Number: p.active.Seconds(), Text: "ago"}
		}
		values[5] = p.state()
		s.Rows = append(s.Rows, store.SectionRow{Name: p.name, Values: values})
	}
	return s
}

// heard reports whether a leader, which may be new, has ever heard from a replica.
func (p peer) heard() bool { return p.leader || p.active > 0 }

func (p peer) state() store.SectionValue {
	switch {
	case p.leader:
		return good("leads")
	case p.offline:
		return bad("offline")
	case !p.heard():
		return store.SectionValue{Unit: store.UnitText, Text: "not heard yet", Verdict: store.VerdictWarn}
	case p.active > lease:
		return bad(fmt.Sprintf("not heard for %s", p.active.Round(time.Second)))
	case !p.current:
		return store.SectionValue{Unit: store.UnitText, Text: "catches up", Verdict: store.VerdictWarn}
	}
	return good("current")
}

func said(text string) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text}
}

func good(text string) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text, Verdict: store.VerdictGood}
}

func bad(text string) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text, Verdict: store.VerdictBad}
}

func count(n uint64) store.SectionValue {
	return store.SectionValue{Unit: store.UnitCount, Number: float64(n)}
}

func size(n int64) store.SectionValue {
	return store.SectionValue{Unit: store.UnitBytes, Number: float64(n)}
}
