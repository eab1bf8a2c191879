package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
)

func TestCategoryAndCardinalID(t *testing.T) {
	for _, c := range []struct{ stream, category, cardinal string }{
		{"account-123", "account", "123"},
		{"account-123+retry", "account", "123"},
		{"account-123+a+b", "account", "123"},
		{"account-123-456", "account", "123-456"},
		{"account", "account", ""},
		{"account-", "account", ""},
		{"account-+x", "account", ""},
		{"account+x", "account+x", ""},
		{"account+x-1", "account+x", "1"},
		{"account:command-1", "account:command", "1"},
		{"日本-語+é", "日本", "語"},
		{"", "", ""},
	} {
		if got := store.Category(c.stream); got != c.category {
			t.Errorf("Category(%q) = %q, want %q", c.stream, got, c.category)
		}
		if got := store.CardinalID(c.stream); got != c.cardinal {
			t.Errorf("CardinalID(%q) = %q, want %q", c.stream, got, c.cardinal)
		}
	}
}

// illegal in every kind of name.
func illegal() []string {
	return []string{"", "\x00", "a\x00b", "a\nb", "\x1f", "\x1b[0m", "a\x7f", "\u0080", "a\u009f", "\xff", "a\xc3", "é\xed\xa0\x80"}
}

// odd but legal in every kind of name.
func odd() []string {
	return []string{"a", " ", "é", "e\u0301", "日本語", "🎈", "\u00a0", "\u202e", "\ufffd", "\U0010ffff", "a+b", "...", "%00", `"'<>&`, "~"}
}

// checkNames checks a rule against names that it must accept and refuse.
func checkNames(t *testing.T, field string, check func(string) error, legal, refused []string) {
	t.Helper()
	for _, name := range legal {
		if err := check(name); err != nil {
			t.Errorf("%q: got %v, want it accepted", name, err)
		}
	}
	for _, name := range refused {
		var invalid *store.InvalidError
		if err := check(name); !errors.As(err, &invalid) {
			t.Errorf("%q: got error %v, want an *InvalidError", name, err)
		} else if invalid.Field != field || invalid.Reason == "" {
			t.Errorf("%q: got field %q, reason %q, want field %q", name, invalid.Field, invalid.Reason, field)
		}
	}
}

func TestCheckNamespaceID(t *testing.T) {
	legal := append(odd(), "default", "a-b", "-", ".a", strings.Repeat("x", 128), strings.Repeat("é", 64))
	refused := append(illegal(), ".", "..", "/", "a/b", "../../etc", `a\b`, strings.Repeat("x", 129), strings.Repeat("é", 65))
	checkNames(t, "namespace", store.CheckNamespaceID, legal, refused)
}

func TestCheckStreamName(t *testing.T) {
	legal := append(odd(), "a-", "a-1", "a--1", "a/b-../c", strings.Repeat("x", 1024), strings.Repeat("é", 512))
	refused := append(illegal(), "-", "-1", strings.Repeat("x", 1025), strings.Repeat("é", 513))
	checkNames(t, "stream", store.CheckStreamName, legal, refused)
}

func TestCheckCategory(t *testing.T) {
	legal := append(odd(), "a:command", strings.Repeat("x", 1024))
	refused := append(illegal(), "-", "a-", "a-1", "-1", strings.Repeat("x", 1025))
	checkNames(t, "category", store.CheckCategory, legal, refused)
}

func TestCheckType(t *testing.T) {
	legal := append(odd(), "Order-Placed", "-", strings.Repeat("x", 256))
	refused := append(illegal(), strings.Repeat("x", 257), strings.Repeat("é", 129))
	checkNames(t, "type", store.CheckType, legal, refused)
}
