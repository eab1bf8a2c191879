package store

import (
	"errors"
	"fmt"
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
	// ErrClosed is returned by every call after Close.
	ErrClosed = errors.New("store is closed")
)

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
	reason := e.Reason
	if reason == "" {
		reason = "its log failed"
	}
	if e.Namespace == "" {
		return fmt.Sprintf("the registry of namespaces is poisoned: %s; restart to reopen it", reason)
	}
	return fmt.Sprintf("namespace %q is poisoned: %s; reopen it, or restart", e.Namespace, reason)
}

// Unwrap returns what failed.
func (e *PoisonedError) Unwrap() error { return e.Err }
