// Package server speaks the event store's protocol over net/http: calls
// (POST /rpc), subscriptions (GET /subscribe), imports (POST /import), health
// and version, and for the holder of the admin token the engine's figures and
// profiles. It knows the store only by its contract.
//
// # Nouns
//
// A call is one request to /rpc. Its scope says which namespace it acts on and
// whether it carries the admin token. A reply is the pooled buffer that the
// answer is encoded into. The figures count what calls do; the sampler turns
// that into one wire.Sample a second. The journal is the one sequence of the
// engine's events and the server's own. The observer remembers how far the
// members of consumer groups are, by what they ask for.
//
// # Promises
//
// Every request gets the protocol's answer or the protocol's error, never a
// stack or a path, and a reply that breaks off in the middle never looks
// complete. Data and metadata pass through to the letter. A reply takes memory
// of the order of one message, however many messages it holds, and while it
// waits for its client no read of the store is under way. A write hears what
// became of it within Limits.WriteTime, whether or not its client still listens.
//
// # Caveats
//
// The server does not own the store: who opened it closes it, after Shutdown.
// The protocol's choices where it leaves one are listed in docs/protocol.md.
package server
