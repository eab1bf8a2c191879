package complete

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// source returns what a word that begins so can become, for the command line
// that cmd has so far.
type source = cobra.CompletionFunc

// worded is a flag's value that takes one of a few words. One that ends in an
// equals sign is to be gone on with.
type worded interface{ Words() []string }

// All gives every flag and argument of root and the commands below it where
// its values come from, unless it has that already. more are words of flags
// that only their commands know, by the flags' names.
func All(root *cobra.Command, more map[string][]string) {
	flags := flagSources()
	for name, list := range more {
		flags[name] = words(list...)
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { completeFlag(cmd, f, flags) })
		if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
			completeArguments(cmd)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// completeFlag leaves alone what a command has completed itself, and what it marked as names
// of files of its own kind.
func completeFlag(cmd *cobra.Command, f *pflag.Flag, flags map[string]source) {
	if _, done := cmd.GetFlagCompletionFunc(f.Name); done {
		return
	}
	if _, marked := f.Annotations[cobra.BashCompFilenameExt]; marked {
		return
	}
	from, known := flags[f.Name]
	if w, ok := f.Value.(worded); ok {
		from, known = words(w.Words()...), true
	}
	if !known || !textual(f) {
		return
	}
	_ = cmd.RegisterFlagCompletionFunc(f.Name, from)
}

// textual reports whether a flag takes text: --from is a file for one command,
// and a position for another.
func textual(f *pflag.Flag) bool {
	switch f.Value.Type() {
	case "bool", "int", "int64", "uint64", "float64", "duration":
		return false
	}
	return true
}

// flagSources are those of flags, by their names.
func flagSources() map[string]source {
	moments := words("-5m", "-1h", "-1d")
	return map[string]source{
		"ns": namespaces, "accept-older": namespaces,
		"category": categories, "categories": listed(categories), "first": words("(start)"), "then": words("(end)"), "hops": listed(categories), "hops-of": streams, "stream": streams, "prefix": streams, "after": streams,
		"url":   words("http://", "https://"),
		"since": moments, "until": moments, "at": moments,
		"base": files(), "diff-base": files(), "out": files(), "from": files(), "log-file": files(), "reducer": files(),
		"token-file": files(), "db-password-file": files(), "ssh-authorized-keys": files(), "ssh-host-key": files(),
		"tls-ca": files("pem", "crt"), "tls-cert": files("pem", "crt"), "tls-key": files("pem", "key"),
		"source": directories, "dir": directories, "into": directories, "data": directories, "to": directories, "large": directories,
		"columns": listed(words("time", "stream", "position", "global", "type", "data", "meta", "id", "data.")),
		"member":  words("0/"), "mix": words("1:0", "10:1", "1:1", "1:10"),
		"unit": words("ns", "us", "ms", "s", "B", "kB", "MB", "GB"), "listen": words("127.0.0.1:", "0.0.0.0:", "none"), "ssh": words(":2222", "127.0.0.1:"),
		"tagfocus": words("method=", "namespace=", "category=", "actor="), "tagignore": words("method=", "namespace=", "category=", "actor="),
		"label": words("method=", "namespace=", "category=", "actor="),
	}
}

// completeArguments reads what a command's Use calls its arguments.
func completeArguments(cmd *cobra.Command) {
	_, takes, _ := strings.Cut(cmd.Use, " ")
	var each []source
	repeats := false
	for _, word := range strings.Fields(takes) {
		repeats = strings.HasSuffix(strings.TrimRight(word, "]"), "...")
		name := strings.Trim(strings.ReplaceAll(word, "...", ""), "[]")
		each = append(each, argument(cmd.Name(), name))
	}
	if len(each) == 0 {
		return
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		at := len(args)
		if repeats {
			at = min(at, len(each)-1)
		}
		if at >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[at](cmd, args, begun)
	}
}

// argument is where values come from for an argument that a Use calls so.
func argument(command, name string) source {
	switch name {
	case "FILE":
		extensions := map[string][]string{"open": {"evt"}, "import": {"ndjson", "gz", "json"}, "export": {"ndjson", "gz"}, "check": {"toml"}}
		return files(extensions[command]...)
	case "BEFORE", "AFTER", "BINARY", "FILE|URL|-", "OUT":
		return files()
	case "DIR":
		return directories
	case "STREAM", "ID|STREAM#POSITION":
		return streams
	case "CATEGORY":
		return categories
	case "COMMAND":
		return commands
	case "NAMESPACE":
		if command != "create" {
			return namespaces
		}
	case "URL":
		return words("http://127.0.0.1:", "https://")
	}
	return cobra.NoFileCompletions // it cannot be known, such as the name of something new
}

// words are a few values. After one that ends like the beginning of more no
// space follows.
func words(list ...string) source {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return fitting(list, begun)
	}
}

func fitting(list []string, begun string) (fit []cobra.Completion, directive cobra.ShellCompDirective) {
	directive = cobra.ShellCompDirectiveNoFileComp
	for _, word := range list {
		if !strings.HasPrefix(word, begun) {
			continue
		}
		fit = append(fit, word)
		if strings.ContainsAny(word[len(word)-1:], "=:/.") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
	}
	return fit, directive
}

// listed completes the last of several values with commas between them.
func listed(one source) source {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		found, directive := one(cmd, args, begun[len(before):])
		for i := range found {
			found[i] = before + found[i]
		}
		return found, directive | cobra.ShellCompDirectiveNoSpace
	}
}

// files are those with one of the extensions, or all.
func files(extensions ...string) source {
	if len(extensions) == 0 {
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	}
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

func directories(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// commands are evtui's own, as evtui man takes them.
func commands(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	at, _, err := cmd.Root().Find(args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var fit []cobra.Completion
	for _, sub := range at.Commands() {
		if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), begun) {
			fit = append(fit, cobra.CompletionWithDesc(sub.Name(), sub.Short))
		}
	}
	return fit, cobra.ShellCompDirectiveNoFileComp
}
