package measure

import (
	"cmp"
	"context"
	"slices"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// Disk is what the namespaces of a server take on disk.
type Disk struct {
	Offered    bool                     // the server reports it
	Known      int                      // namespaces
	Namespaces []store.NamespaceFigures // those open, the largest first
	Test       store.Storage            // of the namespace under load
	TestID     string
}

// disk asks the server. What a closed namespace takes is not asked for: it would
// have to be opened.
func (s *Session) disk(ctx context.Context) (Disk, error) {
	figures, err := s.Admin.EngineFigures(ctx)
	if client.NotOffered(err) {
		all, err := s.Admin.Namespaces(ctx)
		return Disk{Known: len(all)}, err
	}
	if err != nil {
		return Disk{}, err
	}
	d := Disk{Offered: true, Known: figures.Known, Namespaces: figures.Namespaces, TestID: s.Load.Client.Namespace()}
	slices.SortFunc(d.Namespaces, func(a, b store.NamespaceFigures) int {
		return cmp.Or(cmp.Compare(b.DiskBytes, a.DiskBytes), cmp.Compare(a.ID, b.ID))
	})
	d.Test, err = s.Admin.Storage(ctx, d.TestID)
	return d, err
}
