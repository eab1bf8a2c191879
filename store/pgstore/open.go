package pgstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evtui/evtui/store"
)

// Scheme begins the URLs of this engine; so does "postgresql".
const Scheme = "postgres"

// Options say how a database is looked into. The zero value is ready for use.
type Options struct {
	Password  string        // "": PGPASSWORD, a passfile, or none
	TokenHash [32]byte      // SHA-256 of the admin token, which no database knows
	GapTime   time.Duration // how long a gap is waited for where nobody can be seen to hold it; 0: 5 s
	PollTime  time.Duration // the least time between two looks for what is new; 0: 100 ms
	LookTime  time.Duration // between two looks at what others wrote; the server is measured every measureLooks of them; 0: 1 s
}

// parameters are those of evtui's own in a URL. What else stands there goes to
// PostgreSQL.
var parameters = []string{"layout", "schema"}

// Check returns an error unless a URL can be looked into: it names a database, no
// password, and a layout that is known.
func Check(u *url.URL) error {
	if u.Scheme != Scheme && u.Scheme != "postgresql" {
		return fmt.Errorf("must be postgres://USER@HOST/DATABASE, not %s://", u.Scheme)
	}
	if _, given := u.User.Password(); given || u.Query().Has("password") {
		return errors.New("holds a password, which others on this machine can see: give it in PGPASSWORD, in a passfile, or with --db-password-file")
	}
	switch l := u.Query().Get("layout"); l {
	case "", layoutMessageDB, layoutEventoDB:
		return nil
	default:
		return fmt.Errorf("names the layout %q: there are %s and %s", l, layoutMessageDB, layoutEventoDB)
	}
}

// Place names the server and the database of a URL, for a directory of things that
// belong to it: "db.example.com-5432-shop".
func Place(u *url.URL) (string, error) {
	cfg, _, err := parse(u)
	if err != nil {
		return "", err
	}
	c := cfg.ConnConfig
	parts := []string{c.Host, fmt.Sprint(c.Port), c.Database}
	if q := u.Query(); q.Has("layout") || q.Has("schema") {
		parts = append(parts, q.Get("layout"), q.Get("schema"))
	}
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.QueryEscape(strings.Trim(part, "/")), "%", "_")
	}
	return strings.Join(parts, "-"), nil
}

func parse(u *url.URL) (*pgxpool.Config, layout, error) {
	if err := checkShape(u); err != nil {
		return nil, layout{}, err
	}
	own := *u
	q := own.Query()
	asked := layout{name: q.Get("layout"), schema: q.Get("schema")}
	for _, name := range parameters {
		q.Del(name)
	}
	own.RawQuery = q.Encode()
	cfg, err := pgxpool.ParseConfig(own.String())
	if err != nil { // whose text may hold a password
		return nil, layout{}, errors.New("must be postgres://USER@HOST/DATABASE, with parameters that PostgreSQL knows")
	}
	return cfg, asked, nil
}

func checkShape(u *url.URL) error {
	stripped := *u
	if stripped.User != nil {
		stripped.User = url.User(stripped.User.Username())
	}
	q := stripped.Query()
	q.Del("password")
	stripped.RawQuery = q.Encode()
	return Check(&stripped)
}

// Open looks into a database. A password in u is used; Check refuses it where others
// could see it.
func Open(ctx context.Context, u *url.URL, o Options) (*Store, error) {
	cfg, asked, err := parse(u)
	if err != nil {
		return nil, err
	}
	if o.Password != "" {
		cfg.ConnConfig.Password = o.Password
	}
	o.GapTime, o.PollTime, o.LookTime = cmp.Or(o.GapTime, 5*time.Second), cmp.Or(o.PollTime, 100*time.Millisecond), cmp.Or(o.LookTime, time.Second)
	g, err := newGuest(context.WithoutCancel(ctx), cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{guest: g, options: o, known: map[string]*space{}}
	s.open, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.start(ctx, asked); err != nil {
		s.stop()
		g.close()
		return nil, err
	}
	return s, nil
}

// start finds out what is there.
func (s *Store) start(ctx context.Context, asked layout) error {
	var err error
	if s.layout, err = s.guest.detect(ctx, asked); err != nil {
		return err
	}
	if s.layout.name == layoutMessageDB {
		s.known[store.DefaultNamespace] = s.newSpace(store.DefaultNamespace, s.layout.schema)
	}
	// The columns of ICU's collations have other names in other versions.
	return s.guest.ask(ctx, `SELECT CASE WHEN to_jsonb(d)->>'datlocprovider' IN ('i', 'b') THEN coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') ELSE d.datcollate END, pg_is_in_recovery(), current_setting('server_version') FROM pg_database d WHERE d.datname = current_database()`,
		nil, func(r row) {
			s.collation, s.standby, s.version = r.text(0), r.truth(1), r.text(2)
		})
}

// byBytes reports whether the database orders names by their bytes.
func (s *Store) byBytes() bool {
	return slices.Contains([]string{"C", "POSIX", "C.UTF-8", "C.utf8"}, s.collation)
}

// Opener opens databases by postgres://USER@HOST/DATABASE.
func Opener() store.Opener {
	return store.Opener{
		Scheme: Scheme, Aliases: []string{"postgresql"},
		Form:  "postgres://USER@HOST/DATABASE",
		Dir:   func(u *url.URL) (string, error) { return "", Check(u) },
		URL:   func(string) string { return "" },
		Holds: func(string) bool { return false },
		Open: func(ctx context.Context, u *url.URL, o store.OpenOptions) (store.Store, error) {
			s, err := Open(ctx, u, Options{Password: o.Password, TokenHash: o.TokenHash})
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Place:   Place,
		Secrets: "in PGPASSWORD, in a passfile",
	}
}
