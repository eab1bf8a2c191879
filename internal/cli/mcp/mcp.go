package mcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
)

// service answers the calls of one agent. Each call opens its target anew, as
// the command does: a directory that no server has open is held no longer than the
// call takes, and a server that starts meanwhile is found.
type service struct {
	root    func() *cobra.Command // makes the tree of commands, anew for each call
	target  target.Target
	place   []string // the flags of evtui mcp that say where to look, for every call
	bytes   int      // of rows in an answer
	timeout time.Duration
}

// Command returns evtui mcp. root makes the tree of commands that the tools are
// of, anew for each call.
func Command(root func() *cobra.Command) *cobra.Command {
	s := service{root: root}
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Let an assistant look: the headless commands as read-only tools",
		Long: "Serve evtui's headless commands as tools of the Model Context Protocol over standard input and output, for an " +
			"assistant that starts it. The tools only read: namespaces, categories, streams, messages, newest messages, groups, stats, " +
			"events, log, and profiles of a running server. They reach the one server or directory that is named here.\n\n" +
			"What the tools return was stored by others and is marked as data. An answer is bounded in bytes and time, and says " +
			"what it left out.",
		Example: "  evtui mcp --data /tmp/evdb\n" +
			"  evtui mcp --url http://127.0.0.1:8080 --token-file /var/lib/evtui/token",
	}
	s.target.Flags(cmd)
	cmd.Flags().IntVar(&s.bytes, "max-bytes", 64<<10, "maximum number of bytes of rows in an answer")
	cmd.Flags().DurationVar(&s.timeout, "timeout", 30*time.Second, "maximum time for an answer")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if s.bytes < 1<<10 || s.timeout <= 0 {
			return command.Usage(cmd, "--max-bytes must be at least 1024, and --timeout more than nothing")
		}
		for _, name := range placing() {
			if f := cmd.Flags().Lookup(name); f != nil && settings.Of(cmd.Context()).Origins[name] == "flag" {
				s.place = append(s.place, "--"+name+"="+f.Value.String())
			}
		}
		// What is wrong with the target is better said now than in every answer.
		if err := s.target.With(cmd, target.ToRead, func(*target.Session) error { return nil }); err != nil {
			return err
		}
		return s.serve(cmd)
	}
	return cmd
}

// placing are the flags that say where to look. What the environment and the
// configuration say of them, each call reads for itself.
func placing() []string {
	return []string{"config", "context", "data", "db-password-file", "db-url", "ns", "tls-ca", "token", "token-file", "url"}
}

// open is a writer that is not ours to close.
type open struct{ io.Writer }

func (open) Close() error { return nil }

// serve answers until standard input ends or a signal comes.
func (s *service) serve(cmd *cobra.Command) error {
	server, err := s.server(cmd)
	if err != nil {
		return err
	}
	err = server.Run(cmd.Context(), &mcp.IOTransport{Reader: io.NopCloser(cmd.InOrStdin()), Writer: open{cmd.OutOrStdout()}})
	if cmd.Context().Err() == nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil // whoever started it has seen enough
}

// server has the tools. from is evtui mcp.
func (s *service) server(from *cobra.Command) (*mcp.Server, error) {
	server := mcp.NewServer(&mcp.Implementation{Name: "evtui", Title: "evtui, an event store", Version: command.Version}, &mcp.ServerOptions{
		Instructions: "Read-only tools on an event store: a namespace holds streams of messages; a stream's category is its name up to the first dash. " + warning,
	})
	for _, t := range tools() {
		cmd, err := t.find(s.root())
		if err != nil {
			return nil, err
		}
		takes, err := t.schema(cmd)
		if err != nil {
			return nil, err
		}
		if s.placed("ns") {
			delete(takes.Properties, "ns") // it was settled by who started evtui mcp
		}
		s.offer(server, from, t, cmd, takes)
	}
	return server, nil
}

// placed reports whether evtui mcp was told a flag of the target.
func (s *service) placed(flag string) bool {
	return slices.ContainsFunc(s.place, func(given string) bool { return strings.HasPrefix(given, "--"+flag+"=") })
}

// offer adds a tool to the server.
func (s *service) offer(server *mcp.Server, from *cobra.Command, t tool, cmd *cobra.Command, takes schema) {
	no := false
	server.AddTool(&mcp.Tool{
		Name: t.name, Title: cmd.Short, Description: strings.ReplaceAll(cmp.Or(cmd.Long, cmd.Short), "\n", " "), InputSchema: takes,
		Annotations: &mcp.ToolAnnotations{Title: cmd.Short, ReadOnlyHint: true, DestructiveHint: &no, IdempotentHint: true, OpenWorldHint: &no},
	}, func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		l, err := t.line(request.Params.Arguments, takes)
		if err != nil {
			return refused(err), nil
		}
		place, err := s.where(ctx, from, t, &l)
		if err != nil {
			return refused(err), nil
		}
		return s.run(ctx, t, place, l), nil
	})
}

// run executes a command line.
func (s *service) run(ctx context.Context, t tool, place []string, l line) *mcp.CallToolResult {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var said bytes.Buffer
	kept := &rows{limit: s.bytes, full: cancel}
	root := s.root()
	root.SetArgs(slices.Concat(t.path, place, []string{"--output=ndjson"}, l.flags, []string{"--"}, l.last))
	root.SetIn(strings.NewReader(""))
	root.SetOut(kept)
	root.SetErr(&said)
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.ExecuteContext(ctx)
	kept.end()
	late := errors.Is(ctx.Err(), context.DeadlineExceeded) && !kept.over
	if err != nil && !kept.over && !late {
		return refused(err)
	}
	a := answer{Warning: warning, Command: "evtui " + strings.Join(slices.Concat(t.path, l.flags, l.last), " "), Rows: kept.kept, Said: strings.TrimSpace(said.String()), LeftOut: kept.leftOut()}
	if late {
		a.LeftOut = strings.TrimPrefix(a.LeftOut+fmt.Sprintf("; it took longer than %s and was ended: ask for less", s.timeout), "; ")
	}
	text, err := json.Marshal(a)
	if err != nil {
		return refused(fmt.Errorf("the command's answer is no JSON: %w", err))
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}
}

// where returns the flags that say where a call looks. For a profile these are
// the server's address, in place of the kind, and its token.
func (s *service) where(ctx context.Context, from *cobra.Command, t tool, l *line) ([]string, error) {
	if !t.server {
		return s.place, nil
	}
	session, err := s.target.Open(ctx, from, target.ToRead)
	if err != nil {
		return nil, err
	}
	defer func() { _ = session.Close() }() // it only told where
	if session.Host != nil {
		return nil, errors.New("no server has this directory open: there is none to profile")
	}
	kind, flags := l.last[0], []string{"--token=" + session.Token()}
	if kind == "cpu" {
		kind = "profile"
		flags = append(flags, "--seconds=5") // unless the agent says more
	}
	if s.target.Trusted != "" {
		flags = append(flags, "--tls-ca="+s.target.Trusted)
	}
	l.last = []string{session.URL() + "/debug/pprof/" + kind}
	return flags, nil
}

// refused is an answer that says what was wrong.
func refused(err error) *mcp.CallToolResult {
	reason := err.Error()
	if wrong, ok := errors.AsType[*command.UsageError](err); ok {
		reason = wrong.Reason
	}
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: reason}}}
}
