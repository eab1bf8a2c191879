// Package settings makes flags of what stands beside a command line: the
// environment (EVTUI_FLAG), and the configuration file (package
// internal/config). [Prepare] does so before a command runs; [Of] then says
// where each flag has its value from.
//
// # Promises
//
// A flag on the command line wins over the environment, that over the file,
// and the file over the flag's default. A flag that destroys is never set.
package settings
