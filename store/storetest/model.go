package storetest

import (
	"time"

	"github.com/evtui/evtui/store/storetest/internal/model"
)

// Model is an engine in memory that is simple enough to be obviously right.
// It implements [store.Store], [store.Importer] and [store.Verifier].
type Model = model.Store

// NewModel returns an empty store. It holds no namespace, not even the default one.
func NewModel() *Model { return model.New(time.Now) }
