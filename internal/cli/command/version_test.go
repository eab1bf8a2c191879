package command

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestReleased(t *testing.T) {
	for module, want := range map[string]string{
		"":                                     "",
		"(devel)":                              "",
		"v1.2.3":                               "1.2.3",
		"v1.2.3+dirty":                         "1.2.3",
		"v1.2.3-rc.1":                          "1.2.3-rc.1",
		"v1.2.3-rc-1-x":                        "1.2.3-rc-1-x",
		"v0.0.0-20261123083412-346244a5c1d2":   "",
		"v0.1.1-0.20261123083412-346244a5c1d2": "",
		"v0.2.0-rc.1.0.20261123083412-346244a5c1d2+dirty": "",
		"v1.2.3+meta": "",
	} {
		if got, ok := released(module); got != want || ok != (want != "") {
			t.Errorf("released(%q) = %q, %v, want %q", module, got, ok, want)
		}
	}
}

func TestBuildTellsWhatItKnows(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, nextVersion + " (" + runtime.Version() + ", " + platform + ")"},
		{&debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}}, nextVersion + " (go1.26.8, " + platform + ")"},
		{&debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v9.8.7+dirty"}, Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "346244a5c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6"},
			{Key: "vcs.time", Value: "2026-11-23T08:34:12Z"},
			{Key: "vcs.modified", Value: "true"},
		}}, "9.8.7 (commit 346244a5c1d2 with changes, 2026-11-23T08:34:12Z, go1.26.8, " + platform + ")"},
	} {
		if got := BuildOf(c.info, c.info != nil).String(); got != c.want {
			t.Errorf("buildOf(%+v) = %q, want %q", c.info, got, c.want)
		}
	}
}
