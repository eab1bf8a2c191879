package jettest

import (
	"context"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestServersAreKilledAndComeBack(t *testing.T) {
	c := Start(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c.Kill(1)
	if err := c.ask(ctx, 1, "/healthz", &struct{}{}); err == nil {
		t.Error("a killed server answers")
	}
	c.Restart(t, 1)
	if err := c.Ready(ctx); err != nil {
		t.Error(err)
	}
}
