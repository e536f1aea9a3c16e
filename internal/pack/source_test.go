package pack

import (
	"strings"
	"testing"
)

func TestParseSource(t *testing.T) {
	for text, want := range map[string]Source{
		"builtin:node-nest":        {Builtin: "node-nest"},
		"../packs/service":         {Folder: "../packs/service"},
		"/srv/packs//service":      {Folder: "/srv/packs/service"},
		"./x":                      {Folder: "x"},
		"../packs.git//service@v1": {Git: "../packs.git", Sub: "service", Ref: "v1"},
		"https://h.test/a/b.git":   {Git: "https://h.test/a/b.git"},
		"https://h.test:8443/a/b//s/t@feature/one": {Git: "https://h.test:8443/a/b", Sub: "s/t", Ref: "feature/one"},
		"ssh://git@h.test/a/b.git//s@v1":           {Git: "ssh://git@h.test/a/b.git", Sub: "s", Ref: "v1"},
		"git@h.test:a/b.git":                       {Git: "git@h.test:a/b.git"},
		"git@h.test:a/b.git//s@v1.0.0":             {Git: "git@h.test:a/b.git", Sub: "s", Ref: "v1.0.0"},
	} {
		got, err := ParseSource(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if again, err := ParseSource(got.String()); err != nil || again != got {
			t.Errorf("%s: written as %s, which is %+v, %v", text, got, again, err)
		}
	}
	for text, want := range map[string]string{
		"":                              "is empty",
		"-oProxyCommand=x":              "begins with a dash",
		"ext::sh -c true":               "runs a program",
		"fd::17":                        "runs a program",
		"http://h.test/a":               "http is not spoken",
		"git://h.test/a":                "git is not spoken",
		"file:///srv/a":                 "file is not spoken",
		"https://u:p@h.test/a":          "credentials",
		"https://token@h.test/a":        "credentials",
		"ssh://u:p@h.test/a":            "credentials",
		"ssh://-oProxyCommand=x/a":      "names no host",
		"ssh://-x@h.test/a":             "names no host",
		"https:///a":                    "names no host",
		"https://h.test/":               "names no repository",
		"https://h.test/a?x=1":          "query",
		"https://h.test/a@":             "nothing behind the @",
		"https://h.test/a@-x":           "no name of a tag",
		"https://h.test/a@a..b":         "no name of a tag",
		"https://h.test/a//../b@v1":     "no folder inside",
		"https://h.test/a///etc@v1":     "no folder inside",
		"https://h.test/a//-x@v1":       "no folder inside",
		"https://h.test/a//b\x1b[31m":   "control characters",
		"git@h.test:-x":                 "names no repository",
		"../a//b/../../c@v1":            "no folder inside",
		"https://h.test/a//b/./c@v1":    "no folder inside",
		"https://h.test/a//b/@v1":       "no folder inside",
		"https://h.test/a@v1:refs/x":    "no name of a tag",
		"https://h.test/a@refs/*/heads": "no name of a tag",
	} {
		if got, err := ParseSource(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	f.Add("git@h.test:a/b.git//s@v1.0.0")
	f.Add("https://h.test:8443/a/b//s/t@feature/one")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSource(text)
		if err != nil {
			return
		}
		again, err := ParseSource(s.String())
		if err != nil || again != s {
			t.Errorf("%q is %+v, written as %q, which is %+v, %v", text, s, s.String(), again, err)
		}
		if strings.HasPrefix(s.Git, "-") || strings.HasPrefix(s.Ref, "-") || strings.HasPrefix(s.Sub, "-") || strings.HasPrefix("/"+s.Sub, "/../") {
			t.Errorf("%q is %+v", text, s)
		}
	})
}
