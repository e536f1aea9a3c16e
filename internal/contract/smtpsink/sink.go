// Package smtpsink is a mail server on loopback that keeps what it is sent, so
// that a test can read the mail a service wrote.
package smtpsink

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Message is one received mail.
type Message struct {
	From string   // envelope sender
	To   []string // envelope recipients
	Raw  []byte   // as sent, headers and body
	At   time.Time
}

// Sink receives mail until it is closed.
type Sink struct {
	server *smtp.Server
	addr   string

	mu       sync.Mutex
	messages []Message
	arrived  chan struct{} // closed and replaced at each arrival
}

// Listen starts a sink at addr, such as 127.0.0.1:0.
func Listen(ctx context.Context, addr string) (*Sink, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	s := &Sink{addr: l.Addr().String(), arrived: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{sink: s}, nil
	}))
	s.server.Domain = "sink.example.test"
	s.server.EnableSMTPUTF8 = true
	s.server.MaxMessageBytes = 1 << 20
	s.server.ReadTimeout = 30 * time.Second
	s.server.WriteTimeout = 30 * time.Second
	go func() { _ = s.server.Serve(l) }() // ends with Close; a session's error is the client's to see
	return s, nil
}

// Addr is the host and port the sink listens on.
func (s *Sink) Addr() string { return s.addr }

// Close ends the sink.
func (s *Sink) Close() error { return s.server.Close() }

// To returns all mail to an address so far, oldest first. Addresses are
// compared without regard to case.
func (s *Sink) To(addr string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		for _, to := range m.To {
			if strings.EqualFold(to, addr) {
				out = append(out, m)
				break
			}
		}
	}
	return out
}

// All returns every mail so far.
func (s *Sink) All() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Wait returns the mail to addr once there are at least n, or an error when
// ctx ends first.
func (s *Sink) Wait(ctx context.Context, addr string, n int) ([]Message, error) {
	for {
		s.mu.Lock()
		arrived := s.arrived
		s.mu.Unlock()
		got := s.To(addr)
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return got, fmt.Errorf("%d mails to %s came, not %d", len(got), addr, n)
		}
	}
}

func (s *Sink) add(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

type session struct {
	sink *Sink
	msg  Message
}

func (s *session) Reset()        { s.msg = Message{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.msg.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.msg.To = append(s.msg.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.msg.Raw, s.msg.At = raw, time.Now()
	s.sink.add(s.msg)
	return nil
}

// Header returns a header's decoded value.
func (m Message) Header(name string) string {
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	v, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(name))
	if err != nil {
		return msg.Header.Get(name)
	}
	return v
}

// Text returns the readable body: every text part, decoded, one after another.
func (m Message) Text() string {
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return string(m.Raw)
	}
	var b strings.Builder
	part(&b, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	return b.String()
}

func part(b *strings.Builder, contentType, encoding string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err == nil && strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err != nil {
				return
			}
			part(b, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil && len(text) == 0 {
		return
	}
	b.Write(text)
}
