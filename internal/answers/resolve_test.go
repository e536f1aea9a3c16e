package answers_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/scaffold/internal/answers"
)

func ptr(n int) *int { return &n }

// shop is a small schema with every kind of question.
func shop() answers.Schema {
	return answers.Schema{
		Questions: []answers.Question{
			{ID: "name", Kind: answers.Text, Title: "Name?", Format: answers.FormatName, Refuse: []string{"fastapi"}},
			{ID: "description", Kind: answers.Text, Title: "What?", Default: "the <% .name %> service"},
			{ID: "owner", Kind: answers.Text, Title: "Who?", Optional: true, Pattern: `@[a-z]+`},
			{ID: "preset", Kind: answers.Select, Title: "Preset?", Default: "service", Choices: []answers.Choice{{Value: "service"}, {Value: "minimal"}}},
			{ID: "auth", Kind: answers.Select, Title: "Auth?", Default: "accounts", Choices: []answers.Choice{{Value: "accounts"}, {Value: "external"}, {Value: "none"}}},
			{ID: "issuer", Kind: answers.Text, Title: "Issuer?", When: `eq .auth "external"`},
			{ID: "replicas", Kind: answers.Int, Title: "How many?", Default: 1, Min: ptr(1), Max: ptr(9)},
			{ID: "regions", Kind: answers.MultiSelect, Title: "Where?", Default: []any{"eu"}, Choices: []answers.Choice{{Value: "eu"}, {Value: "us"}}},
			{ID: "tags", Kind: answers.List, Title: "Tags?", Optional: true, Max: ptr(3)},
			{ID: "token", Kind: answers.Secret, Title: "Token?", Optional: true},
		},
		Options: []answers.Option{
			{ID: "mfa", Title: "MFA", Needs: []string{"auth=accounts"}, Why: "there is nobody to ask for a second factor"},
			{ID: "admin", Title: "Admin", Needs: []string{"mfa"}},
			{ID: "keys", Title: "Keys", Excludes: []string{"auth=none", "admin"}},
		},
		Presets: []answers.Preset{
			{ID: "service", Set: answers.Values{"auth": "accounts"}},
			{ID: "minimal", Set: answers.Values{"auth": "none", "replicas": 2}},
		},
	}
}

func layer(s answers.Source, name string, v answers.Values) answers.Layer {
	return answers.Layer{Source: s, Name: name, Values: v}
}

func TestPrecedence(t *testing.T) {
	// Each source in turn is laid over all weaker ones; the last must win,
	// whatever the order in which they are given.
	sources := []answers.Layer{
		layer(answers.Config, "config.yaml", answers.Values{"replicas": 3}),
		layer(answers.FromFile, "answers.yaml", answers.Values{"replicas": 4}),
		layer(answers.Set, "", answers.Values{"replicas": "5"}),
		layer(answers.Flag, "", answers.Values{"replicas": "6"}),
		layer(answers.Prompt, "", answers.Values{"replicas": 7}),
	}
	base := layer(answers.Flag, "", answers.Values{"name": "shop", "preset": "minimal"})
	want := []int{2, 3, 4, 5, 6, 7}
	for n := range len(sources) + 1 {
		layers := append(slices.Clone(sources[:n]), base)
		for range 2 {
			slices.Reverse(layers)
			r, err := answers.Resolve(shop(), layers...)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := r.Value("replicas"); got != want[n] {
				t.Errorf("with %d sources: replicas = %v, want %d", n, got, want[n])
			}
		}
	}
	r, err := answers.Resolve(shop(), layer(answers.Flag, "", answers.Values{"name": "shop"}))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := r.Value("replicas"); got != 1 || r.Source("replicas") != answers.Default || r.Source("auth") != answers.FromPreset {
		t.Errorf("replicas = %v from %v, auth from %v", got, r.Source("replicas"), r.Source("auth"))
	}
}

func TestResolvedValues(t *testing.T) {
	r, err := answers.Resolve(shop(), layer(answers.Flag, "", answers.Values{
		"name": " shop ", "auth": "none", "replicas": "3", "tags": "a, b,", "regions": "us,eu", "token": "s3",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := answers.Values{
		"name": "shop", "description": "the shop service", "owner": "", "preset": "service", "auth": "none", "replicas": 3,
		"regions": []string{"us", "eu"}, "tags": []string{"a", "b"}, "token": "s3", "mfa": false, "admin": false, "keys": false,
	}
	if got := r.Values(); !reflect.DeepEqual(got, want) {
		t.Errorf("Values() = %v\nwant %v", got, want)
	}
	if got, ok := r.Data()["issuer"]; !ok || got != "" {
		t.Errorf("a question that does not apply must read as zero; issuer = %v, %t", got, ok)
	}
	args := r.Args()
	if want := []string{"--name=shop", "--description=the shop service", "--auth=none", "--replicas=3", "--regions=us,eu", "--tags=a,b"}; !slices.Equal(args, want) {
		t.Errorf("Args() = %q, want %q", args, want)
	}
}

// The flags that Args prints must bring the same answers again.
func TestArgsReproduce(t *testing.T) {
	for _, given := range []answers.Values{
		{"name": "shop"},
		{"name": "shop", "preset": "minimal"},
		{"name": "shop", "preset": "minimal", "auth": "accounts", "mfa": true, "admin": true},
		{"name": "shop", "auth": "external", "issuer": "https://a.example"},
		{"name": "shop", "replicas": 2, "regions": []string{}, "owner": "@ada"},
	} {
		first, err := answers.Resolve(shop(), layer(answers.Prompt, "", given))
		if err != nil {
			t.Fatal(err)
		}
		flags := answers.Values{}
		for _, arg := range first.Args() {
			id, value, ok := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if !ok {
				value = "true"
			}
			flags[id] = value
		}
		again, err := answers.Resolve(shop(), layer(answers.Flag, "", flags))
		if err != nil || !reflect.DeepEqual(first.Values(), again.Values()) {
			t.Errorf("%v: %v gives %v (%v)", given, first.Args(), again.Values(), err)
		}
	}
}

func TestProblems(t *testing.T) {
	cases := []struct {
		name  string
		layer answers.Layer
		want  string // in one problem
	}{
		{"unknown", layer(answers.Set, "", answers.Values{"replica": "2"}), `--set replica: unknown answer "replica" (did you mean "replicas"?)`},
		{"not an int", layer(answers.Flag, "", answers.Values{"replicas": "many"}), `--replicas: replicas wants a whole number, not "many"`},
		{"int as text in a file", layer(answers.FromFile, "a.yaml", answers.Values{"replicas": "2"}), `a.yaml: replicas wants a whole number, not the text "2"`},
		{"fraction", layer(answers.FromFile, "a.yaml", answers.Values{"replicas": 1.5}), "whole number, not the number 1.5"},
		{"too low", layer(answers.Flag, "", answers.Values{"replicas": "0"}), "below the least value, 1"},
		{"too high", layer(answers.Flag, "", answers.Values{"replicas": 10}), "above the greatest value, 9"},
		{"choice", layer(answers.Flag, "", answers.Values{"auth": "acounts"}), `"acounts" is not among the choices (did you mean "accounts"?)`},
		{"choice of many", layer(answers.Flag, "", answers.Values{"regions": "eu,asia"}), `"asia" is not among the choices (one of: eu, us)`},
		{"pattern", layer(answers.Flag, "", answers.Values{"owner": "ada"}), `"ada" does not have the form @[a-z]+`},
		{"pattern is whole", layer(answers.Flag, "", answers.Values{"owner": "@ada!"}), "does not have the form"},
		{"list too long", layer(answers.Flag, "", answers.Values{"tags": "a,b,c,d"}), "at most 3"},
		{"bool", layer(answers.Flag, "", answers.Values{"mfa": "perhaps"}), `wants true or false, not "perhaps"`},
		{"bool as text", layer(answers.FromFile, "a.yaml", answers.Values{"mfa": "true"}), `wants true or false, not the text "true"`},
		{"text as number", layer(answers.FromFile, "a.yaml", answers.Values{"description": 12}), `wants a text, not the number 12; write it in quotes: "12"`},
		{"control", layer(answers.Flag, "", answers.Values{"description": "a\x1b[2J"}), "control character U+001B"},
		{"two lines", layer(answers.Flag, "", answers.Values{"description": "a\nb"}), "one line of plain text"},
		{"bidi", layer(answers.Flag, "", answers.Values{"description": "a\u202eb"}), "U+202E"},
		{"long", layer(answers.Flag, "", answers.Values{"description": strings.Repeat("é", 501)}), "longer than 500"},
		{"name", layer(answers.Flag, "", answers.Values{"name": "My Shop"}), `such as "my-shop"`},
		{"name taken", layer(answers.Flag, "", answers.Values{"name": "fastapi"}), "something the project depends on"},
		{"does not apply", layer(answers.Flag, "", answers.Values{"issuer": "x"}), `--issuer: issuer does not apply here: it is asked only when eq .auth "external"`},
		{"needs a value", layer(answers.Flag, "", answers.Values{"mfa": "true", "auth": "none"}), "--mfa: mfa needs auth=accounts, but auth is none (--auth): there is nobody to ask for a second factor (set auth=accounts, or leave mfa out)"},
		{"needs, by preset", layer(answers.Flag, "", answers.Values{"mfa": "true", "preset": "minimal"}), "auth is none (preset minimal)"},
		{"needs an option", layer(answers.Set, "", answers.Values{"admin": "true"}), "--set admin: admin needs mfa, but mfa is false (default)"},
		{"excludes a value", layer(answers.Set, "", answers.Values{"keys": "true", "auth": "none"}), "keys excludes auth=none, but auth is none"},
		{"excludes an option", layer(answers.Set, "", answers.Values{"keys": "true", "mfa": "true", "admin": "true"}), "keys excludes admin, but admin is true (--set admin) (leave out one of keys and admin)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := layer(answers.Config, "", answers.Values{"name": "shop"})
			_, err := answers.Resolve(shop(), base, c.layer)
			problems, ok := errors.AsType[*answers.Problems](err)
			if !ok || len(problems.List) != 1 {
				t.Fatalf("want one problem, got: %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q\nlacks %q", err, c.want)
			}
		})
	}
}

func TestMissingAndDropped(t *testing.T) {
	s := shop()
	r, err := answers.Resolve(s, layer(answers.FromFile, "a.yaml", answers.Values{"issuer": "https://a.example", "auth": "external"}), layer(answers.Flag, "", answers.Values{"auth": "accounts"}))
	problems, ok := errors.AsType[*answers.Problems](err)
	if !ok || len(problems.List) != 1 || !problems.List[0].Missing || len(problems.Wrong()) != 0 {
		t.Fatalf("want one missing answer, got: %v", err)
	}
	if !strings.Contains(err.Error(), "--name") {
		t.Errorf("%q does not name the flag", err)
	}
	if !slices.Equal(r.Dropped, []string{"issuer"}) {
		t.Errorf("Dropped = %v", r.Dropped)
	}
	if _, leaked := r.Values()["issuer"]; leaked || r.Data()["issuer"] != "" {
		t.Error("an answer that does not apply leaked")
	}
	for _, q := range r.Visible() {
		if q.ID == "issuer" {
			t.Error("issuer is visible")
		}
	}
}

func TestConfigMayServeOtherStacks(t *testing.T) {
	_, err := answers.Resolve(shop(), layer(answers.Config, "c", answers.Values{"name": "shop", "node_version": "24"}))
	if err != nil {
		t.Error(err)
	}
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"shop", "a1", "corner-shop-2", "com", "communist", "lptx"} {
		if err := answers.CheckName(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "a", "Shop", "1shop", "-shop", "shop-", "a--b", "a_b", "a.b", "sh op", "con", "com1", "nul", "lpt9", "schön", strings.Repeat("a", 51), "../x", "a\n"} {
		if err := answers.CheckName(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestSuggestedNamesAreTaken(t *testing.T) {
	for _, bad := range []string{"", "My Shop!", "__x__y", "9lives", "Ünïcode", strings.Repeat("ab-", 40), "Z"} {
		err := answers.CheckName(bad)
		if err == nil {
			t.Fatalf("%q was taken", bad)
		}
		if _, hint, ok := strings.Cut(err.Error(), "such as "); ok {
			if err := answers.CheckName(strings.Trim(hint, `"`)); err != nil {
				t.Errorf("for %q the hint is no better: %v", bad, err)
			}
		}
	}
	for bad, want := range map[string]string{"Ünïcode": "unicode", "Größe Łódź": "grosse-lodz"} {
		if err := answers.CheckName(bad); !strings.HasSuffix(err.Error(), strconv.Quote(want)) {
			t.Errorf("for %q the hint is not %s: %v", bad, want, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	ids := []string{"database", "auth", "name"}
	for word, want := range map[string]string{
		"databse": `did you mean "database"?`, "DATABASE": `did you mean "database"?`, "naem": `did you mean "name"?`,
		"completely": "one of: database, auth, name",
	} {
		if got := answers.DidYouMean(word, ids); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestZeroFitsKind(t *testing.T) {
	for _, k := range answers.Kinds() {
		if k.Zero() == nil {
			t.Errorf("kind %s has no zero", k)
		}
	}
	if fmt.Sprint(answers.Default, answers.Prompt) != "default form" {
		t.Error("the names of the sources moved")
	}
}
