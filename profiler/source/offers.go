package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/evtui/evtui/profiler"
)

// Offer is a profile that a program offers.
type Offer struct {
	Name  string // as its path ends: heap, goroutine, profile, …
	Count int64  // of what it would hold, as the program's index shows: goroutines, for one
}

// Offers is what a program offers. The zero value offers nothing.
type Offers []Offer

// Has reports whether there are profiles of a kind.
func (o Offers) Has(kind profiler.Kind) bool {
	_, ok := o.Count(kind)
	return ok
}

// Count returns what the index says of a kind, and whether it is offered.
func (o Offers) Count(kind profiler.Kind) (int64, bool) {
	name := string(kind)
	if kind == profiler.CPU {
		name = "profile"
	}
	for _, offer := range o {
		if offer.Name == name {
			return offer.Count, true
		}
	}
	return 0, false
}

// maxIndex bounds the page that lists a program's profiles, in bytes.
const maxIndex = 256 << 10

// offered is a line of the index that net/http/pprof writes:
// <td>12</td><td><a href='goroutine?debug=1'>goroutine</a></td>.
var offered = regexp.MustCompile(`<td>(\d+)</td>\s*<td>\s*<a href=['"]?(?:/[^'"?>]*/)?([A-Za-z0-9_.-]+)(?:\?[^'">]*)?['"]?>`)

// Offers reads the index of a program's profiles at base, such as
// http://app:6060 or http://app:6060/debug/pprof/. It wraps ErrNotThere when
// there is no such index.
func (w Web) Offers(ctx context.Context, base string) (Offers, error) {
	root, err := Root(base)
	if err != nil {
		return nil, err
	}
	var page []byte
	err = w.get(ctx, root.JoinPath(pprofPath), 0, func(body io.Reader) error {
		page, err = io.ReadAll(io.LimitReader(body, maxIndex))
		return err
	})
	if err != nil {
		return nil, err
	}
	var offers Offers
	for _, m := range offered.FindAllSubmatch(page, -1) {
		count, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err == nil {
			offers = append(offers, Offer{Name: string(m[2]), Count: count})
		}
	}
	if len(offers) == 0 {
		return nil, fmt.Errorf("read %s: %w: it lists no profiles", root.JoinPath(pprofPath).Redacted(), ErrNotThere)
	}
	return offers, nil
}

// Root returns the address under which a program serves /debug/pprof: that
// which was given, without a path that leads into it, and without a query.
func Root(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	if !IsAddress(address) {
		return nil, errors.New("the address must begin with http:// or https://")
	}
	u, err := parse(address)
	if err != nil {
		return nil, err
	}
	u.RawQuery = ""
	if at := strings.Index(u.Path+"/", pprofPath); at >= 0 {
		u.Path = u.Path[:at]
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}
