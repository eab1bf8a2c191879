package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// parkedMessage is a message that a consumer has parked.
type parkedMessage struct {
	Category string `json:"category"`
	Consumer string `json:"consumer"`
	consumer.Parked
	Since   time.Time  `json:"since"`
	GivenUp int        `json:"givenUp"`
	Head    int64      `json:"head"`   // global position of the message that it is parked behind; its own: of none
	Queued  int        `json:"queued"` // messages parked behind it
	Asked   *time.Time `json:"asked,omitempty"`
}

func groupsParked() *cobra.Command {
	var t target.Target
	cmd := &cobra.Command{
		Use:   "parked [CATEGORY [CONSUMER]]",
		Short: "Show the messages that consumers have parked",
		Long: "Show the messages that consumers could not handle and have parked in CATEGORY:parked-NAME, with the error, and " +
			"those of the same stream that are parked behind them.",
		Example: "  evtui groups parked --data /tmp/evdb\n" +
			"  evtui groups parked account reports -o json",
	}
	t.Flags(cmd)
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		args = append(args, "", "")
		category, name := args[0], args[1]
		if err := target.CheckCategories(cmd, "a consumer's is the one that it reads", category); err != nil {
			return err
		}
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			lots, err := readLots(cmd.Context(), s.Client, category, name)
			if err != nil {
				return err
			}
			return printParked(cmd, s.Client, category, name, lots, *out)
		})
	}
	return cmd
}

// readLots reads what the consumers of a category have parked, or all of them, or one.
func readLots(ctx context.Context, c *client.Client, category, name string) ([]*consumer.Lot, error) {
	lots, err := new(consumer.Lots).Read(ctx, c, category)
	var kept []*consumer.Lot
	for _, lot := range lots {
		if name == "" || lot.Consumer == name {
			kept = append(kept, lot)
		}
	}
	return kept, err
}

func printParked(cmd *cobra.Command, c *client.Client, category, name string, lots []*consumer.Lot, out output.Format) error {
	if len(lots) == 0 && category != "" {
		if err := target.MissingCategory(cmd.Context(), c, category); err != nil {
			return err
		}
	}
	var rows []parkedMessage
	more := int64(0)
	for _, lot := range lots {
		more += lot.More
		for _, w := range lot.Waiting {
			rows = append(rows, parkedOf(lot, w))
		}
	}
	if err := output.List(cmd.OutOrStdout(), out, parkedFields(time.Now()), nil, rows); err != nil {
		return err
	}
	switch {
	case more > 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "%s more are parked, and not listed\n", text.Count(more))
	case len(rows) == 0 && name != "":
		fmt.Fprintf(cmd.ErrOrStderr(), "%s has parked no messages\n", text.Sanitize(name))
	case len(rows) == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "no messages are parked")
	}
	return nil
}

func parkedOf(lot *consumer.Lot, w consumer.Waiting) parkedMessage {
	m := parkedMessage{Category: lot.Category, Consumer: lot.Consumer, Parked: w.Parked, Since: w.Since, GivenUp: w.GivenUp, Head: w.Head, Queued: w.Queued}
	if !w.Asked.IsZero() {
		m.Asked = &w.Asked
	}
	return m
}

func parkedFields(now time.Time) []output.Field[parkedMessage] {
	return []output.Field[parkedMessage]{
		output.Text("category", func(m parkedMessage) string { return m.Category }),
		output.Text("consumer", func(m parkedMessage) string { return m.Consumer }),
		output.Text("stream", func(m parkedMessage) string { return m.Stream }),
		output.Count("position", func(m parkedMessage) int64 { return m.Position }),
		output.Count("global", func(m parkedMessage) int64 { return m.GlobalPosition }),
		output.Count("behind it", func(m parkedMessage) int64 { return int64(m.Queued) }),
		{
			Name: "since", Show: func(m parkedMessage) string { return text.Ago(m.Since, now) },
			Raw: func(m parkedMessage) string { return m.Since.UTC().Format(time.RFC3339Nano) },
		},
		output.Count("given up", func(m parkedMessage) int64 { return int64(m.GivenUp) }),
		output.Text("type", func(m parkedMessage) string { return m.Type }),
		{Name: "error", Show: func(m parkedMessage) string {
			if m.Asked != nil {
				return "retry asked " + text.Ago(*m.Asked, now) + "; " + m.Error
			}
			return m.Error
		}, Raw: func(m parkedMessage) string { return m.Error }},
	}
}

func groupsRetry() *cobra.Command {
	var (
		t target.Target
		r retryRequest
	)
	cmd := &cobra.Command{
		Use:   "retry CATEGORY CONSUMER [GLOBAL-POSITION...]",
		Short: "Ask a consumer to handle parked messages again",
		Long: "Ask one consumer to retry messages that it has parked, named by their global positions, each " +
			"with those parked behind it. Only CATEGORY:retry-NAME is written to, and at most 100 messages are retried at once.",
		Example: "  evtui groups retry account reports 41 --data /tmp/evdb\n" +
			"  evtui groups retry account reports --all --yes",
	}
	t.Flags(cmd)
	cmd.Flags().BoolVar(&r.all, "all", false, "retry all that it has parked, up to 100")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "do not ask for confirmation")
	cmd.RunE = t.Runs(target.ToWrite, r.check, r.run)
	return cmd
}

// retryRequest is which messages are to be retried.
type retryRequest struct {
	category, consumer string
	globals            map[int64]bool
	all, yes           bool
}

func (r *retryRequest) check(cmd *cobra.Command, args []string) error {
	r.category, r.consumer = args[0], args[1]
	positions := args[2:]
	err := cmp.Or(
		target.CheckCategories(cmd, "a consumer's is the one that it reads", r.category),
		command.Check(cmd,
			command.When(r.all && len(positions) > 0, "--all retries all that is parked: name no positions"),
			command.When(!r.all && len(positions) == 0, "which messages? Give their global positions, as evtui groups parked lists them, or --all")))
	if err != nil {
		return err
	}
	r.globals = make(map[int64]bool, len(positions))
	for _, position := range positions {
		n, err := strconv.ParseInt(position, 10, 64)
		if err != nil || n < 1 {
			return command.Usage(cmd, "%q is no global position", text.Truncate(text.Sanitize(position), 40))
		}
		r.globals[n] = true
	}
	return nil
}

// run shows what would be retried, asks, and has it retried.
func (r *retryRequest) run(cmd *cobra.Command, s *target.Session) error {
	lots, err := readLots(cmd.Context(), s.Client, r.category, r.consumer)
	if err != nil {
		return err
	}
	if len(lots) == 0 {
		return fmt.Errorf("retry: %q of category %q has parked nothing", r.consumer, r.category)
	}
	lot := lots[0]
	chosen, left, err := r.choose(lot)
	if err != nil {
		return err
	}
	w, globals := cmd.ErrOrStderr(), make([]int64, len(chosen))
	for i, m := range chosen {
		globals[i] = m.GlobalPosition
		behind := ""
		if m.Queued > 0 {
			behind = fmt.Sprintf(", and %d behind it", m.Queued)
		}
		fmt.Fprintf(w, "%s #%d%s: %s\n", text.Sanitize(m.Stream), m.Position, behind, text.Sanitize(m.Error))
	}
	if left > 0 {
		fmt.Fprintf(w, "at most %d at once: %d more stay parked\n", consumer.MaxRetry, left)
	}
	if err := r.confirm(cmd, len(chosen)); err != nil {
		return err
	}
	asked, err := lot.Retry(cmd.Context(), s.Client, globals...)
	if asked > 0 {
		fmt.Fprintf(w, "asked %s to retry %s\n", text.Sanitize(r.consumer), output.Counted(int64(asked), "message"))
	}
	return err
}

// choose returns the messages to retry, those that are not behind others, and how many
// are too many.
func (r *retryRequest) choose(lot *consumer.Lot) (chosen []consumer.Waiting, left int, err error) {
	heads := map[int64]bool{}
	for _, m := range lot.Waiting {
		if r.all || r.globals[m.GlobalPosition] {
			heads[m.Head] = true
			delete(r.globals, m.GlobalPosition)
		}
	}
	for missing := range r.globals {
		return nil, 0, fmt.Errorf("retry: %s has not parked the message at global position %d", r.consumer, missing)
	}
	for _, m := range lot.Heads() {
		if heads[m.GlobalPosition] {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return nil, 0, errors.New("retry: nothing is parked")
	}
	kept := min(len(chosen), consumer.MaxRetry)
	return chosen[:kept], len(chosen) - kept, nil
}

// confirm has a person at a terminal say yes.
func (r *retryRequest) confirm(cmd *cobra.Command, n int) error {
	if r.yes {
		return nil
	}
	if !output.IsTerminal(cmd.InOrStdin()) {
		return command.Usage(cmd, "to retry %s without a terminal, which could be asked, add --yes", output.Counted(int64(n), "message"))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Retry %s? [y/N] ", output.Counted(int64(n), "message"))
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err == nil && strings.EqualFold(strings.TrimSpace(line), "y") {
		return nil
	}
	return errors.New("nothing was retried")
}
