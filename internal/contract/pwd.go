package contract

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	minPassword = 15
	maxPassword = 128
	lowerCase   = "abcdefghijklmnopqrstuvwxyz"
)

func pwdTests() []Test {
	mail, short := []Need{NeedMail}, []Need{NeedMail, NeedShort}
	return []Test{
		{ID: "PWD-01", Name: "length", Accounts: true, Clauses: []string{"P1"}, Run: pwd01},
		{ID: "PWD-02", Name: "composition", Accounts: true, Clauses: []string{"P2"}, Run: pwd02},
		{ID: "PWD-03", Name: "blocklist and context", Accounts: true, Clauses: []string{"P3", "P4"}, Run: pwd03},
		{ID: "PWD-04", Name: "exact", Needs: mail, Accounts: true, Clauses: []string{"P5"}, Run: pwd04},
		{ID: "PWD-05", Name: "normal form", Needs: mail, Accounts: true, Clauses: []string{"P6"}, Run: pwd05},
		{ID: "PWD-06", Name: "change", Users: 1, Accounts: true, Destroys: true, Clauses: []string{"P8", "S7"}, Run: pwd06},
		{ID: "PWD-07", Name: "change guesses", Users: 1, Accounts: true, Clauses: []string{"L4"}, Run: pwd07},
		{ID: "PWD-08", Name: "forgot", Needs: mail, Accounts: true, Clauses: []string{"A6", "A4"}, Phase: Alone, Limit: 2 * time.Minute, Run: pwd08},
		{ID: "PWD-09", Name: "reset", Needs: mail, Accounts: true, Clauses: []string{"A6", "S7"}, Run: pwd09},
		{ID: "PWD-10", Name: "reset tokens", Needs: short, Accounts: true, Clauses: []string{"A6", "S9"}, Run: pwd10},
	}
}

// registers tries a password on a registration from a fresh address.
func (t *T) registers(email, password string) *Response {
	return t.fresh().Post(pathRegister, M{"email": email, "password": password})
}

func pwd01(t *T) {
	for _, good := range []string{
		randomOf(lowerCase, minPassword), randomOf(lowerCase, 64), randomOf(lowerCase, maxPassword),
		randomOf("😀🚀🌲🍋🐙🎲🧭🪁🦉🌋", minPassword),
	} {
		t.registers(NewEmail(), good).Control(http.StatusAccepted)
	}
	for _, bad := range []string{
		randomOf(lowerCase, minPassword-1), randomOf(lowerCase, maxPassword+1), randomOf("😀🚀🌲🍋🐙🎲🧭🪁🦉🌋", minPassword-1), "",
	} {
		t.registers(NewEmail(), bad).Refused(http.StatusUnprocessableEntity, "validation").Pointer("/password")
	}
}

func pwd02(t *T) {
	for _, password := range []string{
		randomOf(lowerCase, 20), randomOf("0123456789", 20), randomOf(lowerCase, 8) + "  " + randomOf(lowerCase, 8) + " x", randomOf("!#$%&*+-/=?^_{|}~.,;:", 20),
		randomOf("äöüßéñçøåżđ", 20), randomOf("日本語中文字漢한국어ไทย", 20),
	} {
		t.registers(NewEmail(), password).Control(http.StatusAccepted)
	}
}

// shortestWord is what a word of P4 has at the least: two letters, such as a service may
// be called, stand in many a good password by chance.
const shortestWord = 3

func pwd03(t *T) {
	t.registers(NewEmail(), NewPassword()).Control(http.StatusAccepted)
	blocked := func(email, password string) {
		res := t.registers(email, password).Refused(http.StatusUnprocessableEntity, "password-blocked")
		if res.Status == http.StatusUnprocessableEntity && len(res.Problem().Detail) < 10 {
			res.Errorf("the refusal gives no reason in detail")
		}
	}
	for _, known := range []string{
		"passwordpassword", "PasswordPassword", "123456789123456789", "qwertyuiopasdfghjkl", "QWERTYUIOPASDFGHJKL",
		"1q2w3e4r5t6y7u8i9o0p", "iloveyouiloveyou", "aaaaaaaaaaaaaaaaaaaa",
	} {
		blocked(NewEmail(), known)
	}
	for _, word := range t.run.target.Facts.AppWords {
		if len(word) < shortestWord {
			continue
		}
		twice := word + word
		for len(twice) < minPassword {
			twice += word
		}
		blocked(NewEmail(), twice)
		blocked(NewEmail(), strings.ToUpper(twice))
	}
	local := "kq" + randomOf(lowerCase, 8)
	blocked(local+"@"+MailDomain, local+local)
	blocked(local+"@"+MailDomain, local+"12345678")
	long := "kq" + randomOf(lowerCase, 20)
	blocked(long+"@"+MailDomain, long)
}

// registered makes a verified account with a password of the test's choice.
func (t *T) registered(password string) *User {
	u := &User{Email: NewEmail(), Password: password, base: t.base}
	t.registers(u.Email, password).Want(http.StatusAccepted)
	t.fresh().Post(pathVerify, M{"token": t.MailToken(u.Email, 1), "password": password}).Want(http.StatusNoContent)
	return u
}

func pwd04(t *T) {
	password := " " + randomOf(lowerCase, 49) + "Q" + randomOf(lowerCase, 47) + "z "
	u := t.registered(password)
	t.login(u.Email, password).Control()
	for _, other := range []string{
		password[:72], password[:len(password)-2] + "y ", strings.ToLower(password), strings.ToUpper(password),
		strings.TrimSpace(password), password + " ", password[1:], password[:99],
	} {
		t.login(u.Email, other).Refused(http.StatusUnauthorized, "invalid-credentials")
	}
}

func pwd05(t *T) {
	tail := randomOf(lowerCase, 12)
	composed, decomposed := "Å\u00e9\u00f1\u1e69 "+tail, "A\u030ae\u0301n\u0303s\u0323\u0307 "+tail
	for _, form := range [][2]string{{decomposed, composed}, {composed, decomposed}} {
		u := t.registered(form[0])
		t.login(u.Email, form[0]).Control()
		t.login(u.Email, form[1]).Control()
		t.login(u.Email, "Aens "+tail).Refused(http.StatusUnauthorized, "invalid-credentials")
	}
}

func pwd06(t *T) {
	u := t.UserAt(t.base)
	old, next := u.Password, NewPassword()
	this, other := t.SignIn(u), t.SignIn(u)
	t.alive(other)
	this.Put(pathPassword, M{"new_password": next}).Refused(http.StatusUnprocessableEntity, "validation").Pointer("/current_password")
	this.Put(pathPassword, M{"current_password": NewPassword(), "new_password": next}).Refused(http.StatusForbidden)
	this.Put(pathPassword, M{"current_password": old, "new_password": "passwordpassword"}).Refused(http.StatusUnprocessableEntity, "password-blocked")
	t.login(u.Email, old).Control()
	this.Put(pathPassword, M{"current_password": old, "new_password": next}).Control(http.StatusNoContent)
	t.PasswordChanged(u, next)
	t.dead("another session after a change of password", other)
	t.deadRefresh("another session after a change of password", other.Refresh)
	t.alive(this)
	t.login(u.Email, old).Refused(http.StatusUnauthorized, "invalid-credentials")
	t.login(u.Email, next).Control()
	if t.run.target.Mail != nil {
		t.tokenless("the notice of a changed password", t.Mails(u.Email, 2)[1])
	}
}

func pwd07(t *T) {
	s := t.SignIn(t.UserAt(t.base))
	guess := func() *Response {
		return s.Put(pathPassword, M{"current_password": NewPassword(), "new_password": NewPassword()})
	}
	guess().Control(http.StatusForbidden)
	var res *Response
	for range 5 {
		if res = guess(); res.Status == http.StatusTooManyRequests {
			break
		}
	}
	res.Refused(http.StatusTooManyRequests)
	s.Put(pathPassword, M{"current_password": s.User.Password, "new_password": NewPassword()}).Refused(http.StatusTooManyRequests)
}

func pwd08(t *T) {
	known := make([]*User, timingAccounts)
	for i := range known {
		known[i] = t.UserAt(t.base)
	}
	u, pending := t.UserAt(t.base), t.pending()
	t.Mails(pending.Email, 1)
	forgot := func(email string) *Response { return t.Post(pathForgot, M{"email": email}).Want(http.StatusAccepted) }
	first := forgot(u.Email)
	forgot(NewEmail()).Same(first)
	forgot(pending.Email).Same(first)
	t.Check(len(t.tokensIn(t.Mails(u.Email, 2)[1])) == 1, "the mail for a known address has no token")
	took := func(email string) time.Duration {
		return t.fresh().Post(pathForgot, M{"email": email}, NoRetry()).Want(http.StatusAccepted).Took
	}
	t.sameTime("asking for a reset of a known and of an unknown address", rowFloor,
		func(i int) time.Duration { return took(known[i%len(known)].Email) },
		func(int) time.Duration { return took(NewEmail()) })
	t.Check(t.mailCount(u) == 2, "%d mails went to the known address, want one beside that of its registration", t.mailCount(u))
	for _, m := range t.run.target.Mail.To(pending.Email)[1:] {
		t.tokenless("forgot for an address that is not verified", m)
	}
}

func pwd09(t *T) {
	u := t.UserAt(t.base)
	s := t.SignIn(u)
	t.alive(s)
	old, next := u.Password, NewPassword()
	token := t.forgot(u, 2)
	t.Check(len(token) >= 43, "the token has %d characters, 256 bit take 43", len(token))
	reset := func(password string) *Response {
		return t.Post(pathReset, M{"token": token, "new_password": password})
	}
	reset("passwordpassword").Refused(http.StatusUnprocessableEntity, "password-blocked")
	reset("short").Refused(http.StatusUnprocessableEntity, "validation").Pointer("/new_password")
	t.Post(pathReset, M{"token": Random(22), "new_password": next}).Refused(http.StatusUnauthorized)
	done := reset(next).Control(http.StatusNoContent).NoCookie()
	t.Check(len(done.Body) == 0, "the answer has a body")
	t.dead("a session from before the reset", s)
	t.deadRefresh("a session from before the reset", s.Refresh)
	reset(NewPassword()).Refused(http.StatusUnauthorized)
	t.login(u.Email, old).Refused(http.StatusUnauthorized, "invalid-credentials")
	t.login(u.Email, next).Control()
	t.tokenless("the notice of a reset", t.Mails(u.Email, 3)[2])
}

func pwd10(t *T) {
	u := t.UserAt(t.base)
	reset := func(token string) *Response {
		return t.fresh().Post(pathReset, M{"token": token, "new_password": NewPassword()})
	}
	older := t.forgot(u, 2)
	newer := t.forgot(u, 3)
	reset(older).Refused(http.StatusUnauthorized)
	reset(newer).Control(http.StatusNoContent)

	racer, late := t.UserAt(t.base), t.UserAt(t.base)
	token := t.forgot(racer, 2)
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		client := t.fresh()
		wg.Go(func() {
			res := client.Post(pathReset, M{"token": token, "new_password": NewPassword()}, MayFail())
			switch res.Status {
			case http.StatusNoContent:
				won.Add(1)
			case http.StatusUnauthorized:
				lost.Add(1)
			default:
				res.Errorf("a parallel use of a reset token: want 204 or 401, got %d (%v)", res.Status, res.Err)
			}
		})
	}
	wg.Wait()
	t.Check(won.Load() == 1, "%d of 4 parallel uses of one reset token succeeded, want one (%d refused)", won.Load(), lost.Load())

	expired := t.forgot(late, 2)
	t.Wait(t.Lifetimes().Reset + time.Second)
	reset(expired).Refused(http.StatusUnauthorized)
}
