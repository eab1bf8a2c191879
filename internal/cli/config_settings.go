package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// settings are what holds for a command beside its command line: the
// configuration file, and where each flag has its value from.
type settings struct {
	file    config.File
	origins map[string]string // by flag; those that are not there have their default
}

type settingsKey struct{}

// settingsOf returns the settings of a command that is prepared.
func settingsOf(ctx context.Context) *settings {
	if s, ok := ctx.Value(settingsKey{}).(*settings); ok {
		return s
	}
	return &settings{}
}

// ownConfig marks commands that read no configuration before they run: they
// are about the file itself, or must work whatever it says.
const ownConfig = "own configuration"

// configFlag adds --config to every command below root.
func configFlag(root *cobra.Command) {
	root.PersistentFlags().String("config", "", "configuration file, or none (default: evtui/config.toml in the system's configuration directory)")
	_ = root.MarkPersistentFlagFilename("config", "toml")
}

// prepare sets the flags that the command line leaves out: from the
// environment, and then from the configuration file.
func prepare(cmd *cobra.Command) error {
	s := &settings{origins: map[string]string{}}
	before := given(cmd)
	cmd.Flags().Visit(func(f *pflag.Flag) { s.origins[f.Name] = "flag" })
	variables, err := fromEnvironment(cmd)
	if err != nil {
		return err
	}
	for flag, name := range variables {
		s.origins[flag] = "env " + name
	}
	if cmd.Annotations[ownConfig] == "" && cmd.Name() != "help" && !strings.HasPrefix(cmd.CommandPath(), "evtui completion") {
		var err error
		if s.file, err = readConfig(cmd); err != nil {
			return err
		}
		if err := s.fromFile(cmd, before); err != nil {
			return err
		}
	}
	cmd.SetContext(context.WithValue(cmd.Context(), settingsKey{}, s))
	return nil
}

// readConfig reads the file that --config names, or the one at its usual place
// if there is one.
func readConfig(cmd *cobra.Command) (config.File, error) {
	name := ""
	if f := cmd.Flags().Lookup("config"); f != nil {
		name = f.Value.String()
	}
	var (
		file config.File
		err  error
	)
	switch name {
	case "none":
		return config.File{}, nil
	case "":
		file, err = config.LoadDefault(configChecks())
	default:
		file, err = config.Load(name, configChecks())
	}
	if err != nil {
		return config.File{}, &usageError{command: "evtui config check", reason: err.Error()}
	}
	return file, nil
}

// configChecks has the flags and the terminal UI say what they take.
func configChecks() config.Checks {
	scratch := &cobra.Command{Use: "evtui"}
	var f rootFlags
	f.allFlags(scratch)
	return config.Checks{
		Value: func(flag, value string) error {
			if flag == "trigger" {
				_, err := profiler.ParseRule(value)
				return err
			}
			if err := scratch.Flags().Set(flag, value); err != nil {
				return plainFlagError(err)
			}
			return f.checkFlag(flag)
		},
		Keys: func(list []config.Rebinding) map[int]error {
			keys := make([]page.Rebinding, len(list))
			for i, r := range list {
				keys[i] = page.Rebinding{Action: page.Action(r.Action), Keys: r.Keys}
			}
			_, wrong := tui.NewKeymap(keys)
			return wrong
		},
	}
}

// plainFlagError takes off what pflag says of a command line.
func plainFlagError(err error) error {
	if _, reason, ok := strings.Cut(err.Error(), " flag: "); ok {
		return fmt.Errorf("%s", reason)
	}
	return err
}

// fromFile sets the flags that neither command line nor environment settled.
// typed are those of the command line.
func (s *settings) fromFile(cmd *cobra.Command, typed map[string]bool) error {
	settled := given(cmd) // with those of the environment
	for _, setting := range config.Settings() {
		value, stands := s.file.Values[setting.Key]
		f := cmd.Flags().Lookup(setting.Flag)
		if !stands || f == nil || settled[setting.Flag] || typed[setting.Flag] || setting.Serves && !servesHere(cmd) {
			continue
		}
		texts, flag := value.Texts, setting.Flag
		if len(texts) == 0 && setting.None != "" {
			texts, flag = []string{"true"}, setting.None
		}
		for _, text := range texts {
			text, err := setting.ForFlag(text)
			if err == nil {
				err = cmd.Flags().Set(flag, text)
			}
			if err != nil {
				return usage(cmd, "%s: %s: %v", s.at(value.Line), setting.Key, err)
			}
		}
		s.origins[setting.Flag] = s.at(value.Line)
	}
	return nil
}

// authorities returns whom the file trusts to vouch for servers; "" for nobody
// beside the system.
func (s *settings) authorities() string {
	if v, stands := s.file.Values["tls_ca"]; stands {
		return v.Texts[0]
	}
	return ""
}

// servesHere reports whether a command serves data itself. What goes to a
// server must not get the token of the data that is served here.
func servesHere(cmd *cobra.Command) bool {
	return cmd.Flags().Lookup("listen") != nil && !cmd.Flags().Changed("context")
}

// at names a line of the file.
func (s *settings) at(line int) string { return fmt.Sprintf("%s:%d", shortPath(s.file.Path), line) }

// shortPath writes a path in the home directory as people do.
func shortPath(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home+string(os.PathSeparator)); ok && err == nil && home != "" {
		return "~" + string(os.PathSeparator) + rest
	}
	return path
}

// asked reports whether a flag was given for this run: on the command line or
// in the environment.
func (s *settings) asked(flag string) bool {
	from := s.origins[flag]
	return from == "flag" || strings.HasPrefix(from, "env ")
}

// keymap returns the rebound keys, which were checked when they were read.
func (s *settings) keymap() page.Keymap {
	keys := make([]page.Rebinding, len(s.file.Keys))
	for i, r := range s.file.Keys {
		keys[i] = page.Rebinding{Action: page.Action(r.Action), Keys: r.Keys}
	}
	m, _ := tui.NewKeymap(keys)
	return m
}
