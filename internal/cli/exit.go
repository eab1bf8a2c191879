package cli

import (
	"cmp"
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

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitTryAgain    = 3
	exitInterrupted = 130
	exitUnread      = 141 // as of a program that the system ends when it writes to nobody
)

// errInterrupted ends a command that a signal stopped before its end. It is
// not printed.
var errInterrupted = errors.New("interrupted")

// errReported ends a command that failed and has said so by its output.
var errReported = errors.New("failed, as reported")

// errBusy is wrapped by errors that time may heal.
var errBusy = errors.New("try again later")

// usageError says that the command line is wrong, and where help is.
type usageError struct {
	command string
	reason  string
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%s\nSee '%s --help'.", e.reason, e.command)
}

func usage(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{command: cmd.CommandPath(), reason: fmt.Sprintf(format, args...)}
}

// arguments makes a wrong number of arguments a usage error that says which
// ones are right, in the words of the command's Use.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if _, told := errors.AsType[*usageError](err); err == nil || told {
			return err
		}
		var words strings.Builder
		for _, arg := range args {
			fmt.Fprintf(&words, " %q", arg)
		}
		got := cmp.Or(words.String(), " nothing")
		_, takes, _ := strings.Cut(cmd.Use, " ")
		switch {
		case cmd.HasAvailableSubCommands() && len(args) > 0:
			return usage(cmd, "%q is not a command of %s", args[0], cmd.CommandPath())
		case takes == "":
			return usage(cmd, "%s takes no arguments, but was given%s", cmd.CommandPath(), got)
		}
		return usage(cmd, "%s takes %s, but was given%s", cmd.CommandPath(), takes, got)
	}
}

// valueFault says what is wrong with a flag that pflag refuses. What strconv
// says of a number is for programmers.
func valueFault(err error) string {
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

func exitCode(err error) int {
	var (
		wrong  *usageError
		signal *signalled
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		return exitUsage
	case errors.Is(err, errUnread):
		return exitUnread
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled), errors.As(err, &signal):
		return exitInterrupted
	case isDamaged(err):
		return exitFailed // time does not heal it
	case errors.Is(err, errBusy), host.Locked(err), client.Unreachable(err), errors.Is(err, source.ErrUnreachable), client.Busy(err), client.Unavailable(err):
		return exitTryAgain
	default:
		return exitFailed
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

// printError tells the user. Nothing is told that they know: that they
// interrupted the command, what its report says, or that they read no more.
func printError(w io.Writer, _ fang.Styles, err error) {
	if code := exitCode(err); code == exitInterrupted || code == exitUnread || errors.Is(err, errReported) {
		return
	}
	fmt.Fprintln(w, "evtui:", inertLines(err.Error()))
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
