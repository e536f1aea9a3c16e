package workload

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
)

const orders = `# what the front page asks for
name: front-page
about: A page of items, one of them, and its change.
rates: [20, 50.5]
p99_millis: 80
requests:
  - path: /v1/items?limit=5
    signed_in: true
    status: 200
    contains: '"items"'
    headers:
      Accept-Language: de
      X-Tenant: 7
      X-API-Key: ${API_KEY}
  - method: PATCH
    path: /v1/items/{item}
    signed_in: true
    body: {title: Lamp, tags: [a, b], count: 3, open: true, none: null}
  - method: POST
    path: /form
    headers: {Content-Type: application/x-www-form-urlencoded}
    body: a=1&b=2
    status: 303
`

func TestParse(t *testing.T) {
	got, err := Parse("orders.yaml", []byte(orders))
	if err != nil {
		t.Fatal(err)
	}
	want := result.Own{
		Name: "front-page", About: "A page of items, one of them, and its change.", Rates: []float64{20, 50.5}, P99Millis: 80,
		Requests: []result.Request{
			{
				Method: "GET", Path: "/v1/items?limit=5", SignedIn: true, Status: 200, Contains: `"items"`,
				Headers: map[string]string{"Accept-Language": "de", "X-Tenant": "7", "X-API-Key": "${API_KEY}"},
			},
			{Method: "PATCH", Path: "/v1/items/{item}", SignedIn: true, Body: `{"count":3,"none":null,"open":true,"tags":["a","b"],"title":"Lamp"}`},
			{Method: "POST", Path: "/form", Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, Body: "a=1&b=2", Status: 303},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

// TestRefused: each mistake is named with its place and the way out.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", "w.yaml: is empty (a workload has a name and requests"},
		{"no YAML", "name: [", "w.yaml:1:7: "},
		{"a list", "- a\n", "w.yaml:1:1: sequence was used where mapping is expected"},
		{"two documents", "name: a\n---\nname: b\n", "w.yaml:3:5: has a second document"},
		{"an anchor", "name: &a b\n", "w.yaml:1:7: has a YAML anchor"},
		{"a tag", "name: !!binary b\n", "w.yaml:1:7: has a YAML anchor, alias or tag"},
		{"an unknown key", "name: a\nrequest: []\n", `w.yaml:2:1: unknown key "request" (did you mean "requests"?)`},
		{"an unknown key of a request", "name: a\nrequests:\n- path: /\n  expect: 200\n", `w.yaml:4:3: unknown key "expect"`},
		{"a key twice", "name: a\nname: b\n", "w.yaml:2:1: "},
		{"no name", "requests: [{path: /}]\n", `w.yaml: name "" is no name`},
		{"no name for a file", "name: Orders!\nrequests: [{path: /}]\n", `w.yaml:1:7: name "Orders!" is no name (up to 32 small letters`},
		{"no requests", "name: a\n", "w.yaml: requests are missing (list at least one, such as {path:"},
		{"a text for a list", "name: a\nrequests: GET /\n", "w.yaml:2:11: string was used where sequence is expected"},
		{"a method", "name: a\nrequests: [{path: /, method: GTE}]\n", `w.yaml:2:30: requests[0].method "GTE" is no method (did you mean "GET"?)`},
		{"a path", "name: a\nrequests: [{path: v1/items}]\n", `w.yaml:2:19: requests[0].path "v1/items" is no path (begin with one slash`},
		{"a host", "name: a\nrequests: [{path: //example.com/}]\n", "is no path"},
		{"a whole address", "name: a\nrequests: [{path: 'http://example.com/'}]\n", "is no path"},
		{"a space", "name: a\nrequests: [{path: /a b}]\n", "is no path"},
		{"half an escape", "name: a\nrequests: [{path: /a%2}]\n", "is no path"},
		{"an unknown placeholder", "name: a\nrequests: [{path: '/{user}'}]\n", "is no path"},
		{"nobody's item", "name: a\nrequests: [{path: '/v1/items/{item}'}]\n", "add signed_in: true"},
		{"a status", "name: a\nrequests: [{path: /, status: 99}]\n", "w.yaml:2:30: requests[0].status 99 is no status"},
		{"a status in words", "name: a\nrequests: [{path: /, status: fine}]\n", `w.yaml:2:30: "fine" does not fit here (write a number)`},
		{"a text for a word", "name: a\nrequests: [{path: /, signed_in: 'yes'}]\n", `"yes" does not fit here (write true or false)`},
		{"a list for a text", "name: a\nrequests: [{path: [/]}]\n", "w.yaml:2:"},
		{"a body of a GET", "name: a\nrequests: [{path: /, body: x}]\n", "requests[0].body is there, and a GET has none (set method"},
		{"the text of a HEAD", "name: a\nrequests: [{path: /, method: HEAD, contains: x}]\n", "requests[0].contains is there"},
		{"a body that is no JSON", "name: a\nrequests: [{path: /, method: POST, body: {a: .nan}}]\n", "requests[0].body is no JSON"},
		{"our header", "name: a\nrequests: [{path: /, headers: {Host: x}}]\n", "requests[0].headers set Host (leave it out"},
		{"two lines in a header", "name: a\nrequests: [{path: /, headers: {A: \"b\\nC: d\"}}]\n", "no line of text"},
		{"a header's name", "name: a\nrequests: [{path: /, headers: {'a b': x}}]\n", "which is no header"},
		{"a secret", "name: a\nrequests: [{path: /, headers: {authorization: Bearer abc}}]\n", "such as ${TOKEN}"},
		{"two tokens", "name: a\nrequests: [{path: /, signed_in: true, headers: {Authorization: 'Bearer ${TOKEN}'}}]\n", "beside signed_in"},
		{"a rate", "name: a\nrates: [0]\nrequests: [{path: /}]\n", "w.yaml:2:9: rates[0] is no rate (requests a second, from 0.1 to 12000)"},
		{"a rate that is no number", "name: a\nrates: [.nan]\nrequests: [{path: /}]\n", "is no rate"},
		{"a rate twice", "name: a\nrates: [5, 5]\nrequests: [{path: /}]\n", "w.yaml:2:12: rates[1] is there already"},
		{"a service level", "name: a\np99_millis: -1\nrequests: [{path: /}]\n", "w.yaml:2:13: p99_millis is no time"},
		{"characters that hide", "name: a\nabout: \"a\\u202eb\"\nrequests: [{path: /}]\n", "about is no line of text"},
		{"too much", "name: a\n#" + strings.Repeat("x", 64<<10), "w.yaml: is larger than 64 KiB"},
	} {
		if _, err := Parse("w.yaml", []byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v does not say %q", tc.name, err, tc.want)
		}
	}
	_, err := Parse("w.yaml", []byte("name: A\nrequests: [{path: x, status: 1}]\n"))
	if err == nil || strings.Count(err.Error(), "w.yaml:") != 3 {
		t.Errorf("not every mistake is named: %v", err)
	}
}

func TestExpand(t *testing.T) {
	env := func(name string) (string, bool) { return "secret", name == "TOKEN" }
	if got, missing := Expand("Bearer ${TOKEN}$", env); got != "Bearer secret$" || missing != "" {
		t.Errorf("%q, missing %q", got, missing)
	}
	if _, missing := Expand("${TOKEN} ${OTHER}", env); missing != "OTHER" {
		t.Errorf("missing %q", missing)
	}
}

// FuzzParse: whatever is accepted can be sent, and comes back from the result as it was.
func FuzzParse(f *testing.F) {
	f.Add([]byte(orders))
	f.Add([]byte("name: a\nrequests: [{path: /, method: POST, body: [1, 2.5, ~, {a: |\n b\n}]}]\n"))
	f.Add([]byte("name: a\nrates: [1e3, 0x10]\nrequests:\n- {path: '/%41?b={item}', signed_in: yes}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		own, err := Parse("w.yaml", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "w.yaml") {
				t.Fatalf("no place: %v", err)
			}
			return
		}
		for _, r := range own.Requests {
			header := http.Header{}
			for name, value := range r.Headers {
				header.Set(name, value)
			}
			target := strings.ReplaceAll(r.Path, item, "1")
			if _, err := load.NewRequest(r.Method, "localhost", target, header, []byte(r.Body), load.Expect{}); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			if _, err := http.NewRequest(r.Method, "http://localhost"+target, http.NoBody); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
		}
		kept, err := json.Marshal(own)
		if err != nil {
			t.Fatal(err)
		}
		var again result.Own
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(again); err != nil || string(twice) != string(kept) {
			t.Fatalf("%s became %s, %v", kept, twice, err)
		}
	})
}
