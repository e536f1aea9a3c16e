package contract

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func TestTogether(t *testing.T) {
	settings := []setting{
		{name: "A", value: "1"}, {name: "A", value: "2"}, {name: "B", value: "1"}, {name: "C", unset: true}, {name: "C", value: "0", early: true}, {name: "B", value: "2"},
	}
	starts := together(settings)
	if len(starts) != 3 {
		t.Fatalf("%d starts, want three", len(starts))
	}
	seen := 0
	for _, st := range starts {
		names := map[string]bool{}
		for _, s := range st.settings {
			if names[s.name] {
				t.Errorf("one start sets %s twice", s.name)
			}
			if s.early != st.settings[0].early {
				t.Errorf("an early setting shares a start with others: %v", st.settings)
			}
			names[s.name] = true
			seen++
		}
	}
	if seen != len(settings) {
		t.Errorf("%d settings are tried, want %d", seen, len(settings))
	}
}

func TestRefusedStart(t *testing.T) {
	secret := "0123456789abcdef"
	bad := []setting{{name: "CURSOR_SECRET", value: secret}}
	for name, c := range map[string]struct {
		st   start
		want string
	}{
		"as it should be": {start{code: 2, out: "CURSOR_SECRET: too short"}, ""},
		"it runs":         {start{running: true}, "the service starts"},
		"exit code 0":     {start{code: 0, out: "CURSOR_SECRET"}, "exit code 0"},
		"too late":        {start{code: 2, out: "CURSOR_SECRET", took: time.Minute}, "took 1m0s"},
		"names nothing":   {start{code: 2, out: "bad configuration"}, "does not name CURSOR_SECRET"},
		"shows the value": {start{code: 2, out: "CURSOR_SECRET is " + secret}, "shows the value"},
	} {
		if got := c.st.refused(bad, 10*time.Second); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestBadSettingsAreMarked(t *testing.T) {
	settings, err := badSettings(DefaultFacts())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]int{}
	for _, s := range settings {
		tests[s.test]++
	}
	for _, id := range []string{"BOOT-01", "BOOT-02", "BOOT-03", "BOOT-04", "BOOT-05", "BOOT-06"} {
		if tests[id] == 0 {
			t.Errorf("%s has nothing to try", id)
		}
	}
	if len(tests) != 6 {
		t.Errorf("settings of %d tests, want six: %v", len(tests), tests)
	}
}

func TestDumpReaders(t *testing.T) {
	dump := []byte("x$argon2id$v=19$m=19456,t=2,p=1$abc$def y$argon2id$v=19$m=1024,t=1,p=4$abc$def $argon2i$v=19$m=9,t=9,p=9$")
	hashes := argon2Hashes(dump)
	if len(hashes) != 2 || hashes[0] != (argon2Hash{19456, 2, 1}) || hashes[1] != (argon2Hash{1024, 1, 4}) {
		t.Errorf("hashes: %+v", hashes)
	}
	sum := sha256.Sum256([]byte("token"))
	for _, stored := range []string{string(sum[:]), hex.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:])} {
		if !containsSum([]byte("a "+stored+" b"), "token") {
			t.Errorf("not found: %q", stored)
		}
	}
	if containsSum([]byte("token"), "token") {
		t.Error("a token in clear passes for its sum")
	}
}

func TestShifted(t *testing.T) {
	if got := shifted("u10az.@", 'ａ', '１'); got != "ｕ１0ａｚ.@" {
		t.Errorf("wide: %q", got)
	}
	if got := shifted("a9", 'ⓐ', '①'); got != "ⓐ⑨" {
		t.Errorf("circled: %q", got)
	}
}

func TestRandomOf(t *testing.T) {
	if got := randomOf("🌲🦉", 40); len([]rune(got)) != 40 || strings.Trim(got, "🌲🦉") != "" {
		t.Errorf("%q", got)
	}
}

func TestUnderURL(t *testing.T) {
	for link, want := range map[string]bool{
		"https://app.example.test/a#token=b": true, "https://app.example.test.evil.example/": false, "http://app.example.test/": false,
		"https://app.example.test@evil.example/": false, "https://evil.example/https://app.example.test": false,
	} {
		if got := underURL(link, "https://app.example.test"); got != want {
			t.Errorf("%s: %t", link, got)
		}
	}
}
