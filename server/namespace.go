package server

import (
	"bytes"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Limits on what describes a namespace, in bytes. Descriptions of all
// namespaces are held in memory.
const (
	maxDescription       = 4 << 10
	maxNamespaceMetadata = 64 << 10
)

// namespaceCreate: ["ns.create", id, {description, token, metadata}].
func (c *call) namespaceCreate() error {
	id, token := c.name, ""
	spec := store.NamespaceSpec{ID: id}
	err := c.options(
		option{name: "description", to: &spec.Description},
		option{name: "token", to: &token},
		option{name: "metadata", to: func() error { return c.namespaceMetadata(&spec) }},
	)
	if err == nil {
		err = checkSpec(spec)
	}
	if err != nil {
		return err
	}
	if token == "" {
		token = wire.NewToken(id)
	} else if err := checkNames(token, id); err != nil {
		return invalid("token", "must be one of this namespace: %s", err)
	}
	spec.TokenHash = wire.HashToken(token)
	created, err := c.s.cfg.Store.CreateNamespace(c.ctx, spec)
	if err != nil {
		return err
	}
	c.reply.object("namespace", id, "token", token, "createdAt", created.CreatedAt)
	return nil
}

func checkSpec(spec store.NamespaceSpec) error {
	if err := store.CheckNamespaceID(spec.ID); err != nil {
		return err
	}
	if len(spec.Description) > maxDescription {
		return invalid("description", "must be at most %d bytes", maxDescription)
	}
	if len(spec.Metadata) > maxNamespaceMetadata {
		return invalid("metadata", "must be at most %d bytes", maxNamespaceMetadata)
	}
	return nil
}

func (c *call) namespaceMetadata(spec *store.NamespaceSpec) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	raw, err := readObject(&c.args, "metadata", mayBeNull)
	// The store may keep it; the body's buffer goes back to the pool.
	spec.Metadata = bytes.Clone(raw)
	return err
}

// namespaceDelete: ["ns.delete", id].
func (c *call) namespaceDelete() error {
	id := c.name
	if id == store.DefaultNamespace {
		return invalid("namespace", "must not be %q, which cannot be deleted", id)
	}
	messages, err := c.s.cfg.Store.DeleteNamespace(c.ctx, id)
	if err != nil {
		return err
	}
	c.s.figures.messages.Forget(id)
	c.s.observed.forget(id)
	c.reply.object("namespace", id, "deletedAt", time.Now(), "messagesDeleted", messages)
	return nil
}

// namespaceList: ["ns.list"].
func (c *call) namespaceList() error {
	all, err := c.s.cfg.Store.Namespaces(c.ctx)
	if err != nil {
		return err
	}
	return array(&c.reply, all, func(ns store.Namespace) error {
		c.namespaceHeadline(ns)
		c.reply.raw("}")
		return c.reply.spill()
	})
}

// namespaceHeadline encodes what ns.list and ns.info have in common, without
// the closing brace.
func (c *call) namespaceHeadline(ns store.Namespace) {
	c.reply.raw("{")
	c.reply.members("namespace", ns.ID, "description", ns.Description, "createdAt", ns.CreatedAt, "messageCount", ns.MessageCount,
		"streamCount", ns.StreamCount, "lastActivity", orNull(ns.LastActivity), "open", ns.Open)
	c.member("fault", ns.Fault)
	if ns.Damaged {
		c.reply.members("damaged", true)
	}
	c.member("notice", ns.Notice)
	if ns.Estimated {
		c.reply.members("estimated", true)
	}
}

// mayAskAbout refuses a namespace other than the token's own, unless that is
// the admin token: without it nobody learns whether there is one.
func (c *call) mayAskAbout(namespace string) error {
	if namespace != c.scope.namespace && !c.scope.admin {
		return errNotItsToken()
	}
	return nil
}

// namespaceInfo: ["ns.info", id]. Another namespace than the token's own needs
// the admin token.
func (c *call) namespaceInfo() error {
	if err := c.mayAskAbout(c.name); err != nil {
		return err
	}
	ns, err := c.s.cfg.Store.Namespace(c.ctx, c.name)
	if err != nil {
		return err
	}
	c.namespaceHeadline(ns)
	if ns.Metadata != nil {
		c.reply.raw(`,"metadata":`)
		c.reply.raw(string(ns.Metadata))
	}
	c.reply.raw("}")
	return nil
}
