package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestProblemBodies sends refusals that are not as RFC 9457 and the contract
// want them, each of which must be noticed.
func TestProblemBodies(t *testing.T) {
	good := `{"type":"/problems/not-found","title":"No","status":404,"request_id":"%s"}`
	for name, c := range map[string]struct{ kind, body, want string }{
		"good":           {"application/problem+json", good, ""},
		"media type":     {"application/json", good, "Content-Type of an error"},
		"no JSON":        {"application/problem+json", "no", "no JSON"},
		"bare detail":    {"application/problem+json", `{"detail":"%s"}`, "problem type"},
		"other status":   {"application/problem+json", strings.Replace(good, "404,", "400,", 1), "says status 400"},
		"no title":       {"application/problem+json", strings.Replace(good, `"No"`, `""`, 1), "no title"},
		"other id":       {"application/problem+json", strings.Replace(good, "%s", "x%s", 1), "request_id"},
		"echo of input":  {"application/problem+json", strings.Replace(good, `}`, `,"errors":[{"pointer":"/a","detail":"b","input":"secret"}]}`, 1), "unknown field"},
		"extra member":   {"application/problem+json", strings.Replace(good, `}`, `,"stack":"x"}`, 1), "unknown field"},
		"slug elsewhere": {"application/problem+json", strings.Replace(good, "/problems/", "/", 1), "problem type"},
	} {
		t.Run(name, func(t *testing.T) {
			tg := little(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/v1/nope" {
					return false
				}
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(http.StatusNotFound)
				if strings.Contains(c.body, "%s") {
					fmt.Fprintf(w, c.body, w.Header().Get("X-Request-Id"))
				} else {
					fmt.Fprint(w, c.body)
				}
				return true
			})
			_, res := runOne(t, tg, Test{ID: "GEN-99", Run: func(t *T) {
				t.Get("/v1/echo").Control()
				t.Get("/v1/nope").Refused(404, "not-found")
			}})
			if c.want == "" && res.Status != Passed || c.want != "" && !strings.Contains(res.Reason, c.want) {
				t.Errorf("ended %s: %q, want %q", res.Status, res.Reason, c.want)
			}
		})
	}
}

func TestSame(t *testing.T) {
	n := 0
	for name, c := range map[string]struct {
		change func(w http.ResponseWriter)
		want   Status
	}{
		"same":         {func(http.ResponseWriter) {}, Passed},
		"other header": {func(w http.ResponseWriter) { w.Header().Set("X-More", "1") }, Failed},
		"other status": {func(w http.ResponseWriter) { problem(w, 410, "not-found") }, Failed},
		"other body":   {func(w http.ResponseWriter) { problem(w, 404, "gone") }, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			n = 0
			tg := little(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/v1/nope" {
					return false
				}
				if n++; n == 2 {
					c.change(w)
					return w.Header().Get("Content-Type") != ""
				}
				return false
			})
			_, res := runOne(t, tg, Test{ID: "GEN-99", Run: func(t *T) {
				a := t.Get("/v1/nope").Control(404)
				t.Get("/v1/nope").Same(a)
			}})
			if res.Status != c.want {
				t.Errorf("ended %s: %s", res.Status, res.Reason)
			}
		})
	}
}

func TestParseRate(t *testing.T) {
	items, err := parseRate([]string{`"default";q=300;w=60, "auth-ip";q=20;w=60`, `"x";r=1;t=2`})
	if err != nil || len(items) != 3 || items[1].name != "auth-ip" || items[1].params["q"] != 20 || items[2].params["t"] != 2 {
		t.Errorf("%+v, %v", items, err)
	}
	for _, bad := range []string{"default;q=300", `"default";q=x`, `"default";q=1.5`, "300, 300;window=60", `"a" ;q=1 junk`} {
		if items, err := parseRate([]string{bad}); err == nil {
			t.Errorf("%q was read as %+v", bad, items)
		}
	}
}

func TestLinks(t *testing.T) {
	app := "https://app.example.test"
	urls, tokens := Links("Go to https://app.example.test/verify#token=abc_DEF-1 or <https://evil.example/?token=zzz>", app)
	if len(urls) != 2 || len(tokens) != 1 || tokens[0] != "abc_DEF-1" {
		t.Errorf("%q, %q", urls, tokens)
	}
}

func TestLookAlikes(t *testing.T) {
	for _, allowed := range []string{"https://app.example.test", "http://localhost:3000"} {
		others := lookAlikes(allowed)
		if len(others) < 10 || slices.Contains(others, allowed) || slices.Contains(others, "") {
			t.Errorf("look-alikes of %s are %q", allowed, others)
		}
	}
}
