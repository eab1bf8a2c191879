package chart

import "github.com/evtui/evtui/tui/text"

// Lines draws the chart: exactly h lines of exactly w cells.
func (c LineChart) Lines(w, h int) []string { return nil }

// YAxisWidth returns how wide the y labels with their axis are at h lines, to
// give all stacked charts the widest (see YWidth).
func (c LineChart) YAxisWidth(h int) int { return 0 }

// Line draws the bar in exactly w cells.
func (b Bar) Line(w int) string { return "" }

// StackedBar draws parts one after the other in exactly w cells, of which max
// takes all; ascii draws them with one letter each.
func StackedBar(w int, parts []Part, max float64, ascii bool) string { return "" }

// Line draws the sparkline in exactly w cells.
func (s Spark) Line(w int) string { return "" }

var _ text.Pen
