package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/story"
	"github.com/evtui/evtui/internal/config"
	following "github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

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
		Keys: func(list []config.Rebinding, plugins []config.Plugin) map[int]error {
			_, wrong := tui.NewKeymap(rebindings(list), pluginsOf(plugins))
			return wrong
		},
		Causes: func(c config.Causes) error {
			links, err := story.LinksOf(c)
			if err == nil && links.IsZero() {
				err = errors.New("builtin = false leaves no names: give some of your own")
			}
			return err
		},
	}
}

// rebindings are those of a file as the UI takes them.
func rebindings(list []config.Rebinding) []page.Rebinding {
	keys := make([]page.Rebinding, len(list))
	for i, r := range list {
		keys[i] = page.Rebinding{Action: page.Action(r.Action), Keys: r.Keys}
	}
	return keys
}

// pluginsOf are the plugins of a file as the UI takes them.
func pluginsOf(list []config.Plugin) []following.Plugin {
	plugins := make([]following.Plugin, len(list))
	for i, p := range list {
		plugins[i] = following.Plugin{Name: p.Name, Help: p.Help, Key: p.Key, Command: p.Command, Writes: p.Writes}
	}
	return plugins
}

// plainFlagError takes off what pflag says of a command line.
func plainFlagError(err error) error {
	if _, reason, ok := strings.Cut(err.Error(), " flag: "); ok {
		return fmt.Errorf("%s", reason)
	}
	return err
}

// keymap returns the rebound keys, which were checked when they were read.
func keymap(s *settings.Settings) page.Keymap {
	m, _ := tui.NewKeymap(rebindings(s.File.AllKeys()), pluginsOf(s.File.Plugins))
	return m
}
