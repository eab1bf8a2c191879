package pebblestore

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"testing"

	pebblelog "github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
)

var scanSeed = flag.Uint64("scan.seed", 0, "seed of the log scanner's test; 0 takes a random one")

// The numbers of the logs that are written: Pebble's type for them cannot be named.
const (
	olderLog   = 5
	scannedLog = 7
)

// writeLog writes random records with Pebble's writer and returns them.
func writeLog(t *testing.T, random *rand.Rand, file vfs.File, older, promises bool) (records [][]byte) {
	t.Helper()
	o := pebblelog.LogWriterConfig{WriteWALSyncOffsets: func() bool { return promises }}
	var w *pebblelog.LogWriter
	if older {
		w = pebblelog.NewLogWriter(file, olderLog, o)
	} else {
		w = pebblelog.NewLogWriter(file, scannedLog, o)
	}
	for range random.IntN(300) {
		// Not larger: Pebble looks for the bit that flipped in ever larger chunks
		// with the square of their size.
		size := 12 + random.IntN(1000)
		one := make([]byte, size)
		for i := range one {
			one[i] = byte(random.Uint32())
		}
		if _, err := w.WriteRecord(one); err != nil {
			t.Fatal(err)
		}
		records = append(records, one)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return records
}

// mustWriteLog is a log, written over an older one or not, closed or cut off.
func mustWriteLog(t *testing.T, random *rand.Rand, recycled, promises bool) (data []byte, records [][]byte) {
	t.Helper()
	fs := vfs.NewMem()
	file, err := fs.Create("log", category)
	if err != nil {
		t.Fatal(err)
	}
	if recycled {
		writeLog(t, random, file, true, promises)
		if file, err = fs.ReuseForWrite("log", "recycled", category); err != nil {
			t.Fatal(err)
		}
		records = writeLog(t, random, file, false, promises)
		data, err = files{fs}.ReadFile("recycled")
	} else {
		records = writeLog(t, random, file, false, promises)
		data, err = files{fs}.ReadFile("log")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data, records
}

// readByPebble reads a log as Pebble does when it opens.
func readByPebble(data []byte) (records [][]byte, err error) {
	r := pebblelog.NewReader(bytes.NewReader(data), scannedLog)
	for {
		one, err := r.Next()
		if err != nil {
			return records, err
		}
		text, err := io.ReadAll(one)
		if err != nil {
			return records, err
		}
		records = append(records, text)
	}
}

// TestScanLogReadsWhatPebbleReads compares the scanner with Pebble's reader on
// logs that are whole, cut, torn and damaged.
func TestScanLogReadsWhatPebbleReads(t *testing.T) {
	seed := *scanSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (replay with -scan.seed)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		recycled, promises := random.IntN(2) == 0, random.IntN(2) == 0
		data, written := mustWriteLog(t, random, recycled, promises)
		s := mustScan(t, data, written)
		if !s.closed || s.dropped != 0 {
			t.Fatalf("a log that was closed: %+v", s)
		}
		for range 10 {
			damaged := bytes.Clone(data)
			switch at := random.IntN(len(data)); random.IntN(4) {
			case 0:
				damaged[at] ^= 1 << random.IntN(8)
			case 1:
				damaged = damaged[:at]
			case 2:
				clear(damaged[at:])
			default:
				clear(damaged[at:min(len(data), at+4096)])
			}
			read, err := readByPebble(damaged)
			s := mustScan(t, damaged, read)
			proven := errors.Is(err, pebblelog.ErrInvalidChunk) || errors.Is(err, pebblelog.ErrZeroedChunk)
			if proven && s.dropped == 0 || s.closed && !errors.Is(err, io.EOF) {
				t.Fatalf("Pebble says %v, the scanner %+v of %d bytes", err, s, len(damaged))
			}
		}
	}
}

// mustScan scans a log and compares its records.
func mustScan(t *testing.T, data []byte, want [][]byte) scanned {
	t.Helper()
	n := 0
	s, err := scanLog(bytes.NewReader(data), scannedLog, func(one []byte) error {
		if n >= len(want) || !bytes.Equal(one, want[n]) {
			t.Fatalf("record %d of %d is another", n, len(want))
		}
		n++
		return nil
	})
	if err != nil || n != len(want) {
		t.Fatalf("%d of %d records, %v: %+v", n, len(want), err, s)
	}
	if s.records > s.chunks || s.chunks > s.reach || s.dropped < 0 || s.records+s.dropped > int64(len(data)) {
		t.Fatalf("of %d bytes: %+v", len(data), s)
	}
	return s
}

// TestDroppedBytes tells torn records from room that was never written, and
// from what an older log left.
func TestDroppedBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, recycled := range []bool{false, true} {
		for _, promises := range []bool{false, true} {
			var data []byte
			var records [][]byte
			for len(records) < 10 {
				data, records = mustWriteLog(t, random, recycled, promises)
			}
			whole := mustScan(t, data, records)
			flipped := bytes.Clone(data)
			flipped[whole.chunks-1] ^= 1
			s, err := scanLog(bytes.NewReader(flipped), scannedLog, func([]byte) error { return nil })
			if err != nil || s.dropped == 0 || s.records+s.dropped < whole.chunks || s.closed {
				t.Errorf("recycled %v: the last record's last byte changed: %+v of %+v, %v", recycled, s, whole, err)
			}
			room := append(bytes.Clone(data[:whole.chunks]), make([]byte, 100_000)...)
			if s := mustScan(t, room, records); s.dropped != 0 {
				t.Errorf("room that was never written: %+v", s)
			}
		}
	}
}

// TestScanManifest damages manifests: only the end of the last record can be a
// crash's.
func TestScanManifest(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	var file bytes.Buffer
	w := pebblelog.NewWriter(&file)
	var starts []int
	for range 50 {
		starts = append(starts, file.Len())
		one, err := w.Next()
		if err != nil {
			t.Fatal(err)
		}
		text := bytes.Repeat([]byte{byte(random.IntN(3))}, 1+random.IntN(3000))
		if _, err := one.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	count := func(data []byte) (n int, s scanned) {
		s, err := scanLog(bytes.NewReader(data), 0, func([]byte) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n, s
	}
	if n, s := count(file.Bytes()); n != 50 || s.dropped != 0 || s.after || s.reach != int64(file.Len()) {
		t.Fatalf("%d records, %+v of %d bytes", n, s, file.Len())
	}
	for i, start := range starts {
		data := bytes.Clone(file.Bytes())
		data[start+plainHeader] ^= 1
		n, s := count(data)
		if n != i || s.after != (i < 49) || s.dropped == 0 {
			t.Errorf("record %d damaged: %d read, %+v", i, n, s)
		}
	}
}
