package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// Document is a bill of materials; its fields are CycloneDX's.
type Document struct {
	Schema       string   `json:"$schema"`
	BOMFormat    string   `json:"bomFormat"`
	SpecVersion  string   `json:"specVersion"`
	SerialNumber string   `json:"serialNumber"`
	Version      int      `json:"version"`
	Metadata     struct { // what the document is of
		Component Component `json:"component"`
	} `json:"metadata"`
	Components   []Component  `json:"components"`
	Dependencies []Dependency `json:"dependencies"`
}

// Component is the program, or one of the modules in it.
type Component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Scope      string     `json:"scope,omitempty"`
	PackageURL string     `json:"purl,omitempty"` // absent for a replaced module, which no registry has
	Properties []Property `json:"properties,omitempty"`
}

// Property is one of the facts that CycloneDX has no field for.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Dependency says what the component with the reference is made of.
type Dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// goSum names the property that holds a module's checksum as go.sum has it.
// It is a hash over the names and hashes of its files, and so no hash of any
// one file, which is what CycloneDX's own field is for.
const goSum = "evtui:go.sum"

// Of returns the bill of a binary with the build information. The program goes
// by version, which the build information may not know (see debug.Module).
func Of(info *debug.BuildInfo, version string) Document {
	program := Component{
		Type: "application", Ref: purl(info.Main.Path, version), PackageURL: purl(info.Main.Path, version),
		Name: info.Main.Path, Version: version, Properties: settings(info),
	}
	standard := &debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}
	var components []Component
	var refs []string
	for _, module := range append([]*debug.Module{standard}, info.Deps...) {
		c := component(module)
		components, refs = append(components, c), append(refs, c.Ref)
	}
	d := Document{
		Schema:    "http://cyclonedx.org/schema/bom-1.6.schema.json",
		BOMFormat: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Components:   components,
		Dependencies: []Dependency{{Ref: program.Ref, DependsOn: refs}},
	}
	d.Metadata.Component = program
	d.SerialNumber = serial(d)
	return d
}

// component describes a module as it was linked: what replaced it, where
// something did.
func component(dep *debug.Module) Component {
	c := Component{Type: "library", Name: dep.Path, Version: dep.Version, Scope: "required"}
	used := dep
	if dep.Replace != nil {
		used = dep.Replace
		c.Properties = append(c.Properties, Property{"evtui:replaces", dep.Path + "@" + dep.Version})
		c.Name, c.Version = used.Path, used.Version
	}
	c.Ref = purl(used.Path, used.Version)
	if used.Version != "" {
		c.PackageURL = c.Ref
	}
	if used.Sum != "" {
		c.Properties = append(c.Properties, Property{goSum, used.Sum})
	}
	return c
}

// purl is the package URL of a module. Paths of Go modules hold nothing that
// it would have to escape but the plus of a version.
func purl(path, version string) string {
	if version == "" {
		return "pkg:golang/" + path
	}
	return "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
}

// settings are those of the build that say where the source came from and for
// which machine it was built.
func settings(info *debug.BuildInfo) []Property {
	var properties []Property
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS", "GOARCH", "CGO_ENABLED", "vcs.revision", "vcs.time", "vcs.modified":
			properties = append(properties, Property{"evtui:" + s.Key, s.Value})
		}
	}
	return properties
}

// serial is a UUID that follows from the document (version 8: made by a rule
// of our own).
func serial(d Document) string {
	// A document holds strings and numbers only.
	raw, _ := json.Marshal(d)
	sum := sha256.Sum256(raw)
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	text := hex.EncodeToString(id)
	return fmt.Sprintf("urn:uuid:%s-%s-%s-%s-%s", text[:8], text[8:12], text[12:16], text[16:20], text[20:])
}

// Write writes the document as indented JSON with a line break at its end.
func (d Document) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return fmt.Errorf("write bill of materials: %w", err)
	}
	return nil
}
