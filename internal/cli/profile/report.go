package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/wire"
)

// loadResults is load-test-results.json.
type loadResults struct {
	Time     time.Time     `json:"time"`
	Server   string        `json:"server"` // "" for one of evtui's own
	Duration time.Duration `json:"duration"`
	Workers  int           `json:"workers"`
	Batch    int           `json:"batch"`
	Report   load.Report   `json:"report"`
}

// write writes the files beside the profiles.
func (p *run) write() error {
	results := loadResults{
		Time: p.began.UTC(), Server: p.URL, Duration: p.load.Duration, Workers: p.load.Workers, Batch: p.load.Batch, Report: p.taken.Load,
	}
	var errs []error
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"load-test-results.json", func(w io.Writer) error { return output.WriteJSON(w, results) }},
		{p.engine + "-disk-usage.txt", p.writeUsage},
		{p.engine + "-namespace-count.txt", p.writeCount},
		{"README.md", p.writeReadme},
	} {
		var b bytes.Buffer
		err := f.write(&b)
		if !strings.HasSuffix(f.name, ".json") { // which is inert as it is
			b = *bytes.NewBufferString(output.InertLines(b.String()))
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(p.dir, f.name), b.Bytes(), 0o644)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("write %s: %w", f.name, err))
		}
	}
	return errors.Join(errs...)
}

// writeReadme writes the analysis.
func (p *run) writeReadme(w io.Writer) error {
	where := fmt.Sprintf("a server of its own (%s) %s, with the load in the same process", p.engine, p.where)
	if p.URL != "" {
		where = fmt.Sprintf("%s (%s), with the load in another process", p.URL, p.engine)
	}
	fmt.Fprintf(w, "# Profile of %s\n\nTaken by `evtui profile` of %s.\n\n", p.began.Format("2006-01-02 15:04:05"), where)
	if err := p.writeShort(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "## The load\n\n```\n")
	if err := output.WriteLoad(w, p.taken.Load); err != nil {
		return err
	}
	if r := &p.taken.Load; r.Errors > 0 {
		fmt.Fprintf(w, "\nthe first error: %s\n", text.Sanitize(r.FirstError))
	}
	fmt.Fprintf(w, "```\n\n")
	if err := p.writeFigures(w); err != nil {
		return err
	}
	for _, section := range []func(io.Writer) error{p.writeCPU, p.writeMemory, p.writeGoroutines} {
		if err := section(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(w, onward)
	return err
}

func (p *run) writeFigures(w io.Writer) error {
	b, a := p.taken.Before, p.taken.After
	if b == nil || a == nil {
		_, err := fmt.Fprint(w, "The server has no figures of its own.\n\n")
		return err
	}
	size := func(n uint64) string { return text.Bytes(float64(n)) }
	table := [][]string{
		{"", "BEFORE\t", "AFTER\t"},
		{"live heap and garbage", size(b.HeapBytes), size(a.HeapBytes)},
		{"resident memory", size(b.RSSBytes), size(a.RSSBytes)},
		{"goroutines", text.Count(int64(b.Goroutines)), text.Count(int64(a.Goroutines))},
		{"cores busy", inFull(b, "%.2f", b.CPU), inFull(a, "%.2f", a.CPU)},
		{"collections/s", inFull(b, "%.1f", b.GCs), inFull(a, "%.1f", a.GCs)},
	}
	if b.Engine != nil && a.Engine != nil {
		table = append(table,
			[]string{"on disk", onDisk(b.Engine), onDisk(a.Engine)},
			[]string{"fsync p99", fsyncP99(b.Engine), fsyncP99(a.Engine)},
			[]string{"L0 sublevels, worst", fmt.Sprint(b.Engine.Sublevels), fmt.Sprint(a.Engine.Sublevels)},
		)
	}
	if err := writeFenced(w, "## The engine's figures", table); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "AFTER is the last second of the load, or the one after it.\n\n")
	return err
}

// writeFenced writes a table as it is, below what it is about.
func writeFenced(w io.Writer, about string, table [][]string) error {
	fmt.Fprintf(w, "%s\n\n```\n", about)
	err := output.WriteTable(w, table)
	fmt.Fprintf(w, "```\n\n")
	return err
}

// inFull writes a figure of a whole second; "?" before the server has seen one.
func inFull(s *wire.Sample, form string, v float64) string {
	if s.Partial {
		return text.Unknown
	}
	return fmt.Sprintf(form, v)
}

func onDisk(e *wire.EngineSample) string {
	bytes, exact, known := e.Disk()
	return text.Bound(text.Bytes(float64(bytes)), exact, known)
}

// fsyncP99 is the worst latency of syncs; "–" before there was one.
func fsyncP99(e *wire.EngineSample) string {
	if e.FsyncP99 == 0 {
		return "–"
	}
	return text.Duration(time.Duration(e.FsyncP99))
}

// notOwn leaves out whom the engine's figures do not count: the UI and the load.
func notOwn() profiler.LabelCut {
	return profiler.LabelCut{Key: profiler.ActorLabel, Values: []string{profiler.UIActor, "load"}, Not: true}
}

func (p *run) writeCPU(w io.Writer) error {
	cpu := p.taken.Profiles[measure.CPUProfile]
	all, err := cpu.View(profiler.Options{})
	if err != nil {
		return err
	}
	engine, err := cpu.View(profiler.Options{Labels: []profiler.LabelCut{notOwn()}})
	if err != nil {
		return err
	}
	cores := 0.0
	if d := cpu.Duration(); d > 0 {
		cores = float64(all.Total()) / float64(d)
	}
	fmt.Fprintf(w, "## Processor time\n\n%s in %s: %.2f cores busy. ", all.Format(all.Total()), text.Duration(cpu.Duration()), cores)
	fmt.Fprintf(w, "The UI and the load (`actor=ui`, `actor=load`) took %s of it; the functions below are of the rest.\n\n",
		share(all.Total()-engine.Total(), all.Total()))
	if err := writeShares(w, all); err != nil {
		return err
	}
	if err := writeKinds(w, cpu, engine.Total()); err != nil {
		return err
	}
	return writeTops(w, engine, "the engine")
}

// pebbleLabel is what Pebble itself puts on its flushes and compactions.
const pebbleLabel = "pebble"

// writeShares writes what each label's values took.
func writeShares(w io.Writer, v *profiler.View) error {
	table := [][]string{{"LABEL", "VALUE", "TIME\t", "SHARE\t"}}
	for _, row := range sessionLabels(v) {
		table = append(table, []string{row.Label, row.Value, v.Format(row.Weight), profiler.Percent(row.Weight, v.Total())})
	}
	if len(table) == 1 {
		_, err := fmt.Fprint(w, "No sample carries a label.\n\n")
		return err
	}
	return writeFenced(w, "By what it was spent for; what carries no label is mostly net/http, the collector and the scheduler.", table)
}

// costKinds are expressions over stacks that show what time went into. A stack
// may match several.
func costKinds() [][2]string {
	return [][2]string{
		{"Pebble", `cockroachdb/pebble`},
		{"SQLite", `^modernc\.org/(sqlite|libc)`},
		{"system calls", `^(internal/runtime/)?syscall\.`},
		{"net/http, both ends where the load is in the process", `^net/http\.`},
		{"evtui's server", `evtui/server\.`},
		{"evtui's store", `evtui/store/(pebble|sqlite)store\.`},
		{"garbage collection", `^runtime\.(gcBgMarkWorker|gcAssistAlloc|bgsweep|bgscavenge|gcStart)`},
		{"allocating memory", `^runtime\.(mallocgc|newobject|growslice|makeslice)`},
		{"scheduling goroutines", `^runtime\.(schedule|mcall|park_m|findRunnable)`},
	}
}

// viewKind looks at the engine's stacks that an expression matches.
func viewKind(cpu *profiler.Profile, expression string) (*profiler.View, error) {
	return cpu.View(profiler.Options{
		Focus: expression, Relative: true, Labels: []profiler.LabelCut{notOwn()},
	})
}

func writeKinds(w io.Writer, cpu *profiler.Profile, total int64) error {
	table := [][]string{{"STACKS THROUGH", "TIME\t", "SHARE\t"}}
	for _, kind := range costKinds() {
		v, err := viewKind(cpu, kind[1])
		if err != nil {
			return err
		}
		if v.Total() > 0 || kind[0] != "SQLite" && kind[0] != "Pebble" {
			table = append(table, []string{kind[0], v.Format(v.Total()), profiler.Percent(v.Total(), total)})
		}
	}
	return writeFenced(w, "By what it went through, without the UI and the load; a stack can count in several lines.", table)
}

// topCount is how many functions each list of the README holds.
const topCount = 15

func writeTops(w io.Writer, v *profiler.View, of string) error {
	for _, order := range []struct {
		title string
		byCum bool
	}{{"by flat: spent in the function itself", false}, {"by cum: with all that it called", true}} {
		fmt.Fprintf(w, "### Top of %s, %s\n\n```\n", of, order.title)
		if err := v.Top(profiler.TopOptions{Count: topCount, ByCum: order.byCum}).Write(w); err != nil {
			return err
		}
		fmt.Fprintf(w, "```\n\n")
	}
	return nil
}

// writeMemory shows what the load allocated and what of it stayed.
func (p *run) writeMemory(w io.Writer) error {
	for _, m := range []struct{ title, before, after, value, of string }{
		{"Allocated during the load", measure.AllocsBefore, measure.AllocsAfter, "alloc_space", "what was allocated"},
		{"What the heap gained", measure.HeapBefore, measure.HeapAfter, "inuse_space", "what stayed"},
	} {
		v, err := p.gained(m.before, m.after, m.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "## %s\n\n", m.title)
		if calls := p.taken.Load.Writes + p.taken.Load.Reads; m.value == "alloc_space" && calls > 0 {
			fmt.Fprintf(w, "%s, %s for each of %s calls%s.\n\n", v.Format(v.Total()),
				text.Bytes(float64(v.Total())/float64(calls)), text.Count(calls), p.bothEnds())
		}
		if err := writeTops(w, v, m.of); err != nil {
			return err
		}
	}
	return nil
}

func (p *run) bothEnds() string {
	if p.URL == "" {
		return ", the load's own end of it included (memory profiles carry no labels)"
	}
	return ""
}

func (p *run) writeGoroutines(w io.Writer) error {
	v, err := p.taken.Profiles[measure.GoroutineProfile].View(profiler.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "## Goroutines after the load\n\n```\n")
	err = v.Top(profiler.TopOptions{Count: topCount, ByCum: true}).Write(w)
	fmt.Fprintf(w, "```\n\n")
	return err
}

// onward is what to do with the files.
const onward = "## To go on\n\nIn this directory:\n\n```\n" +
	`evtui profile top cpu.prof --tagignore actor=load
evtui profile top cpu.prof --tagfocus actor=commit
evtui profile top cpu.prof --tagfocus pebble=compact
evtui profile callers cpu.prof mallocgc
evtui profile flame cpu.prof --tagfocus method=stream.write -o svg > flame.svg
evtui profile diff allocs-before.prof allocs-after.prof --value alloc_space
evtui profile diff heap-before.prof heap-after.prof
go tool pprof -http=: cpu.prof
go tool pprof -http=: -base heap-before.prof heap-after.prof
` + "```\n\nAgainst another session: `evtui profile diff OTHER/cpu.prof cpu.prof --normalize`.\n"

// writeUsage writes ENGINE-disk-usage.txt.
func (p *run) writeUsage(w io.Writer) error {
	d := &p.taken.Disk
	if !d.Offered {
		_, err := fmt.Fprintln(w, "The server does not report what its namespaces take on disk.")
		return err
	}
	table := [][]string{{"NAMESPACE", "MESSAGES\t", "DISK\t", "BYTES\t", "LOG\t", "MEMTABLES\t"}}
	var total int64
	for i := range d.Namespaces {
		n := &d.Namespaces[i]
		total += n.DiskBytes
		table = append(table, []string{
			n.ID, text.Count(n.Messages), text.Bytes(float64(n.DiskBytes)), fmt.Sprint(n.DiskBytes),
			text.Bytes(float64(n.WAL.Size)), text.Bytes(float64(n.MemtableBytes)),
		})
	}
	table = append(table, []string{"open namespaces together", "", text.Bytes(float64(total)), fmt.Sprint(total), "", ""})
	if err := output.WriteTable(w, table); err != nil {
		return err
	}
	if closed := d.Known - len(d.Namespaces); closed > 0 {
		fmt.Fprintf(w, "\n%d more namespaces are closed and were not measured.\n", closed)
	}
	fmt.Fprintf(w, "\nBy kind of key, in the tables of %s (what is still in the log and in memtables is not in them):\n\n", d.TestID)
	kinds := [][]string{{"KEYS", "BYTES\t"}}
	for _, f := range d.Test.Families {
		kinds = append(kinds, []string{f.Name, fmt.Sprint(f.Bytes)})
	}
	return output.WriteTable(w, kinds)
}

// writeCount writes ENGINE-namespace-count.txt.
func (p *run) writeCount(w io.Writer) error {
	d := &p.taken.Disk
	_, err := fmt.Fprintf(w, "namespaces: %d\n", d.Known)
	if err == nil && d.Offered {
		_, err = fmt.Fprintf(w, "open:       %d\n", len(d.Namespaces))
	}
	return err
}
