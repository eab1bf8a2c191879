// Package jetlog is a logstore.Log on NATS JetStream. It is the only package that imports
// github.com/nats-io/nats.go.
//
// A namespace is a JetStream stream, "evtui-" and the namespace's name, with the subjects below
// that name: the stream default of evtui reads default.CATEGORY.iID. The stream's metadata says that it is
// evtui's and what the namespace is: identity, description, tokens. A stream without
// that mark is never touched.
//
// What is decided, the leader of the stream decides: the expected last sequence of a
// subject, a subject's last sequence, the end of the log. Nothing is read directly from a replica, which may lag,
// except by a feed, which is told what comes in the leader's order.
//
// Three outcomes of a call that changes something are kept apart: it was done; it was certainly not,
// an *store.UnavailableError or one of the errors that logstore.Log names; and nobody
// knows, logstore.ErrUnanswered. Whatever was handed to the connection and not
// answered is of the last kind, also when the connection is lost.
//
// A leader that was stopped or cut off does not know at once that another was elected, and a record may
// reach both. What the old one refuses the new one may store. So a refusal for now is
// unanswered as well, and a wrong last sequence counts only where no leader can say otherwise: see
// Log.wrongLast.
//
// JetStream cannot compare and swap what a stream says of itself. Change and Delete therefore hold a
// lock, a consumer of the stream whose making the cluster decides in one order with
// changes of streams, and read back what they wrote. A lock ends by itself after lockTime, so a change that the cluster
// takes longer to decide than that could undo another's.
//
// End takes the word of a leader for what it is: see there.
package jetlog
