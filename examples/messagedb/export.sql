-- Prints the messages of a Message DB as lines of the import format:
--
--	psql -X -q -d message_store -f export.sql >messages.ndjson
--	evtui import messages.ndjson --data /var/lib/evtui
--
-- and with -v schema=NAME those of EventoDB on PostgreSQL, where each namespace
-- has a schema of its own (eventodb_store.namespaces names it).
--
-- Nothing is changed here and nothing is left out: data that is NULL comes as
-- null, a time that is not in the years 1 to 9999 as PostgreSQL writes it. evtui
-- import refuses what it cannot store with its line, and its flags are the way
-- through. How many messages that will be is printed on standard error.
--
-- One snapshot, and COPY streams: any number of messages goes through in bounded
-- memory. COPY's text format would double the backslashes of JSON; so it is CSV,
-- quoted by characters that JSON text never holds.
\set ON_ERROR_STOP on
\if :{?schema}
\else
	\set schema message_store
\endif
SET timezone = 'UTC';
SET client_encoding = 'UTF8';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) AS messages,
	count(*) FILTER (WHERE data IS NULL OR jsonb_typeof(data) <> 'object') AS data,
	count(*) FILTER (WHERE jsonb_typeof(metadata) NOT IN ('object', 'null')) AS metadata,
	count(*) FILTER (WHERE metadata = 'null') AS no_metadata,
	count(*) FILTER (WHERE id = '00000000-0000-0000-0000-000000000000') AS ids,
	count(*) FILTER (WHERE NOT isfinite(time) OR time < '1677-09-22' OR time >= '2262-04-11' OR global_position < 1 OR position < 0) AS out_of_range,
	count(*) FILTER (WHERE stream_name ~ '^[^-]*-(\+|$)') AS no_member
	FROM :"schema".messages \gset
\warn :messages messages
SELECT :data > 0 AS has_data, :metadata > 0 AS has_metadata, :no_metadata > 0 AS has_no_metadata, :ids > 0 AS has_ids, :out_of_range > 0 AS has_out_of_range, :no_member > 0 AS has_no_member \gset
\if :has_data
	\warn :data with data that is NULL or no object: evtui import --map stores it as {} or {"value": …}
\endif
\if :has_metadata
	\warn :metadata with metadata that is no object: evtui import --map stores it as {"value": …}
\endif
\if :has_no_metadata
	\warn :no_metadata with metadata that is the JSON null, not NULL: evtui keeps both as no metadata
\endif
\if :has_ids
	\warn :ids with the nil UUID as id: evtui import --new-ids stores it with another one
\endif
\if :has_out_of_range
	\warn :out_of_range with a time outside the years 1677 to 2262, a global position below 1 or a position below 0: evtui import --on-invalid leaves them out
\endif
\if :has_no_member
	\warn :no_member in streams whose cardinal id is empty (account-): a consumer group of evtui has no member for them
\endif
COPY (
	SELECT json_build_object(
		'id', id,
		'stream', stream_name,
		'type', type,
		'pos', position,
		'gpos', global_position,
		'data', data,
		'meta', metadata,
		'time', (to_json(time::timestamptz AT TIME ZONE 'UTC') #>> '{}') || 'Z'
	)
	FROM :"schema".messages
	ORDER BY global_position
) TO STDOUT WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');
COMMIT;
