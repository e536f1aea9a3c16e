package contract

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func loginTests() []Test {
	return []Test{
		{ID: "LOGIN-01", Name: "success", Users: 1, Accounts: true, Clauses: []string{"A3", "S1"}, Run: login01},
		{ID: "LOGIN-02", Name: "uniform failure", Needs: []Need{NeedMail}, Users: 1, Accounts: true, Clauses: []string{"A3", "A4"}, Run: login02},
		{ID: "LOGIN-03", Name: "timing", Users: 1, Accounts: true, Clauses: []string{"A4"}, Phase: Alone, Limit: 2 * time.Minute, Run: login03},
		{ID: "LOGIN-04", Name: "default accounts", Users: 1, Accounts: true, Clauses: []string{"R5"}, Run: login04},
		{ID: "LOGIN-05", Name: "fresh tokens", Users: 1, Accounts: true, Clauses: []string{"S1", "S2", "K4"}, Run: login05},
		{ID: "LOGIN-06", Name: "body transport", Users: 1, Accounts: true, Option: "native", Clauses: []string{"S4"}, Run: login06},
	}
}

func login01(t *T) {
	u := t.UserAt(t.base)
	res := t.Login(u.Email, u.Password).Want(http.StatusOK)
	t.tokenMembers(res)
	t.Check(strings.EqualFold(res.Text("user", "email"), u.Email), "user.email is %q", res.Text("user", "email"))
	cookie := t.refreshCookieOf(res)
	if strings.Contains(string(res.Body), cookie) {
		res.Errorf("the refresh token stands in the body")
	}
	s := t.SessionOf(t.fresh(), u, res)
	t.alive(s)
	t.DoRefresh(t.Client, cookie).Control()
}

// refreshCookieOf asserts that an answer sets the refresh cookie and nothing
// else, with exactly the attributes of S1, and returns its value.
func (t *T) refreshCookieOf(res *Response) string {
	set := res.Header.Values("Set-Cookie")
	if len(set) != 1 {
		res.Fatalf("%s: it sets %d cookies, want the refresh cookie alone", res.what(), len(set))
	}
	pair, rest, _ := strings.Cut(set[0], ";")
	name, value, _ := strings.Cut(pair, "=")
	if name != t.CookieName() {
		res.Errorf("%s: the cookie is named %q, want %q", res.what(), name, t.CookieName())
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43,}$`).MatchString(value) {
		res.Errorf("%s: the cookie's value has %d characters or others than base64url, want 43 or more", res.what(), len(value))
	}
	want := map[string]string{"path": "/", "httponly": "", "samesite": "strict"}
	if t.Production() {
		want["secure"] = ""
	}
	for attribute := range strings.SplitSeq(rest, ";") {
		key, val, _ := strings.Cut(strings.TrimSpace(attribute), "=")
		key, val = strings.ToLower(key), strings.ToLower(val)
		switch expected, known := want[key]; {
		case known && val == expected:
			delete(want, key)
		case key == "max-age":
			if seconds, err := strconv.Atoi(val); err != nil || seconds < 1 || seconds > 30*24*3600 {
				res.Errorf("%s: the cookie's Max-Age is %q", res.what(), val)
			}
			want["max-age"] = val
		case key == "expires": // says the same as Max-Age to old browsers
		default:
			res.Errorf("%s: the cookie has the attribute %q", res.what(), strings.TrimSpace(attribute))
		}
	}
	if _, ok := want["max-age"]; !ok {
		res.Errorf("%s: the cookie has no Max-Age", res.what())
	}
	delete(want, "max-age")
	for missing := range want {
		res.Errorf("%s: the cookie lacks %s", res.what(), missing)
	}
	return value
}

func login02(t *T) {
	u, pending := t.UserAt(t.base), t.pending()
	t.login(u.Email, u.Password).Control()
	t.Mails(pending.Email, 1)
	wrong := t.Login(u.Email, NewPassword())
	cases := []*Response{wrong, t.Login(NewEmail(), NewPassword()), t.Login(pending.Email, pending.Password), t.Login(pending.Email, NewPassword())}
	for _, res := range cases {
		res.Refused(http.StatusUnauthorized, "invalid-credentials").NoCookie().Same(wrong)
		if challenge := res.Header.Get("WWW-Authenticate"); challenge != "Bearer" {
			res.Errorf("WWW-Authenticate is %q, want Bearer", challenge)
		}
	}
}

func login03(t *T) {
	u := t.UserAt(t.base)
	t.login(u.Email, u.Password).Control()
	took := func(email string) time.Duration {
		return t.fresh().Login(email, NewPassword(), NoRetry()).Refused(http.StatusUnauthorized, "invalid-credentials").Took
	}
	t.sameTime("logging in as nobody and with a wrong password", hashFloor,
		func(int) time.Duration { return took(NewEmail()) },
		func(int) time.Duration { return took(u.Email) })
}

func login04(t *T) {
	u := t.UserAt(t.base)
	t.login(u.Email, u.Password).Control()
	for _, pair := range [][2]string{
		{"admin", "admin"},
		{"root", "root"},
		{"admin@example.com", "changethis"},
		{"admin@example.com", "admin"},
		{"admin@example.com", "password"},
		{"admin@localhost", "admin"},
		{"root@example.com", "root"},
		{"user@example.com", "password"},
		{"test@example.com", "test"},
		{"demo@example.com", "demo"},
		{"admin@example.test", "changeme"},
		{"dev@example.test", "development password"},
	} {
		allowed := []int{http.StatusUnauthorized}
		if !strings.Contains(pair[0], "@") || strings.HasSuffix(pair[0], "localhost") {
			allowed = append(allowed, http.StatusUnprocessableEntity) // no address at all
		}
		t.login(pair[0], pair[1]).RefusedAny(allowed)
	}
}

func login05(t *T) {
	u := t.UserAt(t.base)
	seen := map[string]string{}
	distinct := func(kind, value string) {
		if other, twice := seen[value]; twice {
			t.Errorf("two logins share one value: %s and %s", other, kind)
		}
		seen[value] = kind
	}
	var last *Session
	for range 20 {
		res := t.login(u.Email, u.Password).Want(http.StatusOK)
		last = t.SessionOf(t.Client, u, res)
		distinct("jti", t.claim(last.Access, "jti"))
		distinct("sid", t.claim(last.Access, "sid"))
		distinct("refresh token", t.refreshCookieOf(res))
	}
	t.Check(len(seen) == 60, "20 logins gave %d distinct values, want 60", len(seen))
	t.alive(last)
	res := t.fresh().Login(u.Email, u.Password, t.RefreshCookie(last.Refresh)).Control()
	next := t.SessionOf(t.Client, u, res)
	t.Check(next.Refresh != last.Refresh, "a login kept the refresh token that it was sent")
	t.dead("a login that carries the cookie of an old session", last)
	t.alive(next)
}

func login06(t *T) {
	u := t.UserAt(t.base)
	body := M{"email": u.Email, "password": u.Password, "transport": "body"}
	res := t.Post(pathLogin, body).Control().NoCookie()
	t.tokenMembers(res, "refresh_token")
	token := res.Text("refresh_token")
	t.Check(len(token) >= 43, "refresh_token has %d characters, 256 bit take 43", len(token))
	t.Post(pathLogin, body, Origin(t.run.target.Origin)).Refused(http.StatusForbidden).NoCookie()
	t.Post(pathLogin, changed(body, M{"transport": "cookie"}), Origin(t.run.target.Origin)).Control()
	t.Post(pathLogin, changed(body, M{"transport": "url"})).Refused(http.StatusUnprocessableEntity, "validation")
	again := t.Post("/v1/auth/refresh", M{"refresh_token": token}).Control().NoCookie()
	t.Check(again.Text("refresh_token") != token, "the refresh token was not rotated")
}
