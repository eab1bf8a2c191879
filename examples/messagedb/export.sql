-- Prints the messages of a Message DB as lines of the import format:
--
--	psql -X -q -d message_store -f export.sql >messages.ndjson
--	evtui import messages.ndjson --data /var/lib/evtui
--
-- One statement is one snapshot, and COPY streams: any number of messages goes
-- through in bounded memory. Its text format would double the backslashes of
-- JSON; so it is CSV, quoted by characters that JSON text never holds.
COPY (
	SELECT json_build_object(
		'id', id,
		'stream', stream_name,
		'type', type,
		'pos', position,
		'gpos', global_position,
		'data', coalesce(data, '{}'),
		'meta', metadata,
		'time', to_char(time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
	)
	FROM message_store.messages
	ORDER BY global_position
) TO STDOUT WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');
