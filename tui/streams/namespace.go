package streams

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
)

// So many open namespaces at least are asked for their categories with each
// look, and more while it has taken no longer: the answer of each costs as much
// as it has categories.
const (
	countedNamespaces = 8
	countedFor        = 200 * time.Millisecond
)

// namespaceRow is a namespace with what the engine's figures say of it.
type namespaceRow struct {
	store.Namespace
	categories int     // -1: not known
	diskBytes  int64   // -1: not known, as of one that is closed
	rate       float64 // messages appended per second; NaN: not known
}

// namespaceRows lists the namespaces. Figures are only for the admin token, and
// only evtui's own server has them; without, they are not known.
func namespaceRows(ctx context.Context, c *client.Client, own string) ([]any, error) {
	list, err := c.In("").Namespaces(ctx)
	if err != nil {
		return nil, err
	}
	figures, figuresErr := c.In("").EngineFigures(ctx)
	sample, sampleErr := c.In("").Sample(ctx)
	rows := make([]any, len(list))
	counted, began := 0, time.Now()
	for i, n := range list {
		r := &namespaceRow{Namespace: n, categories: -1, diskBytes: -1, rate: math.NaN()}
		if figuresErr == nil {
			r.diskBytes = diskOf(figures, n.ID)
		}
		if sampleErr == nil {
			r.rate = namespaceAppends(&sample, &n)
		}
		if n.ID == own || n.Open && (counted < countedNamespaces || time.Since(began) < countedFor) {
			counted++
			if _, all, err := c.In(n.ID).CountCategories(ctx); err == nil {
				r.categories = int(all.Categories)
			}
		}
		rows[i] = r
	}
	return rows, ctx.Err()
}

func diskOf(figures store.EngineFigures, namespace string) int64 {
	for _, n := range figures.Namespaces {
		if n.ID == namespace {
			return n.DiskBytes
		}
	}
	return -1
}

// namespaceAppends is a namespace's rate in the last second. The sample names the
// busiest only: who is not among a full list may have done a little.
func namespaceAppends(sample *wire.Sample, n *store.Namespace) float64 {
	if sample.Partial {
		return math.NaN()
	}
	for _, r := range sample.Namespaces {
		if r.Namespace == n.ID {
			return r.Appends
		}
	}
	if len(sample.Namespaces) < wire.TopRates || !n.Open {
		return 0
	}
	return math.NaN()
}

// noticeOf is in a word what should be known of a namespace: of the header's second, else
// that there is something; "" for nothing.
func noticeOf(sample *wire.Sample, n *store.Namespace) string {
	if sample.Engine != nil {
		for _, one := range sample.Engine.Notices {
			if one.Namespace == n.ID {
				return one.State
			}
		}
	}
	if n.Notice != "" {
		return "notice"
	}
	return ""
}

// texts are the cells of the namespace's row; what is not known is "?".
func (r *namespaceRow) texts(t *table) []string {
	categories, disk, rate, engine := "?", "?", "?", "closed"
	if r.categories >= 0 {
		categories = text.Count(int64(r.categories))
	}
	if r.diskBytes >= 0 {
		disk = text.Bytes(float64(r.diskBytes))
	}
	perSecond := r.rate
	if !t.sample.Time.IsZero() {
		perSecond = namespaceAppends(&t.sample, &r.Namespace)
	}
	if !math.IsNaN(perSecond) {
		rate = text.Rate(perSecond)
	}
	switch {
	case r.Damaged:
		engine = t.theme.Sym.Cross + " damaged"
	case r.Fault != "":
		engine = t.theme.Sym.Cross + " fault"
	case noticeOf(&t.sample, &r.Namespace) != "":
		engine = "! " + noticeOf(&t.sample, &r.Namespace)
	case r.Open:
		engine = "open"
	}
	about := r.Description
	if said := cmp.Or(r.Fault, r.Notice); said != "" {
		about = said
	}
	return []string{
		r.ID, text.About(r.MessageCount, r.Estimated), text.About(r.StreamCount, r.Estimated), categories, disk, rate, engine,
		kit.Since(r.LastActivity, t.now, t.absolute), about,
	}
}
