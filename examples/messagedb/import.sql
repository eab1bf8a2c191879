-- Stores what evtui export wrote in a Message DB, with positions, ids and times:
--
--	evtui export messages.ndjson --data /var/lib/evtui
--	psql -X -q -d message_store -f import.sql <messages.ndjson >report.ndjson
--
-- and with -v schema=NAME in a namespace of EventoDB on PostgreSQL, whose schema
-- eventodb_store.namespaces names.
--
-- It is all or nothing, and writers wait meanwhile. A position or an id that is
-- taken stops it. What PostgreSQL cannot hold is left out and written to standard
-- output as {"line","error","record"}, what it holds with another value as
-- {"line","changed","record"}, record being the line as it came. How many messages
-- were stored, left out, and changed, and how many jsonb only writes in another
-- way, is printed on standard error.
\set ON_ERROR_STOP on
\if :{?schema}
\else
	\set schema message_store
\endif
BEGIN;
SET LOCAL timezone = 'UTC';
SET LOCAL client_encoding = 'UTF8';
SELECT set_config('evtui.messages', quote_ident(:'schema') || '.messages', true) \g /dev/null
LOCK TABLE :"schema".messages IN EXCLUSIVE MODE;

CREATE TEMP TABLE lines (line bigserial, text text) ON COMMIT DROP;
-- As CSV, quoted by characters that JSON text never holds, since COPY's text format
-- would take the backslashes of JSON for its own.
\copy pg_temp.lines (text) FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

-- message reads a line. Where PostgreSQL cannot hold it, fault says why.
CREATE FUNCTION pg_temp.message(text text, OUT fault text, OUT id uuid, OUT stream text, OUT type text, OUT pos bigint, OUT gpos bigint,
	OUT data jsonb, OUT meta jsonb, OUT at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
	held jsonb;
	detail text;
BEGIN
	held := text::jsonb;
	IF jsonb_typeof(held) <> 'object' THEN
		RAISE EXCEPTION 'it is no object';
	END IF;
	id := held->>'id';
	stream := held->>'stream';
	type := held->>'type';
	pos := held->>'pos';
	gpos := held->>'gpos';
	data := nullif(held->'data', 'null');
	meta := nullif(held->'meta', 'null');
	at := held->>'time';
	IF id IS NULL OR stream IS NULL OR type IS NULL OR pos IS NULL OR gpos IS NULL OR at IS NULL THEN
		RAISE EXCEPTION 'id, stream, type, pos, gpos or time is missing';
	END IF;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS fault = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	fault := fault || coalesce(': ' || nullif(detail, ''), '');
END $$;

-- verbatim is a line as JSON: itself, or, where it is none, a string.
CREATE FUNCTION pg_temp.verbatim(text text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN text::json::text;
EXCEPTION WHEN OTHERS THEN
	RETURN to_json(text)::text;
END $$;

-- members is how many members the objects in a JSON text have. Strings are matched
-- too, so that none begins in the middle of another.
CREATE FUNCTION pg_temp.members(text text) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM regexp_matches(text, '"(?:[^"\\]|\\.)*"(\s*:)?', 'g') AS found WHERE found[1] IS NOT NULL
$$;

-- bare is a JSON text without the space between its parts.
CREATE FUNCTION pg_temp.bare(text text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(text, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g')
$$;

-- alike compares a JSON text with what jsonb made of it, but for the space between its
-- parts. The quick look suffices for most: within a string both have the same text.
CREATE FUNCTION pg_temp.alike(kept text, held text) RETURNS boolean LANGUAGE sql AS $$
	SELECT CASE WHEN replace(replace(kept, ': ', ':'), ', ', ',') = replace(replace(held, ': ', ':'), ', ', ',') THEN true
		ELSE pg_temp.bare(kept) = pg_temp.bare(held) END
$$;

CREATE TEMP TABLE incoming ON COMMIT DROP AS
	SELECT l.line, l.text, m.*, NULL::text AS changed, false AS rewritten FROM pg_temp.lines l, pg_temp.message(l.text) m WHERE l.text ~ '\S';
CREATE UNIQUE INDEX ON pg_temp.incoming (line);
ANALYZE pg_temp.incoming;

UPDATE pg_temp.incoming SET rewritten = true WHERE fault IS NULL AND (
	NOT pg_temp.alike(coalesce((text::json->'data')::text, 'null'), coalesce(data::text, 'null')) OR
	NOT pg_temp.alike(coalesce((text::json->'meta')::text, 'null'), coalesce(meta::text, 'null')));
UPDATE pg_temp.incoming SET changed = 'of members of one name, jsonb keeps the last' WHERE rewritten AND
	pg_temp.members((text::json->'data')::text) + coalesce(pg_temp.members((text::json->'meta')::text), 0) >
	pg_temp.members(data::text) + coalesce(pg_temp.members(meta::text), 0);
UPDATE pg_temp.incoming SET changed = concat_ws('; ', changed, 'its time was rounded to microseconds: ' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
	WHERE fault IS NULL AND text::json->>'time' ~ '\.\d{6}\d*[1-9]';

DO $$
DECLARE
	messages CONSTANT text := current_setting('evtui.messages');
	put CONSTANT text := 'INSERT INTO ' || messages || ' (id, stream_name, type, position, global_position, data, metadata, time)
		SELECT id, stream, type, pos, gpos, data, meta, at FROM pg_temp.incoming WHERE fault IS NULL';
	sequence text := coalesce(pg_get_serial_sequence(messages, 'global_position'), to_regclass(regexp_replace(messages, 'messages$', 'messages_global_position_seq'))::text);
	one bigint;
	taken text;
BEGIN
	IF sequence IS NULL THEN
		RAISE EXCEPTION 'there is no sequence that gives % its global positions', messages;
	END IF;
	-- EventoDB's tables on TimescaleDB have no constraint that would refuse these.
	EXECUTE format('SELECT line FROM pg_temp.incoming e WHERE fault IS NULL AND (
		EXISTS (SELECT FROM %1$s m WHERE m.global_position = e.gpos) OR
		EXISTS (SELECT FROM %1$s m WHERE m.stream_name = e.stream AND m.position = e.pos) OR
		EXISTS (SELECT FROM %1$s m WHERE m.id = e.id)) ORDER BY line LIMIT 1', messages) INTO one;
	IF one IS NULL THEN
		SELECT max(line) INTO one FROM pg_temp.incoming WHERE fault IS NULL GROUP BY gpos HAVING count(*) > 1 LIMIT 1;
	END IF;
	IF one IS NULL THEN
		SELECT max(line) INTO one FROM pg_temp.incoming WHERE fault IS NULL GROUP BY stream, pos HAVING count(*) > 1 LIMIT 1;
	END IF;
	IF one IS NULL THEN
		SELECT max(line) INTO one FROM pg_temp.incoming WHERE fault IS NULL GROUP BY id HAVING count(*) > 1 LIMIT 1;
	END IF;
	IF one IS NOT NULL THEN
		SELECT format('gpos %s, pos %s of stream %s, or id %s', gpos, pos, stream, id) INTO taken FROM pg_temp.incoming WHERE line = one;
		RAISE EXCEPTION 'line %: % is taken; nothing was stored', one, taken;
	END IF;
	BEGIN
		EXECUTE put || ' ORDER BY line';
	EXCEPTION WHEN program_limit_exceeded THEN -- such as what an index can hold: which are they?
		FOR one IN SELECT line FROM pg_temp.incoming WHERE fault IS NULL ORDER BY line LOOP
			BEGIN
				EXECUTE put || ' AND line = $1' USING one;
			EXCEPTION WHEN program_limit_exceeded THEN
				UPDATE pg_temp.incoming SET fault = SQLERRM WHERE line = one;
			END;
		END LOOP;
	END;
	-- What is written next comes after what is there.
	EXECUTE format('SELECT setval(%L, max(gpos)) FROM pg_temp.incoming, %s s WHERE fault IS NULL GROUP BY s.last_value HAVING max(gpos) >= s.last_value', sequence, sequence);
END $$;

COPY (
	SELECT format('{"line":%s,"%s":%s,"record":%s}', line, CASE WHEN fault IS NULL THEN 'changed' ELSE 'error' END, to_json(coalesce(fault, changed)), pg_temp.verbatim(text))
	FROM pg_temp.incoming WHERE fault IS NOT NULL OR changed IS NOT NULL ORDER BY line
) TO STDOUT WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');
SELECT count(*) FILTER (WHERE fault IS NULL) AS stored,
	count(*) FILTER (WHERE fault IS NOT NULL) AS left_out,
	count(*) FILTER (WHERE fault IS NULL AND changed IS NOT NULL) AS changed,
	count(*) FILTER (WHERE fault IS NULL AND changed IS NULL AND rewritten) AS rewritten
	FROM pg_temp.incoming \gset
COMMIT;
\warn :stored messages stored
SELECT :left_out > 0 AS has_left_out, :changed > 0 AS has_changed, :rewritten > 0 AS has_rewritten \gset
\if :has_left_out
	\warn :left_out left out, which PostgreSQL cannot hold: they are on standard output
\endif
\if :has_changed
	\warn :changed stored with another value, of a time or of members of one name: they are on standard output
\endif
\if :has_rewritten
	\warn :rewritten more stored with the same value written in another way: the order of members, escapes, numbers
\endif
