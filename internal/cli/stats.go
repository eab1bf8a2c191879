package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// stats is what the command of that name prints at once.
type stats struct {
	Info   wire.Info            `json:"info"`
	Sample wire.Sample          `json:"sample"`
	Engine *store.EngineFigures `json:"engine,omitempty"`   // nil: the engine has no trees to show
	Tables []store.Section      `json:"sections,omitempty"` // what an engine without trees measures
}

func statsCommand() *cobra.Command {
	var f statsFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show engine stats: now, each second, or storage by kind of key",
		Long: "Show the stats of the Overview and Engine pages: the last full second, and the LSM trees of the open " +
			"namespaces, or what else the engine measures of itself. Needs the admin token.",
		Example: "  evtui stats --data /tmp/evdb\n" +
			"  evtui stats --data /tmp/evdb --watch -o ndjson\n" +
			"  evtui stats --url http://127.0.0.1:8080 --since -10m -o csv\n" +
			"  evtui stats --data /tmp/evdb --storage --ns shop",
	}
	f.Flags(cmd)
	cmd.Flags().BoolVar(&f.storage, "storage", false, "show a namespace's storage by kind of key; flush or compact first for exact numbers")
	cmd.Flags().BoolVarP(&f.watch, "watch", "w", false, "print a line each second until ctrl-c")
	cmd.Flags().StringVar(&f.from, "since", "", "print a line for each second since this time, up to an hour ago: -10m, 14:02:07")
	f.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = f.Follows(f.check, f.run)
	return cmd
}

// statsFlags say which stats are shown.
type statsFlags struct {
	target.Target
	storage, watch bool
	from           string
	since          time.Time // what from says
	format         *output.Format
}

func (f *statsFlags) check(cmd *cobra.Command, _ []string) (err error) {
	f.since, err = command.Time(cmd, "since", f.from, time.Now())
	return cmp.Or(err, command.Check(cmd,
		command.When(f.storage && (f.watch || f.from != ""), "--storage does not combine with --watch or --since: give one of them"),
		endless(f.watch, *f.format)))
}

func (f *statsFlags) run(cmd *cobra.Command, s *target.Session) error {
	switch {
	case f.storage:
		return printStorage(cmd, s, *f.format)
	case f.watch || f.from != "":
		return printSamples(cmd.Context(), output.NewSheet(cmd.OutOrStdout(), *f.format, sampleFields(), nil), s, f.since, f.watch)
	}
	return printStats(cmd, s, *f.format)
}

func readStats(ctx context.Context, s *target.Session) (st stats, err error) {
	if s.Host != nil {
		// An engine that was only just brought up has nothing open to show.
		if _, err := s.Head(ctx); err != nil {
			return st, err
		}
	}
	if st.Info, err = s.Info(ctx); err != nil {
		return st, err
	}
	if st.Sample, err = s.Sample(ctx); err != nil {
		return st, err
	}
	engine, err := s.EngineFigures(ctx)
	if client.NotOffered(err) {
		st.Tables, err = readSections(ctx, s)
		return st, err
	}
	st.Engine = &engine
	return st, err
}

func printStats(cmd *cobra.Command, s *target.Session, out output.Format) error {
	st, err := readStats(cmd.Context(), s)
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	switch out {
	case output.JSON, output.NDJSON:
		return output.WriteOne(w, out, st)
	case output.CSV:
		return output.List(w, out, sampleFields(), nil, []wire.Sample{st.Sample})
	}
	return cmp.Or(
		output.WriteTable(w, sampleLines(st)),
		printMethods(w, st.Sample.Methods),
		printSections(w, st.Tables, s.Namespace()),
		printTrees(w, st.Engine))
}

func sampleLines(st stats) [][]string {
	s := st.Sample
	rate := func(v float64) string { return text.IfKnown(inFull(s, v), text.Rate) }
	return [][]string{
		{"server", fmt.Sprintf("evtui %s, pid %d, up %s", st.Info.Version, st.Info.PID, text.Duration(time.Since(st.Info.StartedAt).Round(time.Millisecond)))},
		{"engine", st.Info.Backend + ", durability " + st.Info.Durability},
		{"appended", rate(s.Appends)},
		{"read", rate(s.Reads)},
		{"announced", rate(s.Announced)},
		{"errors", rate(s.Errors)},
		{"connections", text.Count(int64(s.Connections))},
		{"subscribers", text.Count(int64(s.Subscribers))},
		{"cpu", cores(s)},
		{"memory", text.Bytes(float64(s.RSSBytes)) + ", heap " + text.Bytes(float64(s.HeapBytes))},
		{"goroutines", text.Count(int64(s.Goroutines))},
	}
}

// cores says what the process spends. What of it is the UI's is said where it
// is known, which 0 means it is not.
func cores(s wire.Sample) string {
	switch {
	case s.Partial:
		return text.Unknown
	case s.UICPU == 0:
		return fmt.Sprintf("%.2f cores", s.CPU)
	}
	return fmt.Sprintf("%.2f cores, %.2f of it the UI", s.CPU, s.UICPU)
}

// inFull is a figure of a whole second; NaN before the server has seen one.
func inFull(s wire.Sample, v float64) float64 {
	if s.Partial {
		return math.NaN()
	}
	return v
}

func printMethods(w io.Writer, methods map[string]wire.Method) error {
	if len(methods) == 0 {
		return nil
	}
	table := [][]string{{"METHOD", "CALLS\t", "P50\t", "P99\t", "MAX\t"}}
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		m := methods[name]
		table = append(table, []string{
			name, text.Rate(m.Calls), text.Duration(time.Duration(m.P50)), text.Duration(time.Duration(m.P99)), text.Duration(time.Duration(m.Max)),
		})
	}
	fmt.Fprintln(w)
	return output.WriteTable(w, table)
}

// fsync is a latency of a namespace's syncs; "–" before there was one.
func fsync(n store.NamespaceFigures, d time.Duration) string {
	if n.Fsyncs == 0 {
		return "–"
	}
	return text.Duration(d)
}

func printTrees(w io.Writer, engine *store.EngineFigures) error {
	if engine == nil {
		return nil
	}
	table := [][]string{{"NAMESPACE", "MESSAGES\t", "DISK\t", "MEMTABLES\t", "DEBT\t", "READ AMP\t", "SYNC P50\t", "P99\t"}}
	for _, n := range engine.Namespaces {
		table = append(table, []string{
			n.ID, text.Count(n.Messages), text.Bytes(float64(n.DiskBytes)), text.Bytes(float64(n.MemtableBytes)), text.Bytes(float64(n.Debt)),
			fmt.Sprint(n.ReadAmp), fsync(n, n.FsyncP50), fsync(n, n.FsyncP99),
		})
	}
	fmt.Fprintln(w)
	if err := output.WriteTable(w, table); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d namespaces open, %d at most\n", len(engine.Namespaces), engine.Known, engine.MaxOpen)
	return err
}

// printStorage prints the bytes by kind of key, the largest first.
func printStorage(cmd *cobra.Command, s *target.Session, out output.Format) error {
	storage, err := s.Storage(cmd.Context(), s.Namespace())
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	switch out {
	case output.JSON, output.NDJSON:
		return output.WriteOne(w, out, storage)
	case output.CSV:
		return output.List(w, out, []output.Field[store.StorageFamily]{
			output.Text("keys", func(f store.StorageFamily) string { return f.Name }),
			output.Count("bytes", func(f store.StorageFamily) int64 { return f.Bytes }),
		}, nil, append(storage.Families, store.StorageFamily{Name: "total", Bytes: storage.Total}))
	}
	per := func(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/float64(max(storage.Messages, 1))) }
	table := [][]string{{"KEYS", "BYTES\t", "A MESSAGE\t", "SHARE\t"}}
	left := storage.Total
	slices.SortStableFunc(storage.Families, func(a, b store.StorageFamily) int { return cmp.Compare(b.Bytes, a.Bytes) })
	add := func(name string, bytes int64) {
		table = append(table, []string{name, text.Count(bytes), per(bytes), text.Percent(float64(bytes), float64(storage.Total))})
	}
	for _, f := range storage.Families {
		add(f.Name, f.Bytes)
		left -= f.Bytes
	}
	add("log and the rest", max(left, 0))
	add("total", storage.Total)
	if err := output.WriteTable(w, table); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", output.Counted(storage.Messages, "message"))
	return err
}

// sectionsTime is how long an engine that was only just brought up gets to measure
// itself.
const sectionsTime = 5 * time.Second

// readSections reads what the engine measured, none where that is not offered. An engine
// that the command brought up measures only now.
func readSections(ctx context.Context, s *target.Session) (list []store.Section, err error) {
	err = command.Retry(ctx, 50*time.Millisecond, sectionsTime, func() (done bool, err error) {
		if list, err = s.EngineSections(ctx); client.NotOffered(err) {
			return true, nil
		}
		return err != nil || s.Host == nil || len(list) > 0, err
	})
	return list, err
}

// printSections prints the sections of the whole store and of a namespace.
func printSections(w io.Writer, list []store.Section, namespace string) error {
	for i := range list {
		s := &list[i]
		if s.Namespace != "" && s.Namespace != namespace {
			continue
		}
		table := [][]string{append([]string{s.Title}, s.Columns...)}
		for _, row := range s.Rows {
			cells := []string{"  " + row.Name}
			for _, v := range row.Values {
				cells = append(cells, sectionValue(v))
			}
			table = append(table, cells)
		}
		fmt.Fprintln(w)
		if err := output.WriteTable(w, table); err != nil {
			return err
		}
		for _, note := range []string{s.Fault, s.Lacks} {
			if note != "" {
				fmt.Fprintln(w, "  "+output.InertLines(note))
			}
		}
	}
	return nil
}

// sectionValue is a value as people read it, with what the engine thinks of it.
func sectionValue(v store.SectionValue) string {
	shown := text.Measured(string(v.Unit), v.Number, v.Text)
	switch v.Verdict {
	case store.VerdictWarn:
		return "! " + shown
	case store.VerdictBad:
		return "✗ " + shown
	}
	return shown
}
