// Package reduce is the child that runs a reducer: jq, with nothing of its parent
// but the pipe to it.
//
// [Main] is all that such a process does. It closes what it inherited, bounds its
// memory, reads what to run and then messages, and answers; it ends when its
// parent does. A program sees the state as ., the message as $event, and nothing
// else: no environment, no input, no modules, no files.
//
// No process that holds a store may run [Main], and nothing but the command line
// and tests import this package.
package reduce
