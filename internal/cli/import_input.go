package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// peeked is how much of an import's input is looked at before it is sent.
const peeked = 4 << 10

// lines are an import's input: lines of JSON, unpacked.
type lines struct {
	io.Reader
	empty bool // there is nothing in it
}

// readLines looks at an input, unpacks it if it is compressed with gzip, and
// returns an error that says what it is when it is no lines of JSON. With
// packed it must be compressed.
func readLines(in io.Reader, name string, packed bool) (lines, error) {
	begin, head, err := peek(in)
	if err != nil {
		return lines{}, fmt.Errorf("read %s: %w", name, err)
	}
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		unpacked, err := gzip.NewReader(begin)
		if err != nil {
			return lines{}, fmt.Errorf("unpack %s: %w", name, err)
		}
		if begin, head, err = peek(unpacking{unpacked, name}); err != nil {
			return lines{}, err
		}
	} else if packed {
		return lines{}, fmt.Errorf("%s is not compressed with gzip: leave --gzip out", name)
	}
	if what := notLines(head); what != "" {
		return lines{}, fmt.Errorf("%s %s; evtui import reads NDJSON as evtui export writes it, plain or compressed with gzip", name, what)
	}
	if what := tableBehind(in, name); what != "" {
		return lines{}, errors.New(what)
	}
	return lines{Reader: begin, empty: len(bytes.TrimSpace(head)) == 0 && len(head) < peeked}, nil
}

// unpacking says of what an error of decompression is.
type unpacking struct {
	io.Reader
	name string
}

func (u unpacking) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("unpack %s: the compressed data is truncated", u.name)
	case err != nil && !errors.Is(err, io.EOF):
		err = fmt.Errorf("unpack %s: %w", u.name, err)
	}
	return n, err
}

// peek returns a reader of all of in, and what it begins with.
func peek(in io.Reader) (io.Reader, []byte, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, err := buffered.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	return buffered, head, nil
}

// notLines says what an input is that begins so, when it is no lines of JSON;
// "" when it may be, or is nothing at all.
func notLines(head []byte) string {
	for _, known := range []struct{ begins, is string }{
		{"\x1f\x8b", "is compressed with gzip twice"},
		{"\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first, zstd -dc FILE | evtui import -"},
		{"BZh", "is compressed with bzip2: unpack it first, bzip2 -dc FILE | evtui import -"},
		{"\xfd7zXZ\x00", "is compressed with xz: unpack it first, xz -dc FILE | evtui import -"},
		{"\x04\x22\x4d\x18", "is compressed with lz4: unpack it first, lz4 -dc FILE | evtui import -"},
		{"PK\x03\x04", "is a zip archive: unpack it first, unzip -p FILE | evtui import -"},
		{"SQLite format 3\x00", "is a SQLite database: open a data directory with evtui --data DIR"},
		{"%PDF", "is a PDF"},
		{"PAR1", "is a Parquet file"},
		{"Obj\x01", "is an Avro file"},
		{"\xff\xfe", "is UTF-16 text: write it as UTF-8"},
		{"\xfe\xff", "is UTF-16 text: write it as UTF-8"},
		{"\xef\xbb\xbf", "begins with a byte order mark: write it as UTF-8 without one"},
	} {
		if bytes.HasPrefix(head, []byte(known.begins)) {
			return known.is
		}
	}
	return notJSON(head)
}

// notJSON says what a text is that begins so, when it is no lines of JSON.
func notJSON(head []byte) string {
	const tarMagic = 257 // where a tar says what it is
	if len(head) > tarMagic+5 && string(head[tarMagic:tarMagic+5]) == "ustar" {
		return "is a tar archive: take the file out of it first"
	}
	text := bytes.TrimSpace(head)
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case len(text) == 0 || text[0] == '{':
		return ""
	case bytes.IndexByte(head, 0) >= 0 || !utf8.Valid(wholeRunes(text)):
		return "is not text"
	case text[0] == '[':
		return "is one JSON array: write one element per line, jq -c '.[]' FILE | evtui import -"
	case text[0] == '<':
		return "is XML or HTML"
	case bytes.IndexByte(line, ',') > 0 || bytes.IndexByte(line, '\t') > 0 || bytes.IndexByte(line, ';') > 0:
		return "looks like CSV"
	}
	return fmt.Sprintf("does not begin with a JSON object, but with %q", firstWords(string(line)))
}

// wholeRunes cuts a rune off that text ends in the middle of.
func wholeRunes(text []byte) []byte {
	for cut := 1; cut < utf8.UTFMax && cut <= len(text); cut++ {
		if begin := text[len(text)-cut:]; utf8.RuneStart(begin[0]) {
			if !utf8.FullRune(begin) {
				return text[:len(text)-cut]
			}
			break
		}
	}
	return text
}

// firstWords is the beginning of a line, for an error.
func firstWords(line string) string {
	const most = 40
	if utf8.RuneCountInString(line) > most {
		return string([]rune(line)[:most]) + "…"
	}
	return strings.TrimSpace(line)
}

// tableBehind says that a file is a table of Pebble's, which says so at its end.
func tableBehind(in io.Reader, name string) string {
	file, ok := in.(*os.File)
	if !ok {
		return ""
	}
	const length = 8
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < length {
		return ""
	}
	var end [length]byte
	if _, err := file.ReadAt(end[:], info.Size()-length); err != nil {
		return ""
	}
	switch string(end[:]) {
	case "\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3", "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88":
		return name + " is a table of a Pebble database: open a data directory with evtui --data DIR"
	}
	return ""
}
