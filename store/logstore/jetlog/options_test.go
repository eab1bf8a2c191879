package jetlog_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/evtui/evtui/store/logstore/jetlog"
)

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"nats://a":                       "",
		"nats://a,b,c":                   "",
		"nats://a,b,c:4223":              "",
		"nats://user@a:1,b:2?replicas=1": "",
		"tls://a:4222?domain=hub":        "",
		"nats://a/":                      "",
		"http://a":                       "must be nats://",
		"nats://user:secret@a":           "holds a password",
		"nats://a/db":                    `names "/db" behind the hosts`,
		"nats://":                        "names no host",
		"nats://a,,b":                    "names no host",
		"nats://a:1,b:99999":             `the port "99999"`,
		"nats://a,b,a":                   "the host a twice",
		"nats://a?replicas=0":            "replicas=0",
		"nats://a?replicas=many":         "replicas=many",
		"nats://a?replica=1":             `the parameter "replica"`,
		"nats://a?domain=a.b":            `the domain "a.b"`,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		err = jetlog.Check(u)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", text, err)
		}
	}
}
