package contract

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

func regTests() []Test {
	mail := []Need{NeedMail}
	return []Test{
		{ID: "REG-01", Name: "new", Needs: mail, Accounts: true, Clauses: []string{"A1", "A8"}, Run: reg01},
		{ID: "REG-02", Name: "existing", Needs: mail, Accounts: true, Clauses: []string{"A1", "A4"}, Run: reg02},
		{ID: "REG-03", Name: "timing", Needs: mail, Accounts: true, Clauses: []string{"A4"}, Phase: Alone, Limit: 2 * time.Minute, Run: reg03},
		{ID: "REG-04", Name: "one account per address", Needs: mail, Accounts: true, Clauses: []string{"A1"}, Run: reg04},
		{ID: "REG-05", Name: "bad addresses", Needs: mail, Accounts: true, Clauses: []string{"A1", "A8"}, Run: reg05},
		{ID: "REG-06", Name: "hostile name", Needs: mail, Accounts: true, Clauses: []string{"A8"}, Run: reg06},
		{ID: "REG-07", Name: "privileged members", Accounts: true, Clauses: []string{"O2"}, Run: reg07},
		{ID: "REG-08", Name: "verify", Needs: mail, Accounts: true, Clauses: []string{"A2", "A3"}, Run: reg08},
		{ID: "REG-09", Name: "pre-stuffing", Needs: mail, Accounts: true, Clauses: []string{"A2"}, Run: reg09},
		{ID: "REG-10", Name: "resend and expiry", Needs: []Need{NeedMail, NeedShort}, Accounts: true, Clauses: []string{"A2"}, Run: reg10},
		{ID: "REG-11", Name: "link host", Needs: mail, Accounts: true, Clauses: []string{"A8", "G8"}, Run: reg11},
	}
}

func reg01(t *T) {
	email, password := NewEmail(), NewPassword()
	res := t.Post(pathRegister, M{"email": email, "password": password}).Want(http.StatusAccepted).Exact([]string{"status"}).NoCookie()
	t.Check(res.Text("status") == "accepted", "status is %q, want accepted", res.Text("status"))
	t.Mails(email, 1)
	time.Sleep(settle)
	mails := t.run.target.Mail.To(email)
	t.Check(len(mails) == 1, "%d mails came, want one", len(mails))
	m := mails[0]
	t.Check(len(m.To) == 1, "the mail has %d recipients, want one", len(m.To))
	urls, tokens := Links(m.Text(), t.run.target.AppURL)
	t.Check(len(tokens) == 1, "the mail carries %d tokens under %s, want one", len(tokens), t.run.target.AppURL)
	for _, u := range urls {
		t.Check(underURL(u, t.run.target.AppURL), "the mail links to %s, which is not under APP_URL", u)
	}
	for _, token := range tokens {
		t.Canary("mailed token", token)
		t.Check(len(token) >= 43, "the token has %d characters, 256 bit take 43", len(token))
	}
	t.Check(!strings.Contains(m.Text(), password), "the mail shows the password")
}

// underURL reports whether a link has the same scheme and host as base.
func underURL(link, base string) bool {
	a, errA := url.Parse(link)
	b, errB := url.Parse(base)
	return errA == nil && errB == nil && a.Scheme == b.Scheme && a.Host == b.Host
}

func reg02(t *T) {
	verified, unverified := t.UserAt(t.base), t.pending()
	t.Mails(unverified.Email, 1)
	register := func(email string) *Response {
		return t.Post(pathRegister, M{"email": email, "password": NewPassword()}).Want(http.StatusAccepted).NoCookie()
	}
	fresh := register(NewEmail())
	for _, existing := range []*User{verified, unverified} {
		register(existing.Email).Same(fresh)
	}
	mails := t.Mails(verified.Email, 2)
	t.tokenless("registering a verified address again", mails[1])
	again := t.Mails(unverified.Email, 2)
	t.Check(len(t.tokensIn(again[1])) == 1, "registering an unverified address again does not mail a new token")
	t.login(verified.Email, verified.Password).Control()
}

func reg03(t *T) {
	existing := make([]*User, timingAccounts)
	for i := range existing {
		existing[i] = t.UserAt(t.base)
	}
	took := func(email string) time.Duration {
		return t.fresh().Post(pathRegister, M{"email": email, "password": NewPassword()}, NoRetry()).Want(http.StatusAccepted).Took
	}
	t.sameTime("registering a new and an existing address", hashFloor,
		func(int) time.Duration { return took(NewEmail()) },
		func(i int) time.Duration { return took(existing[i%len(existing)].Email) })
}

func reg04(t *T) {
	name := Random(6)
	first := &User{Email: "Foo" + name + "@Ex" + name + ".test", Password: NewPassword(), base: t.base}
	t.Post(pathRegister, M{"email": first.Email, "password": first.Password}).Want(http.StatusAccepted)
	t.Post(pathVerify, M{"token": t.MailToken(first.Email, 1), "password": first.Password}).Want(http.StatusNoContent)
	id := t.login(first.Email, first.Password).Control().Text("user", "id")
	for i, variant := range []string{"foo" + name + "@EX" + name + ".TEST", "ｆoo" + name + "@ex" + name + ".test", " " + first.Email} {
		t.Post(pathRegister, M{"email": variant, "password": NewPassword()}).Want(http.StatusAccepted)
		t.tokenless("registering the variant "+variant, t.Mails(first.Email, i+2)[i+1])
		res := t.login(variant, first.Password)
		if res.Status != http.StatusOK || res.Text("user", "id") != id {
			res.Errorf("%q is not the account of %q", variant, first.Email)
		}
	}
}

func reg05(t *T) {
	domain := "x" + Random(6) + ".test"
	good := "good@" + domain
	t.Post(pathRegister, M{"email": good}).Control(http.StatusAccepted)
	t.Mails(good, 1)
	for _, bad := range []string{
		"a@" + domain + ",b@" + domain, "a@" + domain + " b@" + domain, "a@" + domain + "\r\nBcc: v@" + domain,
		"Name <a@" + domain + ">", "\"a\nb\"@" + domain, strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + domain,
		"a@localhost" + Random(4), "a@" + domain + ".", "@" + domain, "a@", "a@" + domain + "@" + domain,
		"a..b@" + domain, "a@." + domain, "a b@" + domain, "a\x00@" + domain,
	} {
		res := t.Post(pathRegister, M{"email": bad}).RefusedAny([]int{http.StatusUnprocessableEntity, http.StatusBadRequest})
		if res.Status == http.StatusAccepted {
			res.Errorf("%q was taken for an address", bad)
		}
		if res.Status == http.StatusBadRequest && !strings.Contains(bad, "\x00") {
			res.Errorf("%q: want 422, got 400", bad)
		}
	}
	time.Sleep(settle)
	for _, m := range t.run.target.Mail.All() {
		for _, to := range m.To {
			if strings.HasSuffix(strings.TrimSuffix(to, "."), domain) && to != good {
				t.Errorf("a mail was sent to %q", to)
			}
		}
	}
}

func reg06(t *T) {
	email, name := NewEmail(), "{{1337*7331}}${1337*7331}<%=1337*7331%>"
	t.Post(pathRegister, M{"email": email, "password": NewPassword(), "name": name}).Control(http.StatusAccepted)
	mail := t.Mails(email, 1)[0]
	text := mail.Text()
	// A product that no token in the mail holds by chance.
	t.Check(!strings.Contains(text, "9801547"), "the name was run as a template: the mail says 1337*7331 = 9801547")
	t.Check(strings.Contains(text, name), "the mail does not show the name as it was written:\n%s", text)
	victim := "v" + Random(6) + "@" + MailDomain
	t.Post(pathRegister, M{"email": NewEmail(), "password": NewPassword(), "name": "X\r\nBcc: " + victim}).
		Refused(http.StatusUnprocessableEntity, "validation").Pointer("/name")
	time.Sleep(settle)
	t.Check(len(t.run.target.Mail.To(victim)) == 0, "a line break in a name added a recipient")
	for _, m := range t.run.target.Mail.All() {
		t.Check(len(m.To) == 1, "a mail went to %d recipients: %v", len(m.To), m.To)
	}
}

func reg07(t *T) {
	body := func(more M) M { return changed(M{"email": NewEmail(), "password": NewPassword()}, more) }
	t.Post(pathRegister, body(nil)).Control(http.StatusAccepted)
	for name, value := range (M{
		"role": "admin", "is_admin": true, "verified": true, "email_verified": true, "id": "00000000-0000-4000-8000-000000000000", "disabled": false,
	}) {
		t.Post(pathRegister, body(M{name: value})).Refused(http.StatusUnprocessableEntity, "validation").Pointer("/" + name)
	}
}

func reg08(t *T) {
	u := t.pending()
	token := t.MailToken(u.Email, 1)
	t.login(u.Email, u.Password).Refused(http.StatusUnauthorized, "invalid-credentials")
	verify := func(password string) *Response {
		return t.Post(pathVerify, M{"token": token, "password": password})
	}
	verify(NewPassword()).Refused(http.StatusUnauthorized)
	t.Post(pathVerify, M{"token": Random(22), "password": u.Password}).Refused(http.StatusUnauthorized)
	verify(u.Password).Control(http.StatusNoContent).NoCookie()
	verify(u.Password).Refused(http.StatusUnauthorized)
	t.login(u.Email, u.Password).Control()
}

func reg09(t *T) {
	email, attacker, victim := NewEmail(), NewPassword(), NewPassword()
	t.fresh().Post(pathRegister, M{"email": email, "password": attacker}).Want(http.StatusAccepted)
	token1 := t.MailToken(email, 1)
	t.fresh().Post(pathRegister, M{"email": email, "password": victim}).Want(http.StatusAccepted)
	token2 := t.MailToken(email, 2)
	verify := func(token, password string) *Response {
		return t.Post(pathVerify, M{"token": token, "password": password})
	}
	verify(token1, victim).Refused(http.StatusUnauthorized)
	verify(token1, attacker).Refused(http.StatusUnauthorized)
	verify(token2, attacker).Refused(http.StatusUnauthorized)
	verify(token2, victim).Control(http.StatusNoContent)
	t.login(email, attacker).Refused(http.StatusUnauthorized, "invalid-credentials")
	t.login(email, victim).Control()
}

func reg10(t *T) {
	verified, unverified, late := t.UserAt(t.base), t.pending(), t.pending()
	old := t.MailToken(unverified.Email, 1)
	lateToken := t.MailToken(late.Email, 1)
	expires := time.Now().Add(t.Lifetimes().Verify)
	resend := func(email string) *Response { return t.Post(pathResend, M{"email": email}).Want(http.StatusAccepted) }
	unknown := resend(NewEmail())
	resend(unverified.Email).Same(unknown)
	resend(verified.Email).Same(unknown)
	newer := t.MailToken(unverified.Email, 2)
	verify := func(u *User, token string) *Response {
		return t.Post(pathVerify, M{"token": token, "password": u.Password})
	}
	verify(unverified, old).Refused(http.StatusUnauthorized)
	verify(unverified, newer).Control(http.StatusNoContent)
	t.Wait(time.Until(expires) + time.Second)
	verify(late, lateToken).Refused(http.StatusUnauthorized)
	for _, m := range t.run.target.Mail.To(verified.Email)[1:] {
		t.tokenless("resend for a verified address", m)
	}
}

func reg11(t *T) {
	const evil = "evil.example"
	app := t.run.target.AppURL
	onlyApp := func(what, text string) {
		urls, tokens := Links(text, app)
		t.Check(len(tokens) == 1, "%s: the mail carries %d tokens under %s, want one", what, len(tokens), app)
		for _, u := range urls {
			t.Check(underURL(u, app), "%s: the mail links to %s", what, u)
		}
		t.Check(!strings.Contains(text, evil), "%s: the mail names %s", what, evil)
	}
	forged := []Opt{Header("X-Forwarded-Host", evil), Header("X-Forwarded-Proto", "http"), Header("Forwarded", "host="+evil), Header("X-Host", evil)}
	email := NewEmail()
	t.Post(pathRegister, M{"email": email}, forged...).Control(http.StatusAccepted)
	onlyApp("register", t.Mails(email, 1)[0].Text())

	u := t.UserAt(t.base)
	t.Post(pathForgot, M{"email": u.Email}, forged...).Control(http.StatusAccepted)
	onlyApp("forgot", t.Mails(u.Email, 2)[1].Text())
	t.Post(pathForgot, M{"email": u.Email}, Host(evil)).Refused(http.StatusBadRequest, "invalid-host")
	t.Post(pathRegister, M{"email": NewEmail()}, Host(evil)).Refused(http.StatusBadRequest, "invalid-host")
	time.Sleep(settle)
	t.Check(t.mailCount(u) == 2, "a request with a foreign Host caused a mail")
}
