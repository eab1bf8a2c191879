package peer

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHandlerTakesAwayTheAdditions looks at what comes through to a server that
// would understand more.
func TestHandlerTakesAwayTheAdditions(t *testing.T) {
	var got string
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.URL.Path + " " + r.Header.Get("X-Evtui-Namespace") + string(body)
		_, _ = io.WriteString(w, `[{"category":"a","streamCount":1,"messageCount":2,"lastPosition":9007199254740993}]`)
	})
	for name, test := range map[string]struct {
		path, body, want, answer string
		status                   int
		options                  Options
	}{
		"known": {"/rpc", `["stream.get","a-1",{"position":3,"backward":true}]`, `/rpc ["stream.get","a-1",{"position":3}]`, "", 200, Options{}},
		"byte for byte": {"/rpc", `["stream.write","a-1",{"type":"T","data":{"z":12345678901234567890.10,"a":1}}]`,
			`/rpc ["stream.write","a-1",{"data":{"z":12345678901234567890.10,"a":1},"type":"T"}]`, "", 200, Options{}},
		"cut answer":      {"/rpc", `["ns.categories"]`, `/rpc ["ns.categories"]`, `[{"category":"a","messageCount":2,"streamCount":1}]`, 200, Options{}},
		"addition":        {"/rpc", `["stream.append","a-1",[]]`, "", `"METHOD_NOT_FOUND"`, 404, Options{}},
		"malformed":       {"/rpc", `["stream`, `/rpc ["stream`, "", 200, Options{}},
		"path":            {"/health", "", "/health ", "", 200, Options{}},
		"no metrics":      {"/metrics", "", "", `"NOT_FOUND"`, 404, Options{}},
		"no profiles":     {"/debug/pprof/heap", "", "", `"NOT_FOUND"`, 404, Options{}},
		"profiles at all": {"/debug/pprof/heap", "", "/debug/pprof/heap ", "", 200, Options{Profiles: true}},
	} {
		t.Run(name, func(t *testing.T) {
			refused := 0
			test.options.Refused = func(string) { refused++ }
			got = ""
			r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.body))
			r.Header.Set("X-Evtui-Namespace", "other")
			w := httptest.NewRecorder()
			Handler(inner, test.options).ServeHTTP(w, r)
			if got != test.want || w.Code != test.status || !strings.Contains(w.Body.String(), test.answer) || (refused > 0) != (test.status == 404) {
				t.Errorf("passed on %q, answered %d %s, refused %d", got, w.Code, w.Body, refused)
			}
		})
	}
}
