// Package natsstore opens event stores on a cluster of NATS servers by their URL: the log is
// JetStream's (package jetlog), the copy that this evtui reads from is a pebblestore
// (package logstore).
//
// # Nouns
//
// A [Place] names the cluster and, in its query, the files that reaching it takes. What is
// secret is in those files or in the environment (secrets.go), never in the URL. The
// directory of an evtui on a cluster holds projection, which is the copy, and
// cluster, which names the cluster that it is a copy of (membership.go).
//
// # Promises
//
// A directory is only ever opened on the cluster that it follows: on another one it is
// refused, and nothing is changed. Who finds the projection locked learns so before the
// cluster is asked for anything.
package natsstore
