package sbom

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

func sample() *debug.BuildInfo {
	return &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "example.org/program", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.2.3", Sum: "h1:abc="},
			{Path: "example.org/b/v2", Version: "v2.0.0+incompatible"},
			{Path: "example.org/c", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/fork", Version: "v1.0.1", Sum: "h1:def="}},
			{Path: "example.org/d", Version: "v1.0.0", Replace: &debug.Module{Path: "../d"}},
		},
		Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "-ldflags", Value: "-s -w"}, {Key: "vcs.revision", Value: "346244a"}},
	}
}

func TestModulesAsTheyWereLinked(t *testing.T) {
	d := Of(sample(), "0.1.0")
	var got []string
	for _, c := range d.Components {
		line := c.Name + " " + c.Version + " " + c.PackageURL
		for _, p := range c.Properties {
			line += " " + p.Name + "=" + p.Value
		}
		got = append(got, line)
	}
	want := []string{
		"std 1.26.8 pkg:golang/std@1.26.8",
		"example.org/a v1.2.3 pkg:golang/example.org/a@v1.2.3 evtui:go.sum=h1:abc=",
		"example.org/b/v2 v2.0.0+incompatible pkg:golang/example.org/b/v2@v2.0.0%2Bincompatible",
		"example.org/fork v1.0.1 pkg:golang/example.org/fork@v1.0.1 evtui:replaces=example.org/c@v1.0.0 evtui:go.sum=h1:def=",
		"../d   evtui:replaces=example.org/d@v1.0.0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("components\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	program := d.Metadata.Component
	if program.PackageURL != "pkg:golang/example.org/program@0.1.0" || program.Version != "0.1.0" {
		t.Errorf("the program is %+v", program)
	}
	if want := []Property{{"evtui:GOOS", "linux"}, {"evtui:vcs.revision", "346244a"}}; !slices.Equal(program.Properties, want) {
		t.Errorf("the program's properties are %v, want %v", program.Properties, want)
	}
}

// What CycloneDX 1.6 demands of every document: its schema's required members,
// patterns and unique references.
func TestDocumentKeepsTheSchemasRules(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("a test binary without build information")
	}
	for name, info := range map[string]*debug.BuildInfo{"sample": sample(), "this test": info} {
		var out bytes.Buffer
		if err := Of(info, "0.1.0").Write(&out); err != nil {
			t.Fatal(err)
		}
		var d map[string]any
		if err := json.Unmarshal(out.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if d["bomFormat"] != "CycloneDX" || d["specVersion"] != "1.6" || d["version"] != 1.0 {
			t.Errorf("%s: the head is %v %v %v", name, d["bomFormat"], d["specVersion"], d["version"])
		}
		pattern := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
		if serial := d["serialNumber"].(string); !pattern.MatchString(serial) {
			t.Errorf("%s: serialNumber %q", name, serial)
		}
		refs := map[string]bool{}
		all := append(d["components"].([]any), d["metadata"].(map[string]any)["component"])
		for _, c := range all {
			c := c.(map[string]any)
			ref, _ := c["bom-ref"].(string)
			if c["name"] == "" || ref == "" || refs[ref] || c["type"] != "library" && c["type"] != "application" {
				t.Errorf("%s: component %v", name, c)
			}
			refs[ref] = true
		}
		for _, dependency := range d["dependencies"].([]any) {
			for _, on := range dependency.(map[string]any)["dependsOn"].([]any) {
				if !refs[on.(string)] {
					t.Errorf("%s: depends on %v, which is no component", name, on)
				}
			}
		}
	}
}

func TestSameBinarySameBytes(t *testing.T) {
	write := func(info *debug.BuildInfo) string {
		var out bytes.Buffer
		if err := Of(info, "0.1.0").Write(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	one := write(sample())
	if again := write(sample()); again != one {
		t.Errorf("it differs from itself:\n%s\n%s", one, again)
	}
	other := sample()
	other.Deps[0].Version = "v1.2.4"
	serial := func(text string) string { return regexp.MustCompile(`urn:uuid:\S+`).FindString(text) }
	if serial(write(other)) == serial(one) {
		t.Error("another content has the same serial number")
	}
}
