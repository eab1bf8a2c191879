package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func TestParseID(t *testing.T) {
	const text = "018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a"
	want := store.ID{0x01, 0x8f, 0x3c, 0x1e, 0x7a, 0x3b, 0x7c, 0x52, 0x9d, 0x0a, 0x5f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a}
	for _, s := range []string{text, strings.ToUpper(text)} {
		got, err := store.ParseID(s)
		if err != nil || got != want {
			t.Errorf("ParseID(%q) = %x, %v", s, got, err)
		}
		if got.String() != text {
			t.Errorf("%q comes back as %q", s, got)
		}
		if got := string(got.AppendTo([]byte("id="))); got != "id="+text {
			t.Errorf("AppendTo gives %q", got)
		}
	}
	if zero, err := store.ParseID("00000000-0000-0000-0000-000000000000"); err != nil || !zero.IsZero() {
		t.Errorf("the zero id: got %x, %v", zero, err)
	}
	for _, s := range []string{
		"", text[:35], text + "0", "{" + text + "}", strings.ReplaceAll(text, "-", ""), "018f3c1e-7a3b-7c52-9d0a_5f1e2d3c4b5a",
		"018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5g", "018f3c1e-7a3b-7c5-29d0a-5f1e2d3c4b5a", "018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4é5", "urn:uuid:" + text,
		"-18f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a", "018f3c1e-7a3b-7c52-9d0a- f1e2d3c4b5a",
	} {
		var invalid *store.InvalidError
		if id, err := store.ParseID(s); !errors.As(err, &invalid) || !id.IsZero() {
			t.Errorf("ParseID(%q) = %x, %v, want an *InvalidError", s, id, err)
		}
	}
}

func TestMadeIDs(t *testing.T) {
	at := time.Date(2026, 1, 15, 10, 30, 0, 123_999_999, time.UTC)
	full := [10]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	// 2026-01-15T10:30:00.123Z is 1768473000123 ms, 0x19bc13478bb.
	if got := store.MakeID(at, full).String(); got != "019bc134-78bb-7fff-bfff-ffffffffffff" {
		t.Errorf("MakeID of ones is %s", got)
	}
	if got := store.MakeID(at, [10]byte{}).String(); got != "019bc134-78bb-7000-8000-000000000000" {
		t.Errorf("MakeID of zeros is %s", got)
	}
	seen := map[store.ID]bool{}
	for range 10_000 {
		id := store.NewID(at)
		if seen[id] || id[6]>>4 != 7 || id[8]>>6 != 2 {
			t.Fatalf("NewID made %s (made before: %t)", id, seen[id])
		}
		seen[id] = true
		if made, ok := id.Time(); !ok || !made.Equal(at.Truncate(time.Millisecond)) || made.Location() != time.UTC {
			t.Fatalf("the time of %s is %s, %t", id, made, ok)
		}
	}
	earlier, later := store.MakeID(at, full), store.MakeID(at.Add(time.Millisecond), [10]byte{})
	if earlier.String() >= later.String() {
		t.Errorf("%s does not sort before %s", earlier, later)
	}
	version4 := store.ID{6: 0x40, 8: 0x80}
	if made, ok := version4.Time(); ok {
		t.Errorf("an id of version 4 carries the time %s", made)
	}
	if (store.ID{15: 1}).IsZero() || !(store.ID{}).IsZero() {
		t.Error("IsZero is wrong")
	}
}
