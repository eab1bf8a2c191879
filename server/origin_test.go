package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
)

const (
	shop = "https://shop.example"
	evil = "https://evil.example"
)

// TestPagesOfOthers: what a browser sends for a page of another origin is
// refused at every path that does or tells something, token or not.
func TestPagesOfOthers(t *testing.T) {
	for name, testMode := range map[string]bool{"with tokens": false, "test mode": true} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, func(c *server.Config) { c.Origins, c.TestMode = []string{shop}, testMode })
			for _, c := range [][2]string{
				{"POST", "/rpc"}, {"OPTIONS", "/rpc"}, {"POST", "/import"}, {"POST", "/import?force=true"}, {"GET", "/subscribe?all=true"}, {"GET", "/metrics"},
				{"GET", "/debug/pprof/"}, {"GET", "/debug/pprof/heap"}, {"POST", "/debug/pprof/symbol"}, {"GET", "/nowhere"},
			} {
				for _, header := range [][]string{
					{"Origin", evil}, {"Origin", "null"}, {"Origin", ""}, {"Origin", shop + ".evil.example"}, {"Origin", strings.ToUpper(shop)}, {"Origin", "http://shop.example"},
					{"Origin", shop + ":8443"}, {"Origin", strings.Replace(h.url, "http", "https", 1)}, {"Origin", h.url + "0"}, {"Origin", "file://"},
					{"Origin", "http://rebound.example", "Host", "rebound.example"},
					{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"},
					{"Origin", evil, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"},
				} {
					answer, text := h.request(c[0], c[1], h.admin, aWrite, header...)
					h.fault(strings.Join(append(c[:], header...), " "), answer, text, http.StatusForbidden, "ORIGIN_NOT_ALLOWED")
					if answer.Header.Get("Access-Control-Allow-Origin") != "" {
						t.Errorf("%v %v may be read", c, header)
					}
				}
			}
			if n := h.messages("default"); n != 0 {
				t.Errorf("%d messages were written by pages of others", n)
			}
		})
	}
}

// TestPagesThatMayCall: programs, which send no origin, pages from the server's
// own address, those that are allowed, and people who follow a link.
func TestPagesThatMayCall(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Origins = []string{"http://127.0.0.1:3000", shop} })
	localhost := strings.Replace(h.url, "127.0.0.1", "localhost", 1)
	for _, header := range [][]string{
		{}, {"Host", "anything.example"}, {"Origin", shop}, {"Origin", "http://127.0.0.1:3000"}, {"Origin", h.url}, {"Origin", shop, "Sec-Fetch-Site", "cross-site"},
		{"Origin", localhost, "Host", strings.TrimPrefix(localhost, "http://")},
		{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
	} {
		answer, text := h.request("POST", "/rpc", h.admin, aWrite, header...)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%v: %s", header, text)
		}
		want := ""
		if len(header) > 0 && header[0] == "Origin" {
			want = header[1]
		}
		if got := answer.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%v: Access-Control-Allow-Origin is %q, want %q", header, got, want)
		}
		if want != "" && !strings.Contains(answer.Header.Get("Vary"), "Origin") {
			t.Errorf("%v: a cache may give the answer to others", header)
		}
		if got := answer.Header.Get("Access-Control-Allow-Credentials"); got != "" {
			t.Errorf("%v: cookies are allowed, and there are none: %q", header, got)
		}
	}
	for _, path := range []string{"/health", "/version"} {
		answer, _ := h.request("GET", path, "", "", "Origin", evil, "Sec-Fetch-Site", "cross-site")
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s, %v", path, answer.Status, answer.Header)
		}
	}
}

func TestPreflight(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Origins = []string{shop} })
	answer, text := h.request("OPTIONS", "/rpc", "", "", "Origin", shop, "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,x-evtui-namespace", "Access-Control-Request-Private-Network", "true")
	if answer.StatusCode != http.StatusNoContent || text != "" {
		t.Fatalf("%s %s", answer.Status, text)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": shop, "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Evtui-Namespace",
		"Access-Control-Allow-Private-Network": "true", "Vary": "Origin",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// Without the question it is a verb that no path takes.
	if answer, _ := h.request("OPTIONS", "/rpc", "", "", "Origin", shop); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("OPTIONS that is no preflight: %s", answer.Status)
	}
	all := newHost(t, func(c *server.Config) { c.Origins = []string{"*"} })
	for _, origin := range []string{evil, "null"} {
		answer, _ := all.request("POST", "/rpc", all.admin, aVersion, "Origin", origin)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("all are allowed, %s is not: %s", origin, answer.Status)
		}
	}
}

func TestCheckOrigin(t *testing.T) {
	for origin, ok := range map[string]bool{
		"*": true, "https://shop.example": true, "http://localhost:3000": true, "http://[::1]:3000": true, "chrome-extension://abc": true,
		"": false, "shop.example": false, "https://shop.example/": false, "https://shop.example/x": false, "https://Shop.example": false, "https://": false, "https://u@shop.example": false, "null": false, "http://a b": false,
	} {
		if err := server.CheckOrigin(origin); (err == nil) != ok {
			t.Errorf("%q: %v", origin, err)
		}
	}
}
