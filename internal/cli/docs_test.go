package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// mustPages returns the project's pages by their names from its root.
func mustPages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			short, err := filepath.Rel(filepath.Join("..", ".."), name)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(short)] = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
	if len(all) < 10 {
		t.Fatalf("there are only %d pages", len(all))
	}
	return all
}

var (
	linkTo  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notSlug = regexp.MustCompile(`[^\pL\pN _-]`)
	fenced  = regexp.MustCompile("(?s)```(\\w*)[^\n]*\n(.*?)```")
	inline  = regexp.MustCompile("`([^`\n]+)`")
)

// anchors are the places of a page that a link can name, as GitHub makes them.
func anchors(page string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		all = append(all, strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// TestLinksOfThePages follows every link that leads to a file.
func TestLinksOfThePages(t *testing.T) {
	all := mustPages(t)
	followed := 0
	for name, text := range all {
		for _, m := range linkTo.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			target, place, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // of the web
			}
			followed++
			file := name
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(name)), filepath.FromSlash(target)))
			}
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(file))); err != nil {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			} else if place != "" && !slices.Contains(anchors(all[file]), place) {
				t.Errorf("%s: %s has no %q, but %q", name, file, place, anchors(all[file]))
			}
		}
	}
	if followed < 50 {
		t.Errorf("only %d links were found", followed)
	}
}

// TestEveryPageIsOnTheMap: docs/README.md leads to every page beside it, and the
// README to docs/README.md.
func TestEveryPageIsOnTheMap(t *testing.T) {
	all := mustPages(t)
	listed := map[string]bool{}
	for _, m := range linkTo.FindAllStringSubmatch(all["docs/README.md"], -1) {
		listed[m[1]] = true
	}
	pages := 0
	for name := range all {
		page, beside := strings.CutPrefix(name, "docs/")
		if !beside || page == "README.md" {
			continue
		}
		pages++
		if !listed[page] {
			t.Errorf("docs/README.md does not lead to %s", page)
		}
	}
	if pages < 20 || !strings.Contains(all["README.md"], "](docs/README.md)") {
		t.Errorf("%d pages; the README must lead to docs/README.md", pages)
	}
}

// commandLines returns the commands of a shell's lines that run evtui.
func commandLines(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		for _, words := range shellCommands(line) {
			for len(words) > 0 && (strings.Contains(words[0], "=") || words[0] == "sudo" || words[0] == "$" || words[0] == "exec") {
				words = words[1:]
			}
			if len(words) > 0 && filepath.Base(words[0]) == "evtui" {
				all = append(all, words[1:])
			}
		}
	}
	return all
}

// shellCommands splits a line into commands and these into words, as a shell
// does; redirections are left out.
func shellCommands(line string) (commands [][]string) {
	var words []string
	var word strings.Builder
	begun, redirect, quote := false, false, rune(0)
	flush := func() {
		if begun && !redirect {
			words = append(words, word.String())
		}
		redirect = redirect && !begun
		begun = false
		word.Reset()
	}
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == '#' && !begun:
			flush()
			return append(commands, words)
		case c == '|' || c == ';' || c == '&':
			flush()
			commands, words = append(commands, words), nil
		case c == '<' || c == '>':
			flush()
			redirect = true
		case c == ' ' || c == '\t' || c == '\n':
			flush()
		default:
			begun = true
			word.WriteRune(c)
		}
	}
	flush()
	return append(commands, words)
}

// mustParse takes a command line as evtui would, up to where it would run.
func mustParse(t *testing.T, where string, args []string) {
	t.Helper()
	root := newRoot()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.InitDefaultVersionFlag()
	if root.Flags().Lookup("version") == nil {
		root.Flags().BoolP("version", "v", false, "")
	}
	cmd, rest, err := root.Find(args)
	if err != nil {
		t.Errorf("%s: evtui %s: %v", where, strings.Join(args, " "), err)
		return
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s: evtui %s: %v", where, strings.Join(args, " "), err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil && !cmd.Flags().Changed("help") {
		t.Errorf("%s: evtui %s: %v", where, strings.Join(args, " "), err)
	}
}

// TestCommandsOfThePages takes every command line of evtui that a page, the
// unit or a command's help shows, as evtui would: the command is there, its
// flags are, and take their values.
func TestCommandsOfThePages(t *testing.T) {
	taken := 0
	take := func(where, text string) {
		for _, args := range commandLines(text) {
			mustParse(t, where, args)
			taken++
		}
	}
	for name, text := range mustPages(t) {
		for _, m := range fenced.FindAllStringSubmatch(text, -1) {
			if m[1] == "sh" || m[1] == "" {
				take(name, m[2])
			}
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "    evtui ") { // an indented block
				take(name, line)
			}
		}
	}
	unit, err := os.ReadFile(filepath.Join("..", "..", "packaging", "evtui.service"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^Exec\w+=(.*)$`).FindAllStringSubmatch(string(unit), -1) {
		take("evtui.service", m[1])
	}
	each(newRoot(), func(cmd *cobra.Command) { take(cmd.CommandPath()+" --help", cmd.Example) })
	if taken < 100 {
		t.Errorf("only %d command lines were found", taken)
	}
}

func each(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, do)
	}
}

// TestFlagsInTheText looks at commands in the middle of a sentence, which often
// leave out what they need: the command must be there, and so must its flags.
func TestFlagsInTheText(t *testing.T) {
	taken := 0
	for name, text := range mustPages(t) {
		if name == "CHANGELOG.md" {
			continue // it lists what was, too
		}
		for _, m := range inline.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			for _, args := range commandLines(m[1]) {
				taken++
				cmd, _, err := newRoot().Find(args)
				if err != nil {
					t.Errorf("%s: `%s`: %v", name, m[1], err)
					continue
				}
				if cmd.HasSubCommands() && len(args) > 0 && cmd.Parent() == nil && !strings.HasPrefix(args[0], "-") && args[0] != strings.ToUpper(args[0]) && args[0] != "completion" && args[0] != "help" {
					t.Errorf("%s: `%s`: there is no command %q", name, m[1], args[0])
				}
				for _, arg := range args {
					flag, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
					if !strings.HasPrefix(arg, "--") || flag == "" || flag == "help" || flag == "version" {
						continue
					}
					if cmd.Flags().Lookup(flag) == nil && cmd.InheritedFlags().Lookup(flag) == nil {
						t.Errorf("%s: `%s`: %s has no --%s", name, m[1], cmd.CommandPath(), flag)
					}
				}
			}
		}
	}
	if taken < 60 {
		t.Errorf("only %d commands were found", taken)
	}
}
