package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// importFlags say what is imported, and how.
type importFlags struct {
	target
	force, resume, packed, yes, verbose bool
}

func importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Store exported messages with their positions, ids and times",
		Long: "Stores lines as evtui export writes them; FILE may be - for standard input, and compressed with gzip. Positions\n" +
			"that are taken are refused; what came before, in batches of a thousand, is stored then. --resume goes on where an\n" +
			"import was cut off: what is stored already is compared and left out.\n\n" +
			"--force replaces all that the namespace holds, once all of FILE is stored and checked beside it: an import that\n" +
			"fails, and a write that is acknowledged meanwhile, leave the old content. It asks for the namespace's name.",
		Example: "  evtui import backup.ndjson --data /tmp/other\n" +
			"  evtui import backup.ndjson --data /tmp/other --resume\n" +
			"  evtui import backup.ndjson.gz --data /tmp/other --ns shop --force --yes\n" +
			"  curl -s https://backups.example/account.ndjson | evtui import - --url http://127.0.0.1:8080 --ns copy",
		Args: arguments(cobra.ExactArgs(1)),
	}
	f.target.flags(cmd)
	cmd.Flags().BoolVar(&f.force, "force", false, "replace what the namespace holds, all or nothing")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "leave out what is stored already, which must be the same")
	cmd.Flags().BoolVar(&f.packed, "gzip", false, "FILE must be compressed with gzip, which is found out without it")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "with --force: do not ask")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell the progress without a terminal too")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case f.force && f.resume:
			return usage(cmd, "--force replaces what the namespace holds, and leaves nothing to resume: give one of them")
		case f.yes && !f.force:
			return usage(cmd, "--yes answers the question of --force: give both")
		}
		in, name, err := openImport(cmd, args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		from, err := readLines(in, name, f.packed)
		if err != nil {
			return err
		}
		if f.force && from.empty {
			return fmt.Errorf("%s is empty: --force would leave the namespace without messages; nothing was changed", name)
		}
		return f.with(cmd, toMake, func(s *session) error { return f.run(cmd, s, from, args[0] == "-", *out) })
	}
	return cmd
}

// openImport opens what is imported, and returns how to speak of it.
func openImport(cmd *cobra.Command, file string) (in io.ReadCloser, name string, err error) {
	if file == "-" {
		name = "standard input"
	} else {
		name = text.Sanitize(file)
	}
	if info, err := os.Stat(file); file != "-" && err == nil && info.IsDir() {
		return nil, name, fmt.Errorf("%s is a directory: a data directory is served as it is, with --data", name)
	}
	in, err = input(cmd, file)
	return in, name, err
}

// run imports. piped says that standard input is what is imported, so that
// nobody can be asked there.
func (f *importFlags) run(cmd *cobra.Command, s *session, in io.Reader, piped bool, out format) error {
	if f.force && !f.yes {
		name := s.Namespace()
		q := question{
			what: fmt.Sprintf("This replaces all that namespace %s holds.", text.Sanitize(name)),
			flag: fmt.Sprintf("this replaces all that %q holds", name), refused: "nothing was changed",
		}
		if piped {
			return usage(cmd, "%s: add --yes, since standard input is what is imported", q.flag)
		}
		if err := confirm(cmd, name, q); err != nil {
			return err
		}
	}
	return importFrom(cmd, s, in, f.force, f.resume, newProgress(cmd, f.verbose), out)
}

func importFrom(cmd *cobra.Command, s *session, in io.Reader, force, again bool, p *progress, out format) error {
	var from *resume
	if again {
		var err error
		if from, err = resumed(cmd.Context(), s.Client, in); err != nil {
			return err
		}
		in = from
	}
	result, err := s.Import(cmd.Context(), in, force, func(at client.ImportProgress) {
		p.line("%s messages, up to position %d", text.Count(at.Imported), at.GlobalPosition)
	})
	p.done()
	if err != nil {
		return err
	}
	if out == formatJSON {
		told := map[string]any{"imported": result.Imported, "seconds": result.Elapsed.Seconds()}
		if from != nil {
			told["skipped"] = from.skipped.Load()
		}
		return printJSON(cmd.OutOrStdout(), told)
	}
	skipped := ""
	if from != nil {
		skipped = fmt.Sprintf(", %s were there already", text.Count(from.skipped.Load()))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "imported %s into namespace %s in %s%s\n",
		counted(result.Imported, "message"), text.Sanitize(s.Namespace()), text.Duration(result.Elapsed), skipped)
	return nil
}
