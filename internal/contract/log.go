package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/scaffold/internal/service"
)

func logTests() []Test {
	return []Test{
		{ID: "LOG-01", Name: "format", Needs: []Need{NeedLog}, Eased: true, Clauses: []string{"E2"}, Phase: After, Run: log01},
		{ID: "LOG-02", Name: "events", Needs: []Need{NeedLog, NeedMail}, Users: 1, Accounts: true, Destroys: true, Eased: true, Clauses: []string{"E1"}, Run: log02},
		{ID: "LOG-03", Name: "no secrets", Needs: []Need{NeedLog}, Clauses: []string{"E3"}, Phase: After, Run: log03},
		{ID: "LOG-04", Name: "injection", Needs: []Need{NeedLog}, Clauses: []string{"E4"}, Run: log04},
		{ID: "LOG-05", Name: "unexpected errors", Users: 1, Needs: []Need{NeedControl, NeedMail}, Clauses: []string{"E1", "G2", "Z5"}, Run: log05},
	}
}

// logged returns what the service logged since the run began.
func (t *T) logged() []byte {
	var out []byte
	for _, path := range t.run.target.Logs {
		all, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("the service's log: %v", err)
		}
		out = append(out, all[min(t.run.logStart[path], int64(len(all))):]...)
	}
	return out
}

// logLines parses the log; a line that is no JSON object comes as nil.
func logLines(log []byte) (lines []M, raw []string) {
	for line := range strings.SplitSeq(strings.TrimRight(string(log), "\n"), "\n") {
		var m M
		if json.Unmarshal([]byte(line), &m) != nil {
			m = nil
		}
		lines, raw = append(lines, m), append(raw, line)
	}
	return lines, raw
}

// waitLog waits up to 5 s for lines with the request id that ok accepts.
func (t *T) waitLog(id string, ok func(lines []M) bool) []M {
	var mine []M
	t.soon(func() bool {
		mine = nil
		lines, _ := logLines(t.logged())
		for _, m := range lines {
			if m["request_id"] == id {
				mine = append(mine, m)
			}
		}
		return ok(mine)
	})
	return mine
}

// hasLogged waits likewise for a request id anywhere: development logs no JSON.
func (t *T) hasLogged(id string) bool {
	return t.soon(func() bool { return bytes.Contains(t.logged(), []byte(id)) })
}

func (t *T) soon(ok func() bool) bool {
	for range 50 {
		if ok() {
			return true
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.ctx.Done():
			return false
		}
	}
	return false
}

func some(lines []M) bool { return len(lines) > 0 }

func log01(t *T) {
	id := "log01-" + Random(8)
	t.Get("/v1/nope?q=1", Header("X-Request-Id", id), Header("User-Agent", "agent-"+id))
	mine := t.waitLog(id, some)
	t.Check(len(mine) > 0, "no line of the log has the request id of a call just made: is %s the log of this service?", strings.Join(t.run.target.Logs, ", "))
	for _, m := range mine {
		for name, want := range map[string]any{"method": "GET", "path": "/v1/nope", "status": 404.0, "source_ip": t.Addr(), "user_agent": "agent-" + id} {
			if m[name] != want && (name != "source_ip" || t.Addr() != "") {
				t.Errorf("the log line of GET /v1/nope?q=1 has %s %v, want %v", name, m[name], want)
			}
		}
	}
	lines, raw := logLines(t.logged())
	for i, m := range lines {
		if m == nil {
			t.Fatalf("a line of the log is no JSON object: %s", clip([]byte(raw[i])))
		}
		for _, name := range []string{
			"datetime", "level", "event", "appid", "request_id", "user_id", "source_ip",
			"user_agent", "method", "path", "status", "description",
		} {
			if _, ok := m[name]; !ok {
				t.Fatalf("a line of the log lacks %s: %s", name, clip([]byte(raw[i])))
			}
		}
		want := []string{"datetime", "level", "event", "appid"}
		if m["method"] != nil { // it is about a request
			want = append(want, "request_id", "source_ip", "path")
		}
		for _, name := range want {
			if asText(m[name]) == "" {
				t.Fatalf("a line of the log has an empty %s: %s", name, clip([]byte(raw[i])))
			}
		}
		when, err := time.Parse(time.RFC3339Nano, asText(m["datetime"]))
		if _, offset := when.Zone(); err != nil || offset != 0 {
			t.Fatalf("datetime %v is no RFC 3339 time in UTC", m["datetime"])
		}
		if p, ok := m["path"].(string); ok && strings.Contains(p, "?") {
			t.Fatalf("a line of the log has a query string: %s", clip([]byte(raw[i])))
		}
	}
}

func log02(t *T) {
	u := t.User()
	step := 0
	id := ""
	next := func() Opt {
		step++
		id = "log02-" + Random(8)
		return Header("X-Request-Id", id)
	}
	var userID string
	event := func(who bool, names ...string) {
		t.passed.Add(1)
		mine := t.waitLog(id, func(lines []M) bool {
			return slices.ContainsFunc(lines, func(m M) bool { return slices.Contains(names, asText(m["event"])) })
		})
		var seen []string
		for _, m := range mine {
			seen = append(seen, asText(m["event"]))
			if slices.Contains(names, asText(m["event"])) {
				if who && m["user_id"] != userID {
					t.Errorf("event %v names user_id %v, want %s", m["event"], m["user_id"], userID)
				}
				return
			}
		}
		t.Errorf("no event %s for the request that caused it (events of that request: %v)", strings.Join(names, " or "), seen)
	}
	email := NewEmail()
	t.Post("/v1/auth/register", M{"email": email, "password": NewPassword()}, next()).Want(202)
	event(false, "user_created")
	res := t.Login(u.Email, u.Password, next()).Want(200)
	s := t.SessionOf(t.Client, u, res)
	userID = res.Text("user", "id")
	event(true, "authn_login_success")
	event(true, "session_created")
	t.Login(u.Email, NewPassword(), next()).Want(401)
	event(false, "authn_login_fail")
	old := s.Refresh
	res = t.DoRefresh(t.Client, old, next()).Want(200)
	event(true, "session_renewed")
	s = t.SessionOf(t.Client, u, res)
	s.Get(t.First().Path+"?foo=1", next()).Want(422)
	event(true, "input_validation_fail")
	t.preflight(t.First().Path, evil, "POST", "").Want(403)
	t.Do(http.MethodOptions, t.First().Path, Origin(evil), Header("Access-Control-Request-Method", "POST"), next()).Want(403)
	event(false, "malicious_cors")
	s.Post(t.First().Path, t.First().Create, Origin(evil), next()).Want(403)
	event(false, "malicious_csrf")
	t.Get("/v1/me", Bearer("x.y.z"), next()).Want(401)
	event(false, "authz_fail", "authn_login_fail")
	changed := NewPassword()
	s.Put("/v1/me/password", M{"current_password": u.Password, "new_password": changed}, next()).Want(204)
	event(true, "authn_password_change")
	t.PasswordChanged(u, changed)
	s = t.SignIn(u)
	s.Post("/v1/auth/logout", M{}, t.RefreshCookie(s.Refresh), next()).Want(204)
	event(true, "session_logout")
	s = t.SignIn(u)
	s.Delete("/v1/me", next()).Want(204)
	event(true, "user_deleted")
	flood := t.exhaust(t.NewClient())
	id = flood.Header.Get("X-Request-Id")
	event(false, "excess_rate_limit_exceeded")
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

func log03(t *T) {
	query := t.Canary("query string", "q"+Random(16))
	id := "log03-" + Random(8)
	t.Get(t.First().Path+"?access_token="+query, Header("X-Request-Id", id))
	t.Check(t.hasLogged(id), "the request is not in the log, so nothing can be said about it")
	log := t.logged()
	for _, path := range t.run.target.Errors {
		stderr, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("the service's standard error: %v", err)
		}
		log = append(log, stderr...)
	}
	secrets := t.Secrets()
	t.Check(len(secrets) > 1, "the run knew no secret to look for")
	// The id of a session is no credential; as part of a path it names what a
	// person ended, like any other object's id.
	log = regexp.MustCompile(`/v1/me/sessions/[0-9a-f-]+`).ReplaceAll(log, nil)
	for secret, kind := range secrets {
		forms := []string{secret}
		if quoted := string(mustJSON(secret)); quoted[1:len(quoted)-1] != secret {
			forms = append(forms, quoted[1:len(quoted)-1])
		}
		if sid := sessionID(secret); sid != "" && kind == "access_token" { // not one that a test made up
			forms = append(forms, sid)
		}
		for i, form := range forms {
			if at := bytes.Index(log, []byte(form)); at >= 0 {
				if i > 0 && form != secret && len(form) == len(unknownID) {
					kind = "session id, not hashed,"
				}
				start := bytes.LastIndexByte(log[:at], '\n') + 1
				line, _, _ := bytes.Cut(log[start:], []byte("\n"))
				t.Errorf("a %s is in the log: %s", kind, clip(line))
			}
		}
	}
}

// sessionID is the sid claim of an access token; empty for anything else.
func sessionID(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		SID string `json:"sid"`
	}
	if json.Unmarshal(raw, &claims) != nil || len(claims.SID) < minSecret {
		return ""
	}
	return claims.SID
}

func log04(t *T) {
	forged := "forged-" + Random(6)
	line := "\r\n{\"event\":\"" + forged + "\"}\r\n\u2028\u0085\x1b[31mred"
	id := "log04-" + Random(8)
	mark := Header("X-Request-Id", id)
	if t.Accounts() {
		t.Login("a"+line+"@"+MailDomain, NewPassword(), mark)
		t.Post("/v1/auth/password/forgot", M{"email": "a" + line + "@" + MailDomain}, mark)
	}
	t.Post(t.First().Path, M{t.First().Text: line}, mark)
	t.Get("/v1/nope%0d%0a%7b%22event%22:%22"+forged+"%22%7d%0a%1b%5b31mred%e2%80%a8", mark)
	t.Get("/v1/nope?x=%0d%0a%1b", mark)
	for _, agent := range []string{"a\x1b[31mred\x7f", "b\u2028c\u0085d"} {
		t.Raw("GET /v1/nope HTTP/1.1\r\nHost: {host}\r\nUser-Agent: "+agent+"\r\nX-Request-Id: "+id+"\r\nConnection: close\r\n\r\n", 2*time.Second)
	}
	// Services may hold lines back for a moment: the one after them says that all are there.
	last := "log04-" + Random(8)
	t.Get("/v1/nope", Header("X-Request-Id", last))
	t.Check(t.hasLogged(last), "the requests are not in the log, so nothing can be said about them")
	lines, raw := logLines(t.logged())
	for i, m := range lines {
		if m["event"] == forged {
			t.Errorf("input made a line of its own: %s", clip([]byte(raw[i])))
		}
		if at := strings.IndexFunc(raw[i], func(r rune) bool {
			return r < 0x20 && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
		}); at >= 0 {
			t.Errorf("a control character is in the log as it was sent: %s", clip([]byte(raw[i])))
		}
	}
}

func log05(t *T) {
	server, err := t.Host().NewPostgres(t.ctx)
	t.OrSkip(err)
	in := t.Start(service.Spec{Name: "database lost", Database: server})
	r := t.First()
	s := &Session{Client: t.At(in.URL)}
	if t.Accounts() {
		s = t.SignIn(t.UserAt(in.URL))
	}
	id, _ := s.Make(r)
	s.Get(r.At(id)).Control()
	anonymous := t.ClientTo(in.URL, nil)
	anonymous.Get("/readyz").Control()
	if err := server.Stop(); err != nil {
		t.Fatalf("cannot stop PostgreSQL: %v", err)
	}
	mark := "log05-" + Random(8)
	lost := []*Response{s.Get(r.At(id), Header("X-Request-Id", mark), NoRetry()), s.Post(r.Path, r.Create, NoRetry())}
	if t.Accounts() {
		lost = append(lost, anonymous.Login(s.User.Email, s.User.Password, NoRetry()))
	}
	for _, res := range lost {
		res.RefusedAny([]int{500, 503}, "internal", "unavailable")
		for what, pattern := range leaks() {
			if m := pattern.Find(res.Body); m != nil {
				res.Errorf("the body of a %d shows %s: %q", res.Status, what, m)
			}
		}
	}
	ready := anonymous.Get("/readyz", NoRetry())
	t.Refusal(ready.Status == http.StatusServiceUnavailable, ready.x, "/readyz without a database: want 503, got %d", ready.Status)
	anonymous.Get("/healthz").Want(http.StatusOK)
	t.causeLogged(in, mark)
	if err := server.Start(t.ctx); err != nil {
		t.Fatalf("cannot start PostgreSQL again: %v", err)
	}
	for range 30 {
		if res := s.Get(r.At(id), NoRetry()); res.Status == http.StatusOK {
			anonymous.Get("/readyz").Want(http.StatusOK)
			return
		}
		t.Wait(500 * time.Millisecond)
	}
	t.Errorf("the service did not recover within 15 s of the database's return")
}

// causeLogged asserts that the log names the cause of a failed request.
func (t *T) causeLogged(in *service.Instance, mark string) {
	for range 30 {
		log, err := os.ReadFile(in.LogPath)
		if err != nil {
			t.Fatalf("the instance's log: %v", err)
		}
		lines, raw := logLines(log)
		for i, m := range lines {
			level := strings.ToLower(asText(m["level"]))
			if m["request_id"] == mark && (strings.HasPrefix(level, "err") || strings.HasPrefix(level, "crit") || strings.HasPrefix(level, "warn")) && len(raw[i]) > 100 {
				t.passed.Add(1)
				return
			}
		}
		t.Wait(100 * time.Millisecond)
	}
	t.Errorf("the log has no warning or error with the request id of the call that failed")
}
