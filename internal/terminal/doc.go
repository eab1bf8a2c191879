// Package terminal reads from the environment what a terminal reports of itself
// without being asked: whether it takes UTF-8, whether it can place a cursor,
// which background it has, and which signs its font lacks; and from the process
// table whether something would resume a program that suspends itself.
//
// # Promises
//
// [Read] looks at nothing but the variables that it is given. What they do not
// tell is the zero value, or what most terminals are.
//
// # Caveats
//
// A locale that is not set at all says nothing: programs in containers and
// services run so, in terminals that take UTF-8 like any other. Only a locale
// that names another encoding, "C" and "POSIX" among them, is outside UTF-8.
package terminal
