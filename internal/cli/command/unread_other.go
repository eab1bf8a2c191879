//go:build !unix

package command

import "os"

// onUnread does nothing where a pipe does not report that nobody reads it: the
// next write finds it out.
func onUnread(*os.File, func()) (release func()) { return func() {} }
