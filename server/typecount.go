package server

import "github.com/evtui/evtui/store"

// categoryTypes: ["category.types", {category}].
func (c *call) categoryTypes() error {
	counter, category, err := c.typeCounter()
	if err != nil {
		return err
	}
	counts, err := counter.CountTypes(c.ctx, c.scope.namespace, category)
	if err != nil {
		return err
	}
	if counts.Types == nil {
		counts.Types = []store.TypeCount{}
	}
	return c.reply.value(counts)
}

// categoryFlow: ["category.flow", {category}].
func (c *call) categoryFlow() error {
	counter, category, err := c.typeCounter()
	if err != nil {
		return err
	}
	seen, err := counter.Transitions(c.ctx, c.scope.namespace, category)
	if err != nil {
		return err
	}
	if seen.Seen == nil {
		seen.Seen = []store.Transition{}
	}
	return c.reply.value(seen)
}

// typeCounter reads the options of a call that counts types, and returns what
// answers it.
func (c *call) typeCounter() (counter store.TypeCounter, category string, err error) {
	err = c.options(func(name []byte) error {
		if string(name) == "category" {
			return c.str("category", &category)
		}
		return c.args.Skip()
	})
	if err == nil && category != "" {
		err = store.CheckCategory(category)
	}
	if err != nil {
		return nil, "", err
	}
	counter, err = offered[store.TypeCounter](c.s)
	return counter, category, err
}
