package quick_test

import (
	"fmt"
	"strings"
)

// hostile returns requests made to be read in two ways: where one side sees the
// end of a request and the other more of it, the next caller on the connection
// gets an answer that is not theirs.
func hostile() []string {
	var all []string
	for _, lines := range []string{
		// How long the body is, said twice or oddly.
		"Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 0", "Content-Length: 2\r\nTransfer-Encoding: identity", "Content-Length: 2\r\nTransfer-Encoding: gzip, chunked",
		"Content-Length: 2\r\nTransfer-Encoding:chunked", "Content-Length: 2\r\nTransfer-Encoding : chunked", "Content-Length: 2\r\nTransfer-Encoding: \tchunked ", "Content-Length: 2\r\nTransfer-Encoding: xchunked",
		"Content-Length: 2\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Content-Length: 2\r\ntRANSFER-eNCODING: CHUNKED", "Content-Length: 2\r\nTransfer-Encoding: \"chunked\"", "Content-Length: 2\r\nTransfer-Encoding: chunked, chunked",
		"Content-Length: 2\r\n Transfer-Encoding: chunked", "Content-Length: 2\r\n\tTransfer-Encoding: chunked", "Content-Length: 2\r\nX:\nTransfer-Encoding: chunked", "Content-Length: 2\r\nUser-Agent: a\rTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nExpect: 100-continue",
		"Content-Length: 2\r\ncontent-length: 3", "content-length: 3\r\nContent-Length: 2", "Content-Length: 2\r\nCONTENT-LENGTH: 2", "Content-Length: 2, 2", "Content-Length: 2,3", "Content-Length: 02", "Content-Length: 0000000002", "Content-Length: 00000000000000000000002",
		"Content-Length: 0x2", "Content-Length: 2;", "Content-Length: 2 2", "Content-Length: ", "Content-Length:", "Content-Length:2", "Content-Length: \t2\t", "Content-Length: \x0b2", "Content-Length: 2\x00", "Content-Length: ２", "Content-Length: 2.0", "Content-Length: 1e1", "Content-Length: '2'",
		"Content-Length: -1", "Content-Length: -0", "Content-Length: +0", "Content-Length: 9223372036854775807", "Content-Length: 9223372036854775808", "Content-Length: 18446744073709551618", "Content-Length: 4294967298", "Content-Length: 999999999", "Content-Length: 1000000000",
		"Content-Length\t: 2", " Content-Length: 2", "\tContent-Length: 2", "Content-Length: 2\r\n ", "Content-Length: 2\r\n 5", "Content-Length:\r\n 2", "Content\x00-Length: 2", "Content-Length\x00: 2", "Content_Length: 2", "Content-Length : 2\r\nContent-Length: 2",
		// Where a line ends.
		"Content-Length: 2\nUser-Agent: a", "Content-Length: 2\n", "Content-Length: 2\r\r", "Content-Length: 2\r\nUser-Agent: a\r", "User-Agent: a\r\n\nContent-Length: 2", "User-Agent: a\n\r\nContent-Length: 2", "Content-Length: 2\r\nUser-Agent: a\nb", "Content-Length: 2\r\n\r",
		// What is no header.
		"Content-Length: 2\r\n: x", "Content-Length: 2\r\nx", "Content-Length: 2\r\nAccept", "Content-Length: 2\r\n:", "Content-Length: 2\r\nAc cept: x", "Content-Length: 2\r\nAccept\xff: x", "Content-Length: 2\r\n\"Accept\": x", "Content-Length: 2\r\nAccept:: x", "Content-Length: 2\r\nAccept: \x7f", "Content-Length: 2\r\nAccept: \x00",
		"Content-Length: 2\r\nAccept: \xff\r\nAccept-Encoding: \x80", "Content-Length: 2\r\nAccept: \x85\xa0", "Content-Length: 2\r\nAccept:", "Content-Length: 2\r\nAccept:\t \t", "Content-Length: 2\r\nContent-Type: a\r\nContent-Type: b",
		// What becomes of the connection.
		"Content-Length: 2\r\nConnection: keep-alive, close", "Content-Length: 2\r\nConnection: close, keep-alive", "Content-Length: 2\r\nConnection: keep-alive\r\nConnection: close", "Content-Length: 2\r\nConnection:", "Content-Length: 2\r\nConnection: Keep-Alive ",
		"Content-Length: 2\r\nConnection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "Content-Length: 2\r\nConnection: Content-Length", "Content-Length: 2\r\nConnection: Transfer-Encoding", "Content-Length: 2\r\nKeep-Alive: timeout=5", "Content-Length: 2\r\nProxy-Connection: close",
		"Content-Length: 2\r\nExpect: 100-Continue", "Content-Length: 2\r\nExpect: 200-ok", "Content-Length: 2\r\nExpect:", "Content-Length: 2\r\nTrailer: Content-Length", "Content-Length: 2\r\nTE: trailers", "Content-Length: 2\r\nContent-Encoding: gzip", "Content-Length: 2\r\nRange: bytes=0-0", "Content-Length: 2\r\nX-HTTP-Method-Override: GET",
		// Whom it is for.
		"Content-Length: 2\r\nHost: h", "Content-Length: 2\r\nhost: other", "Content-Length: 2\r\n Host: other", "Content-Length: 2\r\nX-Forwarded-Host: other", "Content-Length: 2\r\nAuthorization: Bearer a\r\nauthorization: Bearer b", "Content-Length: 2\r\nX-Evtui-Actor:", "Content-Length: 2\r\nx-evtui-namespace: a\r\nX-Evtui-Namespace: b",
	} {
		head := "POST /rpc HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n\r\n"
		all = append(all, head+"[]"+post("next"), head+"0\r\n\r\n"+post("next"), head+"2\r\n[]\r\n0\r\n\r\n"+post("next"))
	}
	for _, host := range []string{"h:80", "h:", ":", "[::1]", "[::1%25eth0]", "[", "]", "a,b", "a@b", "h/..", "h?x", "h#x", "h\\x", "H", "_", "-", ".", "ü", "h\x00", "h\t", "\th", "h i", "<h>", "%68", "h;x", "127.0.0.1:99999"} {
		all = append(all, "POST /rpc HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 2\r\n\r\n[]"+post("next"))
	}
	for _, line := range []string{
		"POST /rpc HTTP/1.1 ", " POST /rpc HTTP/1.1", "POST  /rpc HTTP/1.1", "POST /rpc  HTTP/1.1", "POST\t/rpc\tHTTP/1.1", "post /rpc HTTP/1.1", "POST /rpc http/1.1", "POST /rpc HTTP/1.2", "POST /rpc HTTP/1.01", "POST /rpc HTTP/2.0", "POST /rpc HTTP/0.9", "POST /rpc", "POST /rpc HTTP/1.1x", "POST /rpc HTTP/1.0",
		"POST http://h/rpc HTTP/1.1", "POST http://other/rpc HTTP/1.1", "POST https://h/rpc HTTP/1.1", "POST /rpc# HTTP/1.1", "POST /rpc#x HTTP/1.1", "POST /rpc? HTTP/1.1", "POST /rpc;x HTTP/1.1", "POST //rpc HTTP/1.1", "POST /./rpc HTTP/1.1", "POST /x/../rpc HTTP/1.1", "POST /%72pc HTTP/1.1", "POST /rpc%00 HTTP/1.1", "POST /rpc\x00 HTTP/1.1", "POST rpc HTTP/1.1", "POST * HTTP/1.1",
		"OPTIONS * HTTP/1.1", "CONNECT h:80 HTTP/1.1", "CONNECT /rpc HTTP/1.1", "TRACE /rpc HTTP/1.1", "POSTPOST /rpc HTTP/1.1", "PO ST /rpc HTTP/1.1", "P\x00ST /rpc HTTP/1.1", "GET /subscribe?all=true HTTP/1.1",
	} {
		all = append(all, line+"\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]"+post("next"), post("before")+line+"\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]"+post("next"))
	}
	chunked := "POST /rpc HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, body := range []string{
		"2\r\n[]\r\n0\r\n\r\n", "2;a=b\r\n[]\r\n0\r\n\r\n", "02\r\n[]\r\n0\r\n\r\n", "0x2\r\n[]\r\n0\r\n\r\n", "2 \r\n[]\r\n0\r\n\r\n", "2\n[]\n0\n\n", "2\r\n[]0\r\n\r\n", "3\r\n[]\r\n0\r\n\r\n", "1\r\n[]\r\n0\r\n\r\n", "-2\r\n[]\r\n0\r\n\r\n", "ffffffffffffffff\r\n[]\r\n0\r\n\r\n", "10000000000000002\r\n[]\r\n0\r\n\r\n",
		"2\r\n[]\r\n0\r\nContent-Length: 5\r\n\r\n", "2\r\n[]\r\n0\r\nX: y\r\n\r\n", "2\r\n[]\r\n0\r\n", "2\r\n[]\r\n", "2\r\n[", "", "\r\n", "0\r\n\r\n",
	} {
		all = append(all, chunked+body+post("next"), post("before")+chunked+body+post("next"))
	}
	// More headers than a plain call can have, each known or none.
	all = append(all, "POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"+strings.Repeat("Accept: x\r\n", 30)+"\r\n[]"+post("next"))
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, "X-%d: y\r\n", i)
	}
	all = append(all, "POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"+many.String()+"\r\n[]"+post("next"))
	return all
}
