package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The accounts of a measured service: logins go to one of their own, because each
// ends the oldest session of an account that has too many.
const (
	loadEmail  = "load@example.com"
	loginEmail = "login@example.com"
	password   = "seventeen green lamps sing"

	listed   = 20              // items of a page
	tokenAge = 4 * time.Minute // access tokens live for ten
)

// session is where a service is and what a measurement sends there.
type session struct {
	base   string // http://host:port
	addr   string // host:port
	client *http.Client

	load, login Account
	token       string // of load; empty without accounts
	signed      time.Time
	item        string // id of one of its items
}

func newSession(base string) (*session, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address that can be measured: give http://HOST:PORT", base)
	}
	addr := u.Host
	if u.Port() == "" {
		addr += ":80"
	}
	client := &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the load follows none either
	}
	return &session{base: strings.TrimSuffix(base, "/"), addr: addr, client: client}, nil
}

// signIn makes the sessions of all workers; no account is used where load is empty.
func (s *subject) signIn(ctx context.Context, load, login Account) error {
	bases := []string{s.url}
	if s.workers != nil {
		bases = nil
		for _, in := range s.workers {
			bases = append(bases, in.URL)
		}
	}
	for _, old := range s.sessions {
		old.client.CloseIdleConnections()
	}
	s.sessions = nil
	for _, base := range bases {
		one, err := newSession(base)
		if err != nil {
			return err
		}
		one.load, one.login = load, login
		if err := one.open(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.id, err)
		}
		s.sessions = append(s.sessions, one)
	}
	return nil
}

// open signs in and makes sure that there is a page of items.
func (s *session) open(ctx context.Context) error {
	if s.load.Email == "" {
		return nil
	}
	if err := s.renew(ctx); err != nil {
		return err
	}
	var page struct {
		Items []struct{ ID string } `json:"items"`
	}
	if err := s.ask(ctx, http.MethodGet, "/v1/items", "", &page); err != nil {
		return err
	}
	for i := len(page.Items); i < listed; i++ {
		if err := s.ask(ctx, http.MethodPost, "/v1/items", fmt.Sprintf(`{"title":"Item %02d","body":"text"}`, i), nil); err != nil {
			return err
		}
	}
	if err := s.ask(ctx, http.MethodGet, "/v1/items", "", &page); err != nil {
		return err
	}
	if len(page.Items) < listed {
		return fmt.Errorf("GET /v1/items lists %d items after %d were made", len(page.Items), listed)
	}
	s.item = page.Items[0].ID
	return nil
}

// renew signs in, unless that was done a short while ago.
func (s *session) renew(ctx context.Context) error {
	if s.load.Email == "" || time.Since(s.signed) < tokenAge {
		return nil
	}
	s.token = ""
	var got struct {
		Token string `json:"access_token"`
	}
	if err := s.ask(ctx, http.MethodPost, "/v1/auth/login", s.load.body(), &got); err != nil {
		return err
	}
	if got.Token == "" {
		return errors.New("POST /v1/auth/login answers without an access_token")
	}
	s.token, s.signed = got.Token, time.Now()
	return nil
}

func (a Account) body() string {
	text, err := json.Marshal(map[string]string{"email": a.Email, "password": a.Password})
	if err != nil {
		panic(err) // of two strings there is none
	}
	return string(text)
}

// header is what every request of a session carries.
func (s *session) header(body string) http.Header {
	h := http.Header{"Accept": {"application/json"}}
	if s.token != "" {
		h.Set("Authorization", "Bearer "+s.token)
	}
	if body != "" {
		h.Set("Content-Type", "application/json")
	}
	return h
}

// once sends one request and returns the right answer's status and body.
func (s *session) once(ctx context.Context, method, target, body string) (int, []byte, error) {
	status, text, err := s.send(ctx, method, target, s.header(body), body)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("%s %s answers %d %s: %s", method, target, status, http.StatusText(status), excerpt(text))
	}
	return status, text, err
}

// excerpt is the beginning of an answer, for messages.
func excerpt(text []byte) []byte { return bytes.TrimSpace(text[:min(len(text), 300)]) }

// send sends one request and returns the answer's status and body, whatever they are.
func (s *session) send(ctx context.Context, method, target string, header http.Header, body string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.base+target, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header = header
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, target, err)
	}
	return response.StatusCode, text, nil
}

func (s *session) ask(ctx context.Context, method, target, body string, into any) error {
	_, text, err := s.once(ctx, method, target, body)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, target, err)
	}
	return nil
}
