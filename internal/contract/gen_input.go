package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

func gen12(t *T) {
	wrong := []any{7, true, nil, []any{}, []any{"a"}, M{"$ne": ""}, M{"$gt": ""}}
	if t.Accounts() {
		t.Login(NewEmail(), NewPassword()).Control(http.StatusUnauthorized)
		for _, v := range wrong {
			t.NewClient().Post("/v1/auth/login", M{"email": v, "password": NewPassword()}).Refused(422, "validation").Pointer("/email")
			t.NewClient().Post("/v1/auth/login", M{"email": NewEmail(), "password": v}).Refused(422, "validation").Pointer("/password")
		}
	}
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		id, _ := s.Make(r)
		s.Patch(r.At(id), r.Update).Control()
		for _, v := range wrong {
			s.Post(r.Path, r.Body(M{r.Text: v})).Refused(422, "validation").Pointer("/" + r.Text)
			if v != nil { // null may mean "no change" or "empty" to a PATCH of another member
				s.Patch(r.At(id), M{r.Text: v}).Refused(422, "validation").Pointer("/" + r.Text)
			}
		}
		// Numbers and booleans are not taken from text either.
		for _, member := range slices.Sorted(maps.Keys(r.Create)) {
			switch v := r.Create[member].(type) {
			case bool:
				s.Post(r.Path, r.Body(M{member: "true"})).Refused(422, "validation").Pointer("/" + member)
				s.Post(r.Path, r.Body(M{member: 1})).Refused(422, "validation").Pointer("/" + member)
			case int, int64, uint64, float64:
				s.Post(r.Path, r.Body(M{member: string(mustJSON(v))})).Refused(422, "validation").Pointer("/" + member)
				s.Post(r.Path, r.Body(M{member: true})).Refused(422, "validation").Pointer("/" + member)
			}
		}
	})
}

func gen13(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		s.Post(r.Path, r.Create).Control(http.StatusCreated)
		s.Post(r.Path, r.Body(M{"surprise": 1})).Refused(422, "validation").Pointer("/surprise")
		for _, q := range []string{"limit=1", "limit=100", ""} {
			s.Get(r.Path + "?" + q).Control()
		}
		s.Get(r.Path+"?foo=1").Refused(422, "validation")
		s.Get(r.Path + "?limit=10&limit=20").Refused(400)
		for _, v := range []string{"0", "-1", "101", "1.5", "abc", "9223372036854775808", "", "1e1", "%2010", "١"} {
			s.Get(r.Path+"?limit="+strings.ReplaceAll(v, "١", "%D9%A1")).Refused(422, "validation")
		}
	})
	if t.Accounts() {
		t.Post("/v1/auth/login?next=1", M{"email": NewEmail(), "password": NewPassword()}).Refused(422, "validation")
		t.Post("/v1/auth/login", M{"email": NewEmail(), "password": NewPassword(), "surprise": 1}).Refused(422, "validation").Pointer("/surprise")
	}
}

func gen14(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		for _, text := range []string{
			"%253Cscript%253E", "<b>&amp;\"'", "\u202eevil\u202c", strings.Repeat("🦊", 20),
			"e\u0301 and \u00e9", "\u00a0inner\u3000spaces\u00a0!", "'; -- \\ %s {0}",
		} {
			made := s.Post(r.Path, r.Body(M{r.Text: text})).Control(http.StatusCreated)
			for _, res := range []*Response{made, s.Get(r.At(made.Text("id"))).Want(http.StatusOK)} {
				if got := res.Text(r.Text); got != text {
					res.Errorf("%q came back as %q", text, got)
				}
			}
		}
		for name, literal := range map[string]string{
			"U+0000": `"a\u0000b"`, "a lone surrogate": `"a\ud800b"`, "a lone low surrogate": `"a\udc00b"`, "CR LF": `"a\r\nb"`,
			"a line feed": `"a\nb"`, "an escape": `"a\u001bb"`,
		} {
			body := strings.Replace(string(mustJSON(r.Body(M{r.Text: "REPLACED"}))), `"REPLACED"`, literal, 1)
			res := s.Do(http.MethodPost, r.Path, Body("application/json", body)).RefusedAny([]int{422, 400})
			if res.Status == http.StatusCreated {
				res.Errorf("%s was stored", name)
			}
		}
		for name, literal := range map[string]string{"U+0000": `"a\u0000b"`, "a lone surrogate": `"a\ud800b"`} {
			for _, member := range slices.Sorted(maps.Keys(r.Create)) {
				if _, ok := r.Create[member].(string); !ok {
					continue
				}
				body := strings.Replace(string(mustJSON(r.Body(M{member: "REPLACED"}))), `"REPLACED"`, literal, 1)
				if res := s.Do(http.MethodPost, r.Path, Body("application/json", body)).RefusedAny([]int{422, 400}); res.Status == http.StatusCreated {
					res.Errorf("%s was stored in %s", name, member)
				}
			}
		}
	})
}

func gen15(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		s.Post(r.Path, r.Create).Control(http.StatusCreated)
		for _, member := range []string{
			`"__proto__":{"is_admin":true}`, `"constructor":{"prototype":{"is_admin":true}}`,
			`"a.b":1`, `"` + r.Text + `.x":1`, `"__class__":{"role":"admin"}`, `"$where":"1"`,
		} {
			body := strings.TrimSuffix(string(mustJSON(r.Create)), "}") + "," + member + "}"
			s.Do(http.MethodPost, r.Path, Body("application/json", body)).Refused(422, "validation")
		}
		s.Make(r) // and nothing of it has become a member of later objects
	})
}

// probes are inputs that mean something to an interpreter behind the service;
// the last three would take three seconds if one ran them.
func probes() []string {
	return []string{
		`' OR '1'='1`, `'; DROP TABLE items; --`, `" OR ""="`, `1) UNION SELECT NULL,NULL--`, `{"$gt":""}`, `'||'1`,
		"$(id)", "`id`", `| cat /etc/passwd`, `{{7*7}}`, `${7*7}`, `<%= 7*7 %>`,
		`'; SELECT pg_sleep(3); --`, `'||(SELECT pg_sleep(3))||'`, `$(sleep 3)`,
	}
}

func gen16(t *T) {
	s := t.SignedIn()
	// An answer that took long may be a busy machine's: it is asked for again,
	// and a payload that runs is as slow every time.
	ask := func(attack string, call func() *Response) *Response {
		res := call()
		for range 2 {
			if res.Took < 2*time.Second {
				break
			}
			res = call()
		}
		ok := res.Status < 500 && res.Took < 2*time.Second
		t.Refusal(ok, res.x, "%s with %q: status %d after %s", res.what(), attack, res.Status, res.Took.Round(time.Millisecond))
		if strings.Contains(string(res.Body), "uid=") || strings.Contains(string(res.Body), "root:") {
			res.Errorf("the output of a command or file is in the answer")
		}
		return res
	}
	for i, attack := range probes() {
		t.EachResource(func(r Resource) {
			made := ask(attack, func() *Response { return s.Post(r.Path, r.Body(M{r.Text: attack})) }).Control(http.StatusCreated)
			if got := made.Text(r.Text); got != attack {
				made.Errorf("%q came back as %q", attack, got)
			}
			for _, path := range []string{r.At(url.PathEscape(attack)), r.Path + "?cursor=" + url.QueryEscape(attack), r.Path + "?limit=" + url.QueryEscape(attack)} {
				res := ask(attack, func() *Response { return s.Get(path) })
				if res.Status < 400 {
					res.Errorf("%s: a probe was accepted with %d", res.what(), res.Status)
				}
			}
		})
		if t.Accounts() {
			c := t.Client
			if i%4 == 3 {
				c = t.NewClient() // stay below the limit of sign-ins
			}
			// The password is one of its own: LOG-03 looks for it, and the same
			// probe stands in paths, which are logged.
			res := ask(attack, func() *Response { return c.Login(attack, attack+" "+Random(6)) })
			if res.Status < 400 {
				res.Errorf("a probe signed in")
			}
		}
	}
}

// leaks are traces of the machinery that an error body must not carry.
func leaks() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"a stack trace":    regexp.MustCompile(`Traceback \(most recent|at Object\.|at async |\.py", line|\bat .+\.(js|ts):\d+`),
		"a package folder": regexp.MustCompile(`node_modules|site-packages|dist-packages`),
		"SQL":              regexp.MustCompile(`(?i)\b(select|insert into|update|delete from)\b.{1,80}\b(from|values|set|where)\b|syntax error at or near`),
		"a driver's name":  regexp.MustCompile(`(?i)\b(sqlalchemy|psycopg|asyncpg|aiosqlite|sqlite3?|pydantic|starlette|fastapi|uvicorn|django|express|nestjs|typeorm|prisma|knex)\b`),
		"a file's path":    regexp.MustCompile(`(/usr/|/home/|/app/src|/var/|/etc/|/tmp/|/root/)[\w./-]+|[A-Z]:\\\\`),
		"an exception":     regexp.MustCompile(`\b[A-Z][A-Za-z]+(Error|Exception)\b`),
		"parser's words":   parserWords(),
	}
}

func gen17(t *T) {
	// Validators like to repeat what they refuse.
	path := t.First().Path
	if t.Accounts() {
		path = "/v1/auth/login"
	}
	secret := "Canary " + Random(12)
	for _, body := range []M{{"password": secret}, {"email": []string{secret}, "password": []string{secret}}, {"surprise": secret}} {
		if res := t.Post(path, body).Want(422); bytes.Contains(res.Body, []byte(secret)) {
			res.Errorf("an error body repeats what was sent")
		}
	}
	patterns := leaks()
	n := 0
	reported := map[string]bool{}
	for _, x := range t.Exchanges() {
		if x.Status < 400 {
			continue
		}
		n++
		for _, what := range slices.Sorted(maps.Keys(patterns)) {
			m := patterns[what].Find(x.RespBody)
			if m == nil || reported[what] {
				continue
			}
			reported[what] = true
			t.ErrorAt(x, "an error body shows %s: %q (in %s)", what, m, x.Test)
		}
		if secret := echoed(x); secret != "" && !reported["echo"] {
			reported["echo"] = true
			t.ErrorAt(x, "an error body repeats the request's %s (in %s)", secret, x.Test)
		}
	}
	t.Check(n > 0, "the run saw no error response, so there was nothing to read")
}

// echoed names the secret member of the request that the answer repeats.
func echoed(x *Exchange) string {
	var sent M
	if json.Unmarshal(x.Body, &sent) != nil {
		return ""
	}
	for _, name := range secretMembers() {
		if v, ok := sent[name].(string); ok && len(v) >= minSecret && bytes.Contains(x.RespBody, []byte(v)) {
			return name
		}
	}
	return ""
}
