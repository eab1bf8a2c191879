package sqlitestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// pageView is a database file with its log as pages, read without SQLite: what
// can be read of one page does not depend on any other. It changes nothing.
type pageView struct {
	file, log *os.File // log is nil when there is none
	size      int      // of a page
	usable    int      // of a page, without what is reserved at its end
	count     uint32   // of pages

	// Where pages lie in the log: as of its last whole transaction, and images
	// behind the first frame that is damaged, in order.
	current map[uint32]int64
	beyond  []image
	later   map[uint32]int64 // the first image beyond of each page
}

// image is a page as a frame of the log has it.
type image struct {
	number uint32
	at     int64
}

// openPages opens a database file and its log.
func openPages(path string) (v *pageView, err error) {
	v = &pageView{size: pageBytes, current: map[uint32]int64{}, later: map[uint32]int64{}}
	if v.file, err = os.Open(path); err != nil {
		return nil, err
	}
	if err := v.measure(path); err != nil {
		return nil, errors.Join(err, v.close())
	}
	return v, nil
}

func (v *pageView) close() error {
	err := v.file.Close()
	if v.log != nil {
		err = errors.Join(err, v.log.Close())
	}
	return err
}

// measure finds how large pages are, how many there are, and which lie in the log.
func (v *pageView) measure(path string) error {
	pending := map[uint32]int64{} // of the transaction that is being read
	var frames []struct {
		image
		valid bool
	}
	end, err := scanLog(path+logSuffix, func(at int64, page uint32, valid bool) {
		frames = append(frames, struct {
			image
			valid bool
		}{image{page, at}, valid})
	})
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	if end.size > 0 {
		if v.log, err = os.Open(path + logSuffix); err != nil {
			return fmt.Errorf("open log: %w", err)
		}
	}
	var head [headerSize]byte
	if _, err := v.file.ReadAt(head[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read header: %w", err)
	}
	v.size = pageSizeOf(head[:], end.page)
	v.usable = v.size
	if reserved := int(head[20]); reserved <= 32 && string(head[:6]) == "SQLite" {
		v.usable -= reserved
	}
	info, err := v.file.Stat()
	if err != nil {
		return err
	}
	v.count = uint32(min((info.Size()+int64(v.size)-1)/int64(v.size), math.MaxUint32))
	for _, f := range frames {
		if f.valid && f.at < end.valid {
			pending[f.number] = f.at
			v.count = max(v.count, f.number)
			continue
		}
		v.beyond = append(v.beyond, f.image)
		if _, seen := v.later[f.number]; !seen {
			v.later[f.number] = f.at
		}
	}
	v.current = pending
	return nil
}

// pageSizeOf is a page's size as the header, else the log, says, else SQLite's
// default.
func pageSizeOf(head []byte, ofLog int) int {
	n := int(binary.BigEndian.Uint16(head[16:]))
	if n == 1 {
		n = 1 << 16
	}
	switch {
	case ofLog > 0:
		return ofLog
	case n >= 512 && n&(n-1) == 0:
		return n
	}
	return pageBytes
}

// page reads a page as of the log's last whole transaction, into b. What lies
// behind the file's end is zero.
func (v *pageView) page(number uint32, b []byte) error {
	if at, ok := v.current[number]; ok {
		return readWhole(v.log, b, at)
	}
	return readWhole(v.file, b, int64(number-1)*int64(v.size))
}

// laterPage reads a page as the frames behind the damage have it.
func (v *pageView) laterPage(number uint32, b []byte) error {
	if at, ok := v.later[number]; ok {
		return readWhole(v.log, b, at)
	}
	return v.page(number, b)
}

func readWhole(f *os.File, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if errors.Is(err, io.EOF) {
		clear(b[n:])
		return nil
	}
	return err
}

// Kinds of b-tree pages (sqlite.org/fileformat2.html section 1.6).
const (
	interiorIndex = 0x02
	leafIndex     = 0x0a
	leafTable     = 0x0d
)

// cell is one entry of a b-tree page: a row, or an entry of an index.
type cell struct {
	rowid   int64 // of rows
	payload []byte
}

// maxPayload bounds what a cell may claim to hold.
const maxPayload = 8 << 20

// cells visits what can be read of a page's entries. next reads the pages that
// a long entry goes on in.
func (v *pageView) cells(number uint32, b []byte, next func(uint32, []byte) error, visit func(kind byte, c cell)) {
	start := 0
	if number == 1 {
		start = headerSize
	}
	kind := b[start]
	head := 8
	switch kind {
	case interiorIndex:
		head = 12
	case leafIndex, leafTable:
	default:
		return
	}
	n := int(binary.BigEndian.Uint16(b[start+3:]))
	for i := range n {
		pointer := start + head + 2*i
		if pointer+2 > v.usable {
			return
		}
		at := int(binary.BigEndian.Uint16(b[pointer:]))
		if at < start+head || at >= v.usable {
			continue
		}
		if c, ok := v.cell(kind, b[at:v.usable], next); ok {
			visit(kind, c)
		}
	}
}

func (v *pageView) cell(kind byte, b []byte, next func(uint32, []byte) error) (c cell, ok bool) {
	if kind == interiorIndex {
		if len(b) < 4 {
			return c, false
		}
		b = b[4:]
	}
	length, n := varint(b)
	if n == 0 || length < 2 || length > maxPayload {
		return c, false
	}
	b = b[n:]
	if kind == leafTable {
		if c.rowid, n = varint(b); n == 0 {
			return c, false
		}
		b = b[n:]
	}
	c.payload, ok = v.payload(kind, int(length), b, next)
	return c, ok
}

// payload puts an entry together, which may go on in overflow pages.
func (v *pageView) payload(kind byte, length int, b []byte, next func(uint32, []byte) error) ([]byte, bool) {
	u := v.usable
	most, least := u-35, (u-12)*32/255-23
	if kind != leafTable {
		most = (u-12)*64/255 - 23
	}
	if length <= most {
		if length > len(b) {
			return nil, false
		}
		return b[:length], true
	}
	local := least + (length-least)%(u-4)
	if local > most {
		local = least
	}
	if local+4 > len(b) {
		return nil, false
	}
	whole := append(make([]byte, 0, length), b[:local]...)
	page := make([]byte, v.size)
	for number := binary.BigEndian.Uint32(b[local:]); len(whole) < length; number = binary.BigEndian.Uint32(page) {
		if number == 0 || number > v.count && v.later[number] == 0 || next(number, page) != nil {
			return nil, false
		}
		whole = append(whole, page[4:min(u, 4+length-len(whole))]...)
	}
	return whole, true
}

// varint reads a variable-length integer; n is 0 when there is none.
func varint(b []byte) (value int64, n int) {
	var u uint64
	for i := range min(len(b), 9) {
		if i == 8 {
			return int64(u<<8 | uint64(b[i])), 9
		}
		u = u<<7 | uint64(b[i]&0x7f)
		if b[i]&0x80 == 0 {
			return int64(u), i + 1
		}
	}
	return 0, 0
}

// field is one column of a record. Its kind is that of the storage class.
type field struct {
	kind  byte // 'n' for NULL, 'i' integer, 't' text, 'b' blob
	value int64
	bytes []byte
}

// fields takes a record apart (section 2.1 there). ok is false when it is none
// that evtui writes.
func fields(record []byte, into []field) (list []field, ok bool) {
	size, n := varint(record)
	if n == 0 || size < int64(n) || size > int64(len(record)) {
		return nil, false
	}
	head, body := record[n:size], record[size:]
	list = into[:0]
	for len(head) > 0 {
		kind, n := varint(head)
		if n == 0 {
			return nil, false
		}
		head = head[n:]
		f, length, ok := fieldOf(kind, body)
		if !ok {
			return nil, false
		}
		body = body[length:]
		list = append(list, f)
	}
	return list, len(body) == 0
}

func fieldOf(kind int64, body []byte) (f field, length int, ok bool) {
	switch {
	case kind == 0:
		return field{kind: 'n'}, 0, true
	case kind >= 1 && kind <= 6:
		length = int([...]int8{0, 1, 2, 3, 4, 6, 8}[kind])
		if length > len(body) {
			return f, 0, false
		}
		value := int64(int8(body[0]))
		for _, b := range body[1:length] {
			value = value<<8 | int64(b)
		}
		return field{kind: 'i', value: value}, length, true
	case kind == 8 || kind == 9:
		return field{kind: 'i', value: kind - 8}, 0, true
	case kind >= 12 && (kind-12)/2 <= int64(len(body)):
		length = int(kind-12) / 2
		f = field{kind: 'b', bytes: body[:length:length]}
		if kind%2 == 1 {
			f.kind = 't'
		}
		return f, length, true
	}
	return f, 0, false
}

// shape is the kinds of a record's fields, as a word.
func shape(list []field) string {
	var b [16]byte
	if len(list) > len(b) {
		return ""
	}
	for i, f := range list {
		b[i] = f.kind
	}
	return string(b[:len(list)])
}
