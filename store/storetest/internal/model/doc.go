// Package model is the contract of [store.Store] in plain slices and maps,
// simple enough to be obviously right: what engines are compared with.
//
// A [Store] holds everything in memory, looks through everything, and
// overwrites what it lent as soon as an iterator steps on, so that code which
// keeps a borrowed message without Clone fails at once. It imports positions
// wherever they are free. [Faulty] is the same with one fault, for the tests of
// the suite itself.
package model
