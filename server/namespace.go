package server

import (
	"net/http"
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
	id, err := c.text("namespace")
	if err != nil {
		return err
	}
	spec := store.NamespaceSpec{ID: id}
	var token string
	err = c.options(func(name []byte) error {
		switch string(name) {
		case "description":
			return c.str("description", &spec.Description)
		case "token":
			return c.str("token", &token)
		case "metadata":
			return c.namespaceMetadata(&spec)
		}
		return c.args.Skip()
	})
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
	c.reply.raw(`{"namespace":`)
	c.reply.text(id)
	c.reply.raw(`,"token":`)
	c.reply.text(token)
	c.reply.raw(`,"createdAt":`)
	c.reply.timestamp(created.CreatedAt)
	c.reply.raw(`}`)
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
	kind := c.args.Kind()
	raw, err := c.args.Value()
	switch {
	case err != nil:
		return err
	case kind == rawjson.Null:
		return nil
	case kind != rawjson.Object:
		return errMetadata
	}
	// The store may keep it; the body's buffer goes back to the pool.
	spec.Metadata = append([]byte(nil), raw...)
	return nil
}

// namespaceDelete: ["ns.delete", id].
func (c *call) namespaceDelete() error {
	id, err := c.namespaceID()
	if err != nil {
		return err
	}
	if id == store.DefaultNamespace {
		return invalid("namespace", "must not be %q, which cannot be deleted", id)
	}
	messages, err := c.s.cfg.Store.DeleteNamespace(c.ctx, id)
	if err != nil {
		return err
	}
	c.s.figures.messages.Forget(id)
	c.s.observed.forget(id)
	c.reply.raw(`{"namespace":`)
	c.reply.text(id)
	c.reply.raw(`,"deletedAt":`)
	c.reply.timestamp(time.Now())
	c.reply.raw(`,"messagesDeleted":`)
	c.reply.integer(messages)
	c.reply.raw(`}`)
	return nil
}

// namespaceID reads the one argument of ns.delete, ns.info and ns.verify.
func (c *call) namespaceID() (string, error) {
	id, err := c.text("namespace")
	if err == nil {
		err = c.noOptions()
	}
	if err == nil {
		err = store.CheckNamespaceID(id)
	}
	return id, err
}

// namespaceList: ["ns.list"].
func (c *call) namespaceList() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	all, err := c.s.cfg.Store.Namespaces(c.ctx)
	if err != nil {
		return err
	}
	c.reply.raw("[")
	for i, ns := range all {
		if i > 0 {
			c.reply.raw(",")
		}
		c.namespaceHeadline(ns)
		c.reply.raw("}")
		if err := c.reply.spill(); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
}

// namespaceHeadline encodes what ns.list and ns.info have in common, without
// the closing brace.
func (c *call) namespaceHeadline(ns store.Namespace) {
	c.reply.raw(`{"namespace":`)
	c.reply.text(ns.ID)
	c.reply.raw(`,"description":`)
	c.reply.text(ns.Description)
	c.reply.raw(`,"createdAt":`)
	c.reply.timestamp(ns.CreatedAt)
	c.reply.raw(`,"messageCount":`)
	c.reply.integer(ns.MessageCount)
	c.reply.raw(`,"streamCount":`)
	c.reply.integer(ns.StreamCount)
	c.reply.raw(`,"lastActivity":`)
	c.reply.timeOrNull(ns.LastActivity)
	c.reply.raw(`,"open":`)
	if ns.Open {
		c.reply.raw("true")
	} else {
		c.reply.raw("false")
	}
	c.member("fault", ns.Fault)
	if ns.Damaged {
		c.reply.raw(`,"damaged":true`)
	}
	c.member("notice", ns.Notice)
	if ns.Estimated {
		c.reply.raw(`,"estimated":true`)
	}
}

// mayAskAbout refuses a namespace other than the token's own, unless that is
// the admin token: without it nobody learns whether there is one.
func (c *call) mayAskAbout(namespace string) error {
	if namespace != c.scope.namespace && !c.scope.admin {
		return refuse(http.StatusForbidden, wire.AuthUnauthorized, "the token is not this namespace's")
	}
	return nil
}

// namespaceInfo: ["ns.info", id]. Another namespace than the token's own needs
// the admin token.
func (c *call) namespaceInfo() error {
	id, err := c.namespaceID()
	if err == nil {
		err = c.mayAskAbout(id)
	}
	if err != nil {
		return err
	}
	ns, err := c.s.cfg.Store.Namespace(c.ctx, id)
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
