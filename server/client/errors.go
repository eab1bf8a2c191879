package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Error is an error that the server answered. errors.Is finds the store's
// sentinels behind it, and errors.As a *store.ConflictError or
// *store.IDConflictError where the answer was one.
type Error struct {
	Status  int // of HTTP; 0 when the error came inside a stream
	Code    string
	Message string
	Details json.RawMessage // nil when there are none

	stream     string        // what an append was for
	id         store.ID      // of an append's first event
	retryAfter time.Duration // when the server says to come again; 0: it does not
}

func (e *Error) Error() string {
	switch {
	case e.Code == "":
		return fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	case e.Message == "":
		return e.Code
	}
	return e.Message + " (" + e.Code + ")"
}

// Is reports whether the store's sentinel stands for the same.
func (e *Error) Is(target error) bool {
	switch e.Code {
	case wire.NamespaceNotFound:
		return target == store.ErrNamespaceNotFound
	case wire.NamespaceExists:
		return target == store.ErrNamespaceExists
	case wire.PositionExists:
		return target == store.ErrPositionExists
	case wire.ShuttingDown:
		return target == store.ErrClosed
	}
	return false
}

// As gives the store's form of a conflict.
func (e *Error) As(target any) bool {
	switch t := target.(type) {
	case **store.ConflictError:
		if e.Code != wire.StreamVersionConflict {
			return false
		}
		var versions struct{ Expected, Actual int64 }
		if json.Unmarshal(e.Details, &versions) != nil {
			return false
		}
		*t = &store.ConflictError{Stream: e.stream, Expected: versions.Expected, Actual: versions.Actual}
		return true
	case **store.IDConflictError:
		if e.Code != wire.IDConflict {
			return false
		}
		*t = &store.IDConflictError{ID: e.conflictID()}
		return true
	}
	return false
}

// conflictID prefers the id that the server names: of several events it need
// not be the first.
func (e *Error) conflictID() store.ID {
	var details struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(e.Details, &details) == nil {
		if id, err := store.ParseID(details.ID); err == nil {
			return id
		}
	}
	return e.id
}

// NotOffered reports whether err says that the server lacks one of evtui's
// additions.
func NotOffered(err error) bool { return coded(err, wire.MethodNotFound) }

// coded reports whether a server answered an error with one of the codes.
func coded(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, e.Code)
}

// Unauthorized reports whether err says that the token is missing, wrong, or
// not enough for the call.
func Unauthorized(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden && e.Code != wire.ReadOnly)
}

// Unreachable reports whether err says that no answer came: the connection
// was refused or broke, the server was silent for too long, or it (or what
// stands before it) is going away. Trying again later may work. A context
// that ended is not the server's fault and not meant, nor is what a server that
// is there says of one namespace (see Unavailable, OutcomeUnknown and Damaged).
func Unreachable(err error) bool {
	if _, ok := errors.AsType[*unreachableError](err); ok {
		return true
	}
	if errors.Is(err, ErrSilent) {
		return true
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// Without a code it is no server of the protocol that answered.
		return e.Code == "" || e.Code == wire.ShuttingDown
	}
	return e.Code == wire.ShuttingDown
}

// Busy reports whether err says that the server has too much to do at once. It
// did nothing of what it was asked: trying again later is safe, and may work.
func Busy(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusTooManyRequests
}

// RedirectError is returned for an answer that points elsewhere, to which the
// client does not follow: the token that it was given is for the server at the
// address that it was given.
type RedirectError struct {
	From     string // scheme and host that answered
	Status   int
	Location string // where it points, without query and user; "" when it does not say
}

func (e *RedirectError) Error() string {
	to := "does not say where to"
	if e.Location != "" {
		to = "points to " + e.Location
	}
	return fmt.Sprintf("%s redirects (%d) and %s, which is not followed, for the token is not for others; give the address of the event store itself", e.From, e.Status, to)
}

// redirected makes the error of an answer with a status of 3xx to what was
// asked of from.
func redirected(from *url.URL, resp *http.Response) *RedirectError {
	e := &RedirectError{From: from.Scheme + "://" + from.Host, Status: resp.StatusCode}
	const longest = 300
	location, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		return e
	}
	location = from.ResolveReference(location)
	// A token that went out in the query must not come back in a message.
	location.RawQuery, location.Fragment, location.User = "", "", nil
	if e.Location = location.String(); len(e.Location) > longest {
		e.Location = e.Location[:longest] + "…"
	}
	return e
}

// unreachableError marks what happened below the protocol.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return "server unreachable: " + e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// ErrSilent is wrapped by the errors of calls that got no answer in the client's
// time. Unreachable holds for them.
var ErrSilent = errors.New("no answer in time")

// Unreached marks err as one for which Unreachable holds: the cause of a context
// whose owner found out that nobody answers, so that the calls that it cuts off
// end as if they had found out themselves.
func Unreached(err error) error {
	if Unreachable(err) {
		return err
	}
	return &unreachableError{err}
}

// transportError tells the caller's own end of patience from the server's
// fault. ctx is the caller's.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrSilent
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return err // it is there, but who knows who it is
	}
	return &unreachableError{err}
}

// answerError reads the body of an answer that is not 200.
func answerError(status int, body []byte) *Error {
	var answer struct {
		Error wire.Error `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		if strings.Contains(string(body), "HTTP request to an HTTPS server") { // net/http's words
			return &Error{Status: status, Code: wire.InvalidRequest, Message: "the server takes TLS only: its address begins with https://"}
		}
		return &Error{Status: status}
	}
	e := answer.Error
	return &Error{Status: status, Code: e.Code, Message: e.Message, Details: e.Details}
}

// notOffered is what the client itself answers when it knows that the server
// would misunderstand.
func notOffered(what string) error {
	return &Error{Status: http.StatusNotFound, Code: wire.MethodNotFound, Message: "this server does not offer " + what}
}
