package storetest

import (
	"testing"

	"github.com/evtui/evtui/store"
)

// modelHarness is a place where a Model keeps its data over Close.
func modelHarness() Harness {
	kept := NewModel()
	return Harness{Persistent: true, Open: func() (store.Store, error) { return kept.Reopen(), nil }}
}

// TestModel puts the model through the suite: each checks the other.
func TestModel(t *testing.T) {
	Run(t, func(testing.TB) Harness { return modelHarness() })
}

// TestModelReading runs the half that reads on the model, filled behind the
// back of a view that refuses every write.
func TestModelReading(t *testing.T) {
	RunReading(t, func(testing.TB) Harness { return Seeded(modelHarness()) })
}
