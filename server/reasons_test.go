package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestReasonsAreTheRealOnes: a number that is out of range is told its range
// and itself, never to be missing or of the wrong kind, and so is a time that
// is not the protocol's.
func TestReasonsAreTheRealOnes(t *testing.T) {
	h := newHost(t)
	h.write("a-1", 2)
	const (
		id     = `"018f3c1e-7a3b-4c52-9d0a-000000000006"`
		lowest = "-9223372036854775808"
		beyond = "9223372036854775808"
		any64  = "must be from -9223372036854775808 to 9223372036854775807, got "
	)
	for _, c := range []struct{ call, says string }{
		{`["category.get","a",{"consumerGroup":{"member":0,"size":2147483648}}]`, "consumerGroup.size must be from 1 to 2147483647, got 2147483648"},
		{`["category.get","a",{"consumerGroup":{"member":0,"size":0}}]`, "consumerGroup.size must be from 1 to 2147483647, got 0"},
		{`["category.get","a",{"consumerGroup":{"member":` + lowest + `,"size":2}}]`, "consumerGroup.member must be from 0 to 2147483646, got " + lowest},
		{`["category.get","a",{"consumerGroup":{"member":0,"size":` + lowest + `}}]`, "consumerGroup.size must be from 1 to 2147483647, got " + lowest},
		{`["category.get","a",{"consumerGroup":{"member":2,"size":2}}]`, "consumerGroup needs member < size, got member 2 of size 2"},
		{`["category.get","a",{"consumerGroup":{"member":0}}]`, "consumerGroup needs both"},
		{`["category.get","a",{"consumerGroup":{"member":1,"member":null,"size":2}}]`, "consumerGroup needs both"},
		{`["category.get","a",{"position":` + beyond + `}]`, "position " + any64 + beyond},
		{`["category.get","a",{"globalPosition":-` + beyond + `1}]`, "globalPosition " + any64 + "-" + beyond + "1"},
		{`["stream.get","a-1",{"position":1` + strings.Repeat("0", 100) + `}]`, "position " + any64 + "1" + strings.Repeat("0", 39) + "…"},
		{`["stream.get","a-1",{"position":1.5}]`, "position must be an integer"},
		{`["stream.get","a-1",{"batchSize":` + beyond + `}]`, "batchSize must be from -1 to 10000, got " + beyond},
		{`["stream.get","a-1",{"batchSize":10001}]`, "batchSize must be from -1 to 10000, got 10001"},
		{`["stream.write","a-1",{"type":"T","data":{}},{"expectedVersion":-2}]`, "expectedVersion must be from -1 to 9223372036854775807, got -2"},
		{`["stream.append","a-1",[{"type":"T","data":{}}],{"expectedVersion":` + beyond + `}]`, "expectedVersion must be from -1 to 9223372036854775807, got " + beyond},
		{`["stream.append","a-1",[{"type":"T","data":{},"id":` + id + `},{"type":"T","data":{}},{"type":"T","data":{},"id":` + id + `}]]`, "for events 0 and 2"},
		{`["ns.streams",{"limit":4294967297}]`, "limit must be from 1 to 1000, got 4294967297"},
		{`["category.distribution","a",{"size":4294967297}]`, "size must be from 1 to 10000, got 4294967297"},
		{`["category.distribution","a",{"top":101}]`, "top must be from 0 to 100, got 101"},
		{`["category.distribution","a",{"limit":` + beyond + `}]`, "limit must be from 1 to 10000000, got " + beyond},
		{`["engine.log",{"after":` + lowest + `}]`, "after must be from 0 to 9223372036854775807, got " + lowest},
		{`["engine.events",{"limit":4294967297}]`, "limit must be from 1 to 10000, got 4294967297"},
		{`["ns.seek",{}]`, "time is missing"},
		{`["ns.seek",{"time":"2026-01-15T10:30:00,5Z"}]`, "time must be a time in RFC 3339"},
		{`["ns.seek",{"time":"2026-01-15T10:30:00.1234567890Z"}]`, "at most nine digits"},
		{`["ns.seek",{"time":""}]`, "time must be a time in RFC 3339"},
		{`["engine.history",{"since":"2026-01-15T1:30:00Z"}]`, "since must be a time in RFC 3339"},
	} {
		if e := h.refused(h.admin, c.call, 400, "INVALID_REQUEST"); !strings.Contains(e.Message, c.says) {
			t.Errorf("%.100s: %q does not say %q", c.call, e.Message, c.says)
		}
	}
	for query, says := range map[string]string{
		"category=a&consumer=0&size=2147483648":                 "size must be from 1 to 2147483647, got 2147483648",
		"category=a&consumer=-1&size=2":                         "consumer must be from 0 to 2147483646, got -1",
		"category=a&consumer=2&size=2":                          "consumer needs member < size, got member 2 of size 2",
		"category=a&position=" + beyond:                         "position " + any64 + beyond,
		"category=a&position=" + strings.Repeat("x", 1+len(id)): "position must be an integer",
	} {
		answer, text := h.request("GET", "/subscribe?"+query, h.admin, "")
		if e := h.fault(query, answer, text, 400, "INVALID_REQUEST"); !strings.Contains(e.Message, says) {
			t.Errorf("%s: %q does not say %q", query, e.Message, says)
		}
	}
	// The ends of the ranges are in them.
	h.expect(`["ns.seek",{"time":"0001-01-01T00:00:00Z"}]`, `{"globalPosition":1}`)
	h.expect(`["ns.seek",{"time":"9999-12-31T23:59:59.999999999Z"}]`, `{"globalPosition":3}`)
	h.expect(`["category.get","a",{"globalPosition":9223372036854775807,"consumerGroup":{"member":2147483646,"size":2147483647}}]`, `[]`)
	for _, name := range []string{"position", "globalPosition"} {
		if got := rows(t, h.call(fmt.Sprintf(`["stream.get","a-1",{%q:%s}]`, name, lowest))); len(got) != 2 {
			t.Errorf("%s %s: %d messages", name, lowest, len(got))
		}
		h.expect(fmt.Sprintf(`["stream.get","a-1",{%q:9223372036854775807}]`, name), `[]`)
	}
}

// TestReasonsOfImports is TestReasonsAreTheRealOnes for lines of an import.
func TestReasonsOfImports(t *testing.T) {
	h := newHost(t)
	for change, says := range map[[2]string]string{
		{`"pos":0`, `"pos":-9223372036854775808`}:                  "pos must be from 0 to 4611686018427387904, got -9223372036854775808",
		{`"pos":0`, `"pos":-1`}:                                    "pos must be from 0 to 4611686018427387904, got -1",
		{`"pos":0`, `"pos":9223372036854775808`}:                   "pos must be from 0 to 4611686018427387904, got 9223372036854775808",
		{`"pos":0,`, ``}:                                           "pos is missing",
		{`"gpos":1`, `"gpos":-9223372036854775808`}:                "gpos must be from 1 to 4611686018427387904, got -9223372036854775808",
		{`"gpos":1`, `"gpos":0`}:                                   "gpos must be from 1 to 4611686018427387904, got 0",
		{`"gpos":1`, `"gpos":4611686018427387905`}:                 "gpos must be from 1 to 4611686018427387904, got 4611686018427387905",
		{`"gpos":1,`, ``}:                                          "gpos is missing",
		{`"pos":0`, `"pos":0.5`}:                                   `"message":"pos must be an integer"`,
		{`"gpos":1`, `"gpos":null`}:                                `"message":"gpos must be an integer"`,
		{`"type":"T"`, `"type":null`}:                              `"message":"type must be a string"`,
		{`"stream":"a-1"`, `"stream":5`}:                           `"message":"stream must be a string"`,
		{`"2026-01-15T10:30:00.123456789Z"`, `5`}:                  `"message":"time must be a string"`,
		{`"018f3c1e-7a3b-4c52-9d0a-000000000001"`, `{}`}:           `"message":"id must be a string"`,
		{`10:30:00.123456789Z`, `10:30:00,5Z`}:                     "time must be a time in RFC 3339",
		{`10:30:00.123456789Z`, `10:30:00.1234567891Z`}:            "at most nine digits",
		{`10:30:00.123456789Z`, `1:30:00Z`}:                        "time must be a time in RFC 3339",
		{`2026-01-15T10:30:00.123456789Z`, `0001-01-01T00:00:00Z`}: "between the years 1677 and 2262",
	} {
		line := strings.Replace(record(1), change[0], change[1], 1)
		if line == record(1) {
			t.Fatalf("%q is not in %s", change[0], line)
		}
		got := h.importAll("", line+"\n")
		if len(got) != 1 || !strings.Contains(got[0], `"error":"INVALID_RECORD"`) || strings.Contains(got[0], "INVALID_REQUEST") || !strings.Contains(got[0], says) {
			t.Errorf("%q: got %q, want %q", change, got, says)
		}
	}
	if n := h.messages("default"); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
}
