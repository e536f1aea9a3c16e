package contract

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const pathRefresh = "/v1/auth/refresh"

func refTests() []Test {
	return []Test{
		{ID: "REF-01", Name: "rotate", Users: 1, Accounts: true, Clauses: []string{"S2"}, Run: ref01},
		{ID: "REF-02", Name: "reuse", Users: 1, Accounts: true, Clauses: []string{"S3"}, Run: ref02},
		{ID: "REF-03", Name: "race", Users: 1, Accounts: true, Clauses: []string{"S9"}, Run: ref03},
		{ID: "REF-04", Name: "bad tokens", Users: 1, Accounts: true, Clauses: []string{"S1", "S4"}, Run: ref04},
		{ID: "REF-05", Name: "lifetimes", Needs: []Need{NeedShort}, Users: 1, Accounts: true, Clauses: []string{"S5"}, Run: ref05},
		{ID: "REF-06", Name: "cookie is no credential", Users: 1, Accounts: true, Clauses: []string{"S1"}, Run: ref06},
		{ID: "REF-07", Name: "logout", Users: 1, Accounts: true, Clauses: []string{"A5", "S7"}, Run: ref07},
	}
}

// renewed uses a session's refresh token and returns the session that came out.
func (t *T) renewed(s *Session) *Session {
	return t.SessionOf(t.Client, s.User, t.DoRefresh(t.Client, s.Refresh).Control())
}

func ref01(t *T) {
	s := t.SignIn(t.UserAt(t.base))
	res := t.DoRefresh(t.Client, s.Refresh).Control()
	t.tokenMembers(res)
	value := t.refreshCookieOf(res)
	next := t.SessionOf(t.Client, s.User, res)
	t.alive(next)
	t.Check(value != s.Refresh, "the refresh token was not rotated")
	t.Check(next.Access != s.Access && t.claim(next.Access, "jti") != t.claim(s.Access, "jti"), "the access token is not new")
	t.Check(t.claim(next.Access, "sid") == t.claim(s.Access, "sid"), "the refresh started another session")
	t.Check(t.claims(next.Access).Claims["auth_time"] == t.claims(s.Access).Claims["auth_time"], "the refresh counts as a fresh sign-in")
	t.alive(t.renewed(next))
}

// grace is how long a rotated refresh token may be answered with 409 (S3): the
// default, for two tabs of one browser.
const grace = 10 * time.Second

func ref02(t *T) {
	first := t.SignIn(t.UserAt(t.base))
	second := t.renewed(first)
	inside := t.DoRefresh(t.Client, first.Refresh).RefusedAny([]int{http.StatusConflict, http.StatusUnauthorized}).NoCookie()
	switch inside.Status {
	case http.StatusConflict:
		t.alive(second)
		third := t.renewed(second)
		t.alive(third)
		t.Wait(grace + time.Second)
		t.alive(third)
		t.deadRefresh("a rotated token, reused", first.Refresh)
		second = third
	case http.StatusUnauthorized: // no grace: the reuse has ended the family
	default:
		inside.Fatalf("a rotated refresh token gave a second token")
	}
	t.deadRefresh("the newest of a family whose first was reused", second.Refresh)
	t.dead("the newest access token of a family whose first refresh token was reused", second)
}

func ref03(t *T) {
	s := t.renewed(t.SignIn(t.UserAt(t.base)))
	var won, refused atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			switch res := t.DoRefresh(t.Client, s.Refresh, MayFail()); res.Status {
			case http.StatusOK:
				won.Add(1)
			case http.StatusUnauthorized, http.StatusConflict:
				refused.Add(1)
			default:
				res.Errorf("a parallel refresh: want 200, 401 or 409, got %d (%v)", res.Status, res.Err)
			}
		})
	}
	wg.Wait()
	t.Check(won.Load() == 1, "%d of 10 parallel refreshes with one token succeeded, want one (%d refused)", won.Load(), refused.Load())
}

func ref04(t *T) {
	s := t.SignIn(t.UserAt(t.base))
	refuse := func(res *Response) {
		if res.Refused(http.StatusUnauthorized); res.Status == http.StatusUnauthorized {
			res.clearsCookie()
		}
	}
	refuse(t.Post(pathRefresh, M{}))
	refuse(t.DoRefresh(t.Client, Random(32)))
	refuse(t.DoRefresh(t.Client, "x"))
	refuse(t.DoRefresh(t.Client, s.Refresh[:len(s.Refresh)-1]))
	native := t.run.target.Facts.Has("native")
	if native {
		t.Post(pathRefresh, M{"refresh_token": s.Refresh}).Refused(http.StatusUnauthorized)
	} else {
		t.Post(pathRefresh, M{"refresh_token": s.Refresh}).Refused(http.StatusUnprocessableEntity, "validation")
	}
	t.renewed(s)
	if native {
		u := s.User
		res := t.fresh().Post(pathLogin, M{"email": u.Email, "password": u.Password, "transport": "body"}).Control()
		refuse(t.DoRefresh(t.Client, res.Text("refresh_token")))
	}
}

func ref05(t *T) {
	life := t.Lifetimes()
	u := t.UserAt(t.base)
	idle, busy := t.SignIn(u), t.SignIn(u)
	began := time.Now()
	step := life.Absolute / 3
	until := func(d time.Duration) { t.Wait(max(0, d-time.Since(began))) }
	until(step)
	busy = t.renewed(busy)
	until(life.Idle + time.Second)
	t.deadRefresh("a session that was idle too long", idle.Refresh)
	until(2 * step)
	busy = t.renewed(busy)
	t.alive(busy)
	until(life.Absolute + time.Second)
	t.deadRefresh("a session beyond its absolute end, refreshed all the time", busy.Refresh)
}

func ref06(t *T) {
	s := t.SignIn(t.UserAt(t.base))
	cookie := t.RefreshCookie(s.Refresh)
	r := t.First()
	t.alive(s)
	t.Get(pathMe, cookie).Refused(http.StatusUnauthorized, "unauthenticated")
	t.Get(pathSessions, cookie).Refused(http.StatusUnauthorized, "unauthenticated")
	t.Get(r.Path, cookie).Refused(http.StatusUnauthorized, "unauthenticated")
	t.Post(r.Path, r.Create, cookie).Refused(http.StatusUnauthorized, "unauthenticated")
	t.Post(pathReauth, M{"password": s.User.Password}, cookie).Refused(http.StatusUnauthorized)
	t.Delete(pathMe, cookie).Refused(http.StatusUnauthorized, "unauthenticated")
	t.renewed(s)
}

func ref07(t *T) {
	u := t.UserAt(t.base)
	byCookie, byBearer := t.SignIn(u), t.SignIn(u)
	t.alive(byCookie)
	out := func(opts ...Opt) *Response {
		res := t.Post(pathLogout, M{}, opts...).Want(http.StatusNoContent)
		if got := res.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
			res.Errorf(`Clear-Site-Data is %q, want "cache", "storage"`, got)
		}
		return res
	}
	out(t.RefreshCookie(byCookie.Refresh)).clearsCookie()
	t.dead("logout with the cookie", byCookie)
	t.deadRefresh("logout with the cookie", byCookie.Refresh)
	t.Post(pathLogout, M{}, t.RefreshCookie(byCookie.Refresh)).Want(http.StatusNoContent)
	t.Post(pathLogout, M{}).Want(http.StatusNoContent)
	t.alive(byBearer)
	out(Bearer(byBearer.Access))
	t.dead("logout with the access token", byBearer)
	t.deadRefresh("logout with the access token", byBearer.Refresh)
}
