package store

import (
	"net/url"
	"testing"
)

// TestParseHosts reads URLs that name several hosts, and leaves the others to url.Parse.
func TestParseHosts(t *testing.T) {
	var o Openers
	o.Register(Opener{Scheme: "nats", Aliases: []string{"tls"}})
	o.Register(Opener{Scheme: "file"})
	for text, host := range map[string]string{
		"nats://a,b:4223,c":                   "a,b:4223,c",
		"nats://user@a:1,b:2,c:3?replicas=1":  "a:1,b:2,c:3",
		"tls://[::1]:4222,[fe80::2]/":         "[::1]:4222,[fe80::2]",
		"nats://a":                            "a",
		"file:///tmp/a,b:c":                   "",
		"nats://a,b?monitor=http://a:1,//b:2": "a,b",
	} {
		u, one, err := o.Parse(text)
		if err != nil || u.Host != host {
			t.Errorf("%s: host %q, %v; want %q", text, u.Host, err, host)
			continue
		}
		if again, _, err := o.Parse(u.String()); err != nil || again.String() != u.String() || again.Host != host {
			t.Errorf("%s: becomes %s, and that %v, %v", text, u, again, err)
		}
		if want := u.Scheme; want != "tls" && one.Scheme != want || want == "tls" && one.Scheme != "nats" {
			t.Errorf("%s: opened by %s", text, one.Scheme)
		}
	}
	for _, wrong := range []string{"nats://a,b:x,c", "nats://a,b:4222:1", "other://a,b", "nats://a b,c", "", "a,b"} {
		if u, _, err := o.Parse(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, u)
		}
	}
	if u, _, err := o.Parse("nats://me:secret@a,b"); err != nil || u.User.String() != url.UserPassword("me", "secret").String() {
		t.Errorf("a user is read as %v, %v", u.User, err)
	}
}

// TestSchemesOnce has no two engines answer to one scheme.
func TestSchemesOnce(t *testing.T) {
	for _, second := range []Opener{{Scheme: "tls"}, {Scheme: "x", Aliases: []string{"nats"}}, {Scheme: "y", Aliases: []string{"tls"}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is registered beside nats and tls", second)
				}
			}()
			var o Openers
			o.Register(Opener{Scheme: "nats", Aliases: []string{"tls"}})
			o.Register(second)
		}()
	}
}
