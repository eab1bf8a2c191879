package sqlitestore

// Numbers that mark files as ours ("EVTN", "EVTR"), and formats of namespaces.
const (
	namespaceApplication = 0x4556544e
	registryApplication  = 0x45565452

	formatBare  = 1 // without checksums
	formatSums  = 2 // messages carry a checksum, and state says whether streams have gaps
	formatTypes = 3 // there is a table for counts by type, which an import into the midst invalidates
	format      = formatTypes
	wallVersion = 2 // of meta.db, which held the registry up to format 1
)

// namespaceSchema makes an empty namespace. A stream's row is its head: the
// highest position with its global position and time. Ids that clients gave
// are indexed; those made here carry their time, which leads to the message.
// by_category covers what a consumer group's filter asks, so that messages of
// other members are passed over without being read. sum is what summer says;
// messages that an upgrade found have none. owner is the namespace, sealed, for a log
// fits any file: SQLite would take that of another.
const namespaceSchema = `
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL, last_time INTEGER NOT NULL,
	messages INTEGER NOT NULL, streams INTEGER NOT NULL, sparse INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO state VALUES (1, 1, 0, 0, 0, 0, '');
CREATE TABLE categories (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
	streams INTEGER NOT NULL, messages INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL, last INTEGER NOT NULL, time INTEGER NOT NULL, hash INTEGER) STRICT;
CREATE TABLE messages (gpos INTEGER PRIMARY KEY, category INTEGER NOT NULL, stream INTEGER NOT NULL, position INTEGER NOT NULL,
	time INTEGER NOT NULL, given INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL, correlation TEXT, metadata BLOB, data BLOB NOT NULL,
	sum INTEGER) STRICT;
CREATE UNIQUE INDEX by_stream ON messages (stream, position);
CREATE INDEX by_category ON messages (category, gpos, stream);
CREATE UNIQUE INDEX by_id ON messages (id) WHERE given = 1;
` + keptSchema

// keptSchema makes the table of records of the shared layer's (engine.Batch.Keep),
// and a namespace of format 3 of one of format 2.
const keptSchema = `CREATE TABLE kept (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`

// upgradeSchema makes a namespace of today's format of one of format 1. A stream
// without gaps has one message more than its version says.
const upgradeSchema = `
ALTER TABLE messages ADD COLUMN sum INTEGER;
ALTER TABLE state ADD COLUMN sparse INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE state SET sparse = (` + gapped + `);
` + keptSchema

// gapped tells whether an import left streams that have gaps or begin later.
const gapped = `SELECT coalesce(sum(version + 1), 0) <> (SELECT messages FROM state) FROM streams`
