package target

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/host"
)

// DBURL is the flag --db-url: an engine, and where its data is. The zero value
// was not given.
type DBURL struct {
	Backend  host.Backend
	Dir      string   // "": in memory, or elsewhere
	Server   *url.URL // that keeps the data, without a password; nil: it is here
	password string   // that the URL carried
	file     string   // that holds the server's password
}

// Given reports whether the flag was given.
func (u *DBURL) Given() bool { return u.Backend != "" }

// String is the URL as others may see it: without its password.
func (u *DBURL) String() string {
	switch {
	case !u.Given():
		return ""
	case u.Server != nil:
		return u.Server.String()
	case u.Dir == "":
		return host.MemoryURL(u.Backend)
	}
	return host.Place(u.Dir).URL(u.Backend)
}

// Words are how its values begin.
func (u *DBURL) Words() []string {
	var begin []string
	for _, one := range host.Engines().All() {
		for _, scheme := range append([]string{one.Scheme}, one.Aliases...) {
			begin = append(begin, scheme+"://")
		}
	}
	return begin
}

// Type names the value in help.
func (u *DBURL) Type() string { return "URL" }

// Set reads a URL of one of the engines.
func (u *DBURL) Set(given string) error {
	parsed, one, err := host.Engines().Parse(given)
	if err != nil {
		return err
	}
	next := DBURL{Backend: host.Backend(one.Scheme), file: u.file}
	if one.Place != nil {
		next.Server, next.password = withoutPassword(parsed)
		parsed = next.Server
	}
	dir, err := one.Dir(parsed)
	if err != nil {
		return err
	}
	if dir != "" {
		next.Dir = filepath.Clean(dir)
	}
	*u = next
	return nil
}

// withoutPassword takes the password out of a URL.
func withoutPassword(u *url.URL) (*url.URL, string) {
	clean, password := *u, ""
	if u.User != nil {
		password, _ = u.User.Password()
		clean.User = url.User(u.User.Username())
	}
	q := u.Query()
	if q.Has("password") {
		password = q.Get("password")
		q.Del("password")
		clean.RawQuery = q.Encode()
	}
	return &clean, password
}

// Typed refuses a password in a URL that was typed on the command line: everybody
// on the machine sees it there.
func (u *DBURL) Typed() error {
	if u.password == "" {
		return nil
	}
	one, _ := host.Engines().Find(string(u.Backend))
	return fmt.Errorf("--db-url holds a password, which others on this machine can see: give it %s, with --db-password-file, or the whole URL in EVTUI_DB_URL", one.Secrets)
}

// Secret is the server's password, "" to leave it to the environment and to files that
// the engine knows. A data directory may remember a server, which then is not given.
func (u *DBURL) Secret() (string, error) {
	if u.Given() && u.Server == nil || u.file == "" {
		return u.password, nil
	}
	text, err := os.ReadFile(u.file)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if warning := host.OpenToOthers(u.file); warning != "" {
		return "", errors.New(warning)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// local is the directory on this machine for what belongs to a server elsewhere:
// the admin token, history, profiles, and the copy of a cluster.
func (u *DBURL) local() (string, error) {
	one, _ := host.Engines().Find(string(u.Backend))
	name, err := one.Place(u.Server)
	if err != nil {
		return "", err
	}
	state, err := config.StateDir()
	if err != nil {
		return "", err
	}
	kind := "guest"
	if one.Copies {
		kind = "cluster"
	}
	return filepath.Join(state, kind, name), nil
}

// Guest reports whether the URL is that of a server whose data evtui only looks into.
func (u *DBURL) Guest() bool {
	one, known := host.Engines().Find(string(u.Backend))
	return known && one.Guest()
}

// Elsewhere refuses to do to a server's data what only an engine of evtui's own can
// have done to it.
func (u *DBURL) Elsewhere(what, instead string) error {
	if !u.Guest() {
		return nil
	}
	return fmt.Errorf("%s keeps its own data, and evtui only reads it: it cannot %s; %s", u.Backend, what, instead)
}

// dbURLForms says what --db-url takes.
func dbURLForms() string {
	var forms []string
	for _, one := range host.Engines().All() {
		forms = append(forms, one.Form)
	}
	return strings.Join(forms, ", ")
}
