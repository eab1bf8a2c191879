package store

import (
	"cmp"
	"strings"
)

// CheckCheckpointName returns an [*InvalidError] unless the name of a checkpoint
// is made of 1 to 64 letters, digits, dashes, underscores and dots, and does not
// begin with a dot: it becomes the name of a directory.
func CheckCheckpointName(name string) error {
	legal := len(name) >= 1 && len(name) <= 64 && name[0] != '.' && !strings.HasSuffix(name, ".part")
	for _, c := range []byte(name) {
		legal = legal && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !legal {
		return invalid("name", "of a checkpoint must be of 1 to 64 letters, digits, - _ and ., not begin with . and not end in .part, got %q", name)
	}
	return nil
}

// Check returns an [*InvalidError] for an illegal stream name or limit.
// Engines call it before anything else.
func (q StreamQuery) Check() error {
	return cmp.Or(CheckStreamName(q.Stream), checkLimit(q.Limit))
}

// Check returns an [*InvalidError] for an illegal category, limit,
// correlation or group. Engines call it before anything else.
func (q CategoryQuery) Check() error {
	if err := cmp.Or(checkOptional(q.Category), checkLimit(q.Limit)); err != nil {
		return err
	}
	if err := checkOptional(q.Correlation); err != nil {
		return invalid("correlation", "must name a category: %v", err)
	}
	return q.Group.Check()
}

// Check returns an [*InvalidError] for an illegal category or limit. A prefix
// and a cursor may be any bytes. Engines call it before anything else.
func (q StreamsQuery) Check() error {
	if q.Limit < 1 {
		return invalid("limit", "must be at least 1, got %d", q.Limit)
	}
	return checkOptional(q.Category)
}

// Check returns an [*InvalidError] for an illegal stream, category, position
// or group, and for a stream beside a category. Engines call it before
// anything else.
func (q SubscribeQuery) Check() error {
	if q.Stream != "" {
		if q.Category != "" {
			return invalid("subscription", "is for a stream or a category, not both")
		}
		if err := CheckStreamName(q.Stream); err != nil {
			return err
		}
	}
	if err := checkOptional(q.Category); err != nil {
		return err
	}
	if q.From < FromNow {
		return invalid("position", "must not be negative, got %d", q.From)
	}
	return q.Group.Check()
}

// checkOptional is CheckCategory for where "" means all.
func checkOptional(category string) error {
	if category == "" {
		return nil
	}
	return CheckCategory(category)
}

func checkLimit(limit int) error {
	if limit < NoLimit {
		return invalid("limit", "must be -1 (no limit), 0 or more, got %d", limit)
	}
	return nil
}
