package pgstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evtui/evtui/store"
)

const (
	maxConnections = 4
	// statementTime is how long PostgreSQL works on one question, lockTime how long
	// it waits for a lock that somebody who changes tables holds.
	statementTime = 2 * time.Second
	lockTime      = 500 * time.Millisecond
	// answerTime is after how long a server that does not answer is given up.
	answerTime = 3 * time.Second
	// partingTime is how long a server gets to end connections.
	partingTime = 500 * time.Millisecond
)

// guest is the connections to a server.
type guest struct {
	pool  *pgxpool.Pool
	cut   context.CancelFunc // ends all connections without a word
	role  string
	took  func(sql string, d time.Duration) // tests' alone: told of each question; nil: nobody is
	ended atomic.Bool                       // close was called: what fails from then on does so for that
}

// newGuest prepares connections; the first question opens one.
func newGuest(ctx context.Context, cfg *pgxpool.Config) (*guest, error) {
	cfg.MaxConns, cfg.MinConns = maxConnections, 0
	cfg.MaxConnIdleTime, cfg.HealthCheckPeriod = 30*time.Second, 10*time.Second
	cfg.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	c := cfg.ConnConfig
	c.ConnectTimeout = answerTime
	lines, cut := context.WithCancel(context.WithoutCancel(ctx))
	c.DialFunc = dialUntil(lines)
	c.RuntimeParams["application_name"] = "evtui"
	c.RuntimeParams["client_encoding"] = "UTF8"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		cut()
		return nil, fmt.Errorf("prepare connections: %w", err)
	}
	return &guest{pool: pool, cut: cut, role: c.User}, nil
}

// close ends the connections: with a word, which a server that answers gets at once,
// else without.
func (g *guest) close() {
	g.ended.Store(true)
	late := time.AfterFunc(partingTime, g.cut)
	g.pool.Close()
	late.Stop()
	g.cut()
}

// argument is one value for a question, as PostgreSQL takes it in text.
type argument struct {
	oid  uint32
	text []byte
}

func number(n int64) argument { return argument{pgtype.Int8OID, strconv.AppendInt(nil, n, 10)} }
func words(s string) argument { return argument{pgtype.TextOID, []byte(s)} }
func moment(t time.Time) argument {
	return argument{pgtype.TimestampOID, []byte(t.UTC().Format("2006-01-02 15:04:05.999999999"))}
}
func uuid(id store.ID) argument { return argument{pgtype.UUIDOID, []byte(id.String())} }

// row is one row of an answer, borrowed, its values as PostgreSQL sends them in binary.
type row [][]byte

func (r row) int(i int) int64 {
	if len(r[i]) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(r[i]))
}

func (r row) float(i int) float64 {
	if len(r[i]) != 8 {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(r[i]))
}

func (r row) text(i int) string { return string(r[i]) }
func (r row) truth(i int) bool  { return len(r[i]) == 1 && r[i][0] != 0 }
func (r row) null(i int) bool   { return r[i] == nil }

// pgEpoch is where PostgreSQL counts microseconds from.
var pgEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// time reads a timestamp. What lies beyond the years 1 to 9999, infinity too, is
// the end of these.
func (r row) time(i int) time.Time {
	if len(r[i]) != 8 {
		return time.Time{}
	}
	const first, last = -63082281600, 252455615999 // seconds from pgEpoch
	micros := r.int(i)
	seconds := micros / 1e6
	switch {
	case seconds < first:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case seconds > last:
		return time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	}
	return time.Unix(pgEpoch.Unix()+seconds, micros%1e6*1e3).UTC()
}

// ask sends one question and calls each with every row of the answer, while the
// connection is held: each must not wait.
func (g *guest) ask(ctx context.Context, sql string, args []argument, each func(row)) error {
	return g.askUntil(ctx, sql, args, func(r row) bool { each(r); return true })
}

// askUntil is ask for who may have had enough: false from more ends the answer, and the
// connection with it.
func (g *guest) askUntil(ctx context.Context, sql string, args []argument, more func(row) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answerTime, errNoAnswer)
	defer cancel()
	c, err := g.pool.Acquire(ctx)
	if err != nil {
		return g.explain(ctx, err)
	}
	defer c.Release() // which gives up a connection that is not as it was
	var batch pgconn.Batch
	batch.ExecParams("BEGIN READ ONLY", nil, nil, nil, nil)
	batch.ExecParams(localTimeout("statement_timeout", statementTime), nil, nil, nil, nil)
	batch.ExecParams(localTimeout("lock_timeout", lockTime), nil, nil, nil, nil)
	if began := time.Now(); g.took != nil {
		defer func() { g.took(sql, time.Since(began)) }()
	}
	values, types := make([][]byte, len(args)), make([]uint32, len(args))
	for i, a := range args {
		values[i], types[i] = a.text, a.oid
	}
	batch.ExecParams(sql, values, types, nil, []int16{1})
	batch.ExecParams("COMMIT", nil, nil, nil, nil)
	answers := c.Conn().PgConn().ExecBatch(ctx, &batch)
	for answers.NextResult() {
		for r := answers.ResultReader(); r.NextRow(); {
			if !more(r.Values()) {
				_ = c.Conn().PgConn().Conn().Close() // the rest is not wanted
				_ = answers.Close()
				return nil
			}
		}
	}
	return g.explain(ctx, answers.Close())
}

func localTimeout(name string, d time.Duration) string {
	return "SET LOCAL " + name + " = " + strconv.FormatInt(d.Milliseconds(), 10)
}

var errNoAnswer = errors.New("no answer from PostgreSQL in " + answerTime.String())

// explain says of an error of PostgreSQL's what whoever asked can do about it.
func (g *guest) explain(ctx context.Context, err error) error {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return g.explainSaid(said)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), errNoAnswer):
		return &store.UnavailableError{Reason: errNoAnswer.Error()}
	case ctx.Err() != nil:
		return ctx.Err()
	case g.ended.Load():
		return store.ErrClosed
	case errors.As(err, new(*pgconn.ConnectError)), errors.As(err, new(net.Error)), pgconn.SafeToRetry(err), isCut(err):
		return &store.UnavailableError{Reason: "PostgreSQL cannot be reached: " + strings.Join(strings.Fields(err.Error()), " ")}
	}
	return fmt.Errorf("ask PostgreSQL: %w", err)
}

// isCut reports whether a connection ended in the middle of an answer.
func isCut(err error) bool {
	text := err.Error()
	return strings.Contains(text, "conn closed") || strings.Contains(text, "EOF") || strings.Contains(text, "closed network connection")
}

// Codes of PostgreSQL's errors: https://www.postgresql.org/docs/current/errcodes-appendix.html
func (g *guest) explainSaid(said *pgconn.PgError) error {
	unavailable := func(reason string) error { return &store.UnavailableError{Reason: reason} }
	switch {
	case said.Code == "42501": // insufficient_privilege
		return unavailable(fmt.Sprintf("the role %q may not read there: %s; it needs GRANT USAGE ON SCHEMA and GRANT SELECT ON its table messages", g.role, said.Message))
	case said.Code == "57014": // query_canceled
		return unavailable("a query took longer than " + statementTime.String() + " and was given up")
	case said.Code == "55P03": // lock_not_available
		return unavailable("somebody changes the table and keeps readers waiting: " + said.Message)
	case strings.HasPrefix(said.Code, "08"), strings.HasPrefix(said.Code, "53"), strings.HasPrefix(said.Code, "57P"), said.Code == "25006", said.Code == "40001":
		return unavailable("PostgreSQL says: " + said.Message)
	case strings.HasPrefix(said.Code, "28"), said.Code == "3D000":
		return unavailable("PostgreSQL refuses the connection: " + said.Message)
	case said.Code == "42P01", said.Code == "3F000", said.Code == "42883", said.Code == "42703":
		return &missingError{said.Message}
	}
	return fmt.Errorf("PostgreSQL says: %s (%s)", said.Message, said.Code)
}

// missingError says that a table, a schema or a function is not there.
type missingError struct{ what string }

func (e *missingError) Error() string { return "not laid out as expected: " + e.what }
