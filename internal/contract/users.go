package contract

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"example.com/scaffold/internal/contract/smtpsink"
)

// User is an account of the service under test.
type User struct {
	Email    string
	Password string
	base     string
}

// Session is a signed-in user: a client that sends the access token, and the
// refresh token by its side. When auth is none it is a plain client.
type Session struct {
	*Client
	User    *User
	Access  string
	Refresh string // value of the refresh cookie
}

// MailDomain is the domain of the addresses that the suite makes up.
const MailDomain = "mail.example.test"

// NewEmail returns an address nobody has used.
func NewEmail() string { return "u" + Random(8) + "@" + MailDomain }

// NewPassword returns a password that satisfies the policy.
func NewPassword() string { return "Tr4vel " + Random(12) + " pine" }

// User returns an account: one of those given to the suite, or a new one made
// through registration and the mailed token.
func (t *T) User() *User { return t.UserAt(t.base) }

// UserAt is User on another instance.
func (t *T) UserAt(base string) *User {
	tg := t.run.target
	if tg.Mail == nil {
		t.mu.Lock()
		n := t.given
		t.given++
		t.mu.Unlock()
		if base != tg.Base || n >= len(tg.Users) {
			t.Skip("needs M (" + NeedMail.Hint() + ")")
		}
		return &User{Email: tg.Users[n].Email, Password: t.run.password(tg.Users[n]), base: base}
	}
	u := &User{Email: NewEmail(), Password: NewPassword(), base: base}
	c := t.ClientTo(base, nil)
	c.Post("/v1/auth/register", M{"email": u.Email}).Want(http.StatusAccepted)
	c.Post("/v1/auth/verify-email", M{"token": t.MailToken(u.Email, 1), "password": u.Password}).Want(http.StatusNoContent)
	return u
}

// PasswordChanged remembers a new password of an account, for the tests after
// this one that are given the same.
func (t *T) PasswordChanged(u *User, password string) {
	u.Password = password
	t.run.setPassword(u.Email, password)
}

// SignIn logs a user in from a fresh local address, so that no limit of the
// test's own address is used up, and returns the session on the test's client.
func (t *T) SignIn(u *User) *Session {
	c := t.ClientTo(u.base, nil)
	res := c.Login(u.Email, u.Password).Want(http.StatusOK)
	s := t.SessionOf(t.At(u.base), u, res)
	if t.run.target.Mail == nil && !t.rested[u.Email] {
		t.rested[u.Email] = true
		t.rest(s)
	}
	return s
}

// quotaOfTest is how many calls one test may make as one user, at most.
const quotaOfTest = 150

// rest gives a test what a new account would have: no other sessions, and
// enough of the user's quota, which the tests before this one have used.
func (t *T) rest(s *Session) {
	res := s.Delete("/v1/me/sessions").Want(http.StatusNoContent, http.StatusTooManyRequests)
	policies, left := res.rates()
	d := left["default"]
	if d["r"] >= min(quotaOfTest, policies["default"]["q"]-2) {
		return
	}
	select {
	case <-time.After(time.Duration(d["t"]+1) * time.Second):
	case <-t.ctx.Done():
	}
	s.Delete("/v1/me/sessions").Want(http.StatusNoContent)
}

// Login sends e-mail and password.
func (c *Client) Login(email, password string, opts ...Opt) *Response {
	return c.Post("/v1/auth/login", M{"email": email, "password": password}, opts...)
}

// SessionOf reads the tokens of a login or refresh answer.
func (t *T) SessionOf(c *Client, u *User, res *Response) *Session {
	s := &Session{User: u, Access: res.Text("access_token")}
	if ck := res.Cookie(t.CookieName()); ck != nil {
		s.Refresh = ck.Value
	}
	s.Client = c.With(Bearer(s.Access))
	return s
}

// SignedIn is a session of a user of its own; without accounts, a plain client.
func (t *T) SignedIn() *Session {
	if !t.Accounts() {
		return &Session{Client: t.Client}
	}
	return t.SignIn(t.User())
}

// CookieName is the name of the refresh cookie in the target's profile.
func (t *T) CookieName() string {
	if t.Production() {
		return "__Host-refresh"
	}
	return "refresh"
}

// RefreshCookie sends a refresh token as the cookie.
func (t *T) RefreshCookie(value string) Opt {
	return Header("Cookie", t.CookieName()+"="+value)
}

// DoRefresh calls the refresh end point with a cookie.
func (t *T) DoRefresh(c *Client, value string, opts ...Opt) *Response {
	return c.Post("/v1/auth/refresh", M{}, append([]Opt{t.RefreshCookie(value), Header("Authorization", "")}, opts...)...)
}

// Mails waits until at least n mails to addr came, at most 10 s; fewer end the
// test.
func (t *T) Mails(addr string, n int) []smtpsink.Message {
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	got, err := t.run.target.Mail.Wait(ctx, addr, n)
	if err != nil {
		t.Fatalf("mail: %v", err)
	}
	return got
}

// Links finds the tokens of a mail: links into the front-end whose query or
// fragment carries one.
func Links(text, appURL string) (urls, tokens []string) {
	link := regexp.MustCompile(`https?://[^\s<>"']+`)
	token := regexp.MustCompile(`[?&#]token=([A-Za-z0-9._~-]+)`)
	for _, u := range link.FindAllString(text, -1) {
		urls = append(urls, u)
		if m := token.FindStringSubmatch(u); m != nil && strings.HasPrefix(u, appURL) {
			tokens = append(tokens, m[1])
		}
	}
	return urls, tokens
}

// MailToken waits for the n-th mail to addr and returns the token of its link.
func (t *T) MailToken(addr string, n int) string {
	m := t.Mails(addr, n)[n-1]
	_, tokens := Links(m.Text(), t.run.target.AppURL)
	if len(tokens) == 0 {
		t.Fatalf("mail %d to %s has no link under %s with a parameter \"token\":\n%s", n, addr, t.run.target.AppURL, m.Text())
	}
	return t.Canary("mailed token", tokens[0])
}
