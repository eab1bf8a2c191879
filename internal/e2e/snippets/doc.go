// Package snippets runs what the README, the pages of docs and the commands'
// --help show, as it is printed.
//
// # Nouns
//
// A [Fence] is one block of a page: a shell's, a transcript (console), a
// configuration, Go. A sandbox is a home directory, a store that is served,
// one that is not, and the files that the pages speak of. A stand-in is found
// by a shell in the place of a program (evtui, go, curl, systemctl, …): it
// runs the real one, ends what would go on for ever once it was seen to work,
// types what is asked for, and shortens what would take hours.
//
// # Promises
//
// Blocks are found by their fences and examples in the commands themselves;
// nothing is listed. What is a placeholder is marked as one, and only that is
// replaced: “…” in a token, hosts below .example. Directories outside the home
// directory and ports are the sandbox's own.
//
// # Caveats
//
// A block that needs what a machine may not have says so in its first line
// (```sh needs=docker) and is skipped where that is not there.
package snippets
