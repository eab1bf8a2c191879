package profile

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// diskUsage is what the namespaces of a server take on disk.
type diskUsage struct {
	offered    bool                     // the server tells
	known      int                      // namespaces
	namespaces []store.NamespaceFigures // those open, the largest first
	test       store.Storage            // of the namespace under load
	testID     string
}

// measureDisk asks the server. What a closed namespace takes is not asked for:
// it would have to be opened.
func (p *run) measureDisk(ctx context.Context) (diskUsage, error) {
	c := p.session
	figures, err := c.EngineFigures(ctx)
	if client.NotOffered(err) {
		all, err := c.Namespaces(ctx)
		return diskUsage{known: len(all)}, err
	}
	if err != nil {
		return diskUsage{}, err
	}
	d := diskUsage{offered: true, known: figures.Known, namespaces: figures.Namespaces, testID: p.load.Client.Namespace()}
	slices.SortFunc(d.namespaces, func(a, b store.NamespaceFigures) int {
		return cmp.Or(cmp.Compare(b.DiskBytes, a.DiskBytes), cmp.Compare(a.ID, b.ID))
	})
	d.test, err = c.Storage(ctx, d.testID)
	return d, err
}

// writeUsage writes ENGINE-disk-usage.txt.
func (d *diskUsage) writeUsage(w io.Writer) error {
	if !d.offered {
		_, err := fmt.Fprintln(w, "The server does not tell what its namespaces take on disk.")
		return err
	}
	table := [][]string{{"NAMESPACE", "MESSAGES\t", "DISK\t", "BYTES\t", "LOG\t", "MEMTABLES\t"}}
	var total int64
	for i := range d.namespaces {
		n := &d.namespaces[i]
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
	if closed := d.known - len(d.namespaces); closed > 0 {
		fmt.Fprintf(w, "\n%d more namespaces are closed and were not measured.\n", closed)
	}
	fmt.Fprintf(w, "\nBy kind of key, in the tables of %s (what is still in the log and in memtables is not in them):\n\n", d.testID)
	kinds := [][]string{{"KEYS", "BYTES\t"}}
	for _, f := range d.test.Families {
		kinds = append(kinds, []string{f.Name, fmt.Sprint(f.Bytes)})
	}
	return output.WriteTable(w, kinds)
}

// writeCount writes ENGINE-namespace-count.txt.
func (d *diskUsage) writeCount(w io.Writer) error {
	_, err := fmt.Fprintf(w, "namespaces: %d\n", d.known)
	if err == nil && d.offered {
		_, err = fmt.Fprintf(w, "open:       %d\n", len(d.namespaces))
	}
	return err
}
