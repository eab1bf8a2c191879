package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func appendCommand() *cobra.Command {
	var (
		t            target.Target
		a            appendFlags
		metadata, id string
	)
	cmd := &cobra.Command{
		Use:   "append STREAM [TYPE [DATA]]",
		Short: "Append one event, or several atomically",
		Long: "Append an event to a stream. DATA is a JSON object; without DATA, or with -, evtui reads it from standard input.\n\n" +
			"With --from, append several events atomically: one JSON object per line, {\"type\",\"data\",\"metadata\",\"id\"}.",
		Example: "  evtui append account-123 Deposited '{\"amount\":10}' --data /tmp/evdb\n" +
			"  evtui append account-123 Deposited '{\"amount\":10}' --expected-version 4\n" +
			"  evtui append account-123 --from events.ndjson --url http://127.0.0.1:8080",
	}
	t.Flags(cmd)
	cmd.Flags().StringVar(&metadata, "metadata", "", "the event's metadata, a JSON object")
	cmd.Flags().StringVar(&id, "id", "", "the event's id, a UUID: an event sent twice with the same id is stored once")
	cmd.Flags().Int64Var(&a.expected, "expected-version", 0, "position that the stream must end at, -1 for a stream that does not exist yet (default: any)")
	cmd.Flags().Lookup("expected-version").DefValue = ""
	cmd.Flags().StringVar(&a.from, "from", "", "file with one event per line, - for standard input")
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w := client.Write{Stream: args[0]}
		if cmd.Flags().Changed("expected-version") {
			if a.expected < client.NoStream {
				return command.Usage(cmd, "--expected-version must be -1 or a position")
			}
			w.Expect = client.AtVersion(a.expected)
		}
		var err error
		if w.Events, err = a.events(cmd, args[1:], metadata, id); err != nil {
			return err
		}
		return t.With(cmd, target.ToMake, func(s *target.Session) error {
			appended, err := write(cmd.Context(), s, w)
			if err != nil {
				return err
			}
			return printAppended(cmd, *out, w.Stream, appended)
		})
	}
	return cmd
}

// write appends by the call that every server has, unless it takes more.
func write(ctx context.Context, s *target.Session, w client.Write) (store.Appended, error) {
	if len(w.Events) == 1 {
		return s.Write(ctx, w.Stream, w.Events[0], w.Expect)
	}
	return s.Append(ctx, w)
}

type appendFlags struct {
	expected int64
	from     string
}

// event is one event as a line holds it.
type event struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata"`
}

func (e event) event() (client.Event, error) {
	out := client.Event{Type: e.Type, Data: e.Data}
	if len(e.Metadata) > 0 && string(e.Metadata) != "null" {
		out.Metadata = e.Metadata
	}
	if e.ID == "" {
		return out, nil
	}
	var err error
	out.ID, err = store.ParseID(e.ID)
	return out, err
}

func (a *appendFlags) events(cmd *cobra.Command, args []string, metadata, id string) ([]client.Event, error) {
	if a.from != "" {
		if len(args) > 0 || metadata != "" || id != "" {
			return nil, command.Usage(cmd, "with --from, type, data, metadata and id stand in the file")
		}
		return readEvents(cmd, a.from)
	}
	if len(args) == 0 {
		return nil, command.Usage(cmd, "the event's TYPE is missing")
	}
	e := event{ID: id, Type: args[0], Metadata: json.RawMessage(metadata)}
	if len(args) == 2 && args[1] != "-" {
		e.Data = json.RawMessage(args[1])
	} else {
		if output.IsTerminal(cmd.InOrStdin()) {
			return nil, command.Usage(cmd, "DATA is missing, such as '{\"amount\":10}'; '{}' for none")
		}
		var err error
		if e.Data, err = io.ReadAll(command.Stdin(cmd)); err != nil {
			return nil, fmt.Errorf("read data: %w", err)
		}
		e.Data = bytes.TrimSpace(e.Data)
	}
	if !json.Valid(e.Data) {
		return nil, command.Usage(cmd, "DATA is not JSON: %s", text.Truncate(text.SanitizeBytes(e.Data), 60))
	}
	if metadata != "" && !json.Valid(e.Metadata) {
		return nil, command.Usage(cmd, "--metadata is not JSON: %s", text.Truncate(text.Sanitize(metadata), 60))
	}
	one, err := e.event()
	if err != nil {
		return nil, command.Usage(cmd, "%v", err)
	}
	return []client.Event{one}, nil
}

func readEvents(cmd *cobra.Command, name string) ([]client.Event, error) {
	in, err := input(cmd, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var events []client.Event
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	for {
		var e event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read event %d of %s: %w", len(events)+1, name, eventFault(err))
		}
		one, err := e.event()
		if err != nil {
			return nil, fmt.Errorf("read event %d of %s: %w", len(events)+1, name, err)
		}
		events = append(events, one)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%s holds no event", name)
	}
	return events, nil
}

// eventFault says in the words of the file what encoding/json says in those of
// the program.
func eventFault(err error) error {
	const members = "an event is an object of type, data, metadata and id"
	var kind *json.UnmarshalTypeError
	switch text, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case unknown:
		return fmt.Errorf("unknown member %s; %s", text, members)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%s must not be of the kind %s", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("is of the kind %s; %s", kind.Value, members)
	default:
		return err
	}
}

// input opens a file to read, or standard input for "-".
func input(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(command.Stdin(cmd)), nil
	}
	return os.Open(name)
}

func printAppended(cmd *cobra.Command, out output.Format, stream string, a store.Appended) error {
	if out == output.JSON {
		return output.WriteJSON(cmd.OutOrStdout(), map[string]any{
			"stream":          stream,
			"positions":       [2]int64{a.FirstPosition, a.LastPosition},
			"globalPositions": [2]int64{a.FirstGlobalPosition, a.LastGlobalPosition},
		})
	}
	table := [][]string{{"STREAM", "POSITION\t", "GLOBAL\t"}}
	for i := range a.LastPosition - a.FirstPosition + 1 {
		table = append(table, []string{stream, fmt.Sprint(a.FirstPosition + i), fmt.Sprint(a.FirstGlobalPosition + i)})
	}
	return output.WriteTable(cmd.OutOrStdout(), table)
}
