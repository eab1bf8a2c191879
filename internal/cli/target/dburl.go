package target

import (
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/host"
)

// DBURL is the flag --db-url: an engine, and where its data is. The zero value
// was not given.
type DBURL struct {
	Backend host.Backend
	Dir     string // "": in memory
}

// Given reports whether the flag was given.
func (u *DBURL) Given() bool { return u.Backend != "" }

func (u *DBURL) String() string {
	switch {
	case !u.Given():
		return ""
	case u.Dir == "":
		return host.MemoryURL(u.Backend)
	}
	return host.Place(u.Dir).URL(u.Backend)
}

// Type names the value in help.
func (u *DBURL) Type() string { return "URL" }

// Set reads a URL of one of the engines.
func (u *DBURL) Set(given string) error {
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
	*u = DBURL{Backend: host.Backend(one.Scheme), Dir: dir}
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
