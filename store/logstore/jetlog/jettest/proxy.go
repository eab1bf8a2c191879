package jettest

import (
	"io"
	"net"
	"sync"
)

// proxy is the way from one server to another. Cut, it keeps connections and lets nothing
// through, as a network does that loses everything; whoever sends does not notice at once.
type proxy struct {
	listener net.Listener
	to       string
	serving  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	open  *sync.Cond // signalled when cut or closed change
	cut   bool
	ended bool
	conns map[net.Conn]bool
}

func newProxy(to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, to: to, conns: map[net.Conn]bool{}}
	p.open = sync.NewCond(&p.mu)
	p.serving.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.serving.Go(func() { p.carry(c) })
	}
}

// carry takes bytes to and fro until one side ends.
func (p *proxy) carry(from net.Conn) {
	defer p.drop(from)
	if !p.hold(from) || !p.wait() {
		return
	}
	to, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer p.drop(to)
	if !p.hold(to) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		p.copy(from, to)
		_ = from.Close()
	}()
	p.copy(to, from)
	_ = to.Close()
	<-back
}

func (p *proxy) copy(to io.Writer, from io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if !p.wait() {
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// hold keeps a connection for close and heal. It reports false when the proxy has ended.
func (p *proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.conns[c] = true
	return true
}

func (p *proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// wait waits while the way is cut. It reports false when the proxy has ended.
func (p *proxy) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.ended {
		p.open.Wait()
	}
	return !p.ended
}

func (p *proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut && !cut { // what was lost is lost: both sides begin again
		for c := range p.conns {
			_ = c.Close()
		}
	}
	p.cut = cut
	p.open.Broadcast()
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.ended = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.open.Broadcast()
	p.mu.Unlock()
	p.serving.Wait()
}
