#!/bin/sh
# A tour of the protocol with curl, against a running server:
#
#	evtui serve --data /tmp/evdb &
#	URL=http://127.0.0.1:8080 TOKEN=$(cat /tmp/evdb/token) ./examples/curl/tour.sh
set -eu
: "${URL:?is the server, such as http://127.0.0.1:8080}" "${TOKEN:?is in the file token of the data directory}"

# A call is a JSON array: a method and its arguments. The answer is the bare
# result, or {"error":{"code","message"}} with an HTTP status of 400 or more.
call() {
	curl -sS "$URL/rpc" -H "Authorization: Bearer $TOKEN" -d "$1"
	echo
}

stream=account-$(date +%s)-$$

echo "# is anybody there? (no token needed)"
curl -sS "$URL/health"
echo

echo "# a stream that must not be there yet"
call '["stream.write", "'"$stream"'", {"type": "Opened", "data": {"owner": "Ada"}}, {"expectedVersion": -1}]'

echo "# the next, if nobody was faster"
call '["stream.write", "'"$stream"'", {"type": "Deposited", "data": {"amount": 10}}, {"expectedVersion": 0}]'

echo "# too late: the stream has moved on"
call '["stream.write", "'"$stream"'", {"type": "Deposited", "data": {"amount": 10}}, {"expectedVersion": 0}]'

echo "# two, all or none"
call '["stream.append", "'"$stream"'", [{"type": "Withdrawn", "data": {"amount": 4}}, {"type": "Closed", "data": {}}]]'

echo "# the stream, from its second message on"
call '["stream.get", "'"$stream"'", {"position": 1}]'

echo "# its last message, and its version"
call '["stream.last", "'"$stream"'"]'
call '["stream.version", "'"$stream"'"]'

echo "# the category, as the first of three consumers gets it"
call '["category.get", "account", {"batchSize": 2, "consumerGroup": {"member": 0, "size": 3}}]'

echo "# announcements of the stream, from its start (an event stream; here for two seconds)"
curl -sSN --max-time 2 "$URL/subscribe?stream=$stream&position=0" -H "Authorization: Bearer $TOKEN" || [ $? -eq 28 ]
