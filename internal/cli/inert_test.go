package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"charm.land/fang/v2"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
)

// evil is what terminals obey: a sequence, its 8-bit form, the setting of a
// title, and marks that turn the direction.
const evil = "x\x1b[2J\u009b2J\x1b]0;t\x07\r\x7f\u202ey\u2066z\u200f"

// mustBeInert fails the test when a text does something to a terminal.
func mustBeInert(t *testing.T, what, shown string) {
	t.Helper()
	for _, r := range shown {
		if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s acts on a terminal, with %U: %q", what, r, shown)
			return
		}
	}
}

// hostile is a server that answers every call with names and payloads of that
// text, such as act on terminals, as far as JSON and HTTP can carry them.
func hostile(t *testing.T, evil string) string {
	t.Helper()
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	e := strings.NewReplacer(`\u202e`, "\u202e").Replace(string(quoted)) // Marshal leaves C1 and marks as they are
	row := `["018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01",` + e + `,` + e + `,0,1,{"d":` + e + `},{"m":` + e + `},"2026-01-01T00:00:00Z"]`
	inStream := `["018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01",` + e + `,0,1,{"d":` + e + `},{"m":` + e + `},"2026-01-01T00:00:00Z"]`
	answers := map[string]string{
		"stream.get": `[` + inStream + `]`, "stream.last": inStream, "category.get": `[` + row + `]`, "message.get": row,
		"ns.list":   `[{"namespace":` + e + `,"description":` + e + `,"createdAt":"2026-01-01T00:00:00Z","messageCount":1}]`,
		"ns.info":   `{"namespace":` + e + `,"description":` + e + `,"createdAt":"2026-01-01T00:00:00Z","messageCount":1,"streamCount":1,"lastActivity":null,"metadata":{"m":` + e + `}}`,
		"ns.create": `{"namespace":` + e + `,"token":` + e + `,"createdAt":"2026-01-01T00:00:00Z"}`, "ns.streams": `[{"stream":` + e + `,"version":1,"lastActivity":"2026-01-01T00:00:00Z"}]`,
		"ns.categories": `[{"category":` + e + `,"streamCount":1,"messageCount":1}]`, "sys.version": e, "ns.head": "1", "ns.seek": "1",
		"engine.log":            `[{"seq":1,"time":"2026-01-01T00:00:00Z","level":"INFO","text":` + e + `,"attrs":{"a":` + e + `}}]`,
		"engine.events":         `[{"seq":1,"time":"2026-01-01T00:00:00Z","namespace":` + e + `,"kind":` + e + `,"reason":` + e + `,"error":` + e + `}]`,
		"engine.groups":         `[{"namespace":` + e + `,"category":` + e + `,"correlation":` + e + `,"size":1,"member":0,"consumer":` + e + `,"via":` + e + `,"from":` + e + `}]`,
		"engine.info":           `{"version":` + e + `,"backend":` + e + `,"durability":` + e + `,"startedAt":"2026-01-01T00:00:00Z"}`,
		"engine.subscriptions":  `[{"id":1,"namespace":` + e + `,"kind":` + e + `,"name":` + e + `,"remote":` + e + `,"since":"2026-01-01T00:00:00Z"}]`,
		"category.distribution": `{"category":` + e + `,"size":1,"members":[{"member":0,"streams":1,"messages":1,"hottest":[{"stream":` + e + `,"messages":1}]}],"complete":true}`,
		"engine.figures":        `{"namespaces":[{"id":` + e + `,"levels":[]}]}`, "engine.sample": `{"time":"2026-01-01T00:00:00Z","namespaces":[{"namespace":` + e + `}],"categories":[{"namespace":` + e + `,"category":` + e + `}]}`,
		"engine.storage": `{"messages":1,"families":[{"name":` + e + `}]}`,
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call []json.RawMessage
		body, _ := io.ReadAll(r.Body)
		var method string
		if json.Unmarshal(body, &call) == nil && len(call) > 0 {
			_ = json.Unmarshal(call[0], &method)
		}
		switch answer, known := answers[method]; {
		case r.URL.Path == "/health":
			fmt.Fprint(w, `{"status":"ok"}`)
		case r.URL.Path == "/version":
			fmt.Fprint(w, `{"version":`+e+`}`)
		case bytes.Contains(body, []byte(`"after":1`)):
			fmt.Fprint(w, "[]")
		case known:
			fmt.Fprint(w, answer)
		default:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"code":`+e+`,"message":`+e+`,"details":{"d":`+e+`}}}`)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// headless are commands that print what a server says.
func headless(url string) []string {
	return []string{
		"ns list", "ns info", "ns create x", "ns info x", "streams", "categories", "messages", "messages --stream a-1", "message 018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01", "tail --no-follow", "tail --no-follow --stream a-1",
		"stats", "stats --storage", "groups", "groups --distribution 1 a", "log", "events", "append a-1 T {}", "version --url " + url, "health",
	}
}

// TestHeadlessOutputIsInert runs the commands against a server that sends what
// acts on terminals; in every format it is shown, never obeyed.
func TestHeadlessOutputIsInert(t *testing.T) {
	url := hostile(t, evil)
	shown := 0
	for _, words := range headless(url) {
		for _, format := range []string{"table", "json", "ndjson"} {
			args := append(strings.Fields(words), "-o", format)
			if !strings.Contains(words, "--url") {
				args = append(args, "--url", url)
			}
			var out, err bytes.Buffer
			root := newRoot()
			root.SetArgs(append(args, "--config", "none"))
			root.SetOut(&out)
			root.SetErr(&err)
			root.SetIn(strings.NewReader(""))
			root.SilenceErrors, root.SilenceUsage = true, true
			failed := root.ExecuteContext(t.Context())
			if failed != nil {
				command.PrintError(&err, fang.Styles{}, failed)
			}
			what := "evtui " + words + " -o " + format
			mustBeInert(t, what, out.String())
			mustBeInert(t, what+", to standard error,", err.String())
			if strings.Contains(out.String(), "2J") {
				shown++
			}
			if format == "json" && out.Len() > 0 && !json.Valid(out.Bytes()) {
				t.Errorf("%s is not JSON: %s", what, out.String())
			}
		}
	}
	t.Logf("%d outputs show what was sent", shown)
	if shown < 15 {
		t.Errorf("only %d outputs show what was sent: the test shows little", shown)
	}
}

func TestInertJSON(t *testing.T) {
	for _, value := range []any{evil, "Köln 日本 👍", map[string]any{evil: []string{evil, "a\u2028b"}}, json.RawMessage("{\"a\": \"\u009b\x7f\"}")} {
		var out bytes.Buffer
		if err := output.WriteJSON(&out, value); err != nil {
			t.Fatal(err)
		}
		mustBeInert(t, "JSON", out.String())
		var back, want any
		plain, err := json.Marshal(value)
		if err := errors.Join(err, json.Unmarshal(plain, &want), json.Unmarshal(out.Bytes(), &back)); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(back) != fmt.Sprint(want) {
			t.Errorf("%q became %q", want, back)
		}
	}
	if text := output.InertLines("first\nsecond " + evil); !strings.HasPrefix(text, "first\nsecond x") {
		t.Errorf("got %q", text)
	}
}
