package page

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/text"
)

// Rebinding gives an action other keys than the catalogue's.
type Rebinding struct {
	Action Action
	Keys   []string // as "R", "ctrl+r", "f5", "g r"; none: the action has no key
}

// Keymap holds the rebound keys. The zero Keymap is the catalogue's. Make it
// with [NewKeymap].
type Keymap struct {
	keys    map[Action][]string
	dropped []string
}

// Dropped says, a line each, which keys of the catalogue are not their action's
// because the user gave them to another. The result is not to be changed.
func (m *Keymap) Dropped() []string { return m.dropped }

// NewKeymap checks the rebindings and makes a keymap of them. all are the
// bindings that there are, from the catalogue and beyond. What is wrong comes
// back by its index; the keymap is then empty. Two actions may have the
// same key only where they have it in the catalogue, too: there no page has
// both. A key of the catalogue that a rebinding gives to another action is
// dropped: a new default key never breaks a configuration. See [Keymap.Dropped].
func NewKeymap(all []Binding, list []Rebinding) (Keymap, map[int]error) {
	m, wrong := Keymap{keys: map[Action][]string{}}, map[int]error{}
	for i, r := range list {
		keys, err := checkRebinding(all, r)
		if err != nil {
			wrong[i] = err
			continue
		}
		if _, twice := m.keys[r.Action]; twice {
			wrong[i] = errors.New("is rebound twice")
			continue
		}
		m.keys[r.Action] = keys
	}
	for i, r := range list {
		if wrong[i] == nil {
			if err := m.conflict(all, r.Action); err != nil {
				wrong[i] = err
			}
		}
	}
	if len(wrong) > 0 {
		return Keymap{}, wrong
	}
	m.drop(all, list)
	return m, nil
}

// drop takes the keys from the catalogue's bindings that the user gave to
// others.
func (m *Keymap) drop(all []Binding, list []Rebinding) {
	rebound := make(map[Action]bool, len(list))
	for _, r := range list {
		rebound[r.Action] = true
	}
	for _, b := range all {
		if rebound[b.Action] {
			continue
		}
		kept := b.Keys[:len(b.Keys):len(b.Keys)]
		for _, r := range list {
			for _, key := range m.keys[r.Action] {
				kept = slices.DeleteFunc(slices.Clone(kept), func(own string) bool {
					if clash(key, own) == "" || key == own && m.shares(all, r.Action, key) {
						return false
					}
					m.dropped = append(m.dropped, fmt.Sprintf("key %s: it is %s by the configuration, and no longer %s", own, r.Action, b.Action))
					return true
				})
			}
		}
		if len(kept) < len(b.Keys) {
			m.keys[b.Action] = kept
		}
	}
}

// shares reports whether the catalogue has the key for the action already: then
// it shares it with others by design.
func (m *Keymap) shares(all []Binding, action Action, key string) bool {
	return slices.ContainsFunc(all, func(b Binding) bool { return b.Action == action && slices.Contains(b.Keys, key) })
}

// clash says why two keys cannot both be typed; "" when they can.
func clash(key, other string) string {
	switch {
	case key == other:
		return "is taken by"
	case strings.HasPrefix(other, key+" "):
		return "begins " + other + ", the key of"
	case strings.HasPrefix(key, other+" "):
		return "begins with " + other + ", the key of"
	}
	return ""
}

// checkRebinding returns the keys as the UI knows them.
func checkRebinding(all []Binding, r Rebinding) ([]string, error) {
	if !slices.ContainsFunc(all, func(b Binding) bool { return b.Action == r.Action }) {
		return nil, fmt.Errorf("there is no action %q%s; docs/keys.md lists them", r.Action, nearestAction(all, r.Action))
	}
	if r.Action == ActCancelUI {
		return nil, errors.New("ctrl+c cannot be rebound: it is the way out that always works")
	}
	keys := make([]string, len(r.Keys))
	for i, k := range r.Keys {
		var err error
		if keys[i], err = parseKey(k); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func nearestAction(all []Binding, a Action) string {
	names := make([]string, 0, len(all))
	for _, b := range all {
		names = append(names, string(b.Action))
	}
	if found := Match(names, string(a)); len(found) > 0 {
		return "; did you mean " + found[0] + "?"
	}
	for n := len(a) - 1; n > 1; n-- {
		if found := Match(names, string(a[:n])); len(found) > 0 {
			return "; did you mean " + found[0] + "?"
		}
	}
	return ""
}

// parseKey reads a key as people write it: strokes with a space between them.
func parseKey(written string) (string, error) {
	strokes := strings.Fields(written)
	if written == " " {
		strokes = []string{"space"}
	}
	if len(strokes) == 0 || len(strokes) > 2 {
		return "", fmt.Errorf("%q is not a key: write one or two strokes, such as R, ctrl+r, f5 or \"g r\"", written)
	}
	for i, s := range strokes {
		stroke, ok := parseStroke(s)
		if !ok {
			return "", fmt.Errorf("%q is not a key: write R, ctrl+r, alt+r, f5, %s, or two strokes with a space as in \"g r\"", s, strings.Join(namedKeys(), ", "))
		}
		if stroke == "ctrl+c" {
			return "", errors.New("ctrl+c cannot be rebound: it is the way out that always works")
		}
		strokes[i] = stroke
	}
	return strings.Join(strokes, " "), nil
}

func namedKeys() []string {
	return []string{"enter", "esc", "tab", "space", "backspace", "delete", "insert", "up", "down", "left", "right", "home", "end", "pgup", "pgdown"}
}

func parseStroke(s string) (string, bool) {
	rest, held := s, ""
	for _, mod := range []string{"ctrl", "alt", "shift"} {
		for _, join := range []string{"+", "-"} {
			if after, ok := strings.CutPrefix(rest, mod+join); ok && after != "" {
				rest, held = after, held+mod+"+"
				break
			}
		}
	}
	var n int
	_, err := fmt.Sscanf(rest, "f%d", &n)
	switch {
	case utf8.RuneCountInString(rest) == 1:
		// What shift does to a letter is another letter, and ctrl knows none.
		return held + rest, text.Width(rest) > 0 && !strings.Contains(held, "shift") && (held == "" || rest == strings.ToLower(rest))
	case err == nil && n >= 1 && n <= 12 && rest == fmt.Sprintf("f%d", n):
		return held + rest, true
	}
	return held + rest, slices.Contains(namedKeys(), rest)
}

// conflict returns an error if a key of the action is that of another one that is
// rebound as well, or if one of the two would never be reached because the other
// begins it.
func (m *Keymap) conflict(all []Binding, action Action) error {
	for _, other := range all {
		if _, rebound := m.keys[other.Action]; other.Action == action || !rebound {
			continue
		}
		for _, key := range m.keys[action] {
			for _, taken := range m.of(other) {
				if key == taken && m.shares(all, action, key) && slices.Contains(other.Keys, key) {
					continue // they share it by design
				}
				if why := clash(key, taken); why != "" {
					return fmt.Errorf("%s %s %s (%s): choose another key for one of them", key, why, other.Action, other.Help)
				}
			}
		}
	}
	return nil
}

// of returns the keys that a binding of the catalogue has here.
func (m *Keymap) of(b Binding) []string {
	if keys, rebound := m.keys[b.Action]; rebound {
		return keys
	}
	return b.Keys
}

// Apply gives bindings their keys. The argument is not changed.
func (m *Keymap) Apply(list []Binding) []Binding {
	if len(m.keys) == 0 {
		return list
	}
	out := slices.Clone(list)
	for i := range out {
		out[i].Keys = m.of(out[i])
	}
	return out
}
