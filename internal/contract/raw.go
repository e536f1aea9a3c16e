package contract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// RawResult is what came back for hand-written bytes.
type RawResult struct {
	t         *T
	Responses []*Response // in order; interim (1xx) answers are left out
	Closed    bool        // the server closed the connection
	Rest      []byte      // bytes that are no HTTP response
}

// Raw sends bytes on a new connection and reads every answer until the server
// closes it or says nothing for idle. "{host}" stands for the Host value that
// the target accepts.
func (c *Client) Raw(payload string, idle time.Duration) *RawResult {
	payload = strings.ReplaceAll(payload, "{host}", hostPort(c.base))
	x := &Exchange{
		Test: c.t.test.ID, Group: c.t.test.Group(), Base: c.base, Source: c.addr,
		Raw: []byte(payload), Parser: true, At: time.Now(),
	}
	c.t.run.rec.add(x)
	conn, err := c.dial(c.t.ctx)
	if err != nil {
		x.Err = err
		c.t.FatalAt(x, "cannot connect: %v", err)
	}
	defer func() { _ = conn.Close() }() // the answer has been read or will not come
	if _, err := io.WriteString(conn, payload); err != nil {
		x.Err = err // the server may close before it has read everything
	}
	var got bytes.Buffer
	out := &RawResult{t: c.t}
	buf := make([]byte, 16<<10)
	for got.Len() < 1<<20 {
		if err := conn.SetReadDeadline(time.Now().Add(idle)); err != nil {
			break
		}
		n, err := conn.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			out.Closed = !isTimeout(err)
			break
		}
	}
	x.Took = time.Since(x.At)
	r := bufio.NewReader(&got)
	for {
		head, err := r.Peek(5)
		if err != nil || string(head) != "HTTP/" {
			break
		}
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			break
		}
		body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
		err = errors.Join(err, answer.Body.Close())
		if answer.StatusCode < 200 {
			continue
		}
		y := *x
		y.Status, y.RespHeader, y.RespBody = answer.StatusCode, answer.Header, body
		if len(out.Responses) == 0 {
			x.Status, x.RespHeader, x.RespBody = y.Status, y.RespHeader, y.RespBody
		}
		out.Responses = append(out.Responses, &Response{
			t: c.t, Status: y.Status, Header: y.RespHeader, Body: body, Took: x.Took, x: &y,
		})
		if err != nil {
			break
		}
	}
	rest, err := io.ReadAll(r)
	if err == nil {
		out.Rest = rest
	}
	return out
}

// First is the first answer; none ends the test.
func (r *RawResult) First() *Response {
	if len(r.Responses) == 0 {
		r.t.Fatalf("no answer to the hand-written request (connection closed: %t)", r.Closed)
	}
	return r.Responses[0]
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
