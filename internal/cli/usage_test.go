package cli

import (
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUsageSaysWhatIsRight holds what commands say of slips: exit code 2, and
// what would be right.
func TestUsageSaysWhatIsRight(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	for args, want := range map[string]string{
		"append":                             "evtui append takes STREAM [TYPE [DATA]], but was given nothing",
		"import":                             "evtui import takes FILE, but was given nothing",
		"streams extra one":                  `evtui streams takes no arguments, but was given "extra" "one"`,
		"ns create":                          "evtui ns create takes NAMESPACE, but was given nothing",
		"ns crate":                           `"crate" is not a command of evtui ns`,
		"profile tip f":                      `"tip" is not a command of evtui profile`,
		"streams --limit x":                  `--limit must be a whole number, not "x"`,
		"tail --no-follow=x":                 `--no-follow must be true or false, not "x"`,
		"load --duration x":                  `needs a time with its unit, such as 90s, 15m, 1h30m or 2d, got "x"`,
		"messages --id 12 --data d":          "--id must be a UUID such as",
		"messages --category a-1 --data d":   `"a-1" is no category, which ends before the first dash, as "a" does`,
		"tail a b-1 --data d":                "give a stream with --stream",
		"streams --category a-1 --data d":    `as "a" does; to list streams by prefix, use --prefix`,
		"groups a-1 --size 2 --data d":       `"a-1" is no category`,
		"export --category a-1 --data d":     "evtui messages STREAM --limit 0 -o ndjson",
		"tail --from 1 --last 2 --data d":    "--from and --last both say where to start",
		"tail a --member 0/4x --data d":      "must be MEMBER/SIZE",
		"events --kind stalls --data d":      `there is no kind "stalls"; the kinds are flush, compaction, stall`,
		"events --kind= --kind , --data d":   `there is no kind ""`,
		"streams --url ftp://x":              "neither http nor https",
		"backup d e --ns shop":               "a backup holds all namespaces, and evtui export writes one: leave --ns out",
		"ns list --ns shop --data d":         "all namespaces are listed: leave --ns out",
		"ns create b --ns shop --data d":     "is the argument: leave --ns out",
		"ns delete b --ns a --yes --data d":  "is the argument: leave --ns out",
		"ns delete b c --yes --data d":       `evtui ns delete takes NAMESPACE, but was given "b" "c"`,
		"open":                               "evtui open takes FILE, but was given nothing",
		"profile diff before.prof":           `evtui profile diff takes BEFORE AFTER, but was given "before.prof"`,
		"compare a b c":                      `takes [BEFORE AFTER], but was given "a" "b" "c"`,
		"health http://127.0.0.1:1 and this": "takes [URL], but was given",
	} {
		_, _, err := runCommand(t, strings.Fields(args)...)
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: exit %d, %v; want %q", args, command.ExitCode(err), err, want)
		}
	}
	t.Setenv("EVTUI_LIMIT", "many")
	if _, _, err := runCommand(t, "streams", "--data", "d"); command.ExitCode(err) != command.ExitUsage ||
		!strings.Contains(err.Error(), `EVTUI_LIMIT in the environment: --limit must be a whole number, not "many"`) {
		t.Error(err)
	}
}

// TestNamespaceOfTheEnvironment: what holds for all commands is not refused by
// those that have no use for it.
func TestNamespaceOfTheEnvironment(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	dir := filled(t, 100)
	t.Setenv("EVTUI_NS", "default")
	for _, args := range [][]string{{"ns", "list", "--data", dir}, {"ns", "create", "shop", "--data", dir}} {
		if _, _, err := runCommand(t, args...); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, errs, err := runCommand(t, "ns", "delete", "shop", "--yes", "--data", dir); err != nil || errs != "namespace shop deleted, with 0 messages\n" {
		t.Errorf("%q, %v", errs, err)
	}
	if got := output.Counted(1, "message") + ", " + output.Counted(1234, "message"); got != "1 message, 1,234 messages" {
		t.Error(got)
	}
}

// TestEventsByTheBeginningOfTheirKind: the help's own example finds compactions.
func TestEventsByTheBeginningOfTheirKind(t *testing.T) {
	for asked, kinds := range map[string]string{
		"compact": "compaction", "compaction": "compaction", "stall": "stall, stall ended", "stall ended": "stall ended", "FLUSH": "flush", "d": "deleted, disk low, damaged, dropped, drift", "new": "new type, new transition",
	} {
		var got []string
		for _, kind := range eventKinds() {
			if isKind(kind, asked) {
				got = append(got, kind)
			}
		}
		if strings.Join(got, ", ") != kinds {
			t.Errorf("%s: got %q, want %s", asked, got, kinds)
		}
	}
}

// TestEventsInAFileAreToldInItsWords, not in those of encoding/json.
func TestEventsInAFileAreToldInItsWords(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	file := filepath.Join(t.TempDir(), "events")
	const good = `{"type":"T","data":{}}` + "\n"
	for text, want := range map[string]string{
		`[{"type":"T","data":{}}]`:            "read event 1 of " + file + ": is of the kind array; an event is an object",
		good + `{"typ":"T","data":{}}`:        `read event 2 of ` + file + `: unknown member "typ"; an event is an object of type, data, metadata and id`,
		good + good + `{"type":5}`:            "event 3 of " + file + ": type must not be of the kind number",
		good + `{"type":"T","id":"12"}`:       "event 2 of " + file + ": id must be a UUID",
		good + `{"type":"T","data":{}`:        "event 2 of " + file + ": unexpected EOF",
		``:                                    file + " holds no event",
		"\n" + good + "\n\n" + good[:5] + "x": "event 2 of",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := runCommand(t, "append", "a-1", "--from", file, "--data", t.TempDir())
		if command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "json:") {
			t.Errorf("%q: exit %d, %v; want %q", text, command.ExitCode(err), err, want)
		}
	}
}
