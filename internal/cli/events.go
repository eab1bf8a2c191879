package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

func eventsCommand() *cobra.Command {
	var l eventList
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Show engine events: flushes, compactions, stalls, namespaces, new types, drift, profiles",
		Long: "Show the engine events that the server remembers, oldest first. Needs the admin token. On a directory that " +
			"no server has open, the command starts the engine itself and has few events to show: ask a running server.",
		Example: "  evtui events --url http://127.0.0.1:8080 --since -10m\n" +
			"  evtui events --kind stall,compact --watch -o ndjson\n" +
			"  evtui events --kind new,drift --data /tmp/evdb",
	}
	l.Flags(cmd)
	cmd.Flags().StringSliceVar(&l.kinds, "kind", nil, "only events of these kinds or prefixes, such as flush,compact,stall")
	cmd.Flags().StringVar(&l.filter, "filter", "", "only events that contain all of these words, ignoring case")
	l.flags(cmd, "events")
	cmd.RunE = l.Follows(l.check, l.run)
	return cmd
}

// eventList is what the command of events was asked for.
type eventList struct {
	remembered
	kinds     []string
	filter    string
	namespace string // "": all
}

func (l *eventList) check(cmd *cobra.Command, _ []string) error {
	for _, kind := range l.kinds {
		if !slices.ContainsFunc(eventKinds(), func(known string) bool { return isKind(known, kind) }) {
			return command.Usage(cmd, "--kind: there is no kind %q; the kinds are %s", kind, strings.Join(eventKinds(), ", "))
		}
	}
	return cmp.Or(l.remembered.check(cmd), l.DB.Elsewhere("show its events", "use its own log, or ask a running evtui serve with --url"))
}

func (l *eventList) run(cmd *cobra.Command, s *target.Session) error {
	if l.Namespace != "" {
		l.namespace = s.Namespace()
	}
	at := func(e *store.EngineEvent) (uint64, time.Time) { return e.Seq, e.Time }
	return follow(cmd, &l.remembered, eventFields(), s.EngineEvents, at, l.keeps)
}

// eventKinds are those that the engine and the server report.
func eventKinds() []string { return append(store.EventKinds(), wire.EventProfile) }

// isKind reports whether a kind is the one asked for, which its beginning
// names: compact is compaction, and stall has the end of one with it.
func isKind(kind, asked string) bool {
	return asked != "" && strings.HasPrefix(kind, strings.ToLower(asked))
}

func (l *eventList) keeps(e *store.EngineEvent) bool {
	if l.namespace != "" && e.Namespace != l.namespace {
		return false
	}
	if len(l.kinds) > 0 && !slices.ContainsFunc(l.kinds, func(asked string) bool { return isKind(e.Kind, asked) }) {
		return false
	}
	if l.filter == "" {
		return true
	}
	whole := strings.ToLower(e.Kind + " " + e.Namespace + " " + eventText(*e))
	for word := range strings.FieldsSeq(strings.ToLower(l.filter)) {
		if !strings.Contains(whole, word) {
			return false
		}
	}
	return true
}

func eventFields() []output.Field[store.EngineEvent] {
	return []output.Field[store.EngineEvent]{
		output.Time("time", time.DateTime+".000", func(e store.EngineEvent) time.Time { return e.Time }),
		output.Text("namespace", func(e store.EngineEvent) string { return e.Namespace }).AtLeast(12),
		output.Text("kind", func(e store.EngineEvent) string { return e.Kind }).AtLeast(12),
		output.Text("what", eventText),
		output.Raw("seq", func(e store.EngineEvent) any { return e.Seq }),
		output.Raw("bytes_in", func(e store.EngineEvent) any { return e.BytesIn }),
		output.Raw("bytes_out", func(e store.EngineEvent) any { return e.BytesOut }),
		output.Raw("duration_ns", func(e store.EngineEvent) any { return int64(e.Duration) }),
	}
}

// eventText says what an event did, without its kind.
func eventText(e store.EngineEvent) string {
	var parts []string
	if e.Kind == store.EventCompact {
		parts = append(parts, fmt.Sprintf("L%d to L%d", e.FromLevel, e.ToLevel))
	}
	switch {
	case e.BytesIn > 0:
		parts = append(parts, text.Bytes(float64(e.BytesIn))+" to "+text.Bytes(float64(e.BytesOut)))
	case e.BytesOut > 0:
		parts = append(parts, text.Bytes(float64(e.BytesOut)))
	}
	if e.Duration > 0 {
		parts = append(parts, "in "+text.Duration(e.Duration))
	}
	if e.Reason != "" {
		parts = append(parts, e.Reason)
	}
	if e.Error != "" {
		parts = append(parts, "error: "+e.Error)
	}
	return strings.Join(parts, ", ")
}
