package page

// Placed is a pane on which the user goes from place to place, and which can
// bring them back: the shell keeps the places that they leave.
type Placed interface {
	// Spot returns where the user is, for a [ReturnMsg] to bring back. It
	// changes nothing, and what it returns is not changed later. It is a pointer,
	// by which the shell knows it again.
	Spot() any
}

// ReturnMsg brings a [Placed] pane back to what its Spot returned. What was read
// there may be of another server's time: it may have to be read again.
type ReturnMsg struct{ Spot any }

// Return goes back to a spot of the pane, as the shell does: the places gone through
// since are forgotten. The pane gets a [ReturnMsg].
func (t *Turn) Return(spot any) { t.effects.Return = spot }

// Leave keeps a spot of the pane as a place to come back to. A pane calls it
// before it goes elsewhere by itself; where [Turn.Go] leads, the shell does.
func (t *Turn) Leave(spot any) { t.effects.Left = append(t.effects.Left, spot) }
