package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// serveHealth answers GET /health: that the server lives, to everybody, and to
// the admin token alone which namespaces do not.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) error {
	p := reply{w: w, stall: s.cfg.Limits.StallTime}
	p.raw(`{"status":"ok"`)
	if s.isAdmin(r) {
		p.raw(`,"damaged":`)
		if err := p.value(s.damaged()); err != nil {
			return err
		}
	}
	p.raw("}")
	_ = p.finish() // there is nobody left to tell
	return nil
}

// isAdmin reports whether a request that needs no token has the admin token.
// In test mode, where tokens make namespaces, it does not look.
func (s *Server) isAdmin(r *http.Request) bool {
	if len(r.Header["Authorization"]) == 0 || s.cfg.TestMode {
		return false
	}
	granted, err := s.grant(r, "")
	return err == nil && granted.admin
}

// damaged lists the namespaces that refuse every call, by id; never nil.
func (s *Server) damaged() []wire.Damaged {
	list := []wire.Damaged{}
	ailing, err := offered[store.Ailing](s)
	if err != nil {
		return list
	}
	for _, d := range ailing.Damaged() {
		list = append(list, wire.Damaged{Namespace: d.Namespace, Reason: d.Reason})
	}
	return list
}

// notices lists what else should be known; nil for none.
func (s *Server) notices() []wire.Notice {
	noticing, err := offered[store.Noticing](s)
	if err != nil {
		return nil
	}
	var list []wire.Notice
	for _, n := range noticing.Notices() {
		list = append(list, wire.Notice{Namespace: n.Namespace, State: string(n.State), Words: n.Words, Age: int64(n.Age)})
	}
	return list
}

// sampledNotices are those that a sample has, and how many there are. What is said of a
// namespace ns.info tells in words.
func (s *Server) sampledNotices() (list []wire.Notice, all int) {
	list = s.notices()
	all = len(list)
	list = list[:min(all, wire.SampledNotices)]
	for i := range list {
		if list[i].Namespace != "" {
			list[i].Words = ""
		}
	}
	return list, all
}

// systemHealth: ["sys.health"]. It tells how the token's own namespace is, and
// answers whatever is wrong with that.
func (c *call) systemHealth() error {
	ns, err := c.s.cfg.Store.Namespace(c.ctx, c.scope.namespace)
	if err != nil {
		return err
	}
	c.reply.raw("{")
	c.reply.members("status", "ok", "backend", c.s.cfg.Store.Describe().Backend, "connections", c.s.conns.open.Load())
	if ns.Damaged {
		c.member("damaged", strings.TrimPrefix(ns.Fault, "damaged: "))
	} else {
		c.member("fault", ns.Fault)
	}
	c.member("notice", ns.Notice)
	c.reply.raw(`}`)
	return nil
}

// member encodes a further member of an object, unless it is empty.
func (c *call) member(name, text string) {
	if text != "" {
		c.reply.members(name, text)
	}
}

// maxVerifies is how many namespaces may be verified at once: each reads all
// that it holds.
const maxVerifies = 2

// namespaceVerify: ["ns.verify", namespace]. Another namespace than the token's
// own needs the admin token. Faults are in the answer; it changes nothing.
func (c *call) namespaceVerify() error {
	err := c.mayAskAbout(c.name)
	if err == nil {
		err = c.s.enter(c.r, &c.s.load.verifies, maxVerifies, "verifications")
	}
	if err != nil {
		return err
	}
	defer c.s.load.verifies.Add(-1)
	return slowly(c, func(ctx context.Context, v store.Verifier) error {
		report, err := v.Verify(ctx, c.name)
		if err != nil {
			return err
		}
		return c.reply.value(wire.VerifyReport{
			Namespace: c.name, Messages: report.Messages, Streams: report.Streams,
			Findings: findings(report.Findings), Notes: findings(report.Notes),
		})
	})
}

// engineInspect: ["engine.inspect"]: what belongs to no one namespace, such as
// what lies in the data directory that nobody knows.
func (c *call) engineInspect() error {
	return slowly(c, func(ctx context.Context, v store.Verifier) error {
		found, err := v.Inspect(ctx)
		if err != nil {
			return err
		}
		return c.reply.value(wire.Inspection{Findings: findings(found.Findings), Notes: findings(found.Notes)})
	})
}

// findings are the store's as they go over the wire; never nil.
func findings(list []store.Finding) []wire.Finding {
	out := make([]wire.Finding, len(list))
	for i, f := range list {
		out[i] = wire.Finding(f)
	}
	return out
}
