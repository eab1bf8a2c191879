// Package verify is the command `evtui verify`: it checks a data directory, in
// this process or by the server that holds it, and repairs it on request.
// [All] does the checking for the commands that must know that a store is
// sound, such as a backup.
package verify
