// Package snippets runs what the README, the pages of docs and the commands'
// --help show, as it is printed.
//
// # Nouns
//
// A Fence is one block of a page: a shell's, a transcript (console), a
// configuration, Go. A sandbox is a home directory, a store that is served,
// one that is not, and the files that the pages speak of. A stand-in is found
// by a shell in the place of a program (evtui, go, curl, systemctl, …): it
// runs the real one, ends what would go on for ever once it was seen to work,
// types what is asked for, and shortens what would take hours. A daemon is what
// a page leaves running: the unit of systemd, or a server that others come to.
//
// # Promises
//
// Blocks are found by their fences and examples in the commands themselves;
// nothing is listed. What is a placeholder is marked as one, and only that is
// replaced or left out: “…” in a token, hosts below .example, needs=docker
// behind a fence. What a machine cannot run is said (Left) and counted.
//
// Directories outside the home directory and ports are the sandbox's own, and a
// path that is not makes the test fail. So does a process that is left running.
//
// # Caveats
//
// Tests with a size run with a small one. Of benchmarks, and of the tests that
// kill servers, only the names and the flags are tried.
package snippets
