package contract

import (
	"net/http"
	"strings"
)

func csrfTests() []Test {
	return []Test{
		{ID: "CSRF-01", Name: "cross-site refresh", Users: 1, Accounts: true, Clauses: []string{"X1", "S2"}, Run: csrf01},
		{ID: "CSRF-02", Name: "same-origin refresh", Users: 1, Accounts: true, Clauses: []string{"X1"}, Run: csrf02},
		{ID: "CSRF-03", Name: "simple requests", Users: 1, Accounts: true, Clauses: []string{"X2"}, Run: csrf03},
		{ID: "CSRF-04", Name: "safe methods", Users: 1, Accounts: true, Clauses: []string{"X3"}, Run: csrf04},
		{ID: "CSRF-05", Name: "login and resources", Users: 1, Clauses: []string{"X1"}, Run: csrf05},
	}
}

// refreshed asserts that the session still refreshes, and moves it on.
func (t *T) refreshed(s *Session, opts ...Opt) {
	res := t.DoRefresh(t.Client, s.Refresh, opts...).Control()
	next := t.SessionOf(t.Client, s.User, res)
	if next.Refresh == "" || next.Refresh == s.Refresh {
		res.Fatalf("the refresh gave no new cookie %s", t.CookieName())
	}
	*s = *next
}

func csrf01(t *T) {
	s := t.SignedIn()
	for _, attack := range [][]Opt{
		{Header("Sec-Fetch-Site", "cross-site")},
		{Header("Sec-Fetch-Site", "same-site")},
		{Header("Sec-Fetch-Site", "cross-site"), Origin(evil)},
		{Origin(evil)},
		{Origin("null")},
		{Header("Sec-Fetch-Site", "cross-site"), Origin(t.Target().Origin + ".evil.example")},
	} {
		t.DoRefresh(t.Client, s.Refresh, attack...).Refused(http.StatusForbidden, "cross-origin-forbidden").NoCookie().noCORS()
		t.refreshed(s) // the refused call did not use up the token
	}
	t.refreshed(s, Header("Sec-Fetch-Site", "cross-site"), Origin(t.Target().Origin)) // the front-end may
}

func csrf02(t *T) {
	s := t.SignedIn()
	for _, opts := range [][]Opt{
		{Header("Sec-Fetch-Site", "same-origin")},
		{Header("Sec-Fetch-Site", "none")},
		{},
	} {
		t.refreshed(s, opts...)
	}
}

func csrf03(t *T) {
	s := t.SignedIn()
	for _, path := range []string{"/v1/auth/refresh", "/v1/auth/logout"} {
		for _, body := range []Opt{
			Body("text/plain", "{}"), Body("application/x-www-form-urlencoded", "a=b"),
			Body("multipart/form-data; boundary=b", "--b--\r\n"), Body("", "{}"), Body("", ""),
		} {
			t.Do(http.MethodPost, path, t.RefreshCookie(s.Refresh), body).Refused(http.StatusUnsupportedMediaType, "unsupported-media-type").NoCookie()
		}
		t.Do(http.MethodPost, path, t.RefreshCookie(s.Refresh)).Refused(http.StatusUnsupportedMediaType, "unsupported-media-type").NoCookie()
	}
	t.refreshed(s)
}

func csrf04(t *T) {
	s := t.SignedIn()
	for _, path := range []string{"/v1/auth/refresh", "/v1/auth/logout", "/v1/auth/verify-email?token=x", "/v1/auth/password/reset?token=x", "/v1/auth/verify-email", "/v1/auth/password/reset"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := t.Do(method, path, t.RefreshCookie(s.Refresh), Bearer(s.Access))
			t.Refusal(res.Status == http.StatusMethodNotAllowed, res.x, "%s %s: want 405, got %d", method, path, res.Status)
			res.NoCookie()
			if got := tokens(res.Header.Values("Allow")); !strings.Contains(strings.Join(got, " "), "post") {
				res.Errorf("%s %s: Allow is %q, want POST in it", method, path, res.Header.Get("Allow"))
			}
		}
	}
	s.Get("/v1/me").Control()
	t.refreshed(s)
}

func csrf05(t *T) {
	var s *Session
	attacks := [][]Opt{
		{Header("Sec-Fetch-Site", "cross-site")}, {Header("Sec-Fetch-Site", "same-site")}, {Origin(evil)}, {Origin("null")},
	}
	if t.Accounts() {
		u := t.User()
		s = t.SignIn(u)
		for _, a := range attacks {
			t.Login(u.Email, u.Password, a...).Refused(http.StatusForbidden, "cross-origin-forbidden").NoCookie()
		}
		t.Login(u.Email, u.Password, Header("Sec-Fetch-Site", "same-origin")).Control()
	} else {
		s = t.SignedIn()
	}
	t.EachResource(func(r Resource) {
		marker := "csrf " + Random(8)
		keep := "kept " + Random(8)
		id := s.Post(r.Path, r.Body(M{r.Text: keep}), Origin(t.Target().Origin)).Control(http.StatusCreated).Text("id")
		for _, a := range attacks {
			s.Post(r.Path, r.Body(M{r.Text: marker}), a...).Refused(http.StatusForbidden, "cross-origin-forbidden")
			s.Patch(r.At(id), r.Update, a...).Refused(http.StatusForbidden, "cross-origin-forbidden")
			s.Delete(r.At(id), a...).Refused(http.StatusForbidden, "cross-origin-forbidden")
		}
		if got := s.Get(r.At(id)).Want(http.StatusOK).Text(r.Text); got != keep {
			t.Errorf("a refused cross-origin call changed %s", r.At(id))
		}
		for _, item := range s.all(r) {
			if item[r.Text] == marker {
				t.Errorf("a refused cross-origin call created an object under %s", r.Path)
			}
		}
	})
}
