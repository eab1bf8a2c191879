package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// checkTables holds every block of every table against its checksum. Reading
// all entries has done so for those that hold them; what is left are filters,
// which could hide a stream or an id that is there, and what describes a
// table. It is only asked when nothing was found before: a repair makes all
// tables anew.
func (v *verifier) checkTables() error {
	if len(v.report.Findings) > 0 {
		return nil
	}
	levels, err := v.of.db.SSTables()
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	for _, level := range levels {
		for i := range level {
			if err := v.watch.Step(); err != nil {
				return err
			}
			if err := v.checkTable(&level[i]); err != nil {
				v.tornTable(&level[i], err)
			}
		}
	}
	return nil
}

func (v *verifier) tornTable(info *pebble.SSTableInfo, err error) {
	keys := describeKey(info.Smallest.UserKey, v.names) + " to " + describeKey(info.Largest.UserKey, v.names)
	reason := strings.TrimPrefix(oneLine(err), "pebble: file 000000: ") // a reader by itself knows no number
	engine.AddFinding(&v.report, store.Finding{
		Where: "tables", Family: "tables", Keys: "table " + info.BackingSSTNum.String() + " with " + keys,
		Detail: "a block beside the entries (a filter, or what describes the table) cannot be read: " + reason,
	})
}

// checkTable reads one table, unless a compaction has removed it meanwhile.
func (v *verifier) checkTable(info *pebble.SSTableInfo) (err error) {
	name := filepath.Join(v.of.files.dir, info.BackingSSTNum.String()+".sst")
	file, err := v.of.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	table, err := sstable.NewReader(context.Background(), readable, v.reading)
	if err != nil {
		return errors.Join(err, readable.Close())
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	return table.ValidateBlockChecksums()
}

// tableReading are the options that tables are read with.
func (d *database) tableReading() sstable.ReaderOptions {
	o := d.backend.pebbleOptions("", d.files, nil)
	o.EnsureDefaults()
	return o.MakeReaderOptions()
}
