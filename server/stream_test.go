package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

var uuidV7 = regexp.MustCompile(`^"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$`)

func TestWriteAndGet(t *testing.T) {
	h := newHost(t)
	before := time.Now().Add(-time.Second)
	h.expect(`["stream.write","account-1",{"type":"Opened","data":{"a":1},"metadata":{"b":2}}]`, `{"position":0,"globalPosition":1}`)
	h.expect(`["stream.write","account-1",{"type":"Closed","data":{}},{}]`, `{"position":1,"globalPosition":2}`)
	h.expect(`["stream.write","account-2",{"type":"Opened","data":{},"metadata":null},null]`, `{"position":0,"globalPosition":3}`)
	got := rows(t, h.call(`["stream.get","account-1"]`))
	if len(got) != 2 || len(got[0]) != 7 {
		t.Fatalf("got %s", got)
	}
	for i, want := range []string{`"Opened" 0 1 {"a":1} {"b":2}`, `"Closed" 1 2 {} null`} {
		if text := fmt.Sprintf("%s %s %s %s %s", got[i][1], got[i][2], got[i][3], got[i][4], got[i][5]); text != want {
			t.Errorf("message %d: got %s, want %s", i, text, want)
		}
		if !uuidV7.Match(got[i][0]) {
			t.Errorf("message %d: %s is no UUID of version 7", i, got[i][0])
		}
		at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(got[i][6]))
		if err != nil || at.Before(before) || at.After(time.Now().Add(time.Second)) || !strings.HasSuffix(string(got[i][6]), `Z"`) {
			t.Errorf("message %d: time is %s (%v)", i, got[i][6], err)
		}
	}
}

func TestJSONComesBackToTheLetter(t *testing.T) {
	h := newHost(t)
	for i, text := range []string{
		`{"n":12345678901234567890123,"f":1.0,"e":1E+2,"z":-0,"tiny":1e-400}`,
		`{"z":1,"a":2,"m":{"y":1,"b":2}}`,
		`{"null":null,"list":[null,[],{}],"t":true}`,
		`{"escapes":"\u00e9 \ud83d\ude00 \/ \" \\ \n \u0000 \ud800","raw":"é 😀 / \u2028"}`,
		`{"a":1,"a":2}`,
		`{ "space" : [ 1 , 2 ] }`,
		"{\"lines\":\n[1,\t2]\r\n}",
		`{"<script>":"&amp;"}`,
	} {
		stream := fmt.Sprintf("letter-%d", i)
		h.call(`["stream.write","` + stream + `",{"metadata":` + text + `,"data":` + text + `,"type":"T"}]`)
		answer := h.call(`["stream.get","` + stream + `"]`)
		if !strings.Contains(answer, `,`+text+`,`+text+`,"`) {
			t.Errorf("%s came back in %s", text, answer)
		}
		last := h.call(`["stream.last","` + stream + `"]`)
		if "["+last+"]" != answer {
			t.Errorf("stream.last says %s, stream.get %s", last, answer)
		}
	}
}

func TestNamesComeBack(t *testing.T) {
	h := newHost(t)
	for _, name := range []string{`a"b\c-1`, "Ünïcødé-日本", "a b-c d", "x-" + strings.Repeat("y", store.MaxStreamName-2), "plain", "a-1+2+3", "emoji😀-1", "\u2028-1"} {
		h.call(`["stream.write",` + quote(name) + `,{"type":` + quote(name[:1]+`"\é`) + `,"data":{}}]`)
		got := rows(t, h.call(`["category.get",`+quote(store.Category(name))+`]`))
		var stream, messageType string
		mustDecode(t, string(got[len(got)-1][1]), &stream)
		mustDecode(t, string(got[len(got)-1][2]), &messageType)
		if stream != name || !strings.HasSuffix(messageType, `"\é`) {
			t.Errorf("%q came back as %q, type %q", name, stream, messageType)
		}
	}
	// Escapes in a call stand for the same name.
	h.call(`["stream.write","\u0061cc-1",{"\u0074ype":"\u0054","d\u0061ta":{}}]`)
	h.expect(`["stream.version","acc-1"]`, `0`)
}

func TestExpectedVersion(t *testing.T) {
	h := newHost(t)
	write := func(version string) string {
		return `["stream.write","account-1",{"type":"T","data":{}},{"expectedVersion":` + version + `}]`
	}
	conflict := func(version, details string) {
		t.Helper()
		if e := h.refused(h.admin, write(version), http.StatusConflict, "STREAM_VERSION_CONFLICT"); string(e.Details) != details {
			t.Errorf("expecting %s: details are %s, want %s", version, e.Details, details)
		}
	}
	conflict("0", `{"expected":0,"actual":-1}`)
	h.expect(write("-1"), `{"position":0,"globalPosition":1}`)
	conflict("-1", `{"expected":-1,"actual":0}`)
	conflict("5", `{"expected":5,"actual":0}`)
	h.expect(write("0"), `{"position":1,"globalPosition":2}`)
	h.expect(write("null"), `{"position":2,"globalPosition":3}`)
	for _, wrong := range []string{"-2", "-3", `"0"`, "0.0", "1.5", "1e0", "true", "[]", "{}", "9223372036854775808"} {
		h.refused(h.admin, write(wrong), http.StatusBadRequest, "INVALID_REQUEST")
	}
	if n := h.messages("default"); n != 3 {
		t.Errorf("%d messages are stored, want 3", n)
	}
}

func TestGivenID(t *testing.T) {
	h := newHost(t)
	const id = `"018F3C1E-7A3B-4C52-9D0A-5f1e2d3c4b5a"`
	write := func(stream, data string) string {
		return `["stream.write","` + stream + `",{"type":"T","data":` + data + `},{"id":` + id + `,"expectedVersion":-1}]`
	}
	h.expect(write("a-1", `{"n":1}`), `{"position":0,"globalPosition":1}`)
	// A safe retry: the first answer again, although the version has moved on.
	h.expect(write("a-1", `{"n":1}`), `{"position":0,"globalPosition":1}`)
	h.refused(h.admin, write("a-1", `{"n":2}`), http.StatusConflict, "ID_CONFLICT")
	h.refused(h.admin, write("a-2", `{"n":1}`), http.StatusConflict, "ID_CONFLICT")
	got := rows(t, h.call(`["stream.get","a-1"]`))
	if len(got) != 1 || string(got[0][0]) != strings.ToLower(id) {
		t.Errorf("got %s", got)
	}
	for _, wrong := range []string{`""`, `"x"`, `1`, `"00000000-0000-0000-0000-000000000000"`, `"018f3c1e7a3b4c529d0a5f1e2d3c4b5a"`, `"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b5g"`} {
		h.refused(h.admin, `["stream.write","a-3",{"type":"T","data":{}},{"id":`+wrong+`}]`, http.StatusBadRequest, "INVALID_REQUEST")
	}
	h.expect(`["stream.write","a-3",{"type":"T","data":{},"id":"ignored"},{"id":null}]`, `{"position":0,"globalPosition":2}`)
}

func TestGetOptions(t *testing.T) {
	h := newHost(t)
	h.write("other-1", 5) // global positions 1 to 5
	h.write("account-1", 10)
	get := func(options string) string { return `["stream.get","account-1",` + options + `]` }
	for options, want := range map[string]string{
		`{}`:                                   "0 1 2 3 4 5 6 7 8 9",
		`null`:                                 "0 1 2 3 4 5 6 7 8 9",
		`{"unknown":[1]}`:                      "0 1 2 3 4 5 6 7 8 9",
		`{"position":7}`:                       "7 8 9",
		`{"position":-5}`:                      "0 1 2 3 4 5 6 7 8 9",
		`{"position":10}`:                      "",
		`{"position":null,"batchSize":null}`:   "0 1 2 3 4 5 6 7 8 9",
		`{"globalPosition":13}`:                "7 8 9",
		`{"globalPosition":13,"position":3}`:   "7 8 9",
		`{"globalPosition":7,"position":8}`:    "8 9",
		`{"batchSize":3}`:                      "0 1 2",
		`{"batchSize":3,"position":5}`:         "5 6 7",
		`{"batchSize":0}`:                      "",
		`{"batchSize":-1}`:                     "0 1 2 3 4 5 6 7 8 9",
		`{"batchSize":10000}`:                  "0 1 2 3 4 5 6 7 8 9",
		`{"batchSize":2,"batchSize":1}`:        "0",
		`{"backward":false,"batchSize":1}`:     "0",
		`{"backward":true,"batchSize":3}`:      "9 8 7",
		`{"backward":true,"position":2}`:       "2 1 0",
		`{"backward":true,"position":0}`:       "0",
		`{"backward":true,"position":-1}`:      "9 8 7 6 5 4 3 2 1 0",
		`{"backward":true,"globalPosition":8}`: "2 1 0",
	} {
		var positions []string
		for _, r := range rows(t, h.call(get(options))) {
			positions = append(positions, string(r[2]))
		}
		if got := strings.Join(positions, " "); got != want {
			t.Errorf("%s: got %q, want %q", options, got, want)
		}
	}
	for _, wrong := range []string{`{"batchSize":10001}`, `{"batchSize":-2}`} {
		if e := h.refused(h.admin, get(wrong), 400, "INVALID_REQUEST"); !strings.Contains(e.Message, "batchSize") {
			t.Errorf("%s: the message does not name batchSize: %s", wrong, e.Message)
		}
	}
	for _, wrong := range []string{
		`{"batchSize":"3"}`, `{"batchSize":1.5}`, `{"position":"1"}`, `{"position":1.0}`, `{"position":[]}`, `{"globalPosition":true}`,
		`{"backward":1}`, `{"backward":"true"}`, `[]`, `5`, `"x"`, `{},{}`, `{},null`,
	} {
		h.refused(h.admin, get(wrong), 400, "INVALID_REQUEST")
	}
	h.expect(`["stream.get","nothing-1"]`, `[]`)
}

func TestDefaultBatchIsAThousand(t *testing.T) {
	h := newHost(t)
	for range 11 {
		events := strings.Repeat(`{"type":"T","data":{}},`, 100)
		h.call(`["stream.append","many-1",[` + events[:len(events)-1] + `]]`)
	}
	for options, want := range map[string]int{`{}`: 1000, `{"batchSize":1050}`: 1050, `{"batchSize":-1}`: 1100} {
		if got := len(rows(t, h.call(`["stream.get","many-1",`+options+`]`))); got != want {
			t.Errorf("stream.get %s: %d messages, want %d", options, got, want)
		}
		if got := len(rows(t, h.call(`["category.get","many",`+options+`]`))); got != want {
			t.Errorf("category.get %s: %d messages, want %d", options, got, want)
		}
	}
}

func TestLastAndVersion(t *testing.T) {
	h := newHost(t)
	h.expect(`["stream.last","a-1"]`, `null`)
	h.expect(`["stream.version","a-1"]`, `null`)
	for _, kind := range []string{"A", "B", "A", "C"} {
		h.call(`["stream.write","a-1",{"type":"` + kind + `","data":{}}]`)
	}
	h.expect(`["stream.version","a-1"]`, `3`)
	h.expect(`["stream.version","a-1",null]`, `3`)
	h.expect(`["stream.version","a-1",{}]`, `3`)
	for options, want := range map[string]string{``: "3", `,null`: "3", `,{}`: "3", `,{"type":null}`: "3", `,{"type":"A"}`: "2", `,{"type":"B"}`: "1"} {
		var r row
		mustDecode(t, h.call(`["stream.last","a-1"`+options+`]`), &r)
		if len(r) != 7 || string(r[2]) != want {
			t.Errorf("last %s: got %s, want position %s", options, r, want)
		}
	}
	h.expect(`["stream.last","a-1",{"type":"D"}]`, `null`)
	h.expect(`["stream.last","a-1",{"type":""}]`, `null`)
	h.expect(`["stream.last","a-1",{"type":"A","type":""}]`, `null`)
	h.refused(h.admin, `["stream.last","a-1",{"type":1}]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["stream.version","a-1",1]`, 400, "INVALID_REQUEST")
}

func TestAppend(t *testing.T) {
	h := newHost(t)
	h.write("other-1", 1)
	const body = `["stream.append","a-1",[{"type":"A","data":{"n":1},"id":"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01"},{"type":"B","data":{"n":2},"metadata":{"m":1},"id":"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b02"}],{"expectedVersion":-1}]`
	h.expect(body, `{"positions":[0,1],"globalPositions":[2,3]}`)
	h.expect(body, `{"positions":[0,1],"globalPositions":[2,3]}`)
	h.expect(`["stream.append","a-1",[{"type":"C","data":{}}]]`, `{"positions":[2,2],"globalPositions":[4,4]}`)
	var r row
	mustDecode(t, h.call(`["message.get","018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b02"]`), &r)
	if fmt.Sprintf("%s", r[1:7]) != `["a-1" "B" 1 3 {"n":2} {"m":1}]` {
		t.Errorf("message.get answers %s", r)
	}
	h.expect(`["message.get","018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4bff"]`, `null`)
	h.refused(h.admin, `["message.get","x"]`, 400, "INVALID_REQUEST")
	for _, wrong := range []string{
		`[]`, `{}`, `null`, `[1]`, `[{"type":"A"}]`, `[{"data":{}}]`, `[{"type":"A","data":{}},{"type":"","data":{}}]`, `[{"type":"A","data":{}},null]`,
		`[{"type":"A","data":{},"id":"x"}]`, `[{"type":"A","data":{}},]`,
	} {
		h.refused(h.admin, `["stream.append","a-1",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h.refused(h.admin, `["stream.append","a-1",[{"type":"A","data":{}}],{"expectedVersion":7}]`, 409, "STREAM_VERSION_CONFLICT")
	h.refused(h.admin, `["stream.append","a-1",[`+strings.Repeat(`{"type":"A","data":{}},`, 10000)+`{"type":"A","data":{}}]]`, 400, "INVALID_REQUEST")
	h.expect(`["stream.version","a-1"]`, `2`)
}
