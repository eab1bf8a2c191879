package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand prints the page of one command. It stands in for fang's, which has
// one page for all, dated today, without examples and defaults. cobra's generator
// (cobra/doc) goes by way of Markdown: it has neither the values that a flag takes
// nor what commands below are for, and makes the binary 350 KB larger.
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
	for _, sub := range subcommands(cmd) {
		all = append(all, manCommands(sub)...)
	}
	return all
}

// subcommands are those that are listed.
func subcommands(cmd *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(cmd.Commands()), func(sub *cobra.Command) bool { return !sub.IsAvailableCommand() || sub.Name() == "help" })
}

// writeManPage writes a command's page in roff's man macros.
func writeManPage(w io.Writer, cmd *cobra.Command) error {
	var p manPage
	name := manName(cmd)
	p.macro("TH", strings.ToUpper(name), "1", "", "evtui "+command.Version, "evtui")
	p.section("NAME", name+" - "+cmd.Short)
	p.section("SYNOPSIS", cmd.UseLine())
	p.section("DESCRIPTION", strings.Split(cmp.Or(cmd.Long, cmd.Short+"."), "\n\n")...)
	p.flags("OPTIONS", cmd.NonInheritedFlags())
	p.flags("OPTIONS OF ALL COMMANDS", cmd.InheritedFlags())
	if subs := subcommands(cmd); len(subs) > 0 {
		p.section("COMMANDS")
		for _, sub := range subs {
			p.item(bold(manName(sub))+"(1)", sub.Short)
		}
	}
	if cmd.HasExample() {
		p.section("EXAMPLES")
		p.macro("EX")
		p.text(cmd.Example)
		p.macro("EE")
	}
	p.section("ENVIRONMENT", "Each flag can be given as EVTUI_FLAG, such as EVTUI_DATA for --data; one on the command line wins.")
	p.section("EXIT STATUS", fmt.Sprintf("%d ok, %d failed, %d wrong usage, %d try again (nobody answers, or the directory is in use), %d interrupted.",
		command.ExitOK, command.ExitFailed, command.ExitUsage, command.ExitTryAgain, command.ExitInterrupted))
	if cmd.HasParent() {
		p.section("SEE ALSO", bold(manName(cmd.Parent()))+"(1)")
	}
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

// section begins a section of paragraphs.
func (p *manPage) section(title string, paragraphs ...string) {
	p.macro("SH", title)
	for i, paragraph := range paragraphs {
		if i > 0 {
			p.macro("PP")
		}
		p.text(paragraph)
	}
}

// item writes an entry of a list.
func (p *manPage) item(tag, text string) {
	p.macro("TP")
	p.text(tag)
	p.text(text)
}

// text writes lines, of which none is taken for a request.
func (p *manPage) text(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			p.WriteString(`\&`)
		}
		p.WriteString(roff(line))
	}
}

func (p *manPage) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		kind, help := pflag.UnquoteUsage(f)
		tag := bold("--" + f.Name)
		if f.Shorthand != "" {
			tag += ", " + bold("-"+f.Shorthand)
		}
		if kind != "" {
			tag += " __I__" + kind + "__R__"
		}
		if !slices.Contains([]string{"", "false", "[]", "0", "0s"}, f.DefValue) && !strings.Contains(help, "default") {
			help += " (default: " + f.DefValue + ")"
		}
		p.item(tag, help)
	})
}

func bold(text string) string { return "__B__" + text + "__R__" }

// roff escapes text. The marks __B__, __I__ and __R__ stand for bold, italic
// and regular.
func roff(text string) string {
	return strings.NewReplacer(
		`\`, `\e`, "-", `\-`, "…", `\[u2026]`, "–", `\[en]`, "’", `\[cq]`,
		"__B__", `\fB`, "__I__", `\fI`, "__R__", `\fR`,
	).Replace(text)
}
