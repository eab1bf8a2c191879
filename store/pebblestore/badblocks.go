package pebblestore

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// badBlocks remembers which blocks of a database's tables are damaged, so that
// each is read once: Pebble searches for the flipped bit every time, which
// takes it a tenth of a second.
type badBlocks struct {
	any  atomic.Bool
	list sync.Map // of badBlock
}

type badBlock struct {
	table  string
	offset int64
}

// blockInError finds the block that Pebble tells of in an error's text.
var blockInError = regexp.MustCompile(`block (\d+)/\d+:`)

// note is told of damage that Pebble found in a table, and reports whether it
// is news.
func (b *badBlocks) note(path string, err error) bool {
	found := blockInError.FindStringSubmatch(err.Error())
	if found == nil {
		return true
	}
	offset, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		return true
	}
	_, known := b.list.LoadOrStore(badBlock{filepath.Base(path), offset}, nil)
	b.any.Store(true)
	return !known
}

func (b *badBlocks) has(table string, offset int64) bool {
	if !b.any.Load() {
		return false
	}
	_, bad := b.list.Load(badBlock{table, offset})
	return bad
}

// table is a table that is read, but for its damaged blocks.
type table struct {
	vfs.File
	name   string
	blocks *badBlocks
}

func (t *table) ReadAt(p []byte, offset int64) (int, error) {
	if t.blocks.has(t.name, offset) {
		return 0, fmt.Errorf("block %d of table %s is damaged", offset, t.name)
	}
	return t.File.ReadAt(p, offset)
}
