package sqlitestore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
)

// logEnd says where a write-ahead log ends, as sqlite.org/fileformat2.html
// section 4 describes logs.
type logEnd struct {
	size  int64 // the file's; 0 when there is none
	valid int64 // where the last whole transaction ends
	tail  int64 // where that ends which belongs to this log, valid or not
}

// dropped is how many bytes SQLite leaves out.
func (e logEnd) dropped() int64 { return e.tail - e.valid }

const (
	logHeader   = 32
	frameHeader = 24
	logMagic    = 0x377f0682 // with the lowest bit set, checksums are of big-endian words
	staleLogs   = 1 << 16    // how many logs before this one can have left frames in the file
)

// readLog walks a log's frames. One that is missing is empty.
func readLog(path string) (e logEnd, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return e, err
	}
	e.size, e.tail = info.Size(), info.Size()
	if err = e.walk(bufio.NewReaderSize(f, 1<<20)); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return e, err
}

// walk returns what ended it.
func (e *logEnd) walk(r io.Reader) error {
	head := make([]byte, logHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return err // shorter than a header: nothing is whole
	}
	l := logWalk{head: head, order: binary.LittleEndian}
	if head[3]&1 != 0 {
		l.order = binary.BigEndian
	}
	l.add(head[:24])
	page := binary.BigEndian.Uint32(head[8:])
	if !l.fits(head[24:]) || binary.BigEndian.Uint32(head)&^1 != logMagic || page < 512 || page > 1<<16 || page&(page-1) != 0 {
		return io.EOF // SQLite takes nothing of it
	}
	at, whole := int64(logHeader), true
	e.valid, e.tail = at, at
	for frame := make([]byte, frameHeader+page); ; {
		n, err := io.ReadFull(r, frame)
		if n == 0 {
			return err
		}
		at += int64(n)
		whole = whole && err == nil && l.next(frame)
		if whole && binary.BigEndian.Uint32(frame[4:]) != 0 { // a commit
			e.valid = at
		}
		if whole || err != nil || !l.stale(frame) {
			e.tail = at
		}
		if err != nil {
			return err
		}
	}
}

// logWalk checks frames one after the other: each checksum goes on from the one before.
type logWalk struct {
	head       []byte // the log's
	order      binary.ByteOrder
	sum1, sum2 uint32
}

func (l *logWalk) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		l.sum1 += l.order.Uint32(b) + l.sum2
		l.sum2 += l.order.Uint32(b[4:]) + l.sum1
	}
}

// fits compares the sum up to here with the one that is stored.
func (l *logWalk) fits(stored []byte) bool {
	return l.sum1 == binary.BigEndian.Uint32(stored) && l.sum2 == binary.BigEndian.Uint32(stored[4:])
}

// next checks the frame that follows.
func (l *logWalk) next(frame []byte) bool {
	if string(frame[8:16]) != string(l.head[16:24]) || binary.BigEndian.Uint32(frame) == 0 {
		return false
	}
	l.add(frame[:8])
	l.add(frame[frameHeader:])
	return l.fits(frame[16:])
}

// stale reports whether an earlier log left the frame, whose content is in the
// file by now: each log counts the first salt up by one and has a second of
// its own. What is damaged differs in one of them alone, or in both by far.
func (l *logWalk) stale(frame []byte) bool {
	age := binary.BigEndian.Uint32(l.head[16:]) - binary.BigEndian.Uint32(frame[8:])
	return age != 0 && age <= staleLogs && string(frame[12:16]) != string(l.head[20:24])
}
