package main

import (
	"os"
	"path/filepath"

	"github.com/evtui/evtui/internal/e2e"
)

// balanceJQ is the reducer of docs/story.md.
const balanceJQ = `.balance += (if $event.type == "Withdrawn" then -$event.data.amount else $event.data.amount // 0 end)` + "\n"

// story takes the pictures of docs/story.md, on a store of its own.
func story(binary, temp, out string) error {
	s := &session{binary: binary, data: filepath.Join(temp, "shop"), out: out}
	reducer := filepath.Join(temp, "balance.jq")
	if err := os.WriteFile(reducer, []byte(balanceJQ), 0o600); err != nil {
		return err
	}
	if err := s.command("load", "--data", s.data, "--story"); err != nil {
		return err
	}
	var err error
	s.term, err = e2e.Start(e2e.Options{
		Binary: binary, Args: []string{"--data", s.data, "--listen", "127.0.0.1:0"},
		Env: []string{"HOME=" + temp}, Width: 132, Height: 36, Dir: temp,
	})
	if err != nil {
		return err
	}
	defer s.term.Close()
	for _, step := range []func() error{s.fields, s.flow, s.state, s.causes} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) fields() error {
	if err := s.palette("types order", `OrderPlaced +2,000`); err != nil {
		return err
	}
	if err := s.open("enter", `total is a string in`); err != nil {
		return err
	}
	return s.picture("story-types")
}

func (s *session) flow() error {
	if err := s.palette("flow order", `OrderPlaced +OrderShipped +3 `); err != nil {
		return err
	}
	if err := s.open("tab", `[▼│]3 `); err != nil {
		return err
	}
	return s.picture("story-flow")
}

func (s *session) state() error {
	if err := s.palette("stream account-1001", `account-1001  messages  state  causes`); err != nil {
		return err
	}
	if err := s.open("]", `state after #\d+`); err != nil {
		return err
	}
	if err := s.palette("reducer balance.jq", `jq .*balance.jq`, `"balance"`); err != nil {
		return err
	}
	if err := s.open("B", `condition`); err != nil {
		return err
	}
	if err := s.term.Type(".balance < 0"); err != nil {
		return err
	}
	if err := s.open("enter", `does it stay true`); err != nil {
		return err
	}
	if err := s.open("n", `"balance": -`); err != nil {
		return err
	}
	return s.picture("story-state")
}

func (s *session) causes() error {
	if err := s.palette("causes order-5668#2", `PaymentCaptured`, `to the end`); err != nil {
		return err
	}
	return s.picture("story-causes")
}

// palette runs a command, and waits for what it must bring up.
func (s *session) palette(command string, patterns ...string) error {
	if err := s.open(":", `: `); err != nil {
		return err
	}
	if err := s.term.Type(command); err != nil {
		return err
	}
	return s.open("enter", patterns...)
}
