package profile

import (
	"fmt"
	"io"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/text"
)

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
