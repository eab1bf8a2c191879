package server

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/server/wire"
)

const (
	// uiGoneAfter is how long a terminal UI counts as attached after it asked for
	// something last. Each asks once a second while its server answers.
	uiGoneAfter = 10 * time.Second
	// maxUIs bounds what is remembered: the names are the clients' own.
	maxUIs = 64
)

// presence remembers which terminal UIs are attached, by what they ask. The
// zero value has seen none.
type presence struct {
	mu   sync.Mutex // guards seen
	seen map[string]time.Time
}

// saw notes who sent a request, if it was a terminal UI. Others that stay out of
// the figures have another actor than "ui".
func (p *presence) saw(r *http.Request, now time.Time) {
	name, ok := uiName(r)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.seen[name]; !known {
		p.forget(now)
		if len(p.seen) >= maxUIs {
			return
		}
		if p.seen == nil {
			p.seen = map[string]time.Time{}
		}
	}
	p.seen[name] = now
}

// uiName is what tells the UI that sent a request from others: the name that it
// gives itself after "ui", or for one that gives none the machine that it is on.
func uiName(r *http.Request) (name string, ok bool) {
	actor := r.Header[wire.ActorHeader]
	if len(actor) == 0 {
		return "", false
	}
	kind, name, named := strings.Cut(actor[0], " ")
	if kind != "ui" || named {
		return name, kind == "ui"
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return "@" + host, true
}

// forget drops those who did not ask for a while. p.mu is held.
func (p *presence) forget(now time.Time) {
	for name, at := range p.seen {
		if now.Sub(at) > uiGoneAfter {
			delete(p.seen, name)
		}
	}
}

func (p *presence) count(now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now)
	return len(p.seen)
}
