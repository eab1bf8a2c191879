package filter

import (
	"cmp"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func deposited() *store.Message {
	return &store.Message{
		ID: store.MakeID(noon, [10]byte{1}), Stream: "account-123+retry", Type: "Deposited", Position: 7, GlobalPosition: 88120,
		Time: noon.Add(-3 * time.Minute),
		Data: []byte(`{"amount":110.50,"big":9007199254740993,"owner":{"name":"Ann Lée","tags":["a","b"]},
			"items":[{"sku":"A-1","n":2},{"sku":"B-2","n":30}],"n":null,"ok":true,"code":"0042","odd key":{"a.b":1},"esc\u0061pe":"x\ny","day":"2026-03-13"}`),
		Metadata: []byte(`{"correlationStreamName":"order-7","traceId":"d663a929"}`),
	}
}

func TestKeeps(t *testing.T) {
	for line, want := range map[string]bool{
		"":                                      true,
		"   ":                                   true,
		"deposited":                             true,
		"DEPOSITED":                             true,
		"withdrawn":                             false,
		"account-123":                           true,
		"lée":                                   true, // beyond ASCII
		"traceId":                               false,
		"metadata~TRACEID":                      true,
		`"Ann L"`:                               true,
		`"ann":`:                                false, // text with its quotes
		`"amount":110`:                          true,
		"ann 110":                               true,
		"ann 111":                               false,
		"ann and 110":                           true,
		"ann AND NOT 111":                       true,
		"111 or ann":                            true,
		"111 || 222":                            false,
		"110 && ann":                            true,
		"!111":                                  true,
		"! 110":                                 false,
		"!!110":                                 true,
		"not (111 or 222)":                      true,
		"(111 or ann) 110":                      true,
		"111 or ann 222":                        false, // and binds tighter
		"/Dep.*ed/":                             true,
		"/dep.*ed/":                             false,
		"/dep.*ed/i":                            true,
		`/a\/b/`:                                false,
		"type~Dep*":                             true,
		"type~Dep":                              true, // a beginning
		"type~*sit*":                            true,
		"type~dep*":                             false,
		"type ~ /^dep/i":                        true,
		"type!~Dep*":                            false,
		"!type~Dep*":                            false,
		"type=Deposited":                        true,
		"type==Dep":                             false,
		"type!=Dep":                             true,
		"Type=Deposited":                        true, // field names in any case
		"stream~acc*-1?3*":                      true,
		"stream=account-123":                    false,
		"category=account":                      true,
		"category~[a-b]*":                       true,
		"id~019":                                true,
		"position=7":                            true,
		"pos>7":                                 false,
		"pos>=7":                                true,
		"gpos>88,119":                           true,
		"global<88120":                          false,
		"time>-5m":                              true,
		"time>-1m":                              false,
		"time<12:00":                            true,
		"time>2026-03-14":                       true,
		`time>"2026-03-14 11:58"`:               false,
		"time<=2026-03-14T11:57:00Z":            true,
		"data.amount>100":                       true,
		"data.amount > 100":                     true,
		"data.amount=110.5":                     true,
		"data.amount=1105e-1":                   true,
		"data.amount!=110.50":                   false,
		"data.amount<110.4999999999999999999":   false,
		"data.big=9007199254740993":             true,
		"data.big=9007199254740992":             false, // as float64 they are the same
		"data.big>9007199254740992":             true,
		"data.owner.name=\"Ann Lée\"":           true,
		"data.owner.name~Ann":                   true,
		"data.owner.name~/L.e$/":                true,
		"data.owner.tags[0]=a":                  true,
		"data.owner.tags[1]=a":                  false,
		"data.owner.tags[*]=b":                  true,
		"data.owner.tags[9]=b":                  false,
		"data.items[*].sku=B-2":                 true,
		"data.items[*].n>29":                    true,
		"data.items[*].n>30":                    false,
		"data.items[0].n>29":                    false,
		"data.items[*].sku~/^B/":                true,
		"data.n=null":                           true,
		"data.n":                                true, // it is there
		"data.nope":                             false,
		"!data.nope":                            true,
		"data.nope!=1":                          true,
		"data.nope=1":                           false,
		"data.nope>1":                           false,
		"data.ok=true":                          true,
		"data.ok=false":                         false,
		"data.ok=\"true\"":                      false,
		"data.code=0042":                        true, // the digits in quotes
		"data.code=42":                          false,
		"data.code>1":                           false, // no number
		"data.day>\"2026-03-12\"":               true,
		"data.day<2026-03-13":                   false,
		`data["odd key"]["a.b"]=1`:              true,
		`data["odd key"]["a.b"]>1`:              false,
		"data.escape=\"x\ny\"":                  true, // escapes in keys and values
		"kind(data.amount)=number":              true,
		"kind(data.amount)!=number":             false,
		"kind(data.code)=string":                true,
		"kind(data.code)=number":                false, // digits in quotes are text
		"Kind( data.ok ) == Bool":               true,
		"kind(data.ok)=boolean":                 true,
		"kind(data.n)=null":                     true,
		"kind(data.n)=\"null\"":                 true,
		"kind(data.owner)=object":               true,
		"kind(data.owner)=array":                false,
		"kind(data.items)=array":                true,
		"kind(data.items[*].sku)=string":        true,
		"kind(data.items[*].sku)=number":        false,
		`kind(data["odd key"]["a.b"])=number`:   true,
		"kind(data.nope)=string":                false,
		"kind(data.nope)!=string":               true, // there is none
		"kind(data)=object":                     true,
		"kind(meta.traceId)=string ann":         true,
		"not kind(data.amount)=string":          true,
		"(kind(data.amount)=number)":            true,
		"kind":                                  false, // text
		"kind (data.amount)":                    false, // text, and a path
		"data~ann":                              true,
		"data~/big.*Ann/":                       true,
		"data!~nothing":                         true,
		"metadata.correlationStreamName~order-": true,
		"meta.traceId=d663a929":                 true,
		"type~Dep* and data.amount>100":         true,
		"type~Dep* and data.amount>1000":        false,
		"(type~W* or type~Dep*) and !(data.amount<100 or stream~order*)": true,
		"data.amount>100)x": false,
	} {
		f, err := Parse(line, noon)
		if strings.HasSuffix(line, ")x") {
			if err == nil {
				t.Errorf("%s: taken", line)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := f.Keeps(deposited()); got != want {
			t.Errorf("%s: got %v", line, got)
		}
		if f.String() != strings.TrimSpace(line) || f.IsZero() != (f.String() == "") {
			t.Errorf("%s: String is %q, IsZero %v", line, f.String(), f.IsZero())
		}
	}
}

func TestKeepsLine(t *testing.T) {
	line := &Line{Level: "WARN", From: "server", Text: "slow sync", Time: noon, Attrs: []byte(`{"ms":120,"namespace":"prod"}`)}
	for expr, want := range map[string]bool{
		"": true, "slow": true, "warn": true, "prod": true, "level=warn": true, "level>=warn": true, "level>warn": false,
		"level<error": true, "level~W*": true, "text~SYNC": true, "attrs.ms>100 and from=server": true, "attr.namespace=dev": false, "time>=12:00": true,
	} {
		f, err := ParseLines(expr, noon)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := f.KeepsLine(line); got != want {
			t.Errorf("%s: got %v", expr, got)
		}
	}
}

func TestFaults(t *testing.T) {
	for line, want := range map[string]struct {
		column int
		reason string
	}{
		"type~Dep* and":           {14, "expected a condition"},
		"and x":                   {1, "expected a condition before"},
		"a or or b":               {6, "expected a condition before"},
		"type~ and x":             {7, "expected a value after ~"},
		"type = || x":             {8, "expected a value after ="},
		"type~":                   {6, "expected a value after ~"},
		"tpye=x":                  {1, `there is no field "tpye"; in the JSON: data.tpye; the fields are type, stream`},
		"total = 1234.5":          {1, `in the JSON: data.total;`},
		"foo and tpye>1":          {9, "to look for the text, put it in quotes"},
		"type>Dep":                {6, "it takes ~ !~ = !="},
		"type~[":                  {6, "a [ without its ]"},
		"position>many":           {10, "whole number, such as 88120"},
		"pos~1":                   {5, "it takes = != < <= > >="},
		"time>yesterday":          {6, "such as 14:02:07, -5m"},
		"time>3d":                 {6, "-3d is that long before now"}, // not: older than
		"time>+5m":                {6, "-5m is that long before now"},
		"time>01/02/2026":         {6, "the year comes first"},
		"time>2026-01-15 10:30 x": {0, ""}, // two terms: fine
		"data>100":                {6, "such as data.amount>100"},
		"data.>1":                 {6, "expected a name after the dot"},
		"data[x]=1":               {6, "expected a place in the array"},
		"data[1=1":                {5, "has no ]"},
		"kind(type)=string":       {6, "a value in the JSON, such as kind(data.total)=string"},
		"kind()=string":           {6, "a value in the JSON"},
		"kind(data.)=string":      {11, "expected a name after the dot"},
		"kind(data.total":         {5, "has no ) behind the path"},
		"kind(data.total x)=1":    {5, "has no ) behind the path"},
		"kind(data.total)":        {17, "takes = and !="},
		"kind(data.total)~str":    {17, "takes = and !="},
		"kind(data.total)=":       {18, "expected a value after ="},
		"a kind(data.n)=text x":   {16, `string, number, bool, null, object or array, not "text"`},
		"(a or b":                 {1, "has no )"},
		"a)":                      {2, "closes nothing"},
		"()":                      {2, "before this )"},
		`"open`:                   {1, "has no end"},
		"/open":                   {1, "has no end"},
		"/a(/":                    {1, "missing closing )"},
		"/a/x":                    {4, "only i may follow"},
		"größe and /x(/":          {11, "missing closing )"},
		">5":                      {1, "expected a field before >"},
		"!":                       {2, "expected a condition"},
		"level=loud":              {1, "there is no field"},
		strings.Repeat("(", 200):  {101, "too deep"},
		strings.Repeat("!", 200):  {101, "too deep"},
	} {
		_, err := Parse(line, noon)
		if want.column == 0 {
			if err != nil {
				t.Errorf("%s: %v", line, err)
			}
			continue
		}
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if fault.Column() != want.column || !strings.Contains(fault.Reason, want.reason) {
			t.Errorf("%s: at %d: %s; want %d: %s", line, fault.Column(), fault.Reason, want.column, want.reason)
		}
	}
	if _, err := ParseLines("level>loud", noon); err == nil || !strings.Contains(err.Error(), "debug, info, warn or error") {
		t.Errorf("level>loud: %v", err)
	}
}

func TestCompareNumbers(t *testing.T) {
	ascending := []string{"-1e99999999999999999999", "-12", "-1.5", "-1", "-0.001", "0", "1e-300", "0.1", "1", "1.0000000000000000000001", "9.99", "10", "12345678901234567890123", "1e400", "1e99999999999999999999"}
	for i, a := range ascending {
		for j, b := range ascending {
			if got := compareNumbers([]byte(a), []byte(b)); got != cmp.Compare(int64(i), int64(j)) {
				t.Errorf("%s to %s: %d", a, b, got)
			}
		}
	}
	for _, same := range [][]string{{"0", "-0", "0.00", "0e5"}, {"1", "1.0", "10e-1", "0.1e1", "1e0"}, {"1200", "1.2e3", "12e2", "0.00012E+7"}} {
		for _, a := range same {
			for _, b := range same {
				if compareNumbers([]byte(a), []byte(b)) != 0 {
					t.Errorf("%s is not %s", a, b)
				}
			}
		}
	}
}

func TestColumns(t *testing.T) {
	m := deposited()
	for name, want := range map[string]string{
		"type": "Deposited", "stream": "account-123+retry", "category": "account", "pos": "7", "gpos": "88120", "time": "2026-03-14T11:57:00Z",
		"data.amount": "110.50", "data.owner.name": "Ann Lée", "data.owner": `{"name":"Ann Lée","tags":["a","b"]}`, "data.items[*].sku": "A-1",
		"data.nope": "", "metadata.traceId": "d663a929", "meta.traceId": "d663a929",
	} {
		c, err := ParseColumn(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Text(m); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, want := range map[string]string{"amount": "there is no column", "data.": "expected a name after the dot", "type.x": "expected nothing behind"} {
		if _, err := ParseColumn(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := ParseColumns("stream, data.amount,,meta.traceId")
	if err != nil || len(list) != 3 || list[2].String() != "metadata.traceId" || list[1].Title() != "amount" {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := ParseColumns("type,TYPE"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("twice: %v", err)
	}
}

func TestPaths(t *testing.T) {
	var got []string
	Paths(deposited().Data, func(path string, value []byte) { got = append(got, path+"="+string(value)) })
	want := `.amount=110.50 .big=9007199254740993 .owner.name="Ann Lée" .owner.tags[0]="a" .items[0].sku="A-1" .items[0].n=2 .n=null .ok=true .code="0042" ["odd key"]["a.b"]=1 ["esc\u0061pe"]="x\ny" .day="2026-03-13"`
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	// Every path that is found leads back to its value.
	Paths(deposited().Data, func(path string, value []byte) {
		p, err := ParsePath(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if found, ok := p.First(deposited().Data); !ok || string(found) != string(value) {
			t.Errorf("%s: %q, want %q", path, found, value)
		}
	})
}

func TestKeepsAllocatesNothing(t *testing.T) {
	f, err := Parse("type~Dep* and data.owner.name~Ann and data.amount>100 and (ann or order) and stream~*-123*", noon)
	if err != nil {
		t.Fatal(err)
	}
	m := deposited()
	if n := testing.AllocsPerRun(100, func() {
		if !f.Keeps(m) {
			t.Fatal("not kept")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
