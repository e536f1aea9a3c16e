package load

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

var answers = []struct { // what never changes
	text   string
	status int
	length int
	close  bool
}{
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 2, false},
	{"HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n", 200, 0, false},
	{"HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n", 204, 0, true},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", 304, 0, false},
	{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, 1, false},
	{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1, true},
	{"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nsad", 500, 3, false},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", 200, 15, false},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nConnection: a, close\r\n\r\n1\r\nx\r\n000\r\nTrailer: a\r\n\r\n", 200, 1, true},
}

// TestAnswersInPieces reads each answer cut in two at every byte, and byte by byte.
func TestAnswersInPieces(t *testing.T) {
	for _, tc := range answers {
		for cut := range len(tc.text) + 1 {
			pieces := []string{tc.text[:cut], tc.text[cut:]}
			if cut == 0 {
				pieces = strings.Split(tc.text, "")
			}
			var r response
			var body []byte
			r.reset(false, func(data []byte) { body = append(body, data...) })
			whole := false
			for n, piece := range pieces {
				var err error
				if whole && piece == "" {
					continue
				}
				if whole, err = r.feed([]byte(piece)); err != nil {
					t.Fatalf("%q cut at %d: %v", tc.text, cut, err)
				}
				if whole && strings.Join(pieces[n+1:], "") != "" {
					t.Fatalf("%q cut at %d ends before its end", tc.text, cut)
				}
			}
			if !whole || r.status != tc.status || r.length != tc.length || len(body) != tc.length || r.close != tc.close {
				t.Fatalf("%q cut at %d: whole %v, status %d, length %d (%q), close %v", tc.text, cut, whole, r.status, r.length, body, r.close)
			}
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, text := range []string{
		"\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 099 \r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHead),
	} {
		var r response
		if whole, err := r.feed([]byte(text)); err == nil {
			t.Errorf("%.80q: whole %v, status %d, no error", text, whole, r.status)
		}
	}
}

// TestEndOfConnection ends an answer that has no other end, and breaks the others.
func TestEndOfConnection(t *testing.T) {
	for text, want := range map[string]bool{
		"HTTP/1.1 200 OK\r\n\r\nuntil the end":                            true,
		"HTTP/1.1 200 OK\r\n\r\n":                                         true,
		"HTTP/1.1 200 OK\r\n":                                             false,
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nless":                false,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n": false,
		"": false,
	} {
		var r response
		if whole, err := r.feed([]byte(text)); whole || err != nil {
			t.Errorf("%q: whole %v before the end, %v", text, whole, err)
		}
		if r.ended() != want {
			t.Errorf("%q: whole %v at the end", text, !want)
		}
	}
}

// FuzzResponse holds what we read against the standard library's reader, and against
// itself with the bytes cut elsewhere.
func FuzzResponse(f *testing.F) {
	for _, tc := range answers {
		f.Add([]byte(tc.text), uint(7))
	}
	f.Fuzz(func(t *testing.T, text []byte, cut uint) {
		var r, pieces response
		whole, err := r.feed(text)
		at := int(cut % uint(len(text)+1))
		first, firstErr := pieces.feed(text[:at])
		if firstErr == nil && (!first || at < len(text)) {
			first, firstErr = pieces.feed(text[at:])
		}
		if (err == nil) != (firstErr == nil) || err == nil && (whole != first || r.status != pieces.status || r.length != pieces.length) {
			t.Fatalf("at once: %v %v %d %d; cut at %d: %v %v %d %d", whole, err, r.status, r.length, at, first, firstErr, pieces.status, pieces.length)
		}
		if !whole || err != nil {
			return
		}
		reader := bufio.NewReader(bytes.NewReader(text))
		for {
			theirs, err := http.ReadResponse(reader, nil)
			if err != nil {
				return // stricter than we need to be: we count, they pass on
			}
			body, err := io.ReadAll(theirs.Body)
			_ = theirs.Body.Close()
			if theirs.StatusCode < 200 {
				continue
			}
			if err == nil && (theirs.StatusCode != r.status || len(body) != r.length) {
				t.Fatalf("status %d and %d bytes, the standard library has %d and %d", r.status, r.length, theirs.StatusCode, len(body))
			}
			return
		}
	})
}
