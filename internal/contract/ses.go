package contract

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

func sesTests() []Test {
	return []Test{
		{ID: "SES-01", Name: "list and end", Users: 2, Accounts: true, Clauses: []string{"S6", "S7"}, Run: ses01},
		{ID: "SES-02", Name: "step-up", Needs: []Need{NeedMail, NeedShort}, Accounts: true, Clauses: []string{"S8"}, Run: ses02},
		{ID: "SES-03", Name: "reauth", Users: 2, Accounts: true, Clauses: []string{"S8", "S2"}, Run: ses03},
		{ID: "SES-04", Name: "cap", Users: 1, Accounts: true, Clauses: []string{"S10", "O4"}, Run: ses04},
		{ID: "SES-05", Name: "e-mail change", Needs: []Need{NeedMail}, Accounts: true, Clauses: []string{"A7"}, Run: ses05},
		{ID: "SES-06", Name: "delete account", Users: 2, Accounts: true, Destroys: true, Clauses: []string{"A9"}, Run: ses06},
	}
}

func ses01(t *T) {
	u := t.UserAt(t.base)
	here, there := t.SignIn(u), t.SignIn(u)
	res := here.Get(pathSessions).Control()
	list := res.Items()
	t.Check(len(list) == 2, "%d sessions are listed, want 2", len(list))
	var current, others []string
	for _, item := range list {
		res.exact(item, []string{"id", "created_at", "last_seen_at", "ip", "user_agent", "amr", "current"})
		id, _ := item["id"].(string)
		if item["current"] == true {
			current = append(current, id)
		} else {
			others = append(others, id)
		}
	}
	t.Check(len(current) == 1 && len(others) == 1, "current is set on %d of %d sessions, want one", len(current), len(list))
	for _, secret := range []string{here.Access, here.Refresh, there.Refresh} {
		t.Check(!strings.Contains(string(res.Body), secret), "the list shows a token")
	}
	if len(others) != 1 {
		return
	}

	stranger := t.SignIn(t.UserAt(t.base))
	foreign, _ := stranger.Get(pathSessions).Control().Items()[0]["id"].(string)
	unknown := here.Delete(pathSessions+"/00000000-0000-4000-8000-000000000000").Refused(http.StatusNotFound, "not-found")
	here.Delete(pathSessions+"/"+foreign).Refused(http.StatusNotFound, "not-found").Same(unknown)
	t.alive(stranger)

	here.Delete(pathSessions + "/" + others[0]).Control(http.StatusNoContent)
	t.dead("a session that was ended from another", there)
	t.deadRefresh("a session that was ended from another", there.Refresh)
	t.alive(here)

	third, fourth := t.SignIn(u), t.SignIn(u)
	t.alive(third)
	here.Delete(pathSessions).Control(http.StatusNoContent)
	t.dead("all others ended", third)
	t.dead("all others ended", fourth)
	t.alive(here)
	t.alive(stranger)
}

func ses02(t *T) {
	u := t.UserAt(t.base)
	s := t.SignIn(u)
	t.Wait(t.Lifetimes().StepUp + 500*time.Millisecond)
	s = t.renewed(s)
	t.alive(s)
	next := NewEmail()
	challenge := regexp.MustCompile(`^Bearer\b.*error="insufficient_user_authentication".*\bmax_age="?\d+"?`)
	sensitive := func(s *Session) map[string]func() *Response {
		return map[string]func() *Response{
			"change of e-mail":     func() *Response { return s.Put(pathEmail, M{"new_email": next}) },
			"end of a session":     func() *Response { return s.Delete(pathSessions + "/00000000-0000-4000-8000-000000000000") },
			"end of all others":    func() *Response { return s.Delete(pathSessions) },
			"deletion of the user": func() *Response { return s.Delete(pathMe) },
		}
	}
	for what, call := range sensitive(s) {
		res := call().Refused(http.StatusUnauthorized, "step-up-required")
		if got := res.Header.Get("WWW-Authenticate"); !challenge.MatchString(got) {
			res.Errorf("%s: WWW-Authenticate is %q, want error=\"insufficient_user_authentication\" and max_age", what, got)
		}
	}
	t.Check(len(t.run.target.Mail.To(next)) == 0, "a refused change of e-mail sent a mail")
	res := s.Post(pathReauth, M{"password": u.Password}).Control()
	up := t.SessionOf(t.Client, u, res)
	calls := sensitive(up)
	calls["change of e-mail"]().Control(http.StatusAccepted)
	calls["end of a session"]().Want(http.StatusNotFound)
	calls["end of all others"]().Control(http.StatusNoContent)
	calls["deletion of the user"]().Control(http.StatusNoContent)
}

func ses03(t *T) {
	s := t.SignIn(t.UserAt(t.base))
	s.Post(pathReauth, M{"password": NewPassword()}).Refused(http.StatusUnauthorized, "invalid-credentials").NoCookie()
	t.alive(s)
	res := s.Post(pathReauth, M{"password": s.User.Password}).Control()
	t.tokenMembers(res)
	next := t.SessionOf(t.Client, s.User, res)
	t.alive(next)
	t.Check(t.refreshCookieOf(res) != s.Refresh, "reauth kept the refresh token")
	t.Check(t.claim(next.Access, "jti") != t.claim(s.Access, "jti"), "reauth kept the access token")
	t.Check(t.claim(next.Access, "sub") == t.claim(s.Access, "sub"), "reauth changed the user")
	stale := t.DoRefresh(t.Client, s.Refresh).RefusedAny([]int{http.StatusUnauthorized, http.StatusConflict})
	if stale.Status == http.StatusOK {
		stale.Errorf("the refresh token from before reauth still gives tokens")
	}

	guesser := t.SignIn(t.UserAt(t.base))
	for range 5 {
		guesser.Post(pathReauth, M{"password": NewPassword()}).Refused(http.StatusUnauthorized, "invalid-credentials")
	}
	guesser.Post(pathReauth, M{"password": guesser.User.Password}).Refused(http.StatusTooManyRequests)
}

func ses04(t *T) {
	const limit = 10
	u := t.UserAt(t.base)
	sessions := make([]*Session, 0, limit+1)
	for range limit {
		sessions = append(sessions, t.SignIn(u))
	}
	t.alive(sessions[0])
	sessions = append(sessions, t.SignIn(u))
	t.dead("the oldest of eleven sessions", sessions[0])
	t.deadRefresh("the oldest of eleven sessions", sessions[0].Refresh)
	t.alive(sessions[1])
	t.alive(sessions[limit])
	listed := sessions[limit].Get(pathSessions).Control().Items()
	t.Check(len(listed) == limit, "%d sessions are listed, want %d", len(listed), limit)
}

func ses05(t *T) {
	u := t.UserAt(t.base)
	s := t.SignIn(u)
	next := NewEmail()
	s.Put(pathEmail, M{"new_email": "no address"}).Refused(http.StatusUnprocessableEntity, "validation").Pointer("/new_email")
	s.Put(pathEmail, M{"new_email": next}).Control(http.StatusAccepted)
	token := t.MailToken(next, 1)
	t.login(u.Email, u.Password).Control()
	t.login(next, u.Password).Refused(http.StatusUnauthorized, "invalid-credentials")
	me := s.Get(pathMe).Control()
	t.Check(strings.EqualFold(me.Text("email"), u.Email), "the address changed before it was confirmed")

	confirm := func(c *Client, token string) *Response { return c.Post(pathEmail+"/confirm", M{"token": token}) }
	stranger := t.SignIn(t.UserAt(t.base))
	confirm(stranger.Client, token).RefusedAny([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound})
	confirm(s.Client, Random(22)).RefusedAny([]int{http.StatusUnauthorized, http.StatusNotFound})
	confirm(s.Client, token).Control(http.StatusNoContent)
	confirm(s.Client, token).RefusedAny([]int{http.StatusUnauthorized, http.StatusNotFound})
	t.login(u.Email, u.Password).Refused(http.StatusUnauthorized, "invalid-credentials")
	res := t.login(next, u.Password).Control()
	t.Check(res.Text("user", "id") == t.claim(s.Access, "sub"), "the user's id changed with the address")
	t.tokenless("the notice to the old address", t.Mails(u.Email, 2)[1])
}

func ses06(t *T) {
	s, other := t.SignIn(t.UserAt(t.base)), t.SignIn(t.UserAt(t.base))
	second := t.SignIn(s.User)
	r := t.First()
	id, _ := s.Make(r)
	s.Get(r.At(id)).Control()
	s.Delete(pathMe).Control(http.StatusNoContent)
	t.dead("the session that deleted its account", s)
	t.dead("another session of a deleted account", second)
	t.deadRefresh("a deleted account", s.Refresh)
	t.login(s.User.Email, s.User.Password).Refused(http.StatusUnauthorized, "invalid-credentials")
	if r.Owned {
		other.Get(r.At(id)).Refused(http.StatusNotFound, "not-found")
	}
	if t.run.target.Mail == nil {
		return
	}
	// Whoever registers the address next starts with nothing.
	before := t.mailCount(s.User)
	heir := &User{Email: s.User.Email, Password: NewPassword(), base: t.base}
	t.registers(heir.Email, heir.Password).Want(http.StatusAccepted)
	var tokens []string
	for n := before + 1; len(tokens) == 0; n++ {
		tokens = t.tokensIn(t.Mails(heir.Email, n)[n-1])
	}
	t.fresh().Post(pathVerify, M{"token": tokens[0], "password": heir.Password}).Want(http.StatusNoContent)
	if r.Owned {
		t.SignIn(heir).Get(r.At(id)).Refused(http.StatusNotFound, "not-found")
	}
}
