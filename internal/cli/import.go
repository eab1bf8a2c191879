package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// importFlags say what is imported, and how.
type importFlags struct {
	target.Target
	force, resume, packed, yes, verbose bool

	invalid        onInvalid
	mapped, newIDs bool
}

// sieves reports whether what is imported is looked at here, line by line.
func (f *importFlags) sieves() bool { return f.invalid.skip || f.mapped || f.newIDs }

func importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import exported messages with their positions, ids and times",
		Long: "Import lines as evtui export writes them. FILE may be - for standard input, and may be compressed with gzip. A " +
			"position that is taken stops the import; the batches of a thousand before it stay stored. --resume continues an " +
			"interrupted import: it compares what is already stored and skips it.\n\n" +
			"--force replaces the namespace's content once all of FILE is stored and checked beside it. If the import fails, or " +
			"a program writes meanwhile, the old content stays. --force asks for the namespace's name.\n\n" +
			"A record that cannot be stored stops the import, unless --on-invalid says to leave it out. --map and --new-ids " +
			"store some of them another way. What was left out or changed is counted at the end.",
		Example: "  evtui import backup.ndjson --data /tmp/other\n" +
			"  evtui import backup.ndjson --data /tmp/other --resume\n" +
			"  evtui import backup.ndjson.gz --data /tmp/evdb --ns shop --force --yes\n" +
			"  evtui import old.ndjson --data /tmp/migrated --map --new-ids --on-invalid report=left-out.ndjson\n" +
			"  curl -s https://backups.example/account.ndjson | evtui import - --url http://127.0.0.1:8080 --ns copy",
	}
	f.Target.Flags(cmd)
	cmd.Flags().BoolVar(&f.force, "force", false, "replace the namespace's content atomically")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "skip messages that are already stored, which must be identical")
	cmd.Flags().BoolVar(&f.packed, "gzip", false, "require gzip, which evtui otherwise detects")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "with --force: do not ask for confirmation")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "report progress even without a terminal")
	cmd.Flags().Var(&f.invalid, "on-invalid", "what to do with a record that cannot be stored: stop, skip it, or report=FILE to write it there and skip it")
	cmd.Flags().BoolVar(&f.mapped, "map", false, `store data that is null as {}, and data or metadata that is no object as {"value": …}`)
	cmd.Flags().BoolVar(&f.newIDs, "new-ids", false, "give messages whose id is no UUID, or repeats, a new one, and keep the old one in the metadata as "+importedID)
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := command.Check(cmd,
			command.When(f.force && f.resume, "--force replaces what the namespace holds, and leaves nothing to resume: give one of them"),
			command.When(f.yes && !f.force, "--yes answers the question of --force: give both"))
		if err != nil {
			return err
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
		return f.With(cmd, target.ToMake, func(s *target.Session) error { return f.run(cmd, s, from, args[0] == "-", *out) })
	}
	return cmd
}

// openImport opens what is imported, and returns how to speak of it.
func openImport(cmd *cobra.Command, file string) (in io.ReadCloser, name string, err error) {
	name = text.Sanitize(file)
	if file == "-" {
		name = "standard input"
	} else if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, name, fmt.Errorf("%s is a directory: open a data directory with --data", name)
	}
	in, err = input(cmd, file)
	return in, name, err
}

// run imports. piped says that standard input is what is imported, so that
// nobody can be asked there.
func (f *importFlags) run(cmd *cobra.Command, s *target.Session, in io.Reader, piped bool, out output.Format) error {
	if f.force && !f.yes {
		name := s.Namespace()
		q := command.Question{
			What: fmt.Sprintf("This replaces everything in namespace %s.", text.Sanitize(name)),
			Flag: fmt.Sprintf("this replaces everything in %q", name), Refused: "nothing was changed",
		}
		if piped {
			return command.Usage(cmd, "%s: add --yes, since standard input is what is imported", q.Flag)
		}
		if err := command.Confirm(cmd, name, q); err != nil {
			return err
		}
	}
	if !f.sieves() {
		return f.send(cmd, s, in, nil, out)
	}
	if f.invalid.report == "" {
		return f.send(cmd, s, nil, newSieve(in, f, nil), out)
	}
	return durable.Replace(f.invalid.report, func(w io.Writer) error { return f.send(cmd, s, nil, newSieve(in, f, w), out) })
}

// send imports what in holds, or what a sieve passes on.
func (f *importFlags) send(cmd *cobra.Command, s *target.Session, in io.Reader, through *sieve, out output.Format) error {
	p := output.NewProgress(cmd, f.verbose)
	if through != nil {
		in = through
	}
	var from *resume
	if f.resume {
		var err error
		if from, err = resumed(cmd.Context(), s.Client, in); err != nil {
			return err
		}
		in = from
	}
	result, err := s.Import(cmd.Context(), in, f.force, func(at client.ImportProgress) {
		p.Line("%s messages, up to position %d", text.Count(at.Imported), at.GlobalPosition)
	})
	p.Done()
	if err != nil {
		return err
	}
	if through != nil {
		through.counts.print(cmd.ErrOrStderr(), f.invalid.report)
	}
	if out == output.JSON {
		told := map[string]any{"imported": result.Imported, "seconds": result.Elapsed.Seconds()}
		if from != nil {
			told["skipped"] = from.skipped.Load()
		}
		if through != nil {
			told["leftOut"], told["changed"], told["newIds"] = through.counts.leftOut.Load(), through.counts.changed.Load(), through.counts.newIDs.Load()
		}
		return output.WriteJSON(cmd.OutOrStdout(), told)
	}
	skipped := ""
	if from != nil {
		skipped = fmt.Sprintf(", %s were already stored", text.Count(from.skipped.Load()))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "imported %s into namespace %s in %s%s\n",
		output.Counted(result.Imported, "message"), text.Sanitize(s.Namespace()), text.Duration(result.Elapsed), skipped)
	return nil
}
