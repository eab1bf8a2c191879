// Package follow leads from a message to other programs: to a URL made of it, and
// to commands of the user's own.
//
// # Nouns
//
// A [Template] is a URL with places in braces that a message fills. A [Plugin] is
// a command of the configuration, and [About] what it is told of where the user is.
//
// # Promises
//
// What is in a message never decides where a URL leads or what a command runs: a
// template's scheme and host are fixed, what fills it is percent-encoded, and a
// plugin is a list of arguments from the configuration, run without a shell, which
// finds all values in its environment.
//
// # Caveats
//
// evtui cannot see what a plugin does. Whether one may run where nothing is to be
// changed goes by what the configuration says of it.
package follow
