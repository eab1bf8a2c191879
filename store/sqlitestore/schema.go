package sqlitestore

// Numbers that mark files as ours ("EVTN", "EVTR") and their format.
const (
	namespaceApplication = 0x4556544e
	registryApplication  = 0x45565452
	format               = 1
)

// namespaceSchema makes an empty namespace. A stream's row is its head: the
// highest position with its global position and time. Ids that clients gave
// are indexed; those made here carry their time, which leads to the message.
// by_category covers what a consumer group's filter asks, so that messages of
// other members are passed over without being read.
const namespaceSchema = `
CREATE TABLE state (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	next INTEGER NOT NULL,
	last_time INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	streams INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 1, 0, 0, 0);
CREATE TABLE categories (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	streams INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	last INTEGER NOT NULL
) STRICT;
CREATE TABLE streams (
	number INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL,
	last INTEGER NOT NULL,
	time INTEGER NOT NULL,
	hash INTEGER
) STRICT;
CREATE TABLE messages (
	gpos INTEGER PRIMARY KEY,
	category INTEGER NOT NULL,
	stream INTEGER NOT NULL,
	position INTEGER NOT NULL,
	time INTEGER NOT NULL,
	given INTEGER NOT NULL,
	id BLOB NOT NULL,
	type TEXT NOT NULL,
	correlation TEXT,
	metadata BLOB,
	data BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX by_stream ON messages (stream, position);
CREATE INDEX by_category ON messages (category, gpos, stream);
CREATE UNIQUE INDEX by_id ON messages (id) WHERE given = 1;
`

// registrySchema makes an empty registry. dirty says that a namespace was
// opened and not closed since, so that its counts here may be old.
const registrySchema = `
CREATE TABLE namespaces (
	id TEXT PRIMARY KEY,
	file TEXT NOT NULL UNIQUE,
	description TEXT NOT NULL,
	metadata BLOB,
	created INTEGER NOT NULL,
	token BLOB NOT NULL,
	dirty INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	last_activity INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
