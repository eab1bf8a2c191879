// Package machine asks the operating system what this process takes and what a
// disk has left: [CPUTime], [RSS], [DiskSpace].
//
// What a system does not say is 0; nobody has to ask which system it is.
package machine
