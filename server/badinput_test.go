package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
)

func TestBadInput(t *testing.T) {
	h := newHost(t)
	write := func(stream, event string) string { return `["stream.write",` + stream + `,` + event + `]` }
	const ok = `{"type":"T","data":{}}`
	deep := strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 600)
	for _, body := range []string{
		// malformed
		``, ` `, `{`, `[`, `]`, `nul`, `["stream.write"`, `["stream.write",`, `["stream.write",]`, `["stream.write" "a-1"]`, `["sys.version"] x`, `["sys.version"]]`, `["sys.version",]`,
		"\xef\xbb\xbf[\"sys.version\"]", `['sys.version']`, `["sys.version",{"a":1,}]`, `["sys.version",{a:1}]`, `["nowhere",`, `["nowhere",1,2`, `["nowhere"`,
		write(`"a-1"`, `{"type":"T","data":{"n":01}}`), write(`"a-1"`, `{"type":"T","data":{"n":1.}}`), write(`"a-1"`, `{"type":"T","data":{"n":+1}}`), write(`"a-1"`, `{"type":"T","data":{"n":NaN}}`),
		write(`"a-1"`, `{"type":"T","data":{"a" 1}}`), write(`"a-1"`, `{"type":"T","data":{}`), write(`"a-1"`, `{"type":"T","data":{"s":"\x"}}`), write(`"a-1"`, "{\"type\":\"T\",\"data\":{\"s\":\"\n\"}}"),
		// not the form of a call
		`null`, `{}`, `"sys.version"`, `5`, `[]`, `[null]`, `[5]`, `[["sys.version"]]`, `{"method":"sys.version"}`, `["sys.version",1]`, `["sys.version","x"]`, `["sys.version",{},{}]`,
		// invalid UTF-8
		write("\"a-\xff\"", ok), write(`"a-1"`, "{\"type\":\"\xc3\",\"data\":{}}"), write(`"a-1"`, "{\"type\":\"T\",\"data\":{\"s\":\"\xed\xa0\x80\"}}"), write(`"a-1"`, "{\"type\":\"T\",\"data\":{\"\xff\":1}}"),
		"[\"\xff\"]", write(`"a-1"`, "{\"type\":\"T\",\"data\":{},\"metadata\":{\"x\":\"\xc0\x80\"}}"),
		// deep
		write(`"a-1"`, `{"type":"T","data":`+deep+`}`), write(`"a-1"`, `{"type":"T","data":{},"metadata":`+deep+`}`), strings.Repeat("[", 100_000), `["sys.version",` + deep + `]`,
		// wrong types
		write(`1`, ok), write(`null`, ok), write(`["a"]`, ok), write(`"a-1"`, `null`), write(`"a-1"`, `[]`), write(`"a-1"`, `"x"`), `["stream.write"]`, `["stream.write","a-1"]`,
		write(`"a-1"`, `{}`), write(`"a-1"`, `{"type":"T"}`), write(`"a-1"`, `{"data":{}}`), write(`"a-1"`, `{"type":"","data":{}}`), write(`"a-1"`, `{"type":null,"data":{}}`), write(`"a-1"`, `{"type":5,"data":{}}`),
		write(`"a-1"`, `{"type":"T","data":null}`), write(`"a-1"`, `{"type":"T","data":[]}`), write(`"a-1"`, `{"type":"T","data":"x"}`), write(`"a-1"`, `{"type":"T","data":5}`),
		write(`"a-1"`, `{"type":"T","data":{},"metadata":[]}`), write(`"a-1"`, `{"type":"T","data":{},"metadata":"x"}`), write(`"a-1"`, `{"type":"T","data":{},"metadata":false}`),
		write(`"a-1"`, ok+`,[]`), write(`"a-1"`, ok+`,5`), write(`"a-1"`, ok+`,{},{}`), write(`"a-1"`, ok+`,{},5`),
		// names
		write(`""`, ok), write(`"-1"`, ok), write(`"a\u0000-1"`, ok), write(`"a\n-1"`, ok), write(`"a\u007f-1"`, ok), write(`"a\u0085-1"`, ok), write(`"a-\ud800"`, ok), write(quote(strings.Repeat("x", 1025)), ok),
		write(`"a-1"`, `{"type":"T\u0007","data":{}}`), write(`"a-1"`, `{"type":"\udead","data":{}}`), write(`"a-1"`, `{"type":`+quote(strings.Repeat("x", 257))+`,"data":{}}`),
		`["stream.get",""]`, `["stream.get","a\u0000"]`, `["stream.last",""]`, `["stream.version",""]`, `["stream.version"]`, `["category.get","a\u0001"]`, `["category.get","-"]`, `["category.get"]`, `["category.get",null]`,
	} {
		h.refused(h.admin, body, http.StatusBadRequest, "INVALID_REQUEST")
	}
	for _, body := range []string{`["nowhere"]`, `[""]`, `["stream.Write","a-1"]`, `["STREAM.GET"]`, `["stream.write "]`, `["nowhere",{"a":[1]},5]`, `["\u0000"]`, `["` + strings.Repeat("x", 10000) + `"]`} {
		if e := h.refused(h.admin, body, http.StatusNotFound, "METHOD_NOT_FOUND"); len(e.Message) > 500 {
			t.Errorf("the message is %d bytes long", len(e.Message))
		}
	}
	if n := h.messages("default"); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}

func TestDuplicateNamesLastWins(t *testing.T) {
	h := newHost(t)
	h.call(`["stream.write","a-1",{"type":"A","type":"B","data":{"n":1},"data":{"n":2},"metadata":{"x":1},"metadata":null},{"expectedVersion":5,"expectedVersion":-1}]`)
	if got := rows(t, h.call(`["stream.get","a-1"]`)); fmt.Sprintf("%s", got[0][1:6]) != `["B" 0 1 {"n":2} null]` {
		t.Errorf("got %s", got)
	}
}

func TestSizes(t *testing.T) {
	h := newHost(t)
	event := func(n int) string {
		return `{"type":"T","data":{"x":"` + strings.Repeat("x", n-len(`{"x":""}`)) + `"}}`
	}
	const limit = 1 << 20
	h.expect(`["stream.write","a-1",`+event(limit)+`]`, `{"position":0,"globalPosition":1}`)
	h.refused(h.admin, `["stream.write","a-1",`+event(limit+1)+`]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["stream.write","a-1",`+event(10<<20)+`]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["stream.append","a-1",[{"type":"T","data":{}},`+event(10<<20)+`]]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["stream.write","a-1",{"type":"T","data":{},"metadata":{"x":"`+strings.Repeat("x", limit)+`"}}]`, 400, "INVALID_REQUEST")
	h.expect(`["stream.append","a-1",[`+strings.Repeat(event(limit)+",", 14)+event(limit)+`]]`, `{"positions":[1,15],"globalPositions":[2,16]}`)
	e := h.refused(h.admin, `["stream.append","a-1",[`+strings.Repeat(event(limit)+",", 16)+event(limit)+`]]`, http.StatusRequestEntityTooLarge, "INVALID_REQUEST")
	if !strings.Contains(e.Message, fmt.Sprint(16<<20)) {
		t.Errorf("the message does not name the limit: %s", e.Message)
	}
	if n := h.messages("default"); n != 16 {
		t.Errorf("%d messages are stored, want 16", n)
	}
	// Replies longer than a spill come whole.
	if got := rows(t, h.call(`["stream.get","a-1"]`)); len(got) != 16 || len(got[7][4]) != limit {
		t.Errorf("got %d messages", len(got))
	}
}

func TestBodiesWithoutLength(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Limits.BodyBytes = 1000 })
	send := func(body string, end string) (int, string) {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		fmt.Fprintf(conn, "POST /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n", h.admin)
		for i := 0; i < len(body); i += 100 {
			part := body[i:min(i+100, len(body))]
			fmt.Fprintf(conn, "%x\r\n%s\r\n", len(part), part)
		}
		fmt.Fprint(conn, end)
		if end == "" {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := bufio.NewReader(answer.Body).ReadString('\x00')
		if text == "" {
			t.Fatal(err)
		}
		return answer.StatusCode, text
	}
	body := `["stream.write","a-1",{"type":"T","data":{"x":"` + strings.Repeat("x", 500) + `"}}]`
	if status, text := send(body, "0\r\n\r\n"); status != 200 {
		t.Errorf("a chunked body: %d %s", status, text)
	}
	if status, text := send(strings.Repeat(" ", 2000), "0\r\n\r\n"); status != 413 || !strings.Contains(text, "INVALID_REQUEST") {
		t.Errorf("a chunked body that is too large: %d %s", status, text)
	}
	if status, text := send(body, ""); status != 400 || !strings.Contains(text, "INVALID_REQUEST") {
		t.Errorf("a body that broke off: %d %s", status, text)
	}
	if n := h.messages("default"); n != 1 {
		t.Errorf("%d messages are stored, want 1", n)
	}
}

func TestPathsAndVerbs(t *testing.T) {
	h := newHost(t)
	for path, want := range map[string]string{"/health": `{"status":"ok"}`, "/version": `{"version":"1.2.3"}`} {
		answer, text := h.request("GET", path, "", "")
		if answer.StatusCode != 200 || text != want {
			t.Errorf("%s: %d %s", path, answer.StatusCode, text)
		}
	}
	for _, path := range []string{"/", "/rpc/", "/rpcx", "/RPC", "/debug", "/debug/pprof", "/../etc/passwd", "/health/x", "/favicon.ico"} {
		answer, text := h.request("GET", path, h.admin, "")
		h.fault(path, answer, text, http.StatusNotFound, "NOT_FOUND")
	}
	for path, verbs := range map[string][]string{
		"/rpc": {"GET", "PUT", "DELETE", "OPTIONS"}, "/subscribe": {"POST", "PUT"}, "/import": {"GET", "PUT"}, "/health": {"POST"}, "/version": {"DELETE"}, "/debug/pprof/heap": {"PUT"},
	} {
		for _, verb := range verbs {
			answer, text := h.request(verb, path, h.admin, "")
			h.fault(verb+" "+path, answer, text, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
			if answer.Header.Get("Allow") == "" {
				t.Errorf("%s %s: no Allow", verb, path)
			}
		}
	}
	h.expect(`["sys.version"]`, `"1.2.3"`)
	var health struct {
		Status, Backend string
		Connections     int
	}
	mustDecode(t, h.call(`["sys.health"]`), &health)
	if health.Status != "ok" || health.Backend != *backend || health.Connections < 1 {
		t.Errorf("got %+v", health)
	}
}
