// Package profile is evtui's commands around profiles: `evtui profile`, which
// takes a session of profiles around a load, and its subcommands, which look
// at profile files; and `evtui compare`, which runs that session on either
// engine in turn.
//
// # Nouns
//
// A run is one session: a load in a namespace of its own, the profiles before,
// during and after it, and the report beside them. A compareRun is several,
// each against a server in a process of its own.
//
// # Promises
//
// A session deletes its test data, also after ctrl-c. Files that are made here
// are never written over.
package profile
