package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand prints the page of one command. It stands in for fang's, which
// knows one page for all, without examples and defaults.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man [COMMAND]...",
		Short:   "Print a command's man page",
		Example: "  evtui man serve | man -l -",
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return command.Usage(cmd, "%q is not a command", strings.Join(args, " "))
			}
			return writeManPage(cmd.OutOrStdout(), of)
		},
	}
}

// manName is a command's page: evtui, evtui-ns-create.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manCommands are the commands with a page of their own, the given one first.
func manCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			all = append(all, manCommands(sub)...)
		}
	}
	return all
}

// writeManPage writes a command's page in roff's man macros.
func writeManPage(w io.Writer, cmd *cobra.Command) error {
	var p manPage
	name := manName(cmd)
	p.macro("TH", strings.ToUpper(name), "1", "", "evtui "+command.Version, "evtui")
	p.macro("SH", "NAME")
	p.text(name + " - " + cmd.Short)
	p.macro("SH", "SYNOPSIS")
	p.text(cmd.UseLine())
	p.macro("SH", "DESCRIPTION")
	p.paragraphs(cmd.Long, cmd.Short)
	p.flags("OPTIONS", cmd.NonInheritedFlags())
	p.flags("OPTIONS OF ALL COMMANDS", cmd.InheritedFlags())
	p.commands(cmd)
	if cmd.HasExample() {
		p.macro("SH", "EXAMPLES")
		p.macro("EX")
		p.verbatim(cmd.Example)
		p.macro("EE")
	}
	p.exits()
	p.related(cmd)
	_, err := io.WriteString(w, p.String())
	return err
}

// manPage collects lines of roff.
type manPage struct{ strings.Builder }

// macro writes a request with its arguments, quoted.
func (p *manPage) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, arg := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	p.WriteByte('\n')
}

// text writes one line of running text.
func (p *manPage) text(line string) { p.verbatim(line) }

// verbatim writes lines as they stand.
func (p *manPage) verbatim(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		// A line that begins with these would be a request.
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			p.WriteString(`\&`)
		}
		p.WriteString(roff(line))
	}
}

// paragraphs writes running text: lines flow, an empty one ends a paragraph.
func (p *manPage) paragraphs(long, short string) {
	if long == "" {
		long = short + "."
	}
	for i, paragraph := range strings.Split(long, "\n\n") {
		if i > 0 {
			p.macro("PP")
		}
		p.text(paragraph)
	}
}

func (p *manPage) flags(head string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.macro("SH", head)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		kind, help := pflag.UnquoteUsage(f)
		p.macro("TP")
		p.text(`__B__--` + f.Name + `__R__` + manShorthand(f) + manKind(kind))
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s" && !strings.Contains(help, "default") {
			help += " (default: " + f.DefValue + ")"
		}
		p.text(help)
	})
}

func manShorthand(f *pflag.Flag) string {
	if f.Shorthand == "" {
		return ""
	}
	return `, __B__-` + f.Shorthand + `__R__`
}

func manKind(kind string) string {
	if kind == "" {
		return ""
	}
	return ` __I__` + kind + `__R__`
}

func (p *manPage) commands(cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	p.macro("SH", "COMMANDS")
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() || sub.Name() == "help" {
			continue
		}
		p.macro("TP")
		p.text("__B__" + manName(sub) + "__R__(1)")
		p.text(sub.Short)
	}
}

// exits tells what holds for every command.
func (p *manPage) exits() {
	p.macro("SH", "ENVIRONMENT")
	p.text("Each flag can be given as EVTUI_FLAG, such as EVTUI_DATA for --data; one on the command line wins.")
	p.macro("SH", "EXIT STATUS")
	p.text(fmt.Sprintf("%d ok, %d failed, %d wrong usage, %d try again (nobody answers, or the directory is in use), %d interrupted.",
		command.ExitOK, command.ExitFailed, command.ExitUsage, command.ExitTryAgain, command.ExitInterrupted))
}

func (p *manPage) related(cmd *cobra.Command) {
	if !cmd.HasParent() {
		return
	}
	p.macro("SH", "SEE ALSO")
	p.text("__B__" + manName(cmd.Parent()) + "__R__(1)")
}

// roff escapes text. The marks __B__, __I__ and __R__ stand for bold, italic
// and regular.
func roff(text string) string {
	return strings.NewReplacer(
		`\`, `\e`, "-", `\-`, "…", `\[u2026]`, "–", `\[en]`, "’", `\[cq]`,
		"__B__", `\fB`, "__I__", `\fI`, "__R__", `\fR`,
	).Replace(text)
}
