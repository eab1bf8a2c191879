package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// nextVersion names the release that the source is on its way to. A build of a
// tagged commit goes by its tag instead.
const nextVersion = "0.1.0"

// Version is semver; the protocol's sys.version and /version answer with it.
// It is set here and never again.
var Version = BuildOf(debug.ReadBuildInfo()).Version

// Build is what a binary knows of how it was made.
type Build struct {
	Version  string // semver, without "v"
	commit   string // "" when the binary was built outside a checkout, or with -buildvcs=false
	time     string // of the commit, RFC 3339; "" as above
	modified bool   // there were changes that are not in the commit
	compiler string // "go1.26.8"
}

// BuildOf reads what the linker wrote; ok is false when it wrote nothing.
func BuildOf(info *debug.BuildInfo, ok bool) Build {
	b := Build{Version: nextVersion, compiler: runtime.Version()}
	if !ok {
		return b
	}
	b.compiler = info.GoVersion
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.commit = setting.Value
		case "vcs.time":
			b.time = setting.Value
		case "vcs.modified":
			b.modified = setting.Value == "true"
		}
	}
	if tag, ok := released(info.Main.Version); ok {
		b.Version = tag
	}
	return b
}

// released returns the version that a tag gave the main module, without "v".
// The go command makes up others: (devel), and pseudo-versions, which end in a
// time and twelve digits of the commit.
func released(module string) (string, bool) {
	tag, found := strings.CutPrefix(strings.TrimSuffix(module, "+dirty"), "v")
	if !found || strings.Contains(tag, "+") {
		return "", false
	}
	if parts := strings.Split(tag, "-"); len(parts) > 2 {
		commit, stamp := parts[len(parts)-1], parts[len(parts)-2]
		if len(commit) == 12 && len(stamp) >= 14 && digits(stamp[len(stamp)-14:]) {
			return "", false
		}
	}
	return tag, true
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// String is what --version prints: the version, the commit and its time where
// they are known, and what it was built with and for.
func (b Build) String() string {
	var facts []string
	if b.commit != "" {
		commit := b.commit[:min(len(b.commit), 12)]
		if b.modified {
			commit += " with changes"
		}
		facts = append(facts, "commit "+commit)
	}
	if b.time != "" {
		facts = append(facts, b.time)
	}
	facts = append(facts, b.compiler, runtime.GOOS+"/"+runtime.GOARCH)
	return fmt.Sprintf("%s (%s)", b.Version, strings.Join(facts, ", "))
}
