package source

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/profiler"
)

// Web fetches profiles over HTTP. The zero value sends no token and trusts whom
// the system trusts.
type Web struct {
	Token    string        // sent as a bearer token; all addresses must then be of one server
	TLS      *tls.Config   // nil: the system's authorities are trusted
	Seconds  int           // how long a profile that takes time is to take; 0: what the address says, else the program's own time
	Patience time.Duration // how long an answer may take beside that; 0: a minute
	// Began, unless nil, is notified of what is being fetched and how long the program
	// takes for it; 0: no time.
	Began func(address string, takes time.Duration)
}

// pprofPath is where net/http/pprof serves.
const pprofPath = "/debug/pprof/"

// ErrNotThere is wrapped by errors of programs that do not offer what was asked for.
var ErrNotThere = errors.New("it is not offered there")

// ErrUnreachable is wrapped by errors of servers that nobody reaches, or that
// do not answer in time.
var ErrUnreachable = errors.New("server unreachable")

// longest is the longest that a profile may take, in seconds.
const longest = 3600

// Address makes an address whole: one that names no profile stands for the CPU
// profile, as for `go tool pprof`, and Seconds takes the place of its own. It
// also returns how long the program will take, as far as that is known.
func (w Web) Address(name string) (*url.URL, time.Duration, error) {
	u, err := parse(name)
	if err != nil {
		return nil, 0, err
	}
	if end := strings.TrimRight(u.Path, "/"); end == "" || strings.HasSuffix(end, strings.TrimRight(pprofPath, "/")) {
		u.Path = strings.TrimSuffix(end, strings.TrimRight(pprofPath, "/")) + pprofPath + "profile"
	}
	query := u.Query()
	if w.Seconds > 0 {
		query.Set("seconds", strconv.Itoa(w.Seconds))
		u.RawQuery = query.Encode()
	}
	seconds, _ := strconv.Atoi(query.Get("seconds"))
	if seconds <= 0 && (strings.HasSuffix(u.Path, "/profile") || strings.HasSuffix(u.Path, "/fgprof")) {
		seconds = 30 // what net/http/pprof takes by itself
	}
	if seconds > longest {
		return nil, 0, fmt.Errorf("fetch profile %s: a profile may take %d s at most", u.Redacted(), longest)
	}
	return u, time.Duration(max(0, seconds)) * time.Second, nil
}

func parse(name string) (*url.URL, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("fetch profile: %w", err)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("fetch profile %s: the address names no host", u.Redacted())
	}
	u.Fragment = ""
	return u, nil
}

// checkToken refuses to send one token to several servers.
func (w Web) checkToken(names []string) error {
	if w.Token == "" {
		return nil
	}
	of := ""
	for _, name := range names {
		if !IsAddress(name) {
			continue
		}
		u, err := parse(name)
		if err != nil {
			return err
		}
		origin := u.Scheme + "://" + u.Host
		if of != "" && of != origin {
			return fmt.Errorf("fetch profile: the token would go to %s and to %s: fetch from one of them at a time", of, origin)
		}
		of = origin
	}
	if of == "" {
		return errors.New("open profile: a token is given, but no address to send it to")
	}
	return nil
}

// open fetches a profile and reads it.
func (w Web) open(ctx context.Context, name string, limits profiler.Limits) (p *profiler.Profile, err error) {
	err = w.fetch(ctx, name, func(body io.Reader) error {
		p, err = profiler.Open(body, limits)
		return err
	})
	return p, err
}

// Fetch returns a profile's bytes, no more than limit of them.
func (w Web) Fetch(ctx context.Context, name string, limit int64) (data []byte, err error) {
	err = w.fetch(ctx, name, func(body io.Reader) error {
		if data, err = io.ReadAll(io.LimitReader(body, limit+1)); err == nil && int64(len(data)) > limit {
			err = fmt.Errorf("%w: more than %d bytes", profiler.ErrTooLarge, limit)
		}
		return err
	})
	return data, err
}

func (w Web) fetch(ctx context.Context, name string, take func(io.Reader) error) error {
	address, takes, err := w.Address(name)
	if err != nil {
		return err
	}
	if w.Began != nil {
		w.Began(address.Redacted(), takes)
	}
	return w.get(ctx, address, takes, take)
}

// get asks for an address and hands the answer's body to take. Its errors name
// the address, without a password that stands in it.
func (w Web) get(ctx context.Context, address *url.URL, takes time.Duration, take func(io.Reader) error) error {
	patience := w.Patience
	if patience <= 0 {
		patience = time.Minute
	}
	within, cancel := context.WithTimeout(ctx, takes+patience)
	defer cancel()
	err := w.exchange(within, address, take)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case within.Err() != nil:
		err = fmt.Errorf("%w: no whole answer after %v", ErrUnreachable, takes+patience)
	}
	return fmt.Errorf("fetch %s: %w", address.Redacted(), err)
}

func (w Web) exchange(ctx context.Context, address *url.URL, take func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "evtui")
	if w.Token != "" {
		req.Header.Set("Authorization", "Bearer "+w.Token)
	}
	transport := w.transport()
	defer transport.CloseIdleConnections()
	// Not http.Client, which follows redirects.
	resp, err := transport.RoundTrip(req)
	if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); err != nil && !distrusted {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	return take(resp.Body)
}

func (w Web) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		TLSClientConfig:        w.TLS,
		DisableCompression:     true, // profiles are compressed as they are
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// refusal says why there is no profile.
func refusal(resp *http.Response) error {
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // what is cut off says less
	reason, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	if strings.HasPrefix(reason, "<") {
		reason = "" // a page for people
	}
	if reason != "" {
		reason = ": " + reason
	}
	switch status := resp.StatusCode; {
	case status == http.StatusNotFound:
		return fmt.Errorf("%w (404%s)", ErrNotThere, reason)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("it needs a token or a password (%d%s)", status, reason)
	case status >= 300 && status < 400:
		return fmt.Errorf("it redirects (%d)%s, which is not followed: give the address itself", status, pointed(resp))
	default:
		return fmt.Errorf("it answered %s%s", resp.Status, reason)
	}
}

// pointed is where a redirect leads, without what may be secret in it.
func pointed(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return ""
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil
	return " to " + to.String()
}
