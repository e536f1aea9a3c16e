package expr_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/expr"
)

func TestHolds(t *testing.T) {
	data := map[string]any{"mfa": true, "oidc": false, "auth": "accounts", "tags": []string{"a"}, "none": []string{}, "n": 3}
	cases := []struct {
		cond string
		want bool
	}{
		{"", true},
		{".mfa", true},
		{".oidc", false},
		{"not .oidc", true},
		{`and .mfa (eq .auth "accounts")`, true},
		{`or .oidc (ne .auth "accounts")`, false},
		{".tags", true},
		{".none", false},
		{"gt .n 2", true},
		{`has "a" .tags`, true},
		{`eq (replace "c" "k" .auth) "akkounts"`, true},
	}
	for _, c := range cases {
		got, err := expr.Holds(c.cond, data)
		if err != nil || got != c.want {
			t.Errorf("Holds(%q) = %t, %v; want %t", c.cond, got, err, c.want)
		}
	}
}

func TestBadConditions(t *testing.T) {
	for cond, want := range map[string]string{
		".nope":           `no entry for key "nope"`,
		"and .mfa":        "",
		"eq .mfa":         "missing argument",
		".mfa %> <% end":  "without <%",
		"frobnicate .mfa": `function "frobnicate" not defined`,
		"now":             `function "now" not defined`,
		`env "HOME"`:      `function "env" not defined`,
		"(.mfa":           "unclosed left paren",
	} {
		_, err := expr.Holds(cond, map[string]any{"mfa": true})
		if want == "" {
			if err != nil {
				t.Errorf("Holds(%q): %v", cond, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Holds(%q) error = %v, want %q", cond, err, want)
		}
	}
}

func TestNames(t *testing.T) {
	c, err := expr.ParseCond(`and .mfa (or (eq .auth "x") $.oidc) (has .a .b.c)`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Names(), []string{"a", "auth", "b", "mfa", "oidc"}; !slices.Equal(got, want) {
		t.Errorf("Names() = %v, want %v", got, want)
	}
}

func TestEscStaysInsideAString(t *testing.T) {
	got, err := expr.Text("t", `"<% esc .d %>"`, map[string]any{"d": "say \"hi\" \\ \n\x00 ünï"})
	if want := `"say \"hi\" \\ \n\u0000 ünï"`; err != nil || got != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

func TestAnswersAreNotTemplates(t *testing.T) {
	got, err := expr.Text("t", `<% .d %>`, map[string]any{"d": "<% .secret %>"})
	if err != nil || got != "<% .secret %>" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A hostile pack must run into a limit, not into the machine's end.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"silent loop":    {`<% range 1000000000000 %><% end %>`, "loop rounds"},
		"nested loops":   {`<% range 100000 %><% range 100000 %><% end %><% end %>`, "loop rounds"},
		"output":         {`<% range 100000 %>` + strings.Repeat("x", 200) + `<% end %>`, "bytes of output"},
		"calls":          {`<% define "a" %><% template "b" %><% template "b" %><% end %><% define "b" %><% range 1000 %><% end %><% end %><% range 100000 %><% template "a" %><% end %>`, "loop rounds"},
		"recursion":      {`<% define "a" %><% template "a" %><% end %><% template "a" %>`, "depth"},
		"doubling":       {`<% $s := "xxxxxxxx" %><% range 60 %><% $s = print $s $s %><% end %>`, "the limit is"},
		"replace":        {`<% $s := printf "%60000d" 1 %><% replace " " $s $s %>`, "the limit is"},
		"join":           {`<% $s := printf "%60000d" 1 %><% join $s (list $s $s $s) %>`, "longer than"},
		"printf repeats": {`<% printf "` + strings.Repeat("%[1]s", 80) + `" "x" %>`, "format"},
		"indent":         {`<% indent 100000000 "x" %>`, "limit is 100"},
		"list doubling":  {`<% $s := list 1 2 3 4 %><% range 60 %><% $s = concat $s $s %><% end %>`, "the limit is"},
	} {
		_, err := expr.Text("t", c.text, map[string]any{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

func FuzzCond(f *testing.F) {
	for _, s := range []string{".a", "and .a (not .b)", `eq .s "x"`, "(((", "range", `printf "%d" 1`, "end", ".a}}", "true"} {
		f.Add(s)
	}
	data := map[string]any{"a": true, "b": false, "s": "x"}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := expr.Holds(text, data)
		again, errAgain := expr.Holds(text, data)
		if first != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("Holds(%q) is not repeatable", text)
		}
	})
}
