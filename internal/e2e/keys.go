package e2e

import "fmt"

// keyBytes is what a terminal sends for the keys that are not one character
// (xterm, normal cursor keys).
func keyBytes(name string) (string, error) {
	named := map[string]string{
		"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
		"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
		"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "f1": "\x1bOP",
	}
	if bytes, ok := named[name]; ok {
		return bytes, nil
	}
	var letter rune
	if n, err := fmt.Sscanf(name, "ctrl+%c", &letter); n == 1 && err == nil && letter >= 'a' && letter <= 'z' {
		return string(letter - 'a' + 1), nil
	}
	if len([]rune(name)) == 1 {
		return name, nil
	}
	return "", fmt.Errorf("unknown key %q", name)
}
