package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/config"
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

// keymap returns the rebound keys, which were checked when they were read.
func keymap(s *settings.Settings) page.Keymap {
	keys := make([]page.Rebinding, len(s.File.Keys))
	for i, r := range s.File.Keys {
		keys[i] = page.Rebinding{Action: page.Action(r.Action), Keys: r.Keys}
	}
	m, _ := tui.NewKeymap(keys)
	return m
}
