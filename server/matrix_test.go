package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
)

// bearer is who asks, in the matrix of who may what.
type bearer string

const (
	nobody    bearer = "nobody"
	basic     bearer = "not Bearer"
	malformed bearer = "malformed"
	wrongHash bearer = "wrong hash"
	wrongOwn  bearer = "wrong hash of the admin's"
	unknown   bearer = "of no namespace"
	other     bearer = "another namespace's"
	own       bearer = "own"
	earlier   bearer = "own, replaced and still valid"
	over      bearer = "own, replaced and over"
	ownReader bearer = "own that only reads"
	looker    bearer = "admin's that only reads"
	admin     bearer = "admin"
)

// readsOnly reports whether the token changes nothing.
func (b bearer) readsOnly() bool { return b == ownReader || b == looker }

// mayAdmin reports whether it is one of the admin's.
func (b bearer) mayAdmin() bool { return b == looker || b == admin }

// door is one thing that can be asked for.
type door struct {
	verb, path, body string
	public           bool // needs no token
	admin            bool // needs the admin token
	changes          bool // is closed to tokens that only read
	query            bool // takes the token in its query as well
	status           int  // for who may; 0: any that does not speak of tokens
}

func (d door) String() string { return strings.TrimSpace(d.verb + " " + d.path + " " + d.body) }

// doors are all methods of the server, and all paths.
func doors(t *testing.T, s *server.Server) []door {
	bodies := map[string]string{
		"stream.write": `"a-1",{"type":"T","data":{}}`, "stream.append": `"a-1",[{"type":"T","data":{}}]`, "stream.get": `"a-1"`, "stream.last": `"a-1"`,
		"stream.version": `"a-1"`, "category.get": `"a"`, "category.scan": `"a"`, "stream.scan": `"a-1"`, "category.distribution": `"a"`, "category.types": `{"category":"a"}`, "category.flow": `{"category":"a"}`, "message.get": `"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01"`,
		"ns.create": `"made"`, "ns.delete": `"doomed"`, "ns.info": `"tenant"`, "ns.verify": `"tenant"`, "ns.seek": `{"time":"2026-01-01T00:00:00Z"}`,
		"engine.storage": `"tenant"`, "engine.flush": `"tenant"`, "engine.compact": `"tenant"`, "ns.token": `"tenant"`,
	}
	// What is not named here a token that only reads may do.
	changing := []string{
		"stream.write", "stream.append", "ns.create", "ns.delete", "engine.flush", "engine.compact", "engine.reopen", "engine.checkpoint",
	}
	var all []door
	methods := server.Methods(s)
	for name := range bodies {
		if _, there := methods[name]; !there {
			t.Errorf("there is no method %s any more", name)
		}
	}
	for name, needsAdmin := range methods {
		d := door{verb: "POST", path: "/rpc", admin: needsAdmin, changes: slices.Contains(changing, name)}
		if server.Reads(s, name) == d.changes {
			t.Errorf("%s: methodTable says that it reads only: %v; the list changing of this test: %v", name, server.Reads(s, name), !d.changes)
		}
		d.body = `["` + name + `"]`
		if args, known := bodies[name]; known {
			d.body, d.status = `["`+name+`",`+args+`]`, 200
		}
		all = append(all, d)
	}
	for _, body := range []string{`["ns.info","other"]`, `["ns.verify","other"]`, `["ns.verify","nowhere"]`, `["ns.info","nowhere"]`, `["ns.info","default"]`} {
		all = append(all, door{verb: "POST", path: "/rpc", body: body, admin: true})
	}
	all = append(all,
		door{verb: "POST", path: "/rpc", body: `["no.such.method"]`, status: 404},
		door{verb: "POST", path: "/rpc", body: `[`, status: 400},
		door{verb: "POST", path: "/rpc", body: `["ns.token","other",{"new":true,"readOnly":true}]`, admin: true, changes: true, status: 200},
		door{verb: "POST", path: "/rpc", body: `["ns.token","other",{"revoke":"000000000000"}]`, admin: true, changes: true, status: 400},
		door{verb: "POST", path: "/rpc", body: `["ns.token","nowhere"]`, admin: true},
		door{verb: "POST", path: "/import", changes: true, status: 200},
		door{verb: "POST", path: "/import?force=true", changes: true, status: 200},
		door{verb: "GET", path: "/subscribe?all=true", query: true, status: 200},
		door{verb: "GET", path: "/subscribe?stream=a-1&position=0", query: true, status: 200},
		door{verb: "GET", path: "/metrics", admin: true, query: true, status: 200},
		door{verb: "HEAD", path: "/metrics", admin: true, query: true, status: 200},
		door{verb: "GET", path: "/health", public: true, status: 200},
		door{verb: "GET", path: "/version", public: true, status: 200},
		door{verb: "GET", path: "/nowhere", public: true, status: 404},
		door{verb: "GET", path: "/rpc/", public: true, status: 404},
		door{verb: "GET", path: "/debug", public: true, status: 404},
		door{verb: "GET", path: "/rpc", public: true, status: 405},
		door{verb: "PUT", path: "/metrics", public: true, status: 405},
	)
	for _, profile := range []string{"", "heap", "allocs", "goroutine?debug=2", "threadcreate", "mutex", "block", "cmdline", "symbol", "profile?seconds=1", "trace?seconds=1"} {
		all = append(all, door{verb: "GET", path: "/debug/pprof/" + profile, admin: true, status: 200})
	}
	all = append(all, door{verb: "GET", path: "/debug/pprof/nowhere", admin: true, status: 404}, door{verb: "POST", path: "/debug/pprof/symbol", admin: true, status: 200})
	slices.SortFunc(all, func(a, b door) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// verdict is what a bearer is to be told at a door: a status, 0 for whatever
// does not speak of tokens, and the code that goes with it.
func (d door) verdict(who bearer) (status int, code string) {
	switch {
	case d.public:
		return d.status, ""
	case who == nobody, who == basic:
		return 401, wire.AuthRequired
	case who == malformed:
		return 401, wire.AuthInvalidToken
	case who == wrongHash, who == wrongOwn, who == unknown, who == other, who == over, d.admin && !who.mayAdmin():
		return 403, wire.AuthUnauthorized
	case d.changes && who.readsOnly():
		return 403, wire.ReadOnly
	}
	return d.status, ""
}

// TestEveryDoorAndEveryToken is the one table of who may what: every method and
// every path, for everybody who may come.
func TestEveryDoorAndEveryToken(t *testing.T) {
	h := newHost(t)
	s := h.start(server.Config{Store: h.store, Version: "1.2.3"})
	first, stranger := h.namespace("tenant"), h.namespace("other")
	second := h.newToken(`"tenant",{"new":true,"keep":0}`)
	tenant := h.newToken(`"tenant",{"new":true,"keep":3600}`)
	h.namespace("doomed")
	tokens := map[bearer]string{
		nobody: "", basic: "", malformed: tenant[:len(tenant)-1], wrongHash: tokenOf("tenant"), wrongOwn: tokenOf("default"), unknown: tokenOf("nowhere"),
		other: stranger, own: tenant, earlier: second, over: first, admin: h.admin,
		ownReader: h.newToken(`"tenant",{"new":true,"readOnly":true}`), looker: h.newToken(`"default",{"new":true,"readOnly":true}`),
	}
	asked := 0
	for _, d := range doors(t, s.Server) {
		// The admin comes last: what he may do changes what there is.
		for _, who := range []bearer{nobody, basic, malformed, wrongHash, wrongOwn, unknown, other, over, ownReader, own, earlier, looker, admin} {
			for _, inQuery := range []bool{false, true} {
				if inQuery && (!d.query || tokens[who] == "") {
					continue
				}
				h.knock(d, who, tokens[who], inQuery)
				asked++
			}
		}
	}
	if asked < 700 {
		t.Errorf("only %d cells of the table were looked at", asked)
	}
	t.Logf("%d cells", asked)
	if n := h.messages("other"); n != 0 {
		t.Errorf("%d messages were written into a namespace that nobody wrote to with its token", n)
	}
}

// knock asks at a door, and holds the answer against the verdict.
func (h *host) knock(d door, who bearer, token string, inQuery bool) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	url := h.url + d.path
	if inQuery {
		url += map[bool]string{true: "&", false: "?"}[strings.Contains(url, "?")] + "token=" + token
	}
	req, err := http.NewRequestWithContext(ctx, d.verb, url, strings.NewReader(d.body))
	if err != nil {
		h.t.Fatal(err)
	}
	switch {
	case who == basic:
		req.Header.Set("Authorization", "Basic dXNlcjpwYXNz")
	case token != "" && !inQuery:
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if who == other || who == own || who == earlier || who == ownReader {
		req.Header.Set(wire.NamespaceHeader, "tenant") // what the other is not to reach
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatalf("%s, %s: %v", d, who, err)
	}
	defer answer.Body.Close()
	var text []byte
	if answer.Header.Get("Content-Type") == "application/json" || answer.StatusCode != 200 {
		if text, err = io.ReadAll(answer.Body); err != nil {
			h.t.Fatalf("%s, %s: %v", d, who, err)
		}
	}
	if strings.Contains(string(text), wire.ProfileBusy) { // the one before has its answer, and is just letting go
		h.knock(d, who, token, inQuery)
		return
	}
	what := fmt.Sprintf("%s, %s (in the query: %v): %s %.200s", d, who, inQuery, answer.Status, text)
	status, code := d.verdict(who)
	if status == 0 && (answer.StatusCode == 401 || answer.StatusCode == 403) || status != 0 && answer.StatusCode != status {
		h.t.Errorf("%s, want %d %s", what, status, code)
		return
	}
	if code == "" || d.verb == "HEAD" {
		return
	}
	var told struct{ Error wire.Error }
	if json.Unmarshal(text, &told) != nil || told.Error.Code != code {
		h.t.Errorf("%s, want code %s", what, code)
	}
	// Neither a secret nor what is there may be told.
	for _, secret := range []string{"nowhere", "tenant", "default", strings.Repeat("ab", 8)} {
		if strings.Contains(told.Error.Message, secret) {
			h.t.Errorf("%s tells too much", what)
		}
	}
}

// TestEveryMethodReadsItsCallToTheEnd gives each method more arguments than it takes, and a
// call that breaks off: neither is done.
func TestEveryMethodReadsItsCallToTheEnd(t *testing.T) {
	h := newHost(t)
	for _, d := range doors(t, mustServer(t, h)) {
		if call, ofMethod := strings.CutSuffix(d.body, "]"); ofMethod && d.status != http.StatusNotFound {
			for _, more := range []string{`,1,2,3,4,5]`, `,{"x":1`, `,{}`, `,{},{},{},{}]`, ` x]`} {
				h.refused(h.admin, call+more, http.StatusBadRequest, wire.InvalidRequest)
			}
		}
	}
}

// TestTheProtocolNamesEveryMethod holds docs/protocol.md to what the server answers.
func TestTheProtocolNamesEveryMethod(t *testing.T) {
	text, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range server.Methods(mustServer(t, newHost(t))) {
		if !strings.Contains(string(text), `["`+name+`"`) {
			t.Errorf("docs/protocol.md does not say how %s is called", name)
		}
	}
}
