package terminal

import (
	"runtime"
	"strconv"
	"strings"
)

// Background is what a terminal draws on.
type Background int

// The backgrounds. Unknown is the zero value: the terminal does not report it.
const (
	Unknown Background = iota
	Dark
	Light
)

// Terminal is what the environment says of a terminal.
type Terminal struct {
	UTF8       bool       // it takes UTF-8; false: nothing beyond ASCII may be sent to it
	Dumb       bool       // it prints lines and cannot place a cursor
	Background Background // as COLORFGBG has it
	NoBraille  bool       // its font has block elements, and no braille to draw charts with
}

// Read returns what a lookup of environment variables shows, such as
// [os.Getenv]; it returns "" for those that are not set.
func Read(getenv func(string) string) Terminal {
	name := getenv("TERM")
	return Terminal{
		UTF8:       utf8Locale(getenv),
		Dumb:       name == "dumb",
		Background: background(getenv("COLORFGBG")),
		NoBraille:  name == "linux" || name == "fbterm" || strings.HasPrefix(name, "linux-"),
	}
}

// utf8Locale reports whether the locale's encoding is UTF-8: that of the first
// of the three variables that is set, as setlocale(3) takes it.
func utf8Locale(getenv func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true // its console gets what each character is, in UTF-16
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			return isUTF8(locale)
		}
	}
	return true
}

// isUTF8 reports whether a locale such as de_DE.UTF-8@euro, or macOS's bare
// "UTF-8", is of that encoding.
func isUTF8(locale string) bool {
	locale, _, _ = strings.Cut(locale, "@")
	encoding := locale
	if _, after, named := strings.Cut(locale, "."); named {
		encoding = after
	}
	encoding = strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(encoding))
	return encoding == "utf8"
}

// background reads COLORFGBG, "foreground;background" with an optional field
// between them: numbers of the sixteen colours. The greys of 7 and 15 are light,
// and so are the bright colours but 8, a dark grey.
func background(colours string) Background {
	fields := strings.Split(colours, ";")
	if len(fields) < 2 {
		return Unknown
	}
	switch n, err := strconv.Atoi(fields[len(fields)-1]); {
	case err != nil || n < 0 || n > 15:
		return Unknown
	case n < 7 || n == 8:
		return Dark
	}
	return Light
}
