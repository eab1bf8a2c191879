package cli

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dist says where the archives and packages of a release lie; .ci/run gives it.
var dist = flag.String("dist", "", "look into the archives and packages of this directory")

// TestDistHoldsAllThatIsPromised looks into archives and packages that
// GoReleaser built.
func TestDistHoldsAllThatIsPromised(t *testing.T) {
	if *dist == "" {
		t.Skip("-dist names none")
	}
	seen := map[string]int{}
	for ending, look := range map[string]struct {
		list func(path string) ([]string, error)
		want []string
	}{
		".tar.gz": {listArchive, promisedIn(t, "archive")},
		".zip":    {listZip, promisedIn(t, "archive")},
		".deb":    {listDeb, promisedIn(t, "deb")},
		".rpm":    {listRPM, promisedIn(t, "rpm")},
	} {
		paths, err := filepath.Glob(filepath.Join(*dist, "*"+ending))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			files, err := look.list(path)
			if errors.Is(err, exec.ErrNotFound) {
				t.Logf("%s is not looked into: %v", filepath.Base(path), err)
				continue
			}
			if err != nil {
				t.Fatalf("list %s: %v", path, err)
			}
			seen[ending]++
			for _, file := range look.want {
				if !slices.Contains(files, file) && !slices.Contains(files, file+".exe") {
					t.Errorf("%s lacks %s", filepath.Base(path), file)
				}
			}
		}
	}
	if seen[".tar.gz"] == 0 || seen[".deb"] == 0 {
		t.Errorf("%s has %v", *dist, seen)
	}
}

// promisedIn are the files that an archive or a package must have.
func promisedIn(t *testing.T, kind string) []string {
	t.Helper()
	known, err := exec.Command("git", "-C", filepath.Join("..", ".."), "ls-files", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
		"docs", "examples", "packaging/kubernetes", "packaging/evtui.service").Output()
	if err != nil {
		t.Skipf("this is no checkout: %v", err)
	}
	files := strings.Fields(string(known))
	zsh := "share/zsh/site-functions/_evtui"
	share := []string{"share/bash-completion/completions/evtui", "share/fish/vendor_completions.d/evtui.fish"}
	for _, cmd := range manCommands(newRoot()) {
		share = append(share, "share/man/man1/"+manName(cmd)+".1.gz")
	}
	if len(files) < 40 || len(share) < 30 {
		t.Fatalf("only %d files and %d pages and completions are looked for", len(files), len(share))
	}
	if kind == "archive" {
		return append(append(files, share...), "evtui", "LICENSE", "packaging/evtui.env", zsh, "share/powershell/evtui.ps1")
	}
	if kind == "deb" {
		zsh = "share/zsh/vendor-completions/_evtui"
	}
	for i, file := range files {
		files[i] = "/usr/share/doc/evtui/" + file
	}
	for _, file := range append(share, zsh, "bin/evtui", "share/doc/evtui/copyright", "lib/systemd/system/evtui.service") {
		files = append(files, "/usr/"+file)
	}
	return append(files, "/etc/evtui/evtui.env")
}

// listTar names the files of a tar, below what its directory begins with.
func listTar(r io.Reader, below func(string) string) ([]string, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var files []string
	for archive := tar.NewReader(unpacked); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		files = append(files, below(header.Name))
	}
}

// inDirectory is a name below the one directory that an archive has.
func inDirectory(name string) string {
	_, rest, _ := strings.Cut(name, "/")
	return rest
}

func listArchive(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return listTar(file, inDirectory)
}

func listZip(path string) ([]string, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var files []string
	for _, file := range archive.File {
		files = append(files, inDirectory(file.Name))
	}
	return files, nil
}

// listDeb reads the ar archive that a deb is: headers of 60 bytes, in which the
// name stands first and the size from byte 48 on, and contents at even places.
func listDeb(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	header := make([]byte, 60)
	for at := int64(len("!<arch>\n")); ; {
		if _, err := file.ReadAt(header, at); err != nil {
			return nil, fmt.Errorf("read the header at %d: %w", at, err)
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(header[48:58])), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the header at %d: %w", at, err)
		}
		if strings.HasPrefix(string(header), "data.tar.gz") {
			return listTar(io.NewSectionReader(file, at+60, size), func(name string) string { return strings.TrimPrefix(name, ".") })
		}
		at += 60 + size + size%2
	}
}

func listRPM(path string) ([]string, error) {
	out, err := exec.Command("rpm", "-qlp", path).Output()
	return strings.Fields(string(out)), err
}
