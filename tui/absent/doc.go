// Package absent is what stands in the place of a page that cannot be filled,
// because what the UI is attached to is a Go program and no event store.
package absent
