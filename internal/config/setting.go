package config

// Kind is what a setting's value is in TOML.
type Kind int

// The kinds of values.
const (
	Text Kind = iota // a string
	Bool             // true or false
	List             // an array of strings
)

func (k Kind) String() string {
	return [...]string{"a string", "true or false", "a list of strings"}[k]
}

// Setting is one thing that the file can set.
type Setting struct {
	Key     string
	Kind    Kind
	Flag    string // that sets the same, and knows the default; "": none does
	Words   []Word // the only values there are; nil: whoever uses it decides
	Example string // as it would stand in the file
	Help    string
}

// Word is a value of a setting and what its flag calls it.
type Word struct{ Value, Flag string }

// Settings is the table of all settings outside of [keys] and [contexts], in
// the order in which they are shown.
func Settings() []Setting {
	onOff := []Word{{"true", "false"}, {"false", "true"}} // of a flag that says no
	return []Setting{
		{Key: "theme", Flag: "theme", Words: same("auto", "dark", "light"), Example: `"light"`,
			Help: "Colours: dark, light, or auto, which asks the terminal for its background."},
		{Key: "symbols", Flag: "ascii", Words: []Word{{"unicode", "false"}, {"ascii", "true"}}, Example: `"ascii"`,
			Help: "Signs, charts and borders: unicode, or ascii for terminals and fonts that lack them."},
		{Key: "mouse", Kind: Bool, Flag: "no-mouse", Words: onOff, Example: "false",
			Help: "Whether clicks and the wheel go to evtui; false leaves them to the terminal."},
		{Key: "refresh", Flag: "refresh", Example: `"1s"`,
			Help: "Time between two frames, from 100ms to 2s; over SSH it is 250ms unless it is set. `<` and `>` change it."},
		{Key: "restore", Kind: Bool, Flag: "no-restore", Words: onOff, Example: "false",
			Help: "Whether the UI opens where it was left on the same server: page, namespace, filters, columns."},
		{Key: "read_only", Kind: Bool, Flag: "read-only", Words: same("true", "false"), Example: "true",
			Help: "Refuse whatever would change data."},
		{Key: "namespace", Flag: "ns", Example: `"shop"`,
			Help: "The namespace to act on; empty for the token's own."},
		{Key: "listen", Flag: "listen", Example: `"127.0.0.1:9000"`,
			Help: "Where the server listens; port 0 takes a free one, none serves no network."},
		{Key: "memory", Flag: "memory", Example: `"512MB"`,
			Help: "Budget of the process that holds the data."},
		{Key: "triggers", Kind: List, Flag: "trigger", Example: `["p99(stream.write) > 20ms for 10s", "heap > 1GB"]`,
			Help: "When a profile is taken unasked; an empty list for never."},
	}
}

func same(values ...string) []Word {
	words := make([]Word, len(values))
	for i, v := range values {
		words[i] = Word{v, v}
	}
	return words
}

// SettingOf returns the setting with a key.
func SettingOf(key string) (Setting, bool) {
	for _, s := range Settings() {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// contextKeys are the keys of one context, with what they are for.
func contextKeys() []Setting {
	return []Setting{
		{Key: "url", Example: `"https://events.example.com"`, Help: "Where the server is. Required."},
		{Key: "token", Example: `"ns_ZGVmYXVsdA_…"`, Help: "What is sent as the bearer token."},
		{Key: "token_file", Example: `"~/.config/evtui/prod.token"`, Help: "A file that holds the token, instead of `token`; `~/` is the home directory, and a relative name is beside the configuration file."},
		{Key: "tls_ca", Example: `"company-ca.pem"`, Help: "A PEM file of authorities that vouch for the server, beside those that the system trusts; relative as `token_file`."},
		{Key: "namespace", Example: `"shop"`, Help: "The namespace to begin in; empty for the token's own."},
		{Key: "colour", Words: colourWords(), Example: `"red"`, Help: "Of the context's name in the header: red, orange, yellow, green, cyan, blue, purple, or `#rrggbb`."},
		{Key: "read_only", Kind: Bool, Words: same("true", "false"), Example: "true", Help: "Refuse whatever would change data there."},
	}
}

// ContextKeys is the table of what a context can say.
func ContextKeys() []Setting { return contextKeys() }

func colourWords() []Word {
	return same("red", "orange", "yellow", "green", "cyan", "blue", "purple")
}
