package wire

import "testing"

func TestKindsOfStreams(t *testing.T) {
	for _, c := range []struct{ category, of, stream string }{
		{"account", "account:position", "account:position-reports"},
		{"account:command", "account:command+position", "account:command+position-reports"},
		{"account:command+v2", "account:command+v2+position", "account:command+v2+position-reports"},
	} {
		if got := BesideCategory(c.category, PositionKind); got != c.of {
			t.Errorf("%s: %s, want %s", c.category, got, c.of)
		}
		if got := BesideStream(c.category, PositionKind, "reports"); got != c.stream {
			t.Errorf("%s: %s, want %s", c.category, got, c.stream)
		}
		if got, ok := CategoryBeside(c.of, PositionKind); !ok || got != c.category {
			t.Errorf("%s: of %q (%t), want %s", c.of, got, ok, c.category)
		}
	}
	for _, no := range []string{"account", "position", ":position", "account+position", "accountposition", "account:positions", "a:b:position"} {
		if got, ok := CategoryBeside(no, PositionKind); ok {
			t.Errorf("%s: of %q", no, got)
		}
	}
	if got := BesideStream("account", ParkedKind, ""); got != "account:parked" {
		t.Error(got)
	}
}

func TestMembersIdentifiers(t *testing.T) {
	type split struct {
		name         string
		member, size int
	}
	for identifier, want := range map[string]split{
		"reports-0-of-2": {"reports", 0, 2}, "a-b-11-of-12": {"a-b", 11, 12}, "reports": {"reports", 0, 0}, "": {"", 0, 0},
		"reports-2-of-2": {"reports-2-of-2", 0, 0}, "reports-01-of-2": {"reports-01-of-2", 0, 0}, "best-of-5": {"best-of-5", 0, 0},
		"reports--1-of-2": {"reports-", 1, 2}, "x-1-of-2x": {"x-1-of-2x", 0, 0},
	} {
		var got split
		got.name, got.member, got.size = SplitMember(identifier)
		if got != want {
			t.Errorf("%q: %+v, want %+v", identifier, got, want)
		}
		if again := MemberName(got.name, got.member, got.size); again != identifier {
			t.Errorf("%q comes back as %q", identifier, again)
		}
	}
}
