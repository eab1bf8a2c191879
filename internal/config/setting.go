package config

// Kind is what a setting's value is in TOML.
type Kind int

// The kinds of values.
const (
	Text     Kind = iota // a string
	Bool                 // true or false
	List                 // an array of strings
	Number               // an integer
	FileName             // a string: a file's name, relative to the configuration file, where `~/` is the home directory
)

func (k Kind) String() string {
	return [...]string{"a string", "true or false", "a list of strings", "a whole number", "a file name"}[k]
}

// Setting is one thing that the file can set.
type Setting struct {
	Key     string
	Kind    Kind
	Flag    string // that sets the same, and knows the default; "": none does
	None    string // the flag that an empty list sets; "": it sets nothing
	Serves  bool   // only for commands that serve data themselves, not for those that go to a server
	Words   []Word // the only values there are; nil: whoever uses it decides
	Lone    bool   // a list of one may stand as a string
	Example string // as it would stand in the file
	Help    string
}

// Word is a value of a setting and what its flag calls it.
type Word struct{ Value, Flag string }

// Settings is the table of all settings outside of [keys] and [contexts], in
// the order in which they are shown.
func Settings() []Setting { return append(general(), limits()...) }

func general() []Setting {
	onOff := []Word{{"true", "false"}, {"false", "true"}} // of a flag that says no
	return []Setting{
		{Key: "theme", Flag: "theme", Words: same("auto", "dark", "light"), Example: `"light"`,
			Help: "Colours: dark, light, or auto, which asks the terminal for its background."},
		{Key: "symbols", Flag: "symbols", Words: same("auto", "unicode", "blocks", "ascii"), Example: `"blocks"`,
			Help: "Signs, charts and borders: unicode; blocks, where charts need no braille; ascii; or auto, which takes ascii where the locale is not UTF-8 and blocks on the Linux console."},
		{Key: "mouse", Kind: Bool, Flag: "no-mouse", Words: onOff, Example: "false",
			Help: "Whether clicks and the wheel go to evtui; false leaves them to the terminal."},
		{Key: "refresh", Flag: "refresh", Example: `"1s"`,
			Help: "Time between two frames, from 100ms to 2s; over SSH it is 250ms unless it is set. `<` and `>` change it."},
		{Key: "restore", Kind: Bool, Flag: "no-restore", Words: onOff, Example: "false",
			Help: "Whether the UI opens where it was left on the same server: page, namespace, filters, columns."},
		{Key: "read_only", Kind: Bool, Flag: "read-only", Words: same("true", "false"), Example: "true",
			Help: "Refuse whatever would change data."},
		{Key: "open_url", Flag: "open-url", Example: `"https://traces.example.com/trace/{metadata.traceId}"`,
			Help: "What O opens: a URL with places that the message under the cursor fills, percent-encoded: fields and paths of the filter language, and `{namespace}`."},
		{Key: "namespace", Flag: "ns", Example: `"shop"`,
			Help: "The namespace to act on; empty for the token's own."},
		{Key: "listen", Flag: "listen", Example: `"127.0.0.1:9000"`,
			Help: "Where the server listens; port 0 takes a free one, none serves no network."},
		{Key: "memory", Flag: "memory", Example: `"512MB"`,
			Help: "Budget of the process that holds the data."},
		{Key: "triggers", Kind: List, Flag: "trigger", None: "no-triggers", Example: `["p99(stream.write) > 20ms for 10s", "heap > 1GB"]`,
			Help: "When a profile is taken unasked; an empty list for never."},
		{Key: "tls_ca", Kind: FileName, Flag: "tls-ca", Example: `"company-ca.pem"`,
			Help: "Authorities that vouch for servers, a PEM file, beside those that the system trusts; a context's own go before."},
		{Key: "token_file", Kind: FileName, Flag: "token-file", Serves: true, Example: `"admin.token"`,
			Help: "File that holds the admin token of the data served here. It goes to no other server: those are contexts."},
		{Key: "tls_cert", Kind: FileName, Flag: "tls-cert", Serves: true, Example: `"/etc/evtui/cert.pem"`,
			Help: "Certificate to serve TLS with, a PEM file; read again when it changes."},
		{Key: "tls_key", Kind: FileName, Flag: "tls-key", Serves: true, Example: `"/etc/evtui/key.pem"`,
			Help: "The certificate's private key, a PEM file."},
		{Key: "cors_origins", Kind: List, Flag: "cors-origin", Serves: true, Example: `["https://shop.example"]`,
			Help: "Origins whose pages browsers may let call the server; `*` for all."},
	}
}

// limits are what clients may take of a server, all together and each.
func limits() []Setting {
	limit := func(key, flag string, kind Kind, example, help string) Setting {
		return Setting{Key: key, Kind: kind, Flag: flag, Serves: true, Example: example, Help: help}
	}
	return []Setting{
		limit("max_connections", "max-connections", Number, "1000", "Connections that may be open; more are answered 503, UNAVAILABLE."),
		limit("max_requests", "max-requests", Number, "500", "Calls that may be under way; more are answered 503, UNAVAILABLE."),
		limit("max_subscriptions", "max-subscriptions", Number, "500", "Subscriptions that may be open; more are answered 503, UNAVAILABLE."),
		limit("max_imports", "max-imports", Number, "2", "Imports that may be under way; more are answered 503, UNAVAILABLE."),
		limit("max_body", "max-body", Text, `"4MiB"`, "Size of a call's body; a larger one is answered 413."),
		limit("read_timeout", "read-timeout", Text, `"30s"`, "How long a request may take to arrive; an import only between two of its bytes."),
		limit("header_timeout", "header-timeout", Text, `"5s"`, "How long a request's header may take to arrive."),
		limit("idle_timeout", "idle-timeout", Text, `"1m"`, "How long a connection may be silent between two requests."),
		limit("stall_timeout", "stall-timeout", Text, `"30s"`, "How long a client may leave a reply's bytes unread, or an import send none."),
		limit("write_timeout", "write-timeout", Text, `"10s"`, "How long a write may take, and a batch of an import ten times as long; then it is answered 504, OUTCOME_UNKNOWN."),
		limit("drain_timeout", "drain-timeout", Text, `"20s"`, "How long a server that stops waits for the calls under way."),
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

// ContextKeys are the keys of one context, with what they are for.
func ContextKeys() []Setting {
	return []Setting{
		{Key: "url", Example: `"https://events.example.com"`, Help: "Where the server is. Required."},
		{Key: "token", Example: `"ns_ZGVmYXVsdA_…"`, Help: "What is sent as the bearer token."},
		{Key: "token_file", Kind: FileName, Example: `"~/.config/evtui/prod.token"`, Help: "A file that holds the token, instead of `token`."},
		{Key: "tls_ca", Kind: FileName, Example: `"company-ca.pem"`, Help: "A PEM file of authorities that vouch for the server, beside those that the system trusts."},
		{Key: "namespace", Example: `"shop"`, Help: "The namespace to begin in; empty for the token's own."},
		{Key: "colour", Words: same("red", "orange", "yellow", "green", "cyan", "blue", "purple"), Example: `"red"`, Help: "Of the context's name in the header: red, orange, yellow, green, cyan, blue, purple, or `#rrggbb`."},
		{Key: "read_only", Kind: Bool, Words: same("true", "false"), Example: "true", Help: "Refuse whatever would change data there."},
	}
}

// PluginKeys are the keys of one plugin, with what they are for.
func PluginKeys() []Setting {
	return []Setting{
		{Key: "command", Kind: List, Example: `["evtui", "messages"]`, Help: "The program and its arguments. No shell reads them, and nothing is put into them: values are in the environment. Required."},
		{Key: "key", Kind: List, Lone: true, Example: `["ctrl+t"]`, Help: "Its keys, as in `[keys]`; without one it is run by its name, `:plugin-NAME`."},
		{Key: "help", Example: `"show the stream in less"`, Help: "What `?` says that it does."},
		{Key: "writes", Kind: Bool, Words: same("true", "false"), Example: "false", Help: "Whether it may change something, which is assumed: then it does not run with `--read-only`."},
	}
}

// pluginName is what a plugin's name must match.
const pluginName = `^[a-z0-9][a-z0-9_-]{0,39}$`

// CausesKeys are the keys of [causes], with what they are for.
func CausesKeys() []Setting {
	return []Setting{
		{Key: "id", Kind: List, Example: `["parentId"]`, Help: "Names of metadata that hold the id of the message's cause."},
		{Key: "place", Kind: List, Example: `["causedBy", "cause.stream cause.position"]`, Help: "Names of metadata that hold the cause's STREAM#POSITION; or two names with a space between, of its stream and of its position."},
		{Key: "global", Kind: List, Example: `["parentPosition"]`, Help: "Names of metadata that hold the global position of the cause."},
		{Key: "correlation", Kind: List, Example: `["processId"]`, Help: "Names of metadata that hold the same value in all messages of a process."},
		{Key: "builtin", Kind: Bool, Words: same("true", "false"), Example: "true", Help: "Whether the names that evtui knows by itself count, too."},
	}
}

// ReducerKeys are the keys of one reducer, with what they are for.
func ReducerKeys() []Setting {
	return []Setting{
		{Key: "category", Example: `"account"`, Help: "The category whose streams it is for. Required."},
		{Key: "jq", Example: `".balance += $event.data.amount"`, Help: "The program: `.` is the state so far, null at first, `$event` the message; what it puts out is the state after it."},
		{Key: "file", Kind: FileName, Example: `"account.jq"`, Help: "The file in which the program stands, instead of `jq`."},
	}
}
