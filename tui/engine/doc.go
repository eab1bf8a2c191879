// Package engine is the Engine page: the namespaces that are open, their trees of
// levels, what the engine did, who subscribes, what is closed, and what the keys
// take on disk.
//
// It changes the engine only by commands that ask for a name to be typed again.
// An engine without levels is shown as far as it goes.
package engine
