package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// fault is an error as the protocol tells it to clients.
type fault struct {
	status  int
	code    string
	message string
	details []byte // JSON object, or nil

	// after says when to come again. Only UNAVAILABLE and SHUTTING_DOWN have it:
	// clients take it for a promise that nothing was done.
	after time.Duration
}

func (f *fault) Error() string { return f.code + ": " + f.message }

func refuse(status int, code, format string, args ...any) *fault {
	return &fault{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// invalid is an argument of the wrong type or value.
func invalid(field, format string, args ...any) error {
	return &store.InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// comeAgain is when to come again where nobody knows better.
const comeAgain = time.Second

// unavailable is what cannot be done now, and was not done: the client may try it again.
func unavailable(after time.Duration, format string, args ...any) *fault {
	f := refuse(http.StatusServiceUnavailable, wire.Unavailable, format, args...)
	f.after = max(after, comeAgain)
	return f
}

// errClientGone ends a reply that nobody reads any more.
var errClientGone = errors.New("client is gone")

// faultOf is the one table from errors to the protocol's (section 2). What it
// does not know is the backend's and keeps its words to the log; step says
// what was being done. The second result says whether it is worth a line there.
func faultOf(step string, err error) (f *fault, unknown bool) {
	var (
		uncertain *store.UncertainError
		conflict  *store.ConflictError
		taken     *store.IDConflictError
		illegal   *store.InvalidError
		instead   *store.NotOfferedError
		syntax    *rawjson.SyntaxError
	)
	switch {
	case errors.As(err, &f):
		return f, false
	case errors.As(err, &uncertain): // before what is behind it, which may say that nothing was stored
		return refuse(http.StatusGatewayTimeout, wire.OutcomeUnknown, "%s", uncertain), true
	case errors.As(err, &conflict):
		f = refuse(http.StatusConflict, wire.StreamVersionConflict, "%s", conflict)
		f.details = fmt.Appendf(nil, `{"expected":%d,"actual":%d}`, conflict.Expected, conflict.Actual)
		return f, false
	case errors.As(err, &taken):
		return refuse(http.StatusConflict, wire.IDConflict, "%s", taken), false
	case errors.As(err, &illegal):
		return refuse(http.StatusBadRequest, wire.InvalidRequest, "%s", illegal), false
	case errors.As(err, &syntax):
		return refuse(http.StatusBadRequest, wire.InvalidRequest, "%s", syntax), false
	case errors.Is(err, store.ErrNamespaceNotFound):
		return refuse(http.StatusNotFound, wire.NamespaceNotFound, "%s", store.ErrNamespaceNotFound), false
	case errors.Is(err, store.ErrNamespaceExists):
		return refuse(http.StatusConflict, wire.NamespaceExists, "%s", store.ErrNamespaceExists), false
	case errors.Is(err, store.ErrPositionExists):
		return refuse(http.StatusConflict, wire.PositionExists, "%s", store.ErrPositionExists), false
	case errors.As(err, &instead):
		return refuse(http.StatusNotFound, wire.MethodNotFound, "%s is %s", step, instead), false
	case errors.Is(err, store.ErrNotOffered):
		return refuse(http.StatusNotFound, wire.MethodNotFound, "%s is %s", step, store.ErrNotOffered), false
	case errors.Is(err, store.ErrReadOnly):
		return refuse(http.StatusForbidden, wire.ReadOnly, "%s", store.ErrReadOnly), false
	case errors.Is(err, store.ErrCheckpointExists):
		return refuse(http.StatusConflict, wire.CheckpointExists, "%s", store.ErrCheckpointExists), false
	case errors.Is(err, store.ErrReplaced):
		return refuse(http.StatusConflict, wire.NamespaceReplaced, "%s", store.ErrReplaced), false
	case errors.Is(err, store.ErrChanged):
		return refuse(http.StatusConflict, wire.NamespaceChanged, "%s", store.ErrChanged), false
	}
	return ailmentOf(step, err)
}

// ailmentOf is the part of the table about stores that are not well.
func ailmentOf(step string, err error) (f *fault, unknown bool) {
	var (
		not      *store.UnavailableError
		damaged  *store.DamagedError
		poisoned *store.PoisonedError
	)
	switch {
	case errors.As(err, &not):
		return unavailable(not.After, "%s", not), false
	case errors.Is(err, store.ErrClosed):
		f = refuse(http.StatusServiceUnavailable, wire.ShuttingDown, "the store is closed")
		f.after = comeAgain
		return f, false
	case errors.As(err, &damaged):
		return refuse(http.StatusServiceUnavailable, wire.NamespaceDamaged, "%s", damaged), false
	case errors.As(err, &poisoned):
		f = refuse(http.StatusInternalServerError, wire.BackendError, "%s: %s", step, poisoned)
		f.details = rawjson.AppendString([]byte(`{"poisoned":`), cmp.Or(poisoned.Reason, "its log failed"))
		f.details = append(f.details, '}')
		return f, true
	}
	return refuse(http.StatusInternalServerError, wire.BackendError, "%s: the store failed, its log says why", step), true
}

// retryAfter is the header's value: whole seconds, at least one.
func (f *fault) retryAfter() []string {
	seconds := (f.after + time.Second - 1) / time.Second
	return []string{strconv.FormatInt(int64(seconds), 10)}
}

// appendFault appends the body of an error answer.
func appendFault(dst []byte, f *fault) []byte {
	dst = rawjson.AppendString(append(dst, `{"error":{"code":`...), f.code)
	dst = rawjson.AppendString(append(dst, `,"message":`...), f.message)
	if f.details != nil {
		dst = append(append(dst, `,"details":`...), f.details...)
	}
	return append(dst, `}}`...)
}
