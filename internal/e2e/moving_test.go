package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// moving is a directory, a PostgreSQL, and a shell with psql and evtui, to move data
// between stores as docs/migrating.md says.
type moving struct {
	server *pgtest.Server
	dir    string
	env    []string
}

func mustMove(t *testing.T) *moving {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		t.Skip("there is no psql on this machine")
	}
	server, dir := pgtest.Start(t), t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, "evtui")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"export.sql", "import.sql"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "messagedb", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &moving{server: server, dir: dir, env: []string{
		"HOME=" + dir, "PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "EVTUI_CONFIG=none",
		"PGHOST=127.0.0.1", "PGPORT=" + strconv.Itoa(server.Port), "PGUSER=postgres", "TZ=America/St_Johns", "PGTZ=America/St_Johns",
	}}
}

// run runs a line, and returns what it said.
func (m *moving) run(t *testing.T, line string) string {
	t.Helper()
	said, err := shell(t, m.dir, m.env, line)
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, said)
	}
	return said
}

// moved is a line of the import format, its JSON without space between its parts.
type moved struct {
	ID, Stream, Type string
	Pos, GPos        int64
	Data, Meta       string
	Time             string
}

func (m *moved) UnmarshalJSON(text []byte) error {
	var line struct {
		ID, Stream, Type, Time string
		Pos, GPos              int64
		Data, Meta             json.RawMessage
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return err
	}
	*m = moved{line.ID, line.Stream, line.Type, line.Pos, line.GPos, bare(string(line.Data)), bare(string(line.Meta)), line.Time}
	return nil
}

// bare is JSON without space between its parts.
func bare(text string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return text
	}
	return b.String()
}

// lines reads a file of NDJSON, each line as a T.
func lines[T any](t *testing.T, m *moving, file string) (list []T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var one T
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatalf("%s: %v in %.300s", file, err, line)
		}
		list = append(list, one)
	}
	return list
}

// held is what a table of messages holds, by global position, as the import format has
// it. NULL is null.
func (m *moving) held(t *testing.T, database, table string) (list []moved) {
	t.Helper()
	rows, err := m.server.Connect(t, database).Query(t.Context(), `SELECT id::text, stream_name, type, position, global_position, coalesce(data::text, 'null'), coalesce(metadata::text, 'null'),
		to_json(time) #>> '{}' FROM `+table+` ORDER BY global_position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one moved
		if err := rows.Scan(&one.ID, &one.Stream, &one.Type, &one.Pos, &one.GPos, &one.Data, &one.Meta, &one.Time); err != nil {
			t.Fatal(err)
		}
		one.Data, one.Meta, one.Time = bare(one.Data), bare(one.Meta), one.Time+"Z"
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// leftOut is a line of evtui import's report, reported one of import.sql's.
type (
	leftOut struct {
		Error  string
		Record json.RawMessage
	}
	reported struct {
		Error, Changed string
		Record         json.RawMessage
	}
)

// gpos is the global position in a record, be it a line that was cut.
func gpos(t *testing.T, record json.RawMessage) int64 {
	t.Helper()
	var one moved
	var cut string
	if json.Unmarshal(record, &cut) == nil {
		_, rest, _ := strings.Cut(bare(strings.ReplaceAll(cut, `" : `, `":`)), `"gpos":`)
		digits, _, _ := strings.Cut(rest, ",")
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil {
			t.Fatalf("a record that was cut: %v in %.200s", err, cut)
		}
		return n
	}
	if err := json.Unmarshal(record, &one); err != nil {
		t.Fatalf("%v in %.300s", err, record)
	}
	return one.GPos
}

// TestMoving moves data between Message DB, EventoDB and evtui with real databases:
// whatever does not arrive as it was is in a report, and counted.
func TestMoving(t *testing.T) {
	m := mustMove(t)
	t.Run("FromMessageDB", m.fromMessageDB)
	t.Run("ToMessageDB", m.toMessageDB)
	t.Run("EventoDB", m.eventoDB)
}

// nasty are rows that a Message DB takes and evtui does not, or not as they are, by
// global position: the values of stream_name, type, position, data, metadata, time and
// id, and why they are left out, "" for those that arrive.
var nasty = map[int64][2]string{
	-14: {`'negative-1', 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "gpos must be from 1"},
	0:   {`'zero-1', 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "gpos must be from 1"},
	101: {`'-1', 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "category before the first dash"},
	102: {`'', 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "stream must not be empty"},
	103: {`'long-' || repeat('x', 2000), 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "stream must be at most"},
	104: {`E'a\r\nb\x01\x02-1', 'T', 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "stream must not contain control characters"},
	105: {`'types-1', repeat('T', 300), 0, '{}', NULL, '2026-01-15', gen_random_uuid()`, "type must be at most 256 bytes"},
	106: {`'types-1', '', 1, '{}', NULL, '2026-01-15', gen_random_uuid()`, "type must not be empty"},
	107: {`'times-1', 'T', 0, '{}', NULL, 'infinity', gen_random_uuid()`, "time must be"},
	108: {`'times-1', 'T', 1, '{}', NULL, '-infinity', gen_random_uuid()`, "time "},
	109: {`'times-1', 'T', 2, '{}', NULL, '0044-03-15 12:00 BC', gen_random_uuid()`, "time "},
	110: {`'times-1', 'T', 3, '{}', NULL, '12026-01-15', gen_random_uuid()`, "time must be"},
	111: {`'times-1', 'T', 4, '{}', NULL, '1600-01-15', gen_random_uuid()`, "time must be between"},
	112: {`'large-1', 'T', 0, jsonb_build_object('x', repeat('x', 2000000)), NULL, '2026-01-15', gen_random_uuid()`, "at most 1048576 bytes"},
	113: {`'large-1', 'T', 1, jsonb_build_object('x', repeat('x', 5000000)), NULL, '2026-01-15', gen_random_uuid()`, "longer than 4194304 bytes"},
	114: {`'deep-1', 'T', 0, ('{"x":' || repeat('[', 600) || repeat(']', 600) || '}')::jsonb, NULL, '2026-01-15', gen_random_uuid()`, "deep"},
	115: {`'negative-2', 'T', -1, '{}', NULL, '2026-01-15', gen_random_uuid()`, "pos must be from 0"},
	116: {`'both-1', '', 0, '[1]', '"m"', '2026-01-15', gen_random_uuid()`, "type must not be empty"},

	201:     {`'account-1', 'Null', 100, NULL, NULL, '2026-01-15', gen_random_uuid()`},
	202:     {`'account-1', 'JSONNull', 101, 'null', 'null', '2026-01-15', gen_random_uuid()`},
	203:     {`'account-1', 'Scalar', 102, '"x"', '1', '2026-01-15', gen_random_uuid()`},
	204:     {`'account-1', 'Array', 103, '[1, 2.50, null]', '[]', '2026-01-15', gen_random_uuid()`},
	205:     {`'account-1', 'Nil', 104, '{}', '{"a": 1}', '2026-01-15', '00000000-0000-0000-0000-000000000000'`},
	206:     {`'account-1', 'Numbers', 105, '{"a": 1e400, "b": 123456789012345678901234567890.123456789012345678901234567890, "c": 1.50, "d": -0.0, "e": 1e-400}', NULL, '2026-01-15', gen_random_uuid()`},
	207:     {`'account-1', 'Keys', 106, '{"zz": 1, "a": 2, "a": 3, "": 4, "\\": "\u00e9\u2028\ud83d\ude00\"\n"}', NULL, '2026-01-15', gen_random_uuid()`},
	208:     {`'account-1', 'Micros', 107, '{}', NULL, '2026-01-15 10:30:00.000001', gen_random_uuid()`},
	209:     {`'account-1', 'Earliest', 108, '{}', NULL, '1678-01-01 00:00:00.999999', gen_random_uuid()`},
	210:     {`'account-1', 'Latest', 109, '{}', NULL, '2262-01-01', gen_random_uuid()`},
	211:     {`'account-', 'Empty', 0, '{}', '{"correlationStreamName": 7}', '2026-01-15', gen_random_uuid()`},
	212:     {`'Ünïcode 😀-+x', repeat('T', 256), 0, jsonb_build_object('x', repeat('x', 1000000)), NULL, '2026-01-15', gen_random_uuid()`},
	1 << 40: {`'far-1', 'T', 1 << 30, '{}', NULL, '2026-01-15', gen_random_uuid()`},
}

// fill puts messages into a table, those of writes by a function, as its own program
// would, and those of nasty.
func (m *moving) fill(t *testing.T, database, table, writeMessage string) {
	t.Helper()
	c := m.server.Connect(t, database)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := c.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec("SET search_path = message_store, public")
	streams := []string{"account-1", "account-2", "account-2+retry", "account", "account:command-7", "order-550e8400-e29b-41d4-a716-446655440000", "account:position-reports"}
	for i := range 40 {
		exec(writeMessage, streams[i%len(streams)], fmt.Sprintf("Kind%d", i%3), fmt.Sprintf(`{"n": %d, "text": "quote \" backslash \\ line\n tab\t"}`, i),
			[]any{nil, `{"correlationStreamName": "order-7"}`, `{}`}[i%3])
	}
	exec("DELETE FROM " + table + " WHERE global_position IN (5, 17, 18)")
	for at, one := range nasty {
		exec(fmt.Sprintf("INSERT INTO %s (stream_name, type, position, data, metadata, time, id, global_position) VALUES (%s, %d)", table, one[0], at))
	}
}

// stored is how a row arrives in evtui with --map and --new-ids, and which of them
// changed it. An id that is another one then is "new".
func stored(row moved) (_ moved, mapped, renewed bool) {
	object := func(text string) bool { return strings.HasPrefix(text, "{") }
	if row.Data == "null" {
		row.Data, mapped = "{}", true
	}
	for _, value := range []*string{&row.Data, &row.Meta} {
		if *value != "null" && !object(*value) {
			*value, mapped = `{"value":`+*value+`}`, true
		}
	}
	if row.ID == "00000000-0000-0000-0000-000000000000" {
		row.ID, renewed = "new", true
		row.Meta = strings.TrimSuffix(row.Meta, "}") + `,"importedId":"00000000-0000-0000-0000-000000000000"}`
	}
	return row, mapped, renewed
}

// mustHaveArrived compares what an import stored with the rows that were there, and
// what it said with what it did.
func mustHaveArrived(t *testing.T, rows, arrived []moved, left []leftOut, said string) {
	t.Helper()
	missing := map[int64]string{}
	for _, one := range left {
		missing[gpos(t, one.Record)] = one.Error
	}
	mapped, renewed, next := 0, 0, 0
	for _, row := range rows {
		why, isLeft := missing[row.GPos]
		if want := nasty[row.GPos][1]; (want != "") != isLeft || !strings.Contains(why, want) {
			t.Errorf("position %d, stream %.40q: left out %t, since %q, want %q", row.GPos, row.Stream, isLeft, why, want)
		}
		if isLeft {
			continue
		}
		want, isMapped, isRenewed := stored(row)
		if next == len(arrived) {
			t.Fatalf("position %d and what follows did not arrive and is not reported", row.GPos)
		}
		got := arrived[next]
		next++
		if isRenewed && got.ID != row.ID && got.ID[14] == '8' {
			got.ID = "new"
		}
		if got != want {
			t.Errorf("arrived %.600s\nwant    %.600s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
		}
		if isMapped {
			mapped++
		}
		if isRenewed {
			renewed++
		}
	}
	if next != len(arrived) || len(left)+len(arrived) != len(rows) {
		t.Errorf("of %d rows %d arrived and %d were left out", len(rows), len(arrived), len(left))
	}
	for _, want := range []string{
		fmt.Sprintf("%d messages could not be imported", len(left)), fmt.Sprintf("%d messages with data or metadata that were no objects", mapped),
		fmt.Sprintf("%d message got a new id", renewed), fmt.Sprintf("imported %d messages", len(arrived)),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

// fromMessageDB goes both ways out: by evtui, which looks into the database, and by
// psql.
func (m *moving) fromMessageDB(t *testing.T) {
	database := m.server.Create(t, "TEMPLATE template0")
	m.server.MessageDB(t, database)
	m.fill(t, database, "message_store.messages", `SELECT write_message(gen_random_uuid()::varchar, $1, $2, $3::text::jsonb, $4::text::jsonb)`)
	rows := m.held(t, database, "message_store.messages")
	const flags = " --map --new-ids --on-invalid report="

	said := m.run(t, "evtui export all.ndjson --db-url 'postgres://postgres@/"+database+"'")
	below := slices.IndexFunc(rows, func(r moved) bool { return r.GPos > 0 })
	if want := fmt.Sprintf("messages at global positions below 1 (%d)", below); below == 0 || !strings.Contains(said, want) {
		t.Errorf("export does not say %q: %s", want, said)
	}
	said = m.run(t, "evtui import all.ndjson --data guest"+flags+"guest.left && evtui export guest.ndjson --data guest")
	mustHaveArrived(t, rows[below:], lines[moved](t, m, "guest.ndjson"), lines[leftOut](t, m, "guest.left"), said)

	said = m.run(t, "psql -X -q -d "+database+" -f export.sql >messages.ndjson")
	for _, want := range []string{
		fmt.Sprintf("%d messages\n", len(rows)), "5 with data that is NULL or no object", "3 with metadata that is no object", "1 with metadata that is the JSON null",
		"1 with the nil UUID", "8 with a time outside", "2 in streams whose cardinal id is empty",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("export.sql does not say %q: %s", want, said)
		}
	}
	said = m.run(t, "evtui import messages.ndjson --data psql"+flags+"psql.left && evtui export psql.ndjson --data psql")
	mustHaveArrived(t, rows, lines[moved](t, m, "psql.ndjson"), lines[leftOut](t, m, "psql.left"), said)
	m.run(t, "evtui verify --data psql")

	// And back into a Message DB of its own: it is what there was.
	back := m.server.Create(t, "TEMPLATE template0")
	m.server.MessageDB(t, back)
	said = m.run(t, "psql -X -q -d "+back+" -f import.sql <psql.ndjson >report.ndjson")
	arrived := lines[moved](t, m, "psql.ndjson")
	if again := m.held(t, back, "message_store.messages"); !slices.Equal(again, arrived) || len(lines[reported](t, m, "report.ndjson")) != 0 {
		t.Errorf("it came back as something else: %s", said)
	}
	if want := fmt.Sprintf("%d messages stored\n", len(arrived)); !strings.HasSuffix(said, want) {
		t.Errorf("import.sql says %q, want %q alone", said, want)
	}
}

// strange are events that evtui takes and PostgreSQL does not, or not as they are, by
// global position: members of a line, and what import.sql says of them.
var strange = map[int64][3]string{
	101: {`"stream":"nul-1","data":{"a":"\u0000"},"meta":null,"time":"2026-01-15T10:30:00Z"`, "error", `\u0000 cannot be converted to text`},
	102: {`"stream":"nul-1","data":{"a":"\\u0000 \\\\u0000"},"meta":null,"time":"2026-01-15T10:30:00Z"`},
	103: {`"stream":"surrogate-1","data":{},"meta":{"\ud800":1},"time":"2026-01-15T10:30:00Z"`, "error", "surrogate"},
	104: {`"stream":"number-1","data":{"a":1e200000},"meta":null,"time":"2026-01-15T10:30:00Z"`, "error", "overflows"},
	105: {`"stream":"number-1","data":{"a":1e-20000},"meta":null,"time":"2026-01-15T10:30:00Z"`, "error", "overflows"},
	106: {`"stream":"index-1","data":{},"meta":{"correlationStreamName":"NOISE"},"time":"2026-01-15T10:30:00Z"`, "error", "index row"},
	107: {`"stream":"twice-1","data":{"a":{"x":1,"y":": \"x\":","x":2}},"meta":null,"time":"2026-01-15T10:30:00Z"`, "changed", "keeps the last"},
	108: {`"stream":"twice-1","data":{},"meta":{"a":1,"a":1},"time":"2026-01-15T10:30:00.0000015Z"`, "changed", "keeps the last; its time was rounded to microseconds: 2026-01-15T10:30:00.000002Z"},
	109: {`"stream":"time-1","data":{},"meta":null,"time":"2026-01-15T10:30:00.123456789Z"`, "changed", "2026-01-15T10:30:00.123457Z"},
	110: {`"stream":"time-1","data":{},"meta":null,"time":"2026-01-15T10:30:00.123456000Z"`},
	111: {`"stream":"other-1","data":{"b":1,"a":{"d":2,"c":3}},"meta":null,"time":"2026-01-15T10:30:00Z"`, "rewritten"},
	112: {`"stream":"other-1","data":{"a":1e2,"b":-0,"c":"\u00e9\/"},"meta":null,"time":"2026-01-15T10:30:00Z"`, "rewritten"},
	113: {`"stream":"other-1","data":{"a": [1 , 2.50 ,"x  \" y"] , "b":{} },"meta":{},"time":"2026-01-15T10:30:00Z"`},
	114: {`"stream":"deep-1","data":{"a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `},"meta":null,"time":"2026-01-15T10:30:00Z"`},
	115: {`"stream":"large-1","data":{"a":"` + strings.Repeat(`\n\"`, 250_000) + `"},"meta":null,"time":"1677-09-22T00:00:00Z"`},
}

// mustFillEvtui writes strange events and others for groups to a file, imports them,
// and returns how many they are.
func (m *moving) mustFillEvtui(t *testing.T) (n int) {
	t.Helper()
	var b strings.Builder
	line := func(at int64, members string) {
		n++
		fmt.Fprintf(&b, `{"id":"018f0000-0000-7000-8000-%012d","type":"Kind%d","pos":%d,"gpos":%d,%s}`+"\n", at, at%3, at, at, members)
	}
	for i := range int64(60) {
		meta := []string{"null", `{"correlationStreamName":"order-7"}`}[i%2]
		line(2*i+1, fmt.Sprintf(`"stream":"account-%d%s","data":{"n":%d},"meta":%s,"time":"2026-01-15T10:00:%02d.5Z"`, i%11, []string{"", "+retry"}[i%2], i, meta, i))
	}
	noise := strings.Builder{} // which no index can hold, however it is compressed
	for i := range 3000 {
		fmt.Fprintf(&noise, "%x", i*i*7919)
	}
	for _, at := range []int64{101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115} {
		line(at+100, strings.ReplaceAll(strange[at][0], "NOISE", noise.String()))
	}
	if err := os.WriteFile(filepath.Join(m.dir, "strange.ndjson"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	m.run(t, "evtui import strange.ndjson --data strange && evtui export strange-all.ndjson --data strange")
	return n
}

// toMessageDB takes evtui's events to a Message DB, whose own functions then answer as
// evtui does.
func (m *moving) toMessageDB(t *testing.T) {
	n := m.mustFillEvtui(t)
	database := m.server.Create(t, "TEMPLATE template0")
	m.server.MessageDB(t, database)
	command := "psql -X -q -d " + database + " -f import.sql <strange-all.ndjson >report.ndjson"
	said := m.run(t, command)
	report := map[int64]reported{}
	for _, one := range lines[reported](t, m, "report.ndjson") {
		report[gpos(t, one.Record)-100] = one
	}
	counts := map[string]int{}
	for at, event := range strange {
		counts[event[1]]++
		one, is := report[at]
		if want := event[1] == "error" || event[1] == "changed"; is != want || one.Error != "" && event[1] != "error" || !strings.Contains(one.Error+one.Changed, event[2]) {
			t.Errorf("position %d: reported %t, %q, %q, want %q", at+100, is, one.Error, one.Changed, event[1:])
		}
	}
	want := fmt.Sprintf("%d messages stored\n%d left out, which PostgreSQL cannot hold: they are on standard output\n%d stored with another value, of a time or of members of one name: they are on standard output\n"+
		"%d more stored with the same value written in another way: the order of members, escapes, numbers\n", n-counts["error"], counts["error"], counts["changed"], counts["rewritten"])
	if said != want || len(report) != counts["error"]+counts["changed"] {
		t.Errorf("import.sql says\n%s, want\n%s; %d are reported", said, want, len(report))
	}
	mustHold(t, m, database, report)
	mustAnswerAlike(t, m, database, report)

	// Nothing is stored twice, nor in part; what is written next comes after it.
	if said, err := shell(t, m.dir, m.env, command); err == nil || !strings.Contains(said, "is taken; nothing was stored") {
		t.Errorf("once more: %v, %s", err, said)
	}
	c := m.server.Connect(t, database)
	if _, err := c.Exec(t.Context(), "SET search_path = message_store, public"); err != nil {
		t.Fatal(err)
	}
	var position, global int64
	err := c.QueryRow(t.Context(), `SELECT write_message(gen_random_uuid()::varchar, 'account-0', 'Next', '{}', NULL, 89)`).Scan(&position)
	if err == nil {
		err = c.QueryRow(t.Context(), `SELECT global_position FROM get_last_stream_message('account-0')`).Scan(&global)
	}
	if err != nil || position != 90 || global != 216 {
		t.Errorf("the next message is %d of its stream, at %d: %v", position, global, err)
	}
}

// mustHold compares what a Message DB holds with what was exported, but for what is
// reported.
func mustHold(t *testing.T, m *moving, database string, report map[int64]reported) {
	t.Helper()
	rows, next := m.held(t, database, "message_store.messages"), 0
	for _, want := range lines[moved](t, m, "strange-all.ndjson") {
		one, is := report[want.GPos-100]
		if one.Error != "" {
			continue
		}
		if next == len(rows) {
			t.Fatalf("position %d is not there and not reported", want.GPos)
		}
		got := rows[next]
		next++
		exactly := got.Time == want.Time || strings.TrimRight(strings.TrimSuffix(want.Time, "Z"), "0") == strings.TrimSuffix(got.Time, "Z")
		if got.ID != want.ID || got.Stream != want.Stream || got.Type != want.Type || got.Pos != want.Pos || got.GPos != want.GPos || !is && !exactly {
			t.Errorf("got %.300s\nof  %.300s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
		}
		if event := strange[want.GPos-100]; !is && event[1] == "" && (got.Data != want.Data || got.Meta != want.Meta) {
			t.Errorf("position %d: data %.200s, metadata %.200s, of %.200s and %.200s", got.GPos, got.Data, got.Meta, want.Data, want.Meta)
		}
	}
	if next != len(rows) {
		t.Errorf("%d rows are there that never were", len(rows)-next)
	}
}

// row is a message as either of them returns it, as far as it is compared.
type row struct {
	ID, Stream, Type string
	Pos, GPos        int64
}

// mustAnswerAlike asks evtui and Message DB the same.
func mustAnswerAlike(t *testing.T, m *moving, database string, report map[int64]reported) {
	t.Helper()
	_, evtui := mustServe(t, filepath.Join(m.dir, "strange"))
	c := m.server.Connect(t, database)
	if _, err := c.Exec(t.Context(), "SET search_path = message_store, public"); err != nil {
		t.Fatal(err)
	}
	compare := func(sql string, args []any, call ...any) {
		t.Helper()
		rows, err := c.Query(t.Context(), "SELECT id::text, stream_name, type, position, global_position FROM "+sql, args...)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		defer rows.Close()
		var theirs []row
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.ID, &r.Stream, &r.Type, &r.Pos, &r.GPos); err != nil {
				t.Fatal(err)
			}
			theirs = append(theirs, r)
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		var answer [][]any
		if err := evtui.call(&answer, call...); err != nil {
			t.Fatalf("%v: %v", call, err)
		}
		var ours []row
		for _, one := range answer {
			if call[0] == "stream.get" {
				one = slices.Insert(one, 1, call[1])
			}
			r := row{one[0].(string), one[1].(string), one[2].(string), int64(one[3].(float64)), int64(one[4].(float64))}
			if report[r.GPos-100].Error == "" {
				ours = append(ours, r)
			}
		}
		if !slices.Equal(ours, theirs) || len(ours) == 0 {
			t.Errorf("%v: evtui answers %v, Message DB %v", call, ours, theirs)
		}
	}
	for _, stream := range []string{"account-3", "account-3+retry", "twice-1", "nul-1"} {
		compare("get_stream_messages($1, 0, 100)", []any{stream}, "stream.get", stream, map[string]any{"position": 0, "batchSize": 100})
	}
	for _, category := range []string{"account", "other", "time"} {
		compare("get_category_messages($1, 7, 50)", []any{category}, "category.get", category, map[string]any{"position": 7, "batchSize": 50})
	}
	compare("get_category_messages('account', 1, 50, 'order')", nil, "category.get", "account", map[string]any{"position": 1, "batchSize": 50, "correlation": "order"})
	for _, size := range []int{2, 3, 5} {
		for member := range size {
			compare("get_category_messages('account', 1, 100, NULL, $1, $2)", []any{member, size},
				"category.get", "account", map[string]any{"position": 1, "batchSize": 100, "consumerGroup": map[string]any{"member": member, "size": size}})
		}
	}
	var theirs, ours int64
	err := c.QueryRow(t.Context(), "SELECT stream_version('account-3')").Scan(&theirs)
	if err := evtui.call(&ours, "stream.version", "account-3"); err != nil {
		t.Fatal(err)
	}
	if err != nil || theirs != ours || ours == 0 {
		t.Errorf("account-3 is at %d in evtui, at %d in Message DB: %v", ours, theirs, err)
	}
}

// eventoDB takes a namespace of EventoDB's to evtui and back.
func (m *moving) eventoDB(t *testing.T) {
	database := m.server.Create(t, "TEMPLATE template0")
	m.server.EventoDB(t, database)
	const schema = "eventodb_73686f70"
	for name, schema := range map[string]string{"shop": schema, "back": "eventodb_6261636b", "default": "eventodb_64"} {
		m.server.Namespace(t, database, name, schema, "hash of "+name)
	}
	// Ids may repeat where EventoDB keeps its tables in TimescaleDB.
	m.server.Exec(t, database, "DROP INDEX "+schema+".messages_id")
	m.fill(t, database, schema+".messages", `INSERT INTO `+schema+`.messages (stream_name, type, position, data, metadata, id)
		SELECT $1::text, $2::text, (SELECT count(*) FROM `+schema+`.messages WHERE stream_name = $1::text), $3::text::jsonb, $4::text::jsonb, gen_random_uuid()`)
	m.server.Exec(t, database, "INSERT INTO "+schema+`.messages (id, stream_name, type, position, global_position, data)
		SELECT id, 'again-1', 'T', 0, 301, '{}' FROM `+schema+`.messages WHERE global_position = 1`)
	rows := m.held(t, database, schema+".messages")
	below := slices.IndexFunc(rows, func(r moved) bool { return r.GPos > 0 })

	m.run(t, "evtui export shop.ndjson --ns shop --db-url 'postgres://postgres@/"+database+"' && psql -X -q -v schema="+schema+" -d "+database+" -f export.sql >psql-shop.ndjson")
	for file, rows := range map[string][]moved{"shop": rows[below:], "psql-shop": rows} {
		m.run(t, "evtui ns create shop --data "+file)
		said := m.run(t, "evtui import "+file+".ndjson --ns shop --map --new-ids --on-invalid report="+file+".left --data "+file+" && evtui export "+file+"-all.ndjson --ns shop --data "+file)
		arrived := lines[moved](t, m, file+"-all.ndjson")
		again := slices.IndexFunc(arrived, func(one moved) bool { return one.GPos == 301 })
		if again < 0 || arrived[again].ID == rows[0].ID || !strings.Contains(arrived[again].Meta, `"importedId":"`+arrived[0].ID+`"`) {
			t.Fatalf("the message with an id that repeats: %+v", arrived[max(again, 0)])
		}
		// The comparison knows of one new id.
		expected := slices.DeleteFunc(slices.Clone(rows), func(one moved) bool { return one.GPos == 301 })
		arrived = slices.Delete(arrived, again, again+1)
		said = strings.Replace(said, "2 messages got a new id", "1 message got a new id", 1)
		said = strings.Replace(said, fmt.Sprintf("imported %d messages", len(arrived)+1), fmt.Sprintf("imported %d messages", len(arrived)), 1)
		mustHaveArrived(t, expected, arrived, lines[leftOut](t, m, file+".left"), said)
	}
	mustBeTakenByEventoDB(t, m, "shop-all.ndjson")

	said := m.run(t, "psql -X -q -v schema=eventodb_6261636b -d "+database+" -f import.sql <shop-all.ndjson >report.ndjson")
	arrived := lines[moved](t, m, "shop-all.ndjson")
	if back := m.held(t, database, "eventodb_6261636b.messages"); !slices.Equal(back, arrived) || !strings.HasSuffix(said, fmt.Sprintf("%d messages stored\n", len(arrived))) {
		t.Errorf("it came back as something else: %s", said)
	}
	m.run(t, "evtui export back.ndjson --ns back --db-url 'postgres://postgres@/"+database+"'")
	if back := lines[moved](t, m, "back.ndjson"); !slices.Equal(back, arrived) {
		t.Error("evtui reads something else than what was stored")
	}
}

// mustBeTakenByEventoDB reads a file as eventodb import and its server do: objects with
// these members, times of RFC 3339.
func mustBeTakenByEventoDB(t *testing.T, m *moving, file string) {
	t.Helper()
	type record struct {
		ID     string         `json:"id"`
		Stream string         `json:"stream"`
		Type   string         `json:"type"`
		Pos    int64          `json:"pos"`
		GPos   int64          `json:"gpos"`
		Data   map[string]any `json:"data"`
		Meta   map[string]any `json:"meta"`
		Time   string         `json:"time"`
	}
	for i, one := range lines[json.RawMessage](t, m, file) {
		var r record
		strict := json.NewDecoder(bytes.NewReader(one))
		strict.DisallowUnknownFields()
		strict.UseNumber() // EventoDB takes numbers for floating point, which docs/migrating.md says
		if err := strict.Decode(&r); err != nil {
			t.Errorf("line %d: %v in %.200s", i+1, err, one)
		}
		if _, err := time.Parse(time.RFC3339, r.Time); err != nil || r.ID == "" || r.Stream == "" || r.Type == "" || r.Data == nil || r.GPos == 0 {
			t.Errorf("line %d: %v in %.200s", i+1, err, one)
		}
	}
}
