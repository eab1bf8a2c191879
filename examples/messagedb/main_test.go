package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
)

// testdata/messages.csv was dumped by psql from a table that PostgreSQL 15 made
// from Message DB's own schema, and exported.ndjson by export.sql from the same.
func TestDumpImports(t *testing.T) {
	dump, err := os.Open("testdata/messages.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer dump.Close()
	var lines bytes.Buffer
	if err := convert(dump, &lines); err != nil {
		t.Fatal(err)
	}
	exported, err := os.ReadFile("testdata/exported.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if one, other := imported(t, mapped(t, lines.Bytes())), imported(t, mapped(t, exported)); one != other {
		t.Errorf("the two ways differ:\n%s\n%s", one, other)
	} else if strings.Count(one, "\n") != 7 || !strings.Contains(one, `"limit":12345678901234567890.50`) {
		t.Errorf("not all came through:\n%s", one)
	}
}

// mapped does to the one message whose data is NULL what evtui import --map does.
func mapped(t *testing.T, lines []byte) []byte {
	t.Helper()
	null := regexp.MustCompile(`"data" ?: ?null`)
	if n := len(null.FindAll(lines, -1)); n != 1 {
		t.Errorf("%d messages have data that is null, want 1", n)
	}
	return null.ReplaceAll(lines, []byte(`"data":{}`))
}

// imported stores lines in a server and returns what it holds then, less the
// space that psql puts between members and encoding/json does not.
func imported(t *testing.T, lines []byte) string {
	t.Helper()
	s := servertest.New(t, server.Config{})
	url, token := s.Listen(), s.Token
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Import(t.Context(), bytes.NewReader(lines), false, nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := c.Export(t.Context(), &out, client.ExportQuery{From: 1}); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	for line := range bytes.Lines(out.Bytes()) {
		if err := json.Compact(&compact, line); err != nil {
			t.Fatal(err)
		}
		compact.WriteByte('\n')
	}
	return compact.String()
}

func TestWrongDumps(t *testing.T) {
	const head = "global_position,position,time,stream_name,type,data,metadata,id\n"
	for dump, want := range map[string]string{
		"":               "header",
		"position,id\n1": `no column "stream_name"`,
		head + "1,x,2026-01-15 10:30:01,a-1,T,{},,u\n":           "line 2: position",
		head + "1,0,2026-01-15 10:30:01,a-1,T,{},{,u\n":          "line 2: metadata: not JSON",
		head + "1,0,2026-01-15 10:30:01,a-1,T,{},,u\n1,1,2026\n": "read the dump",
	} {
		var out bytes.Buffer
		if err := convert(strings.NewReader(dump), &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", dump, err, want)
		}
	}
}

// TestDumpKeepsAll: what evtui cannot store is for the import to say; nothing becomes
// something else on the way.
func TestDumpKeepsAll(t *testing.T) {
	const head = "global_position,position,time,stream_name,type,data,metadata,id\n"
	for dump, want := range map[string]string{
		"1,0,2026-01-15 10:30:01.000001,a-1,T,,,u\n":                         `{"id":"u","stream":"a-1","type":"T","pos":0,"gpos":1,"data":null,"meta":null,"time":"2026-01-15T10:30:01.000001Z"}`,
		"1,0,2026-01-15 10:30:01,a-1,T,[1],\"\"\"m\"\"\",u\n":                `{"id":"u","stream":"a-1","type":"T","pos":0,"gpos":1,"data":[1],"meta":"m","time":"2026-01-15T10:30:01Z"}`,
		"-1,-2,infinity,a-1,T,{},,u\n":                                       `{"id":"u","stream":"a-1","type":"T","pos":-2,"gpos":-1,"data":{},"meta":null,"time":"infinity"}`,
		"1,0,0044-03-15 10:30:01 BC,\"a\r\n\"\"\r\r\n-1\",\"T\n\",{},,u\r\n": `{"id":"u","stream":"a\r\n\"\r\r\n-1","type":"T\n","pos":0,"gpos":1,"data":{},"meta":null,"time":"0044-03-15 10:30:01 BC"}`,
	} {
		var out bytes.Buffer
		if err := convert(strings.NewReader(head+dump), &out); err != nil || out.String() != want+"\n" {
			t.Errorf("%q: %v\n%s\nwant\n%s", dump, err, out.String(), want)
		}
	}
}
