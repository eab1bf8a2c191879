// Package servers is the page Servers: the servers of the configuration, a row
// each, and the way to them.
//
// Each server is looked at by itself (package internal/fleet), so that one that
// is slow or gone holds up no other row. Rows keep what they knew, greyed and
// dated. The page goes on while the UI's own server is gone.
package servers
