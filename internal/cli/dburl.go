package cli

import (
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/host"
)

// dbURL is the flag --db-url: an engine, and where its data is. The zero value
// was not given.
type dbURL struct {
	backend host.Backend
	dir     string // "": in memory
}

func (u *dbURL) given() bool { return u.backend != "" }

func (u *dbURL) String() string {
	switch {
	case !u.given():
		return ""
	case u.dir == "":
		return host.MemoryURL(u.backend)
	}
	return host.Place(u.dir).URL(u.backend)
}

func (u *dbURL) Type() string { return "URL" }

func (u *dbURL) Set(given string) error {
	parsed, one, err := host.Engines().Parse(given)
	if err != nil {
		return err
	}
	dir, err := one.Dir(parsed)
	if err != nil {
		return err
	}
	if dir != "" {
		dir = filepath.Clean(dir)
	}
	*u = dbURL{backend: host.Backend(one.Scheme), dir: dir}
	return nil
}

// dbURLForms says what --db-url takes.
func dbURLForms() string {
	var forms []string
	for _, one := range host.Engines().All() {
		forms = append(forms, one.Form)
	}
	return strings.Join(forms, ", ")
}
