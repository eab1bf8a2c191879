package store

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNamespaceNotFound is returned by whatever names a namespace that does not exist.
	ErrNamespaceNotFound = errors.New("namespace not found")
	// ErrNamespaceExists is returned by CreateNamespace when the id is taken.
	ErrNamespaceExists = errors.New("namespace exists already")
	// ErrMessageNotFound is returned by LastMessage and MessageByID.
	ErrMessageNotFound = errors.New("message not found")
	// ErrPositionExists is returned by Import, inside an ImportError.
	ErrPositionExists = errors.New("position is taken")
	// ErrClosed is returned by every call after Close. It is a kind of
	// unavailable: nothing was stored.
	ErrClosed = errors.New("store is closed")
	// ErrLocked is returned when a store is opened that another process has for
	// itself.
	ErrLocked = errors.New("data directory is in use by another process")
	// ErrReadOnly is returned by whatever would change a store that only reads.
	ErrReadOnly = errors.New("this store is read-only")
	// ErrNotOffered is returned for what an engine does not have: a store without
	// levels has no compaction.
	ErrNotOffered = errors.New("not offered by this engine")
	// ErrCheckpointExists is returned by Checkpoint when a checkpoint of that
	// name is there, or is being made.
	ErrCheckpointExists = errors.New("a checkpoint of that name exists, or is being made")
	// ErrReplaced ends subscriptions to a namespace whose content was replaced.
	ErrReplaced = errors.New("the namespace's content was replaced: subscribe again")
	// ErrChanged is returned by Replacement.Commit when a write was acknowledged
	// since Replace began: the old content stays.
	ErrChanged = errors.New("the namespace was written to since its replacement began: its old content stays")
)

// UnavailableError says that a call cannot be served now. Nothing was stored:
// the same call may be made again, after After when that is known.
type UnavailableError struct {
	Namespace string // "": the whole store
	Reason    string // in words for clients
	After     time.Duration
}

func (e *UnavailableError) Error() string {
	if e.Namespace == "" {
		return "unavailable: " + e.Reason
	}
	return fmt.Sprintf("namespace %q is unavailable: %s", e.Namespace, e.Reason)
}

// UncertainError says that it is not known whether a write was stored, and
// that it may still be: its log failed while it was under way, or its deadline
// passed. Asking again with the same ids decides it: the write is stored once.
type UncertainError struct {
	Namespace string
	Reason    string // in words for clients
	Err       error  // what failed; may be nil; not for clients
}

func (e *UncertainError) Error() string {
	return fmt.Sprintf("namespace %q: it is not known whether the write was stored: %s; send it again with the same ids", e.Namespace, e.Reason)
}

// Unwrap returns what failed.
func (e *UncertainError) Unwrap() error { return e.Err }

// DamagedError says that what is known to have been in a namespace, or in the
// registry of namespaces, is not there. The namespace refuses every call; the
// others go on.
type DamagedError struct {
	Namespace string // "": the registry of namespaces
	Reason    string // what is missing, in words for clients: no path
	Err       error  // what was found; may be nil; not for clients
}

func (e *DamagedError) Error() string {
	if e.Namespace == "" {
		return fmt.Sprintf("the registry of namespaces is damaged: %s; stop the server and see evtui verify, and evtui verify --repair", e.Reason)
	}
	return fmt.Sprintf("namespace %q is damaged: %s; see evtui verify, and evtui verify --repair", e.Namespace, e.Reason)
}

// Unwrap returns what was found.
func (e *DamagedError) Unwrap() error { return e.Err }

// InvalidError says which argument was wrong, and what would be right.
type InvalidError struct {
	Field  string
	Reason string
}

func (e *InvalidError) Error() string { return e.Field + " " + e.Reason }

// ConflictError is returned by Append when the stream is not at the expected version.
type ConflictError struct {
	Stream           string
	Expected, Actual int64
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("stream %q is at version %d, expected %d", e.Stream, e.Actual, e.Expected)
}

// IDConflictError is returned by Append when the id belongs to another message.
type IDConflictError struct{ ID ID }

func (e *IDConflictError) Error() string {
	return fmt.Sprintf("id %s is stored already, with another stream, type or data", e.ID)
}

// ImportError says which message of an Import failed, 0-based, and why.
type ImportError struct {
	Index int
	Err   error
}

func (e *ImportError) Error() string { return fmt.Sprintf("message %d: %v", e.Index, e.Err) }

// Unwrap returns the reason.
func (e *ImportError) Unwrap() error { return e.Err }

// PoisonedError is returned once a namespace's log has failed: nothing more
// is acknowledged until it is opened again.
type PoisonedError struct {
	Namespace string // "": the registry, which knows the namespaces there are
	Reason    string // such as "sync failed", "disk full"; "": the log failed
	Err       error  // what failed; not for clients
}

func (e *PoisonedError) Error() string {
	reason := cmp.Or(e.Reason, "its log failed")
	if e.Namespace == "" {
		return fmt.Sprintf("the registry of namespaces is poisoned: %s; restart to reopen it", reason)
	}
	return fmt.Sprintf("namespace %q is poisoned: %s; reopen it, or restart", e.Namespace, reason)
}

// Unwrap returns what failed.
func (e *PoisonedError) Unwrap() error { return e.Err }

// ErrMessagesDamaged is returned by Repair when messages themselves would be
// lost, and nobody said that they may be.
var ErrMessagesDamaged = errors.New("messages are damaged, not only their indexes")

// NotOfferedError is an ErrNotOffered that says what to do instead.
type NotOfferedError struct {
	Instead string // for people, without a path: "import into a namespace that is new"
}

func (e *NotOfferedError) Error() string { return ErrNotOffered.Error() + ": " + e.Instead }

// Unwrap has errors.Is find ErrNotOffered.
func (e *NotOfferedError) Unwrap() error { return ErrNotOffered }
