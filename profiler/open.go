package profiler

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// Errors of opening a profile.
var (
	// ErrTooLarge is returned when a profile exceeds one of the Limits.
	ErrTooLarge = errors.New("profile too large")
	// ErrFormat is returned for what is not a pprof profile in protobuf form,
	// or is damaged.
	ErrFormat = errors.New("not a readable pprof profile")

	errCutOff = fmt.Errorf("%w: it is cut off or damaged", ErrFormat)
)

// Limits caps what opening a profile may cost. A zero field means its default.
type Limits struct {
	Input  int64 // bytes as stored, compressed or not; default 256 MB
	Size   int64 // bytes after decompression; default 512 MB
	Memory int64 // bytes of heap of the decoded profile, by estimate; default 3 GB
}

func (l Limits) withDefaults() Limits {
	if l.Input <= 0 {
		l.Input = 256 << 20
	}
	if l.Size <= 0 {
		l.Size = 512 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 3 << 30
	}
	return l
}

// OpenFile opens the profile in a file, within the limits. Errors name the
// file and are ErrTooLarge, ErrFormat or those of the file system.
func OpenFile(path string, limits Limits) (*Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open profile: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	p, err := Open(f, limits)
	if err != nil {
		return nil, fmt.Errorf("open profile %q: %w", path, err)
	}
	return p, nil
}

// Parse opens a profile that is held in memory. data is not kept.
func Parse(data []byte, limits Limits) (*Profile, error) {
	return Open(bytes.NewReader(data), limits)
}

// Open reads a profile, gzip-compressed or not, within the limits. It returns
// ErrTooLarge, ErrFormat or r's error.
func Open(r io.Reader, limits Limits) (*Profile, error) {
	limits = limits.withDefaults()
	data, err := readAll(r, limits)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrFormat)
	}
	p, err := parse(data, limits)
	if errors.Is(err, ErrFormat) {
		if says := recognize(data); says != "" {
			return nil, fmt.Errorf("%w: %s", ErrFormat, says)
		}
	}
	return p, err
}

// parse makes a profile of its wire form.
func parse(data []byte, limits Limits) (*Profile, error) {
	p, err := decode(data, limits.Memory)
	if err != nil {
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) {
			err = fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return nil, err
	}
	if err := p.CheckValid(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(p.SampleType) == 0 {
		return nil, fmt.Errorf("%w: it does not say what it measures", ErrFormat)
	}
	return newProfile(p)
}

// readAll reads and decompresses r.
func readAll(r io.Reader, limits Limits) ([]byte, error) {
	in := bufio.NewReaderSize(&capped{r: r, left: limits.Input, what: "bytes of input"}, 1<<16)
	head, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var src io.Reader = in
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		gz, err := gzip.NewReader(in)
		if err != nil {
			return nil, gzipError(err)
		}
		src = gz
	}
	data, err := io.ReadAll(&capped{r: src, left: limits.Size, what: "bytes once decompressed"})
	if err != nil {
		return nil, gzipError(err)
	}
	return data, nil
}

func gzipError(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case corrupt, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errCutOff
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%w: %w", ErrFormat, err)
	default:
		return err
	}
}

// capped is an io.LimitReader that tells running over from ending.
type capped struct {
	r    io.Reader
	left int64
	what string
	max  int64
}

func (c *capped) Read(b []byte) (int, error) {
	if c.max == 0 {
		c.max = c.left
	}
	n, err := c.r.Read(b)
	if c.left -= int64(n); c.left < 0 {
		return 0, fmt.Errorf("%w: more than %d %s", ErrTooLarge, c.max, c.what)
	}
	return n, err
}
