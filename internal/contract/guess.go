package contract

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/internal/service"
)

// guessTests are the RATE tests about guessing passwords, mail and floods.
func guessTests() []Test {
	return []Test{
		{ID: "RATE-05", Name: "backoff", Needs: []Need{NeedMail, NeedShort}, Accounts: true, Eased: true, Clauses: []string{"L4", "A4"}, Run: rate05},
		{ID: "RATE-06", Name: "no victim lock-out", Needs: []Need{NeedLocal}, Users: 1, Accounts: true, Eased: true, Clauses: []string{"L4"}, Run: rate06},
		{ID: "RATE-07", Name: "one bucket per address", Needs: []Need{NeedLocal, NeedMail}, Accounts: true, Eased: true, Clauses: []string{"L4", "A1"}, Run: rate07},
		{ID: "RATE-08", Name: "account ceiling", Needs: []Need{NeedControl, NeedMail}, Accounts: true, Clauses: []string{"L5"}, Run: rate08},
		{ID: "RATE-09", Name: "mail", Needs: []Need{NeedMail, NeedLocal}, Accounts: true, Eased: true, Clauses: []string{"L6"}, Run: rate09},
		{ID: "RATE-10", Name: "shared store and failure", Needs: []Need{NeedControl, NeedMail}, Accounts: true, Clauses: []string{"L7"}, Limit: 2 * time.Minute, Run: rate10},
		{ID: "RATE-11", Name: "hash flood", Needs: []Need{NeedLocal}, Users: 1, Accounts: true, Clauses: []string{"L8"}, Phase: Alone, Run: rate11},
	}
}

const failuresAllowed = 5 // by L4, before the first wait

// fail logs in with wrong passwords, each of which is refused as such.
func fail(c *Client, email string, times int) {
	for range times {
		c.Login(email, NewPassword()).Refused(http.StatusUnauthorized, "invalid-credentials")
	}
}

// tooMany asserts a refusal by L4 and returns its Retry-After.
func (r *Response) tooMany() time.Duration {
	r.Refused(http.StatusTooManyRequests)
	if r.Status != http.StatusTooManyRequests {
		return 0
	}
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		r.Errorf("Retry-After is %q, want whole seconds", r.Header.Get("Retry-After"))
	}
	if len(r.Problem().ViolatedPolicies) == 0 {
		r.Errorf("violated-policies is empty")
	}
	return time.Duration(seconds) * time.Second
}

func rate05(t *T) {
	backoff := t.Lifetimes().Backoff
	u := t.UserAt(t.base)
	t.login(u.Email, u.Password).Control()
	known, unknown := t.fresh(), t.fresh()
	nobody := NewEmail()
	fail(unknown, nobody, failuresAllowed)
	fail(known, u.Email, failuresAllowed)
	began := time.Now()
	blocked := known.Login(u.Email, u.Password)
	if time.Since(began) > backoff {
		t.Fatalf("this machine is too busy: one login took longer than the wait of %v, which is what is tested", backoff)
	}
	wait := blocked.NoCookie().tooMany()
	if wait > backoff+time.Second {
		blocked.Errorf("the first wait is %v, want %v", wait, backoff)
	}
	t.Wait(backoff + time.Second)
	// The next failure doubles the wait.
	fail(known, u.Email, 1)
	again := known.Login(u.Email, u.Password)
	second := again.tooMany()
	t.Check(second > backoff, "the second wait is %v, want twice %v", second, backoff)
	t.Wait(second + time.Second)
	known.Login(u.Email, u.Password).Control()
	// A success forgets the failures.
	fail(known, u.Email, 1)
	known.Login(u.Email, u.Password).Control()

	// Of an address that has no account nothing else is to be seen.
	fail(unknown, nobody, 1)
	unknown.Login(nobody, NewPassword()).Same(again).tooMany()
}

func rate06(t *T) {
	u := t.UserAt(t.base)
	attacker, victim := t.fresh(), t.fresh()
	fail(attacker, u.Email, failuresAllowed)
	attacker.Login(u.Email, u.Password).tooMany()
	victim.Login(u.Email, u.Password).Control()
}

// shifted writes the lower-case letters and digits of a text by characters of
// the same compatibility form.
func shifted(text string, letter, digit rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return letter + r - 'a'
		case r >= '1' && r <= '9' && digit != 0:
			return digit + r - '1'
		}
		return r
	}, text)
}

func rate07(t *T) {
	u := t.UserAt(t.base)
	local, domain, _ := strings.Cut(u.Email, "@")
	guesser := t.fresh()
	guesser.Login(u.Email, u.Password).Control()
	wide, circled := shifted(local, 'ａ', '１')+"@"+domain, shifted(local, 'ⓐ', '①')+"@"+domain
	for _, variant := range []string{strings.ToUpper(u.Email), wide, circled, local + "@" + strings.ToUpper(domain), wide} {
		fail(guesser, variant, 1)
	}
	guesser.Login(u.Email, u.Password).tooMany()
	guesser.Login(strings.ToUpper(u.Email), u.Password).tooMany()
	t.login(wide, u.Password).Control()
}

func rate08(t *T) {
	const ceiling = 12
	in := t.Start(service.Spec{Name: "ceiling", Set: service.Env{"LOCKOUT_CEILING": strconv.Itoa(ceiling)}})
	t.Client = t.ClientTo(in.URL, nil)
	u, spared := t.UserAt(in.URL), t.UserAt(in.URL)
	for range ceiling - 1 {
		fail(t.fresh(), spared.Email, 1)
	}
	t.login(spared.Email, spared.Password).Control() // one below the ceiling; and it starts anew
	t.login(u.Email, u.Password).Control()
	for range ceiling {
		fail(t.fresh(), u.Email, 1)
	}
	refused := t.login(u.Email, u.Password).RefusedAny([]int{http.StatusUnauthorized, http.StatusTooManyRequests}).NoCookie()
	if refused.Status == http.StatusOK {
		refused.Errorf("the right password is accepted after %d failures in a row", ceiling)
	}
	next := NewPassword()
	t.Post(pathReset, M{"token": t.forgot(u, 2), "new_password": next}).Control(http.StatusNoContent)
	t.login(u.Email, next).Control()
}

func rate09(t *T) {
	const quota = 5 // by L6, that of the verification included
	u := t.UserAt(t.base)
	first := t.fresh().Post(pathForgot, M{"email": u.Email}).Want(http.StatusAccepted)
	for range 5 {
		t.fresh().Post(pathForgot, M{"email": u.Email}).Want(http.StatusAccepted).Same(first)
	}
	t.Mails(u.Email, quota)
	time.Sleep(settle)
	t.Check(t.mailCount(u) == quota, "%d mails went to one address within the hour, want %d", t.mailCount(u), quota)
}

func rate10(t *T) {
	redis, err := t.Host().NewRedis(t.ctx)
	t.OrSkip(err)
	set := service.Env{"REDIS_URL": redis.URL(), "REPLICAS": "2"}
	one := t.Start(service.Spec{Name: "replica one", Set: set})
	two := t.Start(service.Spec{Name: "replica two", Set: set, Share: one})
	t.Client = t.ClientTo(one.URL, nil)
	s := t.SignIn(t.UserAt(one.URL))
	t.alive(s)
	s.At(two.URL).Get(pathMe).Control()

	const quota = 20
	client := t.fresh()
	for i := range quota {
		client.At([]string{one.URL, two.URL}[i%2]).Post(pathLogin, M{}).Want(http.StatusUnprocessableEntity)
	}
	client.Post(pathLogin, M{}).Refused(http.StatusTooManyRequests)
	client.At(two.URL).Post(pathLogin, M{}).Refused(http.StatusTooManyRequests)

	before := len(warnings(t, one))
	if err := redis.Stop(); err != nil {
		t.Fatalf("cannot stop Redis: %v", err)
	}
	s.Get(pathMe, NoRetry()).Control()
	s.Get(t.First().Path, NoRetry()).Control()
	alone := t.fresh()
	let := 0
	for ; let <= quota; let++ {
		if alone.Post(pathLogin, M{}, NoRetry()).Status == http.StatusTooManyRequests {
			break
		}
	}
	t.Refusal(let > 0 && let <= quota, nil, "without Redis one address may log in %d times a minute, want between 1 and %d", let, quota)
	t.login(s.User.Email, s.User.Password).Control()
	t.Check(len(warnings(t, one)) > before, "the loss of Redis is not logged as a warning")
	if err := redis.Start(t.ctx); err != nil {
		t.Fatalf("cannot start Redis again: %v", err)
	}
	s.Get(pathMe).Control()
}

// warnings are the log lines of level warning or worse.
func warnings(t *T, in *service.Instance) []string {
	out, err := in.Output()
	if err != nil {
		t.Fatalf("the instance's log: %v", err)
	}
	var found []string
	for line := range strings.SplitSeq(string(out), "\n") {
		var m M
		if json.Unmarshal([]byte(line), &m) == nil {
			if level, _ := m["level"].(string); strings.HasPrefix(strings.ToLower(level), "warn") || strings.HasPrefix(strings.ToLower(level), "err") {
				found = append(found, line)
			}
		}
	}
	return found
}

func rate11(t *T) {
	flood := max(40, 20*runtime.NumCPU()) // no queue may be that long
	u := t.UserAt(t.base)
	t.login(u.Email, u.Password).Control()
	t.Get("/healthz").Control()
	clients := make([]*Client, flood)
	for i := range clients {
		clients[i] = t.fresh()
	}
	answers := make([]*Response, flood)
	var logins sync.WaitGroup
	for i, c := range clients {
		logins.Go(func() { answers[i] = c.Login(u.Email, u.Password, NoRetry(), MayFail()) })
	}
	done := make(chan struct{})
	go func() { logins.Wait(); close(done) }()
	var health []time.Duration
	watcher := t.fresh()
	for flooding := true; flooding; {
		health = append(health, watcher.Get("/healthz", NoRetry()).Want(http.StatusOK).Took)
		select {
		case <-done:
			flooding = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	counts := map[int]int{}
	for _, res := range answers {
		counts[res.Status]++
		switch res.Status {
		case http.StatusOK:
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || seconds < 1 {
				res.Errorf("a surplus login: Retry-After is %q, want whole seconds", res.Header.Get("Retry-After"))
			}
			res.RefusedAny([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable})
		default:
			res.Errorf("one of %d parallel logins: want 200, 429 or 503, got %d (%v)", flood, res.Status, res.Err)
		}
	}
	t.Check(counts[http.StatusServiceUnavailable]+counts[http.StatusTooManyRequests] > 0, "all of %d parallel logins were queued, want the surplus refused", flood)
	t.Check(counts[http.StatusOK] > 0, "none of %d parallel logins succeeded: %v", flood, counts)
	p95 := percentile(health, 95)
	t.Check(p95 < 500*time.Millisecond, "/healthz took %v (95th percentile of %d) during %d parallel logins, want < 500ms", p95, len(health), flood)
}
