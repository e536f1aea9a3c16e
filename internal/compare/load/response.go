package load

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of what we read of an answer.
const (
	maxHead   = 64 << 10
	maxSample = 8 << 20
)

// response reads one HTTP/1.1 answer as its bytes come (RFC 9112). It keeps no
// body unless asked to.
type response struct {
	noBody bool         // the answer to a HEAD
	sink   func([]byte) // takes the body's bytes, if it is not nil

	state  stage
	head   []byte // its bytes so far, while it has come in part
	status int
	length int // bytes of the body so far
	left   int // bytes until the end of the body or of the chunk
	close  bool
	typ    string // Content-Type, only if there is a sink
}

type stage int

const (
	inHead stage = iota
	inBody
	inBodyUntilClose
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
	finished
)

var (
	crlf    = []byte("\r\n")
	headEnd = []byte("\r\n\r\n")
)

// reset makes it ready for the next answer on a connection.
func (r *response) reset(noBody bool, sink func([]byte)) {
	*r = response{noBody: noBody, sink: sink, head: r.head[:0]}
}

// feed takes the bytes that have come and says whether the answer is whole. Bytes
// after its end are an error: nothing else has been asked for.
func (r *response) feed(data []byte) (bool, error) {
	for {
		var err error
		switch r.state {
		case finished:
			if len(data) > 0 {
				return true, fmt.Errorf("%d bytes after the end of the answer", len(data))
			}
			return true, nil
		case inBody, inChunk, inBodyUntilClose:
			data = r.body(data)
		default:
			var line []byte
			if line, data, err = r.take(data); line != nil && err == nil {
				err = r.line(line)
			}
		}
		if err != nil {
			return false, err
		}
		if len(data) == 0 && r.state != finished {
			return false, nil
		}
	}
}

// ended says whether an answer that ends with the connection is whole.
func (r *response) ended() bool {
	if r.state == inBodyUntilClose {
		r.state = finished
	}
	return r.state == finished
}

// take cuts a line, or all of the head, from the data; nil if its end has not come.
func (r *response) take(data []byte) (line, rest []byte, err error) {
	end := crlf
	if r.state == inHead {
		end = headEnd
	}
	if len(r.head) == 0 {
		if before, after, found := bytes.Cut(data, end); found {
			return before, after, nil
		}
	}
	seen := max(0, len(r.head)-len(end)+1)
	r.head = append(r.head, data...)
	if i := bytes.Index(r.head[seen:], end); i >= 0 {
		line = r.head[:seen+i]
		rest = data[len(data)-(len(r.head)-seen-i-len(end)):]
		r.head = r.head[:0]
		return line, rest, nil
	}
	if len(r.head) > maxHead {
		return nil, nil, fmt.Errorf("a head of more than %d bytes", maxHead)
	}
	return nil, nil, nil
}

func (r *response) line(line []byte) error {
	switch r.state {
	case inHead:
		return r.readHead(line)
	case inChunkSize:
		digits, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if err != nil {
			return fmt.Errorf("a chunk of the size %q", line)
		}
		r.left, r.state = int(n), inChunk
		if n == 0 {
			r.state = inTrailer
		}
	case inChunkEnd:
		if len(line) != 0 {
			return errors.New("a chunk longer than its size")
		}
		r.state = inChunkSize
	case inTrailer:
		if len(line) == 0 {
			r.state = finished
		}
	default: // bodies have no lines
	}
	return nil
}

func (r *response) body(data []byte) []byte {
	n := len(data)
	if r.state != inBodyUntilClose {
		n = min(n, r.left)
		r.left -= n
	}
	if r.sink != nil {
		r.sink(data[:n])
	}
	r.length += n
	if r.left == 0 && r.state == inBody {
		r.state = finished
	}
	if r.left == 0 && r.state == inChunk {
		r.state = inChunkEnd
	}
	return data[n:]
}

// readHead takes the status and what says where the body ends.
func (r *response) readHead(head []byte) error {
	if bytes.Count(head, crlf[1:]) != bytes.Count(head, crlf) {
		return errors.New("a line that ends without CR") // readers differ in what it means
	}
	line, fields, _ := bytes.Cut(head, crlf)
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return fmt.Errorf("a status line %.40q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil || status < 100 {
		return fmt.Errorf("a status line %.40q", line)
	}
	r.status, r.close = status, line[7] == '0'
	length, chunked := -1, false
	for len(fields) > 0 {
		var field []byte
		field, fields, _ = bytes.Cut(fields, crlf)
		name, value, found := bytes.Cut(field, []byte(":"))
		if !found {
			return fmt.Errorf("a header %.40q", field)
		}
		switch {
		case is(name, "content-length"):
			n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 31)
			if err != nil || length >= 0 && length != int(n) {
				return fmt.Errorf("a Content-Length of%.40q", value)
			}
			length = int(n)
		case is(name, "transfer-encoding"):
			if chunked = is(bytes.TrimSpace(value), "chunked"); !chunked {
				return fmt.Errorf("a Transfer-Encoding of%.40q", value)
			}
		case is(name, "connection"):
			r.close = !has(value, "keep-alive") && (r.close || has(value, "close"))
		case r.sink != nil && is(name, "content-type"):
			r.typ = string(bytes.TrimSpace(value))
		}
	}
	switch {
	case status < 200:
		r.state = inHead // an interim answer
	case r.noBody || status == 204 || status == 304 || !chunked && length == 0:
		r.state = finished
	case chunked:
		r.state = inChunkSize
	case length > 0:
		r.left, r.state = length, inBody
	default:
		r.close, r.state = true, inBodyUntilClose
	}
	return nil
}

// is compares an ASCII text with one in small letters.
func is(text []byte, small string) bool {
	return len(text) == len(small) && strings.EqualFold(string(text), small)
}

// has says whether a list of tokens has one of them.
func has(list []byte, small string) bool {
	for token := range bytes.SplitSeq(list, []byte(",")) {
		if is(bytes.TrimSpace(token), small) {
			return true
		}
	}
	return false
}
