package contract

import (
	"reflect"
	"strings"
	"testing"
)

const goodFacts = `
contract: 0
stack: python-fastapi
auth: accounts
options: [native]
app_words: [shop]
resources:
  - path: /v1/orders
    owned: true
    create: {title: "First", count: 1}
    update: {title: "Second"}
    read_only: [id]
    members: [id, title, count]
    text: title
run:
  start: [.venv/bin/python, -m, app, serve]
`

func TestParseFacts(t *testing.T) {
	f, err := ParseFacts([]byte(goodFacts))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Accounts() || !f.Has("native") || f.Has("idempotency") || f.Resources[0].Path != "/v1/orders" {
		t.Errorf("parsed %+v", f)
	}
	if want := []string{".venv/bin/python", "-m", "app", "serve"}; !reflect.DeepEqual(f.Run.Start, want) {
		t.Errorf("run.start is %q", f.Run.Start)
	}
	if _, ok := f.Resources[0].Create["count"].(string); ok {
		t.Error("a number became text")
	}
}

func TestParseFactsRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, replaced, want string }{
		"unknown member":   {"stack:", "stak:", "stak"},
		"newer contract":   {"contract: 0", "contract: 7", "contract: 7"},
		"unknown auth":     {"auth: accounts", "auth: basic", "neither accounts nor none"},
		"wrong type":       {"options: [native]", "options: 3", "[5:"},
		"no resources":     {"resources:", "app_words2:", "app_words2"},
		"path":             {"/v1/orders", "/orders", "resources[0]: path"},
		"path with an id":  {"/v1/orders", "/v1/{id}", "resources[0]: path"},
		"owned with none":  {"auth: accounts", "auth: none", "owned"},
		"text not in body": {"text: title", "text: subject", "text: \"subject\""},
		"id not read-only": {"read_only: [id]", "read_only: [title]", "read_only"},
		"read-only sent":   {"read_only: [id]", "read_only: [id, title]", "read-only"},
		"unknown readonly": {"read_only: [id]", "read_only: [id, owner]", "not in members"},
		"no id in members": {"members: [id, ", "members: [", "members"},
		"tag":              {"options: [native]", "options: !list native", "5:"},
		"tab":              {"auth: accounts", "\tauth: accounts", "contract.yaml"},
		"same path twice":  {"run:", "  - {path: /v1/orders, owned: true, create: {t: a}, update: {t: b}, read_only: [id], members: [id, t], text: t}\nrun:", "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseFacts([]byte(strings.Replace(goodFacts, c.old, c.replaced, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestDefaultFactsHold(t *testing.T) {
	if err := DefaultFacts().check(); err != nil {
		t.Fatal(err)
	}
}

func FuzzParseFacts(f *testing.F) {
	f.Add([]byte(goodFacts))
	f.Add([]byte("contract: 0\nauth: none\nresources: [{path: /v1/a}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte{})
	f.Add([]byte("auth: none\noptions: !x\n  y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := ParseFacts(data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "contract.yaml: ") {
				t.Errorf("error without its file: %v", err)
			}
			return
		}
		for _, r := range facts.Resources {
			if _, ok := r.Create[r.Text].(string); !ok {
				t.Errorf("resource without a text member was let through: %+v", r)
			}
		}
	})
}
