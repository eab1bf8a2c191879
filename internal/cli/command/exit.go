package command

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Exit codes.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitTryAgain    = 3
	ExitInterrupted = 130
	ExitUnread      = 141 // as of a program that the system ends when it writes to nobody
)

// ErrInterrupted ends a command that a signal stopped before its end. It is
// not printed.
var ErrInterrupted = errors.New("interrupted")

// ErrReported ends a command that failed and has said so by its output.
var ErrReported = errors.New("failed, as reported")

// ErrBusy is wrapped by errors that time may heal.
var ErrBusy = errors.New("try again later")

// UsageError says that the command line is wrong, and where help is.
type UsageError struct {
	Command string
	Reason  string
}

func (e *UsageError) Error() string {
	return fmt.Sprintf("%s\nSee '%s --help'.", e.Reason, e.Command)
}

// Usage returns an error that says what is wrong with the command line of cmd.
func Usage(cmd *cobra.Command, format string, args ...any) error {
	return &UsageError{Command: cmd.CommandPath(), Reason: fmt.Sprintf(format, args...)}
}

// ValueFault says what is wrong with a flag that pflag refuses. What strconv
// says of a number is for programmers.
func ValueFault(err error) string {
	var (
		value  *pflag.InvalidValueError
		number *strconv.NumError
	)
	if !errors.As(err, &value) || !errors.As(err, &number) {
		return err.Error()
	}
	if value.GetFlag().Value.Type() == "bool" {
		return fmt.Sprintf("--%s must be true or false, not %q", value.GetFlag().Name, value.GetValue())
	}
	return fmt.Sprintf("--%s must be a whole number, not %q", value.GetFlag().Name, value.GetValue())
}

// ExitCode returns what the process ends with after a command that returned err.
func ExitCode(err error) int {
	var (
		wrong  *UsageError
		signal *Signalled
	)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &wrong):
		return ExitUsage
	case errors.Is(err, errUnread):
		return ExitUnread
	case errors.Is(err, ErrInterrupted), errors.Is(err, context.Canceled), errors.As(err, &signal):
		return ExitInterrupted
	case isDamaged(err):
		return ExitFailed // time does not heal it
	case errors.As(err, new(*store.UnavailableError)), errors.Is(err, ErrBusy), host.Locked(err), client.Unreachable(err), errors.Is(err, source.ErrUnreachable), client.Busy(err), client.Unavailable(err):
		return ExitTryAgain
	default:
		return ExitFailed
	}
}

// isDamaged reports whether an error says that what a namespace held is not
// there.
func isDamaged(err error) bool {
	if _, ok := errors.AsType[*store.DamagedError](err); ok {
		return true
	}
	answer, ok := errors.AsType[*client.Error](err)
	return ok && answer.Code == wire.NamespaceDamaged
}

// PrintError tells the user. Nothing is told that they know: that they
// interrupted the command, what its report says, or that they read no more.
func PrintError(w io.Writer, _ fang.Styles, err error) {
	if code := ExitCode(err); code == ExitInterrupted || code == ExitUnread || errors.Is(err, ErrReported) {
		return
	}
	fmt.Fprintln(w, "evtui:", output.InertLines(err.Error()))
	if client.Unauthorized(err) {
		fmt.Fprintln(w, "Give the token with --token-file or EVTUI_TOKEN; a data directory holds its admin token in the file \"token\".")
	}
	if client.NotOffered(err) && !strings.Contains(err.Error(), "offer") {
		fmt.Fprintln(w, "This server does not offer that: it is one of evtui's extensions to the protocol.")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && !errors.Is(err, host.ErrOtherServer) {
		fmt.Fprintln(w, "Give the CA to trust with --tls-ca, and use a host name that the certificate is valid for.")
	}
}
