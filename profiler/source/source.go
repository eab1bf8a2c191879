package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/evtui/evtui/profiler"
)

// Stdin is the name of standard input.
const Stdin = "-"

// Reader opens profiles by name: a file, an address that begins with http:// or
// https://, or "-" for standard input.
type Reader struct {
	Stdin  io.Reader       // what "-" stands for; nil: nothing
	Limits profiler.Limits // of each profile
	Web    Web
}

// IsAddress reports whether a name is an address, not a file.
func IsAddress(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// mergeAtOnce is how many profiles are held before they become one: merging
// one by one would copy the sum again and again, and holding all would take as
// much memory as all of them.
const mergeAtOnce = 16

// Open opens groups of profiles, such as a profile's and its base's, and merges
// each: standard input and the token are there once for all of them. Its errors
// name what failed; those of reading and of merging are profiler's.
func (r Reader) Open(ctx context.Context, groups ...[]string) ([]*profiler.Profile, error) {
	for _, names := range groups {
		if len(names) == 0 {
			return nil, errors.New("open profile: which one?")
		}
	}
	if err := r.check(slices.Concat(groups...)); err != nil {
		return nil, err
	}
	opened := make([]*profiler.Profile, len(groups))
	for i, names := range groups {
		var err error
		if opened[i], err = r.merged(ctx, names); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

func (r Reader) merged(ctx context.Context, names []string) (*profiler.Profile, error) {
	var held []*profiler.Profile
	for i, name := range names {
		p, err := r.one(ctx, name)
		if err != nil {
			return nil, err
		}
		if held = append(held, p); len(held) < mergeAtOnce && i < len(names)-1 {
			continue
		}
		if p, err = profiler.Merge(held...); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(names, " and "), err)
		}
		held = append(held[:0], p)
	}
	return held[0], nil
}

// check refuses what could only go wrong.
func (r Reader) check(names []string) error {
	inputs := 0
	for _, name := range names {
		if name == Stdin {
			inputs++
		}
	}
	if inputs > 1 {
		return errors.New("open profile: standard input holds one profile: give - once")
	}
	return r.Web.checkToken(names)
}

func (r Reader) one(ctx context.Context, name string) (*profiler.Profile, error) {
	switch {
	case IsAddress(name):
		return r.Web.open(ctx, name, r.Limits)
	case name == Stdin && r.Stdin == nil:
		return nil, errors.New("open profile: there is no standard input")
	case name == Stdin:
		p, err := await(ctx, func() (*profiler.Profile, error) { return profiler.Open(r.Stdin, r.Limits) })
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("open profile from standard input: %w", err)
		}
		return p, err
	}
	// Opening a pipe waits for who writes to it.
	p, err := await(ctx, func() (*profiler.Profile, error) { return profiler.OpenFile(name, r.Limits) })
	if errors.Is(err, fs.ErrNotExist) && hostAndPort.MatchString(name) {
		err = fmt.Errorf("%w; for a program's profiles: http://%s", err, name)
	}
	return p, err
}

// hostAndPort is what an address without its http:// begins with.
var hostAndPort = regexp.MustCompile(`^[A-Za-z0-9.-]*:[0-9]+(/|$)`)

// await runs what knows no context, until it is done or ctx is: then it is left
// to itself, and ctx's cause returned.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
