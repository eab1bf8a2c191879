package terminal

import (
	"runtime"
	"testing"
)

func TestLocale(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no locales of this kind")
	}
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, true},
		{map[string]string{"LANG": "en_US.UTF-8"}, true},
		{map[string]string{"LANG": "C.utf8"}, true},
		{map[string]string{"LANG": "de_DE.UTF-8@euro"}, true},
		{map[string]string{"LC_CTYPE": "UTF-8", "LANG": "C"}, true}, // macOS
		{map[string]string{"LC_ALL": "", "LANG": "ja_JP.utf-8"}, true},
		{map[string]string{"LC_ALL": "C", "LANG": "en_US.UTF-8"}, false},
		{map[string]string{"LC_ALL": "POSIX"}, false},
		{map[string]string{"LANG": "de_DE@euro"}, false},
		{map[string]string{"LANG": "de_DE.ISO-8859-1"}, false},
		{map[string]string{"LC_CTYPE": "ja_JP.eucJP", "LANG": "en_US.UTF-8"}, false},
		{map[string]string{"LANG": "zh_CN.GB18030"}, false},
	} {
		if got := Read(lookup(c.env)).UTF8; got != c.want {
			t.Errorf("%v: UTF-8 %v", c.env, got)
		}
	}
}

func TestBackground(t *testing.T) {
	for colours, want := range map[string]Background{
		"": Unknown, "15": Unknown, "0;15": Light, "0;default;15": Light, "15;0": Dark, "7;default;0": Dark,
		"12;8": Dark, "0;7": Light, "0;11": Light, "default;default": Unknown, "0;99": Unknown, "0;-1": Unknown, "x;y": Unknown,
	} {
		if got := Read(lookup(map[string]string{"COLORFGBG": colours})).Background; got != want {
			t.Errorf("COLORFGBG=%q: %v, want %v", colours, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for name, want := range map[string]Terminal{
		"":               {UTF8: true},
		"dumb":           {UTF8: true, Dumb: true},
		"linux":          {UTF8: true, NoBraille: true},
		"linux-16color":  {UTF8: true, NoBraille: true},
		"xterm-256color": {UTF8: true},
	} {
		if got := Read(lookup(map[string]string{"TERM": name})); got != want {
			t.Errorf("TERM=%q: %+v, want %+v", name, got, want)
		}
	}
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}
