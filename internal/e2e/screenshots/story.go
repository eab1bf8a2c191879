package main

import (
	"os"
	"path/filepath"
)

// balanceJQ is the reducer of docs/story.md.
const balanceJQ = `.balance += (if $event.type == "Withdrawn" then -$event.data.amount else $event.data.amount // 0 end)` + "\n"

// story takes the pictures of docs/story.md, on a store of its own.
func story(s *session) error {
	s.do(func() error { return os.WriteFile(filepath.Join(s.temp, "balance.jq"), []byte(balanceJQ), 0o600) })
	s.command("load", "--data", s.data, "--story")
	if err := s.start(); err != nil {
		return err
	}
	defer s.term.Close()

	s.palette("types order", `OrderPlaced +2,000`)
	s.open("enter", `total is a string in`)
	s.picture("story-types")

	s.palette("flow order", `OrderPlaced +OrderShipped +3 `)
	s.open("tab", `[▼│]3 `)
	s.picture("story-flow")

	s.palette("stream account-1001", `account-1001  messages  state  causes`)
	s.open("]", `state after #\d+`)
	s.palette("reducer balance.jq", `jq .*balance.jq`, `"balance"`)
	s.open("B", `condition`)
	s.enter(".balance < 0")
	s.open("enter", `does it stay true`)
	s.open("n", `"balance": -`)
	s.picture("story-state")

	s.palette("causes order-5668#2", `PaymentCaptured`, `to the end`)
	s.picture("story-causes")
	return s.err
}

// palette runs a command, and waits for what it must bring up.
func (s *session) palette(command string, patterns ...string) {
	s.open(":", `: `)
	s.enter(command)
	s.open("enter", patterns...)
}
