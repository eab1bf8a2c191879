package pagetest

import "testing"

func TestPainted(t *testing.T) {
	for screen, want := range map[string]string{
		"plain": "", "\x1b[1mbold\x1b[0m \x1b[7mreversed\x1b[m": "", "\x1b[1mx\x1b[31my": "\x1b[31m", "\x1b[1;42mx": "\x1b[1;42m",
		"\x1b[38;5;7mx": "\x1b[38;5;7m", "\x1b[48:2:1:2:3mx": "\x1b[48:2:1:2:3m", "\x1b[92mx": "\x1b[92m", "\x1b[103mx": "\x1b[103m",
	} {
		if got := Painted(screen); got != want {
			t.Errorf("of %q painted is %q, want %q", screen, got, want)
		}
	}
}
