package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// File is what one configuration file says. The zero File says nothing.
type File struct {
	Path     string           // "" when there is no file
	Values   map[string]Value // by key; only what stands in the file
	Keys     []Rebinding      // in the order of the file
	Contexts []Context        // in the order of the file
	Plugins  []Plugin         // in the order of the file
	Reducers []Reducer        // in the order of the file; one a category
	Causes   Causes
}

// Causes says by which metadata messages are linked.
type Causes struct {
	Line        int // 0: the file says nothing of it
	ID          []string
	Global      []string
	Place       []string
	Correlation []string
	Only        bool // those that are built in do not count
}

// Value is what a file says of one setting.
type Value struct {
	Line  int      // from 1
	Texts []string // one for a string or a bool ("true"), any number for a list
}

// Rebinding gives an action of the terminal UI other keys.
type Rebinding struct {
	Line   int
	Action string
	Keys   []string // none: the action has no key
}

// Context is a server that the user knows by a name.
type Context struct {
	Line      int
	Name      string
	URL       string
	Token     string
	TokenFile string // absolute
	TLSCA     string // absolute; "": what the system trusts
	Namespace string // "": the token's own
	Colour    string // one of the words, #rrggbb, or "" for none
	ReadOnly  bool
}

// Plugin is a command of the user's own.
type Plugin struct {
	Line    int
	Name    string
	Key     []string // none: it has no key
	Command []string // the program and its arguments; no shell reads them
	Help    string   // "": none was given
	Writes  bool     // it may change something
}

// Action is what the keymap calls the plugin.
func (p *Plugin) Action() string { return PluginAction + p.Name }

// PluginAction is how the names of plugins' actions begin.
const PluginAction = "plugin-"

// Reducer is a jq program of the user's own that makes states of a category's
// messages.
type Reducer struct {
	Line     int
	Category string
	JQ       string // the program; "": it stands in File
	File     string // absolute
}

// Program returns what is to be run, out of its file if it names one.
func (r *Reducer) Program() (string, error) {
	if r.File == "" {
		return r.JQ, nil
	}
	raw, err := os.ReadFile(r.File)
	if err != nil {
		return "", fmt.Errorf("read the reducer of category %q: %w", r.Category, err)
	}
	return string(raw), nil
}

// Check says what is wrong with a value that is of the right kind, or nil. It
// is given the setting's flag and the value as that flag takes it.
type Check func(flag, value string) error

// Checks are what the users of the settings know better than this package.
type Checks struct {
	Value Check // nil: every value is right
	// Keys finds what is wrong with the rebound keys, by the index of the
	// rebinding; the keys of plugins come behind those of [keys]. nil: nothing is.
	Keys func([]Rebinding, []Plugin) map[int]error
	// Causes finds what is wrong with the names in [causes]. nil: nothing is.
	Causes func(Causes) error
	// Reducer finds what is wrong with the program of a reducer. nil: nothing is
	// looked for, which would take a process.
	Reducer func(*Reducer) error
}

// Problem is one thing that is wrong in a file.
type Problem struct {
	Path   string
	Line   int // 0: not known
	Reason string
}

// Error implements error: "FILE:LINE: what is wrong; what would be right".
func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Reason)
}

// Load reads a file. A file that does not exist is an error for which
// errors.Is finds fs.ErrNotExist; what is wrong inside comes as [Problem]s,
// joined and in the order of their lines.
func Load(path string, checks Checks) (File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, raw, checks)
}

// LoadDefault reads the file at [Path], if there is one. Who has no home has
// none.
func LoadDefault(checks Checks) (File, error) {
	var f File
	path, err := Path()
	if err == nil {
		f, err = Load(path, checks)
	}
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return File{}, nil
	}
	return f, err
}

// AllKeys are the rebound keys, and behind them those of the plugins that have
// some.
func (f *File) AllKeys() []Rebinding {
	list := slices.Clone(f.Keys)
	for i := range f.Plugins {
		if p := &f.Plugins[i]; len(p.Key) > 0 {
			list = append(list, Rebinding{Line: p.Line, Action: p.Action(), Keys: p.Key})
		}
	}
	return list
}

// Context returns the context with a name.
func (f *File) Context(name string) (Context, bool) {
	for _, c := range f.Contexts {
		if c.Name == name {
			return c, true
		}
	}
	return Context{}, false
}

// ContextNames lists the contexts.
func (f *File) ContextNames() []string {
	names := make([]string, len(f.Contexts))
	for i := range f.Contexts {
		names[i] = f.Contexts[i].Name
	}
	return names
}

// Unknown is the error for a context that is not in the file.
func (f *File) Unknown(name string) error {
	if len(f.Contexts) == 0 {
		where := f.Path
		if where == "" {
			where, _ = Path()
		}
		return fmt.Errorf("there is no context %q: %s names none; add [contexts.%s] with its url", name, where, name)
	}
	return fmt.Errorf("there is no context %q in %s%s", name, f.Path, suggest(name, f.ContextNames()))
}

// Secret returns the context's token, out of its file if it names one.
func (c *Context) Secret() (string, error) {
	if c.TokenFile == "" {
		return c.Token, nil
	}
	raw, err := os.ReadFile(c.TokenFile)
	if err != nil {
		return "", fmt.Errorf("read the token of context %q: %w", c.Name, err)
	}
	if end := bytes.IndexAny(raw, "\r\n"); end >= 0 {
		raw = raw[:end]
	}
	return string(raw), nil
}

// beside makes a name absolute: ~/ is the home directory, and anything else
// that is relative lies beside the file.
func beside(file, name string) (string, error) {
	if name == "" {
		return "", errors.New("must name a file")
	}
	if len(name) > 1 && name[0] == '~' && os.IsPathSeparator(name[1]) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the home directory: %w", err)
		}
		return filepath.Join(home, name[2:]), nil
	}
	if filepath.IsAbs(name) {
		return name, nil
	}
	return filepath.Abs(filepath.Join(filepath.Dir(file), name))
}
