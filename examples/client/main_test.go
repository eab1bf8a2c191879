package main

import (
	"bytes"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
)

func TestClient(t *testing.T) {
	s := servertest.New(t, server.Config{})
	url, token := s.Listen(), s.Token
	var out bytes.Buffer
	if err := run(t.Context(), &out, url, token); err != nil {
		t.Fatal(err)
	}
	want := `expected version -1, the stream is at 0
sent twice, stored once: true
appended positions 2 to 3
0 Opened {"owner":"Ada"}
1 Deposited {"amount":10}
2 Withdrawn {"amount":4}
3 Closed {"paid":6}
`
	if out.String() != want {
		t.Errorf("it prints\n%s\nwant\n%s", out.String(), want)
	}
	if err := run(t.Context(), &out, url, token+"0"); err == nil {
		t.Error("a wrong token is accepted")
	}
}
