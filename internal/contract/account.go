package contract

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/scaffold/internal/contract/smtpsink"
)

const (
	pathRegister = "/v1/auth/register"
	pathVerify   = "/v1/auth/verify-email"
	pathResend   = "/v1/auth/verify-email/resend"
	pathLogin    = "/v1/auth/login"
	pathLogout   = "/v1/auth/logout"
	pathReauth   = "/v1/auth/reauth"
	pathForgot   = "/v1/auth/password/forgot"
	pathReset    = "/v1/auth/password/reset"
	pathMe       = "/v1/me"
	pathSessions = "/v1/me/sessions"
	pathPassword = "/v1/me/password"
	pathEmail    = "/v1/me/email"
)

// settle is how long the suite waits for a mail that must not come: mail is
// sent beside the answer.
const settle = 700 * time.Millisecond

// fresh is a client of an address nobody has used, for the instance that the
// test talks to: the limits per address count it from zero.
func (t *T) fresh() *Client { return t.ClientTo(t.base, nil) }

// pending registers an account that is not verified, from a fresh address.
func (t *T) pending() *User {
	u := &User{Email: NewEmail(), Password: NewPassword(), base: t.base}
	t.fresh().Post(pathRegister, M{"email": u.Email, "password": u.Password}).Want(http.StatusAccepted)
	return u
}

// login tries a password from a fresh address, so that no earlier failure
// counts against it.
func (t *T) login(email, password string) *Response {
	return t.fresh().Login(email, password)
}

// forgot asks for a reset token from a fresh address and returns the token of
// the n-th mail to the user.
func (t *T) forgot(u *User, n int) string {
	t.fresh().Post(pathForgot, M{"email": u.Email}).Want(http.StatusAccepted)
	return t.MailToken(u.Email, n)
}

// mailCount is how many mails the user has been sent so far.
func (t *T) mailCount(u *User) int { return len(t.run.target.Mail.To(u.Email)) }

// tokensIn returns the tokens a mail carries.
func (t *T) tokensIn(m smtpsink.Message) []string {
	_, tokens := Links(m.Text(), t.run.target.AppURL)
	return tokens
}

// tokenless asserts that a mail is a notice: nothing in it opens an account.
func (t *T) tokenless(what string, m smtpsink.Message) {
	t.Check(len(t.tokensIn(m)) == 0, "%s: the mail carries a token", what)
}

// dead asserts that a session is refused within the second that the contract
// gives a revocation.
func (t *T) dead(what string, s *Session) {
	deadline := time.Now().Add(1200 * time.Millisecond)
	for {
		res := s.Get(pathMe)
		if res.Status == http.StatusUnauthorized {
			res.Refused(http.StatusUnauthorized, "invalid-token", "unauthenticated")
			return
		}
		if time.Now().After(deadline) {
			t.refusals.Add(1)
			res.Errorf("%s: its access token is still good after a second (%d)", what, res.Status)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// alive is the positive control that a session works.
func (t *T) alive(s *Session) { s.Get(pathMe).Control() }

// deadRefresh asserts that a refresh token gives nothing any more.
func (t *T) deadRefresh(what, value string) {
	res := t.DoRefresh(t.Client, value).Refused(http.StatusUnauthorized)
	if res.Status == http.StatusOK {
		res.Errorf("%s: its refresh token still gives tokens", what)
	}
}

// clearsCookie asserts that the answer takes the refresh cookie away.
func (r *Response) clearsCookie() {
	for _, v := range r.Header.Values("Set-Cookie") {
		if strings.HasPrefix(v, r.t.CookieName()+"=") && strings.Contains(strings.ToLower(v), "max-age=0") {
			return
		}
	}
	r.Errorf("%s: it does not clear the cookie %s with Max-Age=0", r.what(), r.t.CookieName())
}

// tokenMembers asserts the exact members of a login or refresh answer.
func (t *T) tokenMembers(res *Response, more ...string) {
	res.Exact(append([]string{"access_token", "token_type", "expires_in", "user"}, more...))
	user, ok := res.Object()["user"].(M)
	if !ok {
		res.Fatalf("user is no object")
	}
	members := []string{"id", "email", "role"}
	if t.run.target.Facts.Has("mfa") {
		members = append(members, "mfa_enabled")
	}
	res.exact(user, members)
	if res.Text("token_type") != "Bearer" {
		res.Errorf("token_type is %q, want Bearer", res.Text("token_type"))
	}
	if in, ok := res.Object()["expires_in"].(float64); !ok || in < 1 || in > 900 || in != float64(int(in)) {
		res.Errorf("expires_in is %v, want whole seconds up to 900", res.Object()["expires_in"])
	}
}

// claims reads an access token without judging it.
func (t *T) claims(access string) jws {
	j, err := parseJWS(access)
	if err != nil {
		t.Fatalf("the access token is no JWT: %v", err)
	}
	return j
}

// claim is one text claim; a missing one ends the test.
func (t *T) claim(access, name string) string {
	text, ok := t.claims(access).Claims[name].(string)
	if !ok || text == "" {
		t.Fatalf("the access token has no text claim %s", name)
	}
	return text
}

// randomOf returns n characters drawn from an alphabet of at most 256.
func randomOf(alphabet string, n int) string {
	letters := []rune(alphabet)
	seed := Random(n)
	out := make([]rune, n)
	for i := range out {
		var b int
		_, _ = fmt.Sscanf(seed[2*i:2*i+2], "%02x", &b) // Random writes hex
		out[i] = letters[b%len(letters)]
	}
	return string(out)
}
