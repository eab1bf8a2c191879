package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/story"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
)

func configCommand() *cobra.Command {
	var f rootFlags
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the effective settings and where each comes from",
		Long: "Show the settings in effect here. The command line wins over the environment, the environment over the " +
			"configuration file, and the file over the defaults. Tokens are not printed. Last come the paths that are used.",
		Example: "  evtui config\n" +
			"  EVTUI_THEME=light evtui config -o json\n" +
			"  evtui config check ~/.config/evtui/config.toml",
	}
	f.allFlags(cmd)
	format := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s := settings.Of(cmd.Context())
		list := append(holding(cmd, s), f.paths(s)...)
		return output.Rows(cmd.OutOrStdout(), *format, list, []string{"SETTING", "VALUE", "FROM"}, func(h held) []string {
			return []string{h.Setting, h.Value, h.From}
		})
	}
	cmd.AddCommand(configCheckCommand(), configSchemaCommand())
	return cmd
}

// paths lists the files and directories that evtui uses here, whether they are
// there yet or not.
func (f *rootFlags) paths(s *settings.Settings) []held {
	var list []held
	add := func(name, path, from string) {
		if path != "" {
			list = append(list, held{"paths." + name, settings.ShortPath(path), from})
		}
	}
	if s.File.Path != "" {
		add("config", s.File.Path, from(s, "config"))
	} else if path, err := config.Path(); err == nil && from(s, "config") == "default" {
		add("config", path, "default")
	}
	dir, err := f.place()
	if err == nil && dir != "" {
		from := from(s, "data")
		if from == "default" && f.DB.Given() {
			from = s.Origins["db-url"]
		}
		add("data", string(dir), from)
		add("token", dir.TokenFile(), from)
		add("checkpoints", filepath.Join(string(dir), host.CheckpointsDir), from)
		add("profiles", profile.Dir(string(dir)), from)
	}
	if state, err := config.StateDir(); err == nil {
		add("state", state, "default")
		add("servers", string(target.Notes()), "default")
	}
	add("log", f.logName, from(s, "log-file"))
	return list
}

func configSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "schema",
		Short:       "Print the JSON schema of the configuration file",
		Long:        "Print the JSON schema of the configuration file, by which editors complete and check it.",
		Example:     "  evtui config schema > config.schema.json",
		Annotations: map[string]string{settings.OwnConfig: "it is about what the file may say"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := config.Schema()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(schema)
			}
			return err
		},
	}
}

// held is one setting with its value and where that is from.
type held struct {
	Setting string `json:"setting"` // its key in the file, or its flag
	Value   string `json:"value"`
	From    string `json:"from"` // "flag", "env NAME", "FILE:LINE", or "default"
}

// holding lists the settings of the file in the order of its table, then the
// flags that have no key there, then what the file says beside.
func holding(cmd *cobra.Command, s *settings.Settings) []held {
	path := s.File.Path
	if path == "" {
		path = "none"
	}
	list := []held{{"config", settings.ShortPath(path), from(s, "config")}}
	shown := map[string]bool{"config": true, "help": true, "version": true, "output": true, "no-triggers": true}
	for _, setting := range config.Settings() {
		f := cmd.Flags().Lookup(setting.Flag)
		shown[setting.Flag] = true
		h := held{setting.Key, setting.FromFlag(f.Value.String()), from(s, setting.Flag)}
		switch {
		case setting.Flag == "trigger" && cmd.Flags().Changed("no-triggers"):
			h.Value = "[]"
			if h.From == "default" {
				h.From = from(s, "no-triggers")
			}
		case setting.Flag == "refresh" && !f.Changed:
			h.Value = "200ms, over SSH 250ms"
		}
		list = append(list, h)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if shown[f.Name] {
			return
		}
		value := f.Value.String()
		if f.Name == "token" && value != "" {
			value = "(set)"
		}
		list = append(list, held{"--" + f.Name, value, from(s, f.Name)})
	})
	return append(list, named(s)...)
}

// from says where a flag has its value from.
func from(s *settings.Settings, flag string) string {
	if from := s.Origins[flag]; from != "" {
		return from
	}
	return "default"
}

// named lists the rebound keys, the contexts, the plugins and the reducers.
func named(s *settings.Settings) []held {
	var list []held
	add := func(key, value string, line int) { list = append(list, held{key, value, s.At(line)}) }
	for _, k := range s.File.Keys {
		add("keys."+k.Action, strings.Join(k.Keys, ", "), k.Line)
	}
	for _, c := range s.File.Contexts {
		value := c.URL
		for _, part := range []struct {
			holds bool
			text  string
		}{
			{c.Namespace != "", "namespace " + c.Namespace}, {c.Token != "", "token (set)"},
			{c.TokenFile != "", "token_file " + settings.ShortPath(c.TokenFile)}, {c.TLSCA != "", "tls_ca " + settings.ShortPath(c.TLSCA)}, {c.Colour != "", c.Colour}, {c.ReadOnly, "read-only"},
		} {
			if part.holds {
				value += ", " + part.text
			}
		}
		add("contexts."+c.Name, value, c.Line)
	}
	if c := s.File.Causes; c.Line > 0 {
		for _, l := range []struct {
			key   string
			names []string
		}{{"id", c.ID}, {"place", c.Place}, {"global", c.Global}, {"correlation", c.Correlation}} {
			if len(l.names) > 0 {
				add("causes."+l.key, strings.Join(l.names, ", "), c.Line)
			}
		}
		if c.Only {
			add("causes.builtin", "false", c.Line)
		}
	}
	for _, p := range s.File.Plugins {
		value := strings.Join(p.Command, " ")
		if len(p.Key) > 0 {
			value = strings.Join(p.Key, ", ") + ": " + value
		}
		add("plugins."+p.Name, value, p.Line)
	}
	for _, r := range s.File.Reducers {
		value := "jq " + r.JQ
		if r.File != "" {
			value = "file " + settings.ShortPath(r.File)
		}
		add("reducer."+r.Category, value, r.Line)
	}
	return list
}

func configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a configuration file",
		Long: "Read a configuration file as evtui would and report everything that is wrong with it, with the line and a fix. " +
			"The programs of reducers are compiled. Exit with 2 if anything is wrong. Without FILE, check the file that evtui reads.",
		Example:     "  evtui config check\n  evtui config check ./evtui.toml",
		Annotations: map[string]string{settings.OwnConfig: "it says what is wrong with it"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := cmd.Flags().Set("config", args[0]); err != nil {
					return err
				}
			}
			checks := configChecks()
			checks.Reducer = func(r *config.Reducer) error { return story.CheckReducer(cmd.Context(), r) }
			file, err := settings.Read(cmd, checks)
			if err != nil {
				return err
			}
			if file.Path == "" {
				path, err := config.Path()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s does not exist: the defaults apply\n", path)
				return err
			}
			for _, warning := range exposed(file) {
				fmt.Fprintln(cmd.ErrOrStderr(), warning)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is valid: %s\n", file.Path, contents(file))
			return err
		},
	}
}

// exposed warns of tokens that others on the machine can read.
func exposed(f config.File) []string {
	var warnings []string
	add := func(warning string) {
		if warning != "" && !slices.Contains(warnings, warning) {
			warnings = append(warnings, warning)
		}
	}
	if secret, stands := f.Values["token_file"]; stands {
		add(host.OpenToOthers(secret.Texts[0]))
	}
	for _, c := range f.Contexts {
		if c.Token != "" {
			add(host.OpenToOthers(f.Path))
		}
		if c.TokenFile != "" {
			add(host.OpenToOthers(c.TokenFile))
		}
	}
	return warnings
}

// contents sums a file up.
func contents(f config.File) string {
	count := func(n int, noun string) string { return fmt.Sprintf("%d %s", n, text.Plural(int64(n), noun)) }
	said := count(len(f.Values), "setting") + ", " + count(len(f.Keys), "rebound action") + ", " + count(len(f.Contexts), "context")
	if len(f.Plugins) > 0 {
		said += ", " + count(len(f.Plugins), "plugin")
	}
	if len(f.Reducers) > 0 {
		said += ", " + count(len(f.Reducers), "reducer")
	}
	return said
}
