// Package sbom writes down what a Go binary is made of: a software bill of
// materials in CycloneDX 1.6 JSON, read from the build information that the
// linker leaves in every binary.
//
// # Nouns
//
// A [Document] is one bill. Its components are the modules that were linked
// in, and Go's standard library as one more, which is where most of the
// vulnerabilities of Go programs are found.
//
// # Promises
//
// The same binary gives the same bytes: there is no time in it, and the serial
// number follows from the content. Modules come in the order of the build
// information, by path.
//
// # Caveats
//
// The build information knows neither licences nor which module asked for
// which, so the document has no licences and depends flatly. A module that was
// replaced by a directory has no version and no checksum.
package sbom
