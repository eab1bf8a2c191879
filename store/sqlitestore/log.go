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
	size  int64                                   // the file's; 0 when there is none
	valid int64                                   // where the last whole transaction ends
	tail  int64                                   // where that ends which belongs to this log, valid or not
	page  int                                     // bytes of a page; 0 when the log has no header that can be read
	seen  func(at int64, page uint32, valid bool) // told of each frame of this log, at its page; may be nil
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
func readLog(path string) (logEnd, error) { return scanLog(path, nil) }

// scanLog tells seen of each frame of a log, in order: where its page's bytes
// lie, which page it is, and whether it is whole and follows whole ones.
func scanLog(path string, seen func(at int64, page uint32, valid bool)) (e logEnd, err error) {
	e.seen = seen
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
	e.size = info.Size()
	return e, e.walk(bufio.NewReaderSize(f, 1<<20))
}

func (e *logEnd) walk(r io.Reader) error {
	var head [logHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		e.tail = e.size // shorter than a header: nothing is whole
		return ended(err)
	}
	l, ok := newLogWalk(head[:])
	if !ok {
		e.tail = e.size // SQLite takes nothing of it
		return nil
	}
	at, broken := int64(logHeader), false
	e.valid, e.tail, e.page = at, at, l.page
	frame := make([]byte, frameHeader+l.page)
	for {
		n, err := io.ReadFull(r, frame)
		if n == 0 {
			return ended(err)
		}
		at += int64(n)
		whole := n == len(frame)
		if !broken && whole && l.next(frame) {
			e.tell(at, frame, true)
			if e.tail = at; binary.BigEndian.Uint32(frame[4:]) != 0 { // a commit
				e.valid = at
			}
			continue
		}
		broken = true
		if !whole {
			e.tail = at
			return ended(err)
		}
		if !l.stale(frame) {
			e.tail = at
			e.tell(at, frame, false)
		}
	}
}

func (e *logEnd) tell(end int64, frame []byte, valid bool) {
	if e.seen != nil {
		e.seen(end-int64(len(frame)-frameHeader), binary.BigEndian.Uint32(frame), valid)
	}
}

// ended takes the end of the file for what it is.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// logWalk checks frames one after the other: each checksum goes on from the one before.
type logWalk struct {
	page         int
	salt1, salt2 uint32
	order        binary.ByteOrder
	sum1, sum2   uint32
}

// newLogWalk reads a log's header; ok is false when that is damaged.
func newLogWalk(head []byte) (l *logWalk, ok bool) {
	magic := binary.BigEndian.Uint32(head)
	l = &logWalk{
		page:  int(binary.BigEndian.Uint32(head[8:])),
		salt1: binary.BigEndian.Uint32(head[16:]), salt2: binary.BigEndian.Uint32(head[20:]),
		order: binary.LittleEndian,
	}
	if magic&1 != 0 {
		l.order = binary.BigEndian
	}
	l.add(head[:24])
	return l, magic&^1 == logMagic && l.page >= 512 && l.page <= 1<<16 && l.page&(l.page-1) == 0 &&
		l.sum1 == binary.BigEndian.Uint32(head[24:]) && l.sum2 == binary.BigEndian.Uint32(head[28:])
}

func (l *logWalk) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		l.sum1 += l.order.Uint32(b) + l.sum2
		l.sum2 += l.order.Uint32(b[4:]) + l.sum1
	}
}

// next checks the frame that follows.
func (l *logWalk) next(frame []byte) bool {
	if binary.BigEndian.Uint32(frame[8:]) != l.salt1 || binary.BigEndian.Uint32(frame[12:]) != l.salt2 || binary.BigEndian.Uint32(frame) == 0 {
		return false
	}
	l.add(frame[:8])
	l.add(frame[frameHeader:])
	return l.sum1 == binary.BigEndian.Uint32(frame[16:]) && l.sum2 == binary.BigEndian.Uint32(frame[20:])
}

// stale reports whether an earlier log left the frame, whose content is in the
// file by now: each log counts the first salt up by one and has a second of
// its own. What is damaged differs in one of them alone, or in both by far.
func (l *logWalk) stale(frame []byte) bool {
	salt1, salt2 := binary.BigEndian.Uint32(frame[8:]), binary.BigEndian.Uint32(frame[12:])
	return salt2 != l.salt2 && salt1 != l.salt1 && l.salt1-salt1 <= staleLogs
}
