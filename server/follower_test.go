package server_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// follower is a consumer of announcements that comes back after each fault,
// from the last one it saw on.
type follower struct {
	s      *site
	random *rand.Rand
	ns     string // "": the doomed one of the moment
	query  string
	match  func(stream string) bool
	stream bool // its positions are the stream's

	seen  []store.Announcement // in the namespace that it follows just now
	conns int
}

// follow reads until there is nothing more to come.
func (f *follower) follow() {
	for gen := int64(0); ; gen++ {
		ns := f.ns
		if ns == "" {
			ns = doomedName(gen)
		}
		f.seen = nil
		for f.connect(ns) {
			if f.s.last.Load() && f.complete(ns) {
				break
			}
			if f.s.t.Failed() {
				return
			}
		}
		f.check(ns)
		if f.ns != "" || gen == f.s.doomed.Load() {
			return
		}
	}
}

// connect reads over one connection, and reports whether the namespace is
// still there. What is wrong with the order within it is an error.
func (f *follower) connect(ns string) bool {
	f.conns++
	conn, err := net.Dial("tcp", f.s.address.Load().(string))
	if err != nil {
		return true // it is just being started anew
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	from := int64(0)
	if n := len(f.seen); n > 0 {
		from = f.place(f.seen[n-1]) + 1
	}
	fmt.Fprint(conn, head("GET", fmt.Sprintf("/subscribe?%s&position=%d", f.query, from), f.s.admin, "X-Evtui-Namespace: "+ns, ""))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return true
	}
	if answer.StatusCode == http.StatusNotFound {
		return false
	}
	if answer.StatusCode != http.StatusOK {
		f.s.t.Errorf("%s: %s", f.query, answer.Status)
		return false
	}
	return f.read(conn, answer.Body, ns, from)
}

func (f *follower) place(a store.Announcement) int64 {
	if f.stream {
		return a.Position
	}
	return a.GlobalPosition
}

// enoughSilence is after how many heartbeats in a row nothing more will come.
const enoughSilence = 250

// read takes announcements off a connection until it ends, or until this
// follower breaks it.
func (f *follower) read(conn net.Conn, body io.Reader, ns string, from int64) bool {
	lines := bufio.NewScanner(body)
	patience, silent := f.random.IntN(120), 0
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, ": end "):
			if !strings.Contains(line, "NAMESPACE_NOT_FOUND") {
				f.s.t.Errorf("%s of %s ended with %s", f.query, ns, line)
			}
			return false
		case strings.HasPrefix(line, "data: "):
			var a store.Announcement
			mustDecode(f.s.t, strings.TrimPrefix(line, "data: "), &a)
			if f.place(a) < from || !f.match(a.Stream) {
				f.s.t.Errorf("%s of %s from %d on announces %+v", f.query, ns, from, a)
			}
			from = f.place(a) + 1
			f.seen = append(f.seen, a)
		}
		if f.s.last.Load() {
			if f.complete(ns) {
				return true
			}
			if strings.HasPrefix(line, ":") {
				silent++
			} else if line != "" {
				silent = 0
			}
			if silent > enoughSilence {
				f.s.t.Errorf("%s of %s announced %d of %d messages, and says that there are no more", f.query, ns, len(f.seen), len(f.expected(ns)))
				return false
			}
			continue
		}
		if patience--; patience < 0 && !f.fault(conn) {
			return true
		}
	}
	return true
}

// fault does one thing that clients do; it returns false when the connection
// is no more.
func (f *follower) fault(conn net.Conn) bool {
	switch f.random.IntN(4) {
	case 0: // it goes without a word
		_ = conn.(*net.TCPConn).SetLinger(0)
		return false
	case 1:
		return false
	default: // it reads nothing for a while
		until := f.s.appended.Load() + int64(f.random.IntN(400))
		f.s.until(func() bool { return f.s.last.Load() || f.s.appended.Load() >= min(until, *unsteadyMessages) })
		return true
	}
}

// expected returns what there is to be announced of a namespace that is there.
func (f *follower) expected(ns string) (all []store.Announcement) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	for _, g := range slices.Sorted(maps.Keys(f.s.acked[ns])) {
		if a := f.s.acked[ns][g]; f.match(a.Stream) {
			all = append(all, a)
		}
	}
	return all
}

// acknowledged leaves out what was stored when its namespace went, so that
// nobody was told.
func (f *follower) acknowledged(ns string) []store.Announcement {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	return slices.DeleteFunc(f.seen, func(a store.Announcement) bool {
		_, acked := f.s.acked[ns][a.GlobalPosition]
		return !acked
	})
}

func (f *follower) complete(ns string) bool { return len(f.seen) >= len(f.expected(ns)) }

// check holds what was seen against what was acknowledged: all of it, once, in
// order, up to the end of the namespace.
func (f *follower) check(ns string) {
	want := f.expected(ns)
	deleted := f.ns == "" && ns != doomedName(f.s.doomed.Load())
	if deleted { // it may have gone before the last were announced
		f.seen = f.acknowledged(ns)
		want = want[:min(len(want), len(f.seen))]
	}
	if len(f.seen) < len(want) || !deleted && len(f.seen) != len(want) {
		f.s.t.Errorf("%s of %s announced %d messages over %d connections, want %d", f.query, ns, len(f.seen), f.conns, len(want))
		return
	}
	for i := range want {
		if f.seen[i] != want[i] {
			f.s.t.Errorf("%s of %s: announcement %d is %+v, want %+v", f.query, ns, i, f.seen[i], want[i])
			return
		}
	}
}

// followers has one for each kind of subscription, on each namespace.
func (s *site) followers() (all []*follower) {
	owns := func(member int) func(string) bool {
		return func(stream string) bool {
			return store.Category(stream) == "c2" && store.Group{Member: member, Size: 2}.Owns(stream)
		}
	}
	for _, ns := range append(s.fixed, "") {
		for _, f := range []follower{
			{query: "category=", match: func(string) bool { return true }},
			{query: "category=c1", match: func(stream string) bool { return store.Category(stream) == "c1" }},
			{query: "stream=c0-1", match: func(stream string) bool { return stream == "c0-1" }, stream: true},
			{query: "category=c2&consumer=0&size=2", match: owns(0)},
			{query: "category=c2&consumer=1&size=2", match: owns(1)},
		} {
			f.s, f.ns, f.random = s, ns, s.random(uint64(100+len(all)))
			all = append(all, &f)
		}
	}
	return all
}
