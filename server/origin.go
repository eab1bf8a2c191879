package server

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// A browser tells which page sent a request: by Origin, unless a page only
// fetches from where it came from itself, or by Sec-Fetch-Site. Programs send
// neither. Without a look at them any page that somebody opens could call a
// server on their machine: in test mode with nothing more, elsewhere with a
// token that the page got hold of.

// checkOrigin answers requests from pages that may not call this server, and
// preflights of those that may; it returns false when it did.
func (s *Server) checkOrigin(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header["Origin"]
	if len(origin) == 0 {
		if site := r.Header["Sec-Fetch-Site"]; len(site) == 0 || !isForeign(r, site[0]) {
			return true
		}
		return s.refuseOrigin(w, r, "this request is from a page of another site")
	}
	if r.URL.Path == "/health" || r.URL.Path == "/version" {
		return true // there is nothing to protect, and the page cannot read it
	}
	// An answer that depends on it must not be kept for others.
	w.Header().Add("Vary", "Origin")
	if len(origin) > 1 || !s.allows(r, origin[0]) {
		return s.refuseOrigin(w, r, "pages from this origin may not call this server; --cors-origin allows one")
	}
	w.Header().Set("Access-Control-Allow-Origin", origin[0])
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		preflight(w, r)
		return false
	}
	return true
}

// isForeign reports whether a request without an Origin comes from a page of
// another site, which embeds what it fetches. Following a link is the user's
// own doing, and the page learns nothing.
func isForeign(r *http.Request, site string) bool {
	if site != "cross-site" && site != "same-site" {
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" && r.URL.Path != "/health" && r.URL.Path != "/version"
}

func (s *Server) refuseOrigin(w http.ResponseWriter, r *http.Request, message string) bool {
	s.refuseRequest(w, r, "look at the origin", refuse(http.StatusForbidden, wire.OriginRefused, "%s", message))
	return false
}

// preflight answers what a browser asks before it sends a request.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, "+wire.NamespaceHeader)
	h.Set("Access-Control-Max-Age", "600") // seconds
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}

// allows reports whether pages from an origin may call the server: those that
// the config names, and those from the server's own address.
func (s *Server) allows(r *http.Request, origin string) bool {
	if slices.Contains(s.cfg.Origins, origin) || slices.Contains(s.cfg.Origins, "*") {
		return true
	}
	from, err := url.Parse(origin)
	if err != nil || from.Scheme != "http" && from.Scheme != "https" || (from.Scheme == "https") != (r.TLS != nil) {
		return false
	}
	if !strings.EqualFold(from.Host, r.Host) {
		return false
	}
	// Whoever owns a name can have it lead to 127.0.0.1 for a moment: then
	// their page comes from what looks like the server's own address.
	return !cameOverLoopback(r) || isLoopbackName(from.Hostname())
}

func cameOverLoopback(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	tcp, ok := local.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// isLoopbackName reports whether a host is this one whatever a name server
// says.
func isLoopbackName(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// CheckOrigin returns an error unless the text is an origin as browsers send
// it, or "*" for all of them.
func CheckOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin || origin != strings.ToLower(origin) {
		return &store.InvalidError{Field: "origin", Reason: fmt.Sprintf("must be scheme://host[:port] in small letters, such as https://shop.example, or *; got %q", origin)}
	}
	return nil
}
