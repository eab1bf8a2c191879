package recording

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// historySpan is what a server remembers, and so what is shown at once.
const historySpan = time.Hour

// Handler answers what the server answered at the time until: its figures of
// the hour before, its newest looks, the events and the log up to then. The
// zero time stands for the end. It changes nothing and needs no token.
func (r *Recording) Handler(until time.Time) http.Handler {
	if until.IsZero() || until.After(r.Ended) {
		until = r.Ended
	}
	p := &replay{
		of: r, until: until, samples: upTo(r.Samples, until, func(s *wire.Sample) time.Time { return s.Time }),
		events: upTo(r.Events, until, func(e *store.EngineEvent) time.Time { return e.Time }),
		log:    upTo(r.annotated(), until, func(l *wire.LogLine) time.Time { return l.Time }),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"version": r.Info.Version})
	})
	mux.HandleFunc("POST /rpc", p.call)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { notKept(w, req.URL.Path) })
	return mux
}

// annotated is the log with what the recording has to report of itself: gaps, and that
// it is torn.
func (r *Recording) annotated() []wire.LogLine {
	lines := slices.Clone(r.Log)
	own := func(at time.Time, level, text string) {
		lines = append(lines, wire.LogLine{Time: at, Level: level, Text: "recording: " + text})
	}
	own(r.Began, "INFO", "of "+r.Server+", by evtui "+r.Evtui)
	for _, g := range r.Gaps {
		own(g.Time, "WARN", "nothing came from here on: "+g.Reason)
	}
	if r.Torn != "" {
		own(r.Ended, "WARN", r.Torn)
	}
	slices.SortStableFunc(lines, func(a, b wire.LogLine) int { return a.Time.Compare(b.Time) })
	for i := range lines {
		lines[i].Seq = uint64(i + 1)
	}
	return lines
}

// replay is a recording up to a time.
type replay struct {
	of      *Recording
	until   time.Time
	samples []wire.Sample
	events  []store.EngineEvent
	log     []wire.LogLine
}

// upTo keeps what is not after a time.
func upTo[T any](list []T, until time.Time, at func(*T) time.Time) []T {
	n := len(list)
	for n > 0 && at(&list[n-1]).After(until) {
		n--
	}
	return list[:n]
}

// options are those of the calls that are answered here.
type options struct {
	Since     time.Time `json:"since"`
	After     uint64    `json:"after"`
	Limit     int       `json:"limit"`
	Namespace string    `json:"namespace"`
	Category  string    `json:"category"`
}

func (p *replay) call(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	var parts []json.RawMessage
	var method string
	if err != nil || json.Unmarshal(body, &parts) != nil || len(parts) == 0 || json.Unmarshal(parts[0], &method) != nil {
		refuse(w, http.StatusBadRequest, wire.InvalidRequest, "the call is malformed")
		return
	}
	var o options
	if len(parts) > 1 {
		_ = json.Unmarshal(parts[len(parts)-1], &o) // an argument that is no object has no options
	}
	if result, ok := p.result(method, parts[1:], o); ok {
		answer(w, http.StatusOK, result)
		return
	}
	notKept(w, method)
}

// result is what a method answers; ok is false for what is not recorded.
func (p *replay) result(method string, args []json.RawMessage, o options) (result any, ok bool) {
	switch method {
	case "sys.health":
		return map[string]any{"status": "ok", "backend": p.of.Info.Backend, "connections": 0}, true
	case "sys.version":
		return p.of.Info.Version, true
	case "ns.info":
		return p.namespace(args)
	case "ns.head":
		return p.head()
	case "ns.categories":
		return p.look(kindCategories)
	case "ns.list":
		return p.look(kindNamespaces)
	case "engine.info":
		return p.look(kindInfo)
	case "engine.figures":
		return p.look(kindFigures)
	case "engine.sections":
		return p.look(kindSections)
	case "engine.subscriptions":
		return p.matching(kindSubscriptions, o)
	case "engine.groups":
		return p.matching(kindGroups, o)
	case "engine.sample":
		if n := len(p.samples); n > 0 {
			return p.samples[n-1], true
		}
	case "engine.history":
		return p.history(o.Since), true
	case "engine.events":
		return page(p.events, o, func(e *store.EngineEvent) uint64 { return e.Seq }), true
	case "engine.log":
		return page(p.log, o, func(l *wire.LogLine) uint64 { return l.Seq }), true
	}
	return nil, false
}

// look returns the newest answer of a kind.
func (p *replay) look(kind string) (any, bool) {
	raw := p.of.newest(kind, p.until)
	return raw, raw != nil
}

// namespace finds one in the list of namespaces.
func (p *replay) namespace(args []json.RawMessage) (any, bool) {
	var id string
	if len(args) == 0 || json.Unmarshal(args[0], &id) != nil {
		return nil, false
	}
	if list, ok := p.matching(kindNamespaces, options{Namespace: id}); ok && len(list) > 0 {
		return list[0], true
	}
	if id == p.of.Namespace {
		return map[string]any{"namespace": id, "description": "", "createdAt": p.of.Began, "messageCount": 0, "streamCount": 0, "lastActivity": nil}, true
	}
	return nil, false
}

// head is the newest position in the categories, which show it.
func (p *replay) head() (any, bool) {
	var list []struct{ LastPosition int64 }
	if json.Unmarshal(p.of.newest(kindCategories, p.until), &list) != nil {
		return nil, false
	}
	newest := int64(0)
	for _, c := range list {
		newest = max(newest, c.LastPosition)
	}
	return map[string]int64{"globalPosition": newest}, true
}

// matching keeps the members of a list that the options ask for.
func (p *replay) matching(kind string, o options) (kept []json.RawMessage, ok bool) {
	var list []json.RawMessage
	if json.Unmarshal(p.of.newest(kind, p.until), &list) != nil {
		return nil, false
	}
	kept = []json.RawMessage{}
	for _, value := range list {
		var is options
		if json.Unmarshal(value, &is) != nil {
			continue
		}
		if (o.Namespace == "" || is.Namespace == o.Namespace) && (o.Category == "" || is.Category == o.Category) {
			kept = append(kept, value)
		}
	}
	return kept, true
}

// history returns the samples after a time, of the last hour at most.
func (p *replay) history(since time.Time) []wire.Sample {
	if earliest := p.until.Add(-historySpan); since.Before(earliest) {
		since = earliest
	}
	for i := range p.samples {
		if p.samples[i].Time.After(since) {
			return p.samples[i:]
		}
	}
	return []wire.Sample{}
}

// pageSize is of a list that names no limit.
const pageSize = 500

func page[T any](list []T, o options, seq func(*T) uint64) []T {
	if o.Limit == 0 {
		o.Limit = pageSize
	}
	for i := range list {
		if seq(&list[i]) > o.After {
			return list[i:min(len(list), i+o.Limit)]
		}
	}
	return []T{}
}

// notRecorded is the code of what a recording does not hold though its server
// had it. It is not METHOD_NOT_FOUND, which would have clients look for another
// way to the same.
const notRecorded = "NOT_RECORDED"

func notKept(w http.ResponseWriter, what string) {
	for _, about := range []string{"stream.", "category.", "message.", "ns.streams", "ns.seek"} {
		if strings.HasPrefix(what, about) {
			refuse(w, http.StatusNotFound, notRecorded, "streams and messages are not recorded: a recording holds figures, events, log and profiles")
			return
		}
	}
	refuse(w, http.StatusNotFound, wire.MethodNotFound, what+" is not recorded")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]wire.Error{"error": {Code: code, Message: message}})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the client is gone
}
