package text

import "testing"

func TestNameTellsNamesApart(t *testing.T) {
	for _, pair := range [][2]string{
		{"keycap-12", "keycap-1\ufe0f\u20e32\ufe0f\u20e3"},
		{"heart-❤", "heart-❤\ufe0f"},
		{"ok-👍", "ok-👍🏽"},
		{"dev-👩💻", "dev-👩\u200d💻"},
	} {
		if a, b := Name(pair[0]), Name(pair[1]); a == b {
			t.Errorf("%q and %q both show as %q", pair[0], pair[1], a)
		}
		if s := Name(pair[1]); Sanitize(s) != s {
			t.Errorf("%q is not inert", s)
		}
	}
	if got, want := Name("keycap-1\ufe0f\u20e3"), "keycap-1‹U+FE0F›‹U+20E3›"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Name("می\u200cخواهم"); got != Sanitize("می\u200cخواهم") {
		t.Errorf("a non-joiner at work is marked: %q", got)
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"account-1", 9, "account-1"},
		{"account-0192f3a4b5c6", 12, "accoun…4b5c6"},
		{"account-1", 5, "acco…"},
		{"日本語日本語日本語", 9, "日本…本語"},
	} {
		got := Shorten(c.in, c.w)
		if Width(got) > c.w {
			t.Errorf("%q in %d cells: %q takes %d", c.in, c.w, got, Width(got))
		}
		if got != c.want {
			t.Errorf("%q in %d cells: %q, want %q", c.in, c.w, got, c.want)
		}
	}
}
