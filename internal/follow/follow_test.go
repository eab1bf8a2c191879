package follow

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
)

var placed = &store.Message{
	ID: store.ID{1}, Stream: "order-7", Type: "Order Placed", Position: 3, GlobalPosition: 99,
	Data: []byte(`{"customer":{"id":"a/b?c=d&e#f"},"n":12,"up":".."}`), Metadata: []byte(`{"traceId":"d663a929"}`),
}

func TestTemplateFillsPlaces(t *testing.T) {
	for source, want := range map[string]string{
		"https://t.example.com/trace/{metadata.traceId}":   "https://t.example.com/trace/d663a929",
		"http://x:8080/{namespace}/{stream}?at={position}": "http://x:8080/shop/order-7?at=3",
		"https://x/{data.customer.id}":                     "https://x/a%2Fb%3Fc%3Dd%26e%23f",
		"https://x/?type={type}&n={ data.n }":              "https://x/?type=Order%20Placed&n=12",
		"https://x/plain":                                  "https://x/plain",
		"https://x/{meta.traceId}{gpos}":                   "https://x/d663a92999",
	} {
		tmpl, err := Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := tmpl.URL(placed, "shop"); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", source, got, err, want)
		}
	}
	for source, want := range map[string]string{
		"https://x/{data.absent}": "the message has no data.absent",
		"https://x/{data.up}/y":   `data.up is ".."`,
	} {
		tmpl, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tmpl.URL(placed, "shop"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", source, got, err)
		}
	}
}

func TestTemplatesThatAreNone(t *testing.T) {
	for source, want := range map[string]string{
		"":                         "must be a URL",
		"file:///etc/{id}":         "must be a URL",
		"javascript:alert({data})": "must be a URL",
		"https://{data.host}/x":    "the host is fixed",
		"https://x.{data.host}/x":  "the host is fixed",
		"https://x?{id}/y":         "the host is fixed",
		"https:///x":               "must be a URL",
		"https://x/{id":            "{id is not closed",
		"https://x/id}":            "a } closes nothing",
		"https://x/{nothing}":      "there is no column",
		"https://x/{data.a[}":      "data.a[",
	} {
		if tmpl, err := Parse(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", source, tmpl, err, want)
		}
	}
}

// TestPluginFindsItsValues runs a program with a message whose names a shell
// would take apart: they come whole, in the environment.
func TestPluginFindsItsValues(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	hostile := *placed
	hostile.Stream = "order-7; touch pwned $(touch pwned) `touch pwned`"
	dir := t.TempDir()
	p := Plugin{Name: "show", Command: []string{"sh", "-c", `cd "$1" && printf '%s|' "$STREAM" "$POSITION" "$ID" "$NAMESPACE" "$URL" "$TOKEN_FILE"; echo oops >&2`, "sh", dir}}
	got, err := p.Run(t.Context(), About{Message: &hostile, Namespace: "shop", URL: "http://x", TokenFile: "/t"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{hostile.Stream, "3", hostile.ID.String(), "shop", "http://x", "/t"}, "|") + "|oops\n"
	if got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("it left %v, %v", entries, err)
	}
}

func TestPluginThatFails(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	fails := Plugin{Command: []string{"sh", "-c", "echo because; exit 3"}}
	if out, err := fails.Run(t.Context(), About{}); err == nil || !strings.Contains(err.Error(), "exit status 3") || out != "because\n" {
		t.Errorf("%q, %v", out, err)
	}
	missing := Plugin{Command: []string{filepath.Join(t.TempDir(), "none")}}
	if _, err := missing.Run(t.Context(), About{}); err == nil {
		t.Error("runs what is not there")
	}
	talks := Plugin{Command: []string{"sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x"}}
	if out, err := talks.Run(t.Context(), About{}); err != nil || len(out) > MaxOutput+100 || !strings.HasSuffix(out, "left out") {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func TestBrowserCommand(t *testing.T) {
	const url = "https://x/?a=$(b)"
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			if i := slices.Index(pairs, name); i >= 0 {
				return pairs[i+1]
			}
			return ""
		}
	}
	for _, test := range []struct {
		system string
		env    func(string) string
		want   []string
	}{
		{"linux", env(), nil},
		{"linux", env("DISPLAY", ":0"), []string{"xdg-open", url}},
		{"linux", env("BROWSER", "firefox --new-tab %s:other"), []string{"firefox", "--new-tab", url}},
		{"linux", env("BROWSER", "lynx"), []string{"lynx", url}},
		{"darwin", env(), []string{"open", url}},
		{"windows", env(), []string{"rundll32", "url.dll,FileProtocolHandler", url}},
	} {
		if got := browserCommand(test.system, test.env, url); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.system, got, test.want)
		}
	}
}
