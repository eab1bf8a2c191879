package settings

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/config"
)

// Settings are what holds for a command beside its command line: the
// configuration file, and where each flag has its value from.
type Settings struct {
	File    config.File
	Origins map[string]string // by flag; those that are not there have their default
}

type settingsKey struct{}

// With returns a context that carries the settings, which [Of] finds in it.
func With(ctx context.Context, s *Settings) context.Context {
	return context.WithValue(ctx, settingsKey{}, s)
}

// Of returns the settings of a command that is prepared.
func Of(ctx context.Context) *Settings {
	if s, ok := ctx.Value(settingsKey{}).(*Settings); ok {
		return s
	}
	return &Settings{}
}

// OwnConfig marks commands that read no configuration before they run: they
// are about the file itself, or must work whatever it says.
const OwnConfig = "own configuration"

// Flag adds --config to every command below root.
func Flag(root *cobra.Command) {
	root.PersistentFlags().String("config", "", "configuration file, or none (default: evtui/config.toml in the system's configuration directory)")
	_ = root.MarkPersistentFlagFilename("config", "toml")
}

// Prepare sets the flags that the command line leaves out: from the
// environment, and then from the configuration file, which checks looks at.
func Prepare(cmd *cobra.Command, checks config.Checks) error {
	s := &Settings{Origins: map[string]string{}}
	before := given(cmd)
	cmd.Flags().Visit(func(f *pflag.Flag) { s.Origins[f.Name] = "flag" })
	variables, err := FromEnvironment(cmd)
	if err != nil {
		return err
	}
	for flag, name := range variables {
		s.Origins[flag] = "env " + name
	}
	if cmd.Annotations[OwnConfig] == "" && cmd.Name() != "help" && !strings.HasPrefix(cmd.CommandPath(), "evtui completion") {
		var err error
		if s.File, err = Read(cmd, checks); err != nil {
			return err
		}
		if err := s.fromFile(cmd, before); err != nil {
			return err
		}
	}
	cmd.SetContext(With(cmd.Context(), s))
	return nil
}

// Read reads the file that --config names, or the one at its usual place
// if there is one.
func Read(cmd *cobra.Command, checks config.Checks) (config.File, error) {
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
		file, err = config.LoadDefault(checks)
	default:
		file, err = config.Load(name, checks)
	}
	if err != nil {
		return config.File{}, &command.UsageError{Command: "evtui config check", Reason: err.Error()}
	}
	return file, nil
}

// fromFile sets the flags that neither command line nor environment settled.
// typed are those of the command line.
func (s *Settings) fromFile(cmd *cobra.Command, typed map[string]bool) error {
	settled := given(cmd) // with those of the environment
	for _, setting := range config.Settings() {
		value, stands := s.File.Values[setting.Key]
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
				return command.Usage(cmd, "%s: %s: %v", s.At(value.Line), setting.Key, err)
			}
		}
		s.Origins[setting.Flag] = s.At(value.Line)
	}
	return nil
}

// Authorities returns whom the file trusts to vouch for servers; "" for nobody
// beside the system.
func (s *Settings) Authorities() string {
	if v, stands := s.File.Values["tls_ca"]; stands {
		return v.Texts[0]
	}
	return ""
}

// servesHere reports whether a command serves data itself. What goes to a
// server must not get the token of the data that is served here.
func servesHere(cmd *cobra.Command) bool {
	return cmd.Flags().Lookup("listen") != nil && !cmd.Flags().Changed("context")
}

// At names a line of the file.
func (s *Settings) At(line int) string { return fmt.Sprintf("%s:%d", ShortPath(s.File.Path), line) }

// ShortPath writes a path in the home directory as people do.
func ShortPath(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home+string(os.PathSeparator)); ok && err == nil && home != "" {
		return "~" + string(os.PathSeparator) + rest
	}
	return path
}

// Asked reports whether a flag was given for this run: on the command line or
// in the environment.
func (s *Settings) Asked(flag string) bool {
	from := s.Origins[flag]
	return from == "flag" || strings.HasPrefix(from, "env ")
}
