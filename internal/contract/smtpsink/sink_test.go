package smtpsink

import (
	"context"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

func TestSink(t *testing.T) {
	s, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	mail := "From: a@x.test\r\nTo: B@x.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ngo to https://x.test/#token=3Dab=\r\nc\r\n" +
		"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGVsbG88L2I+\r\n--b--\r\n"
	waited := make(chan []Message, 1)
	go func() {
		got, err := s.Wait(t.Context(), "b@X.test", 1)
		if err != nil {
			t.Error(err)
		}
		waited <- got
	}()
	if err := smtp.SendMail(s.Addr(), nil, "a@x.test", []string{"B@x.test"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	got := <-waited
	if len(got) != 1 || len(s.All()) != 1 || len(s.To("c@x.test")) != 0 {
		t.Fatalf("%d mails came", len(got))
	}
	if subject := got[0].Header("Subject"); subject != "Grüße" {
		t.Errorf("subject is %q", subject)
	}
	if text := got[0].Text(); !strings.Contains(text, "https://x.test/#token=abc") || !strings.Contains(text, "<b>hello</b>") {
		t.Errorf("text is %q", text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Wait(ctx, "b@x.test", 2); err == nil || !strings.Contains(err.Error(), "1 mails to b@x.test came, not 2") {
		t.Errorf("waiting in vain says %v", err)
	}
}
