package server

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/internal/tally"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// method is one of the protocol's methods.
type method struct {
	name  string
	run   func(*call) error
	admin bool   // needs the admin token, whatever its arguments
	reads bool   // changes nothing: a token that only reads will do
	slow  bool   // may take longer than a request is given to arrive
	of    string // what the name stands for that its arguments begin with; "": they do not
	bare  bool   // takes no further arguments: the body has been read to its end when it runs
	calls tally.Latencies
}

// What a method may be of.
const (
	ofStream    = "stream"
	ofCategory  = "category"
	ofNamespace = "namespace" // whose id has been checked when a bare method runs
)

// methodTable lists every method that a server answers.
func methodTable() map[string]*method {
	list := []*method{
		{name: "stream.write", run: (*call).streamWrite, of: ofStream},
		{name: "stream.append", run: (*call).streamAppend, slow: true, of: ofStream},
		{name: "stream.get", run: (*call).streamGet, reads: true, slow: true, of: ofStream},
		{name: "stream.last", run: (*call).streamLast, reads: true, slow: true, of: ofStream},
		{name: "stream.version", run: (*call).streamVersion, reads: true, of: ofStream},
		{name: "category.get", run: (*call).categoryGet, reads: true, slow: true, of: ofCategory},
		{name: "category.scan", run: (*call).categoryScan, reads: true, slow: true, of: ofCategory},
		{name: "stream.scan", run: (*call).streamScan, reads: true, slow: true, of: ofStream},
		{name: "category.distribution", run: (*call).categoryDistribution, reads: true, slow: true, of: ofCategory},
		{name: "category.types", run: (*call).categoryTypes, reads: true},
		{name: "category.flow", run: (*call).categoryFlow, reads: true},
		{name: "message.get", run: (*call).messageGet, reads: true},
		{name: "ns.create", run: (*call).namespaceCreate, admin: true, slow: true, of: ofNamespace},
		{name: "ns.delete", run: (*call).namespaceDelete, admin: true, slow: true, of: ofNamespace, bare: true},
		{name: "ns.list", run: (*call).namespaceList, reads: true, admin: true, slow: true, bare: true},
		{name: "ns.token", run: (*call).namespaceToken, admin: true, reads: true, of: ofNamespace}, // it refuses changes itself
		{name: "ns.info", run: (*call).namespaceInfo, reads: true, of: ofNamespace, bare: true},
		{name: "ns.verify", run: (*call).namespaceVerify, reads: true, slow: true, of: ofNamespace, bare: true},
		{name: "ns.streams", run: (*call).namespaceStreams, reads: true},
		{name: "ns.categories", run: (*call).namespaceCategories, reads: true},
		{name: "ns.seek", run: (*call).namespaceSeek, reads: true},
		{name: "ns.head", run: (*call).namespaceHead, reads: true, bare: true},
		{name: "sys.version", run: (*call).systemVersion, reads: true, bare: true},
		{name: "sys.health", run: (*call).systemHealth, reads: true, bare: true},
		{name: "sys.methods", run: (*call).systemMethods, reads: true, bare: true},
		{name: "engine.info", run: (*call).engineInfo, reads: true, admin: true, bare: true},
		{name: "engine.sample", run: (*call).engineSample, reads: true, admin: true, bare: true},
		{name: "engine.history", run: (*call).engineHistory, reads: true, admin: true},
		{name: "engine.log", run: (*call).engineLog, reads: true, admin: true},
		{name: "engine.figures", run: (*call).engineFigures, reads: true, admin: true, bare: true},
		{name: "engine.sections", run: (*call).engineSections, reads: true, admin: true, bare: true},
		{name: "engine.events", run: (*call).engineEvents, reads: true, admin: true},
		{name: "engine.storage", run: (*call).engineStorage, reads: true, admin: true, slow: true, of: ofNamespace, bare: true},
		{name: "engine.flush", run: maintain(store.Engine.Flush), admin: true, slow: true, of: ofNamespace, bare: true},
		{name: "engine.compact", run: maintain(store.Engine.Compact), admin: true, slow: true, of: ofNamespace, bare: true},
		{name: "engine.reopen", run: maintain(store.Reopener.Reopen), admin: true, slow: true, of: ofNamespace, bare: true},
		{name: "engine.checkpoint", run: (*call).engineCheckpoint, admin: true, slow: true},
		{name: "engine.inspect", run: (*call).engineInspect, reads: true, admin: true, slow: true, bare: true},
		{name: "engine.subscriptions", run: (*call).engineSubscriptions, reads: true, admin: true},
		{name: "engine.groups", run: (*call).engineGroups, reads: true, admin: true},
	}
	table := make(map[string]*method, len(list))
	for _, m := range list {
		table[m.name] = m
	}
	return table
}

// serveRPC answers one call, unless too many are under way.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) error {
	start := time.Now()
	if err := s.enter(r, &s.load.requests, s.cfg.Limits.Requests, "requests"); err != nil {
		return err
	}
	c := s.newCall(w, r)
	released := false
	defer func() {
		s.load.requests.Add(-1)
		if !released { // it panicked, and the call is nobody's any more
			s.load.bodies.Add(-c.large)
		}
	}()
	m, err := c.run()
	if err == nil {
		err = c.reply.finish()
	} else {
		s.answerFault(r, &c.reply, c.step, err)
	}
	if !isUI(r) {
		s.figures.count(m, time.Since(start), c, err)
	}
	s.release(c, err != nil)
	released = true
	return nil
}

// run does the call up to the point where only the reply's rest is to be sent.
func (c *call) run() (m *method, err error) {
	if c.scope, err = c.s.authorize(c.r, ""); err != nil {
		return nil, err
	}
	if isUI(c.r) {
		c.s.uis.saw(c.r, time.Now())
	}
	if err := c.readBody(); err != nil {
		return nil, err
	}
	c.args = rawjson.New(c.body)
	name, err := c.method()
	if err != nil {
		return nil, err
	}
	m, ok := c.s.methods[string(name)]
	if !ok {
		return nil, c.unknownMethod(string(name))
	}
	if m.admin && !c.scope.admin {
		return m, refuse(http.StatusForbidden, wire.AuthUnauthorized, "%s needs the admin token", m.name)
	}
	if !m.reads {
		if err := c.scope.mayWrite(m.name); err != nil {
			return m, err
		}
	}
	if m.slow {
		// The deadline was the request's; a long call must not look like a
		// client that went away.
		_ = http.NewResponseController(c.reply.w).SetReadDeadline(time.Time{})
	}
	c.step = m.name
	return m, c.doMethod(m)
}

// doMethod reads what all methods of its kind begin with, and runs it. Profiles tell the
// category of what it is about.
func (c *call) doMethod(m *method) error {
	var err error
	category := ""
	if m.of != "" {
		if c.name, err = c.text(m.of); err != nil {
			return err
		}
		if m.of != ofNamespace {
			category = store.Category(c.name)
		}
	}
	c.s.labels.set(m.name, c.scope.namespace, category, isUI(c.r))
	if m.bare {
		err = c.options()
	}
	if err == nil && m.bare && m.of == ofNamespace {
		err = store.CheckNamespaceID(c.name)
	}
	if err != nil {
		return err
	}
	return m.run(c)
}

func (c *call) unknownMethod(name string) error {
	more, err := c.args.More()
	if err == nil && more {
		err = c.skipRest()
	} else if err == nil {
		err = c.args.End()
	}
	if err != nil {
		return err
	}
	const longest = 100
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	return refuse(http.StatusNotFound, wire.MethodNotFound, "there is no method %q", name)
}

// answerFault answers an error by the one table, and logs what only the log
// may know.
func (s *Server) answerFault(r *http.Request, p *reply, step string, err error) {
	if errors.Is(err, errClientGone) || r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // nobody is there to be answered
	}
	f, unknown := faultOf(step, err)
	if unknown {
		s.log.Error("request failed", "path", r.URL.Path, "step", step, "error", err.Error())
	}
	p.fail(f)
}

// recovered answers a request whose handler panicked. It must be deferred.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	reason := recover()
	if reason == nil {
		return
	}
	if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(reason)
	}
	s.log.Error("request panicked", "path", r.URL.Path, "reason", reason, "stack", string(debug.Stack()))
	s.figures.failed(wire.BackendError)
	if len(w.Header()["Content-Type"]) > 0 {
		// The reply has begun, and every reply sets its type first. Breaking the
		// connection tells that it is not whole.
		panic(http.ErrAbortHandler)
	}
	s.writeFault(w, refuse(http.StatusInternalServerError, wire.BackendError, "the server failed, its log says why"))
}

// writeFault answers a request outside /rpc with an error.
func (s *Server) writeFault(w http.ResponseWriter, f *fault) {
	p := reply{w: w, stall: s.cfg.Limits.StallTime}
	p.fail(f)
}

// isUI reports whether the terminal UI sent the request.
func isUI(r *http.Request) bool { return len(r.Header[wire.ActorHeader]) > 0 }
