package pack_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
)

const (
	webPack = "schema: 1\nname: web\nversion: 1.0.0\ntitle: W\ndescription: A web pack.\n" +
		"questions:\n  - {id: name, type: text, title: N, refuse: [express]}\n  - {id: port, type: int, title: P, default: 80}\n" +
		"options:\n  - {id: tls, title: T}\n"
	jobPack = "schema: 1\nname: job\nversion: 1.0.0\ntitle: J\ndescription: A job pack.\nabstract: true\n" +
		"questions:\n  - {id: name, type: text, title: N, refuse: [celery]}\n  - {id: queue, type: select, title: Q, default: a, choices: [{value: a}, {value: b}]}\n"
	pairPack = "schema: 1\nname: pair\nversion: 1.0.0\ntitle: P\ndescription: Two packs.\n" +
		"questions:\n  - {id: name, type: text, title: N}\n"
	pairParts = "parts:\n  - {into: web, pack: builtin:web}\n  - into: jobs\n    pack: ./job\n    set: {name: '<% .name %>-jobs', queue: b}\n"
)

func pairFS(changes map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for path, text := range map[string]string{
		"web/scaffold.yaml": webPack, "web/base/a.txt": "a", "pair/scaffold.yaml": pairPack + pairParts,
		"pair/job/scaffold.yaml": jobPack, "pair/job/base/b.txt": "b",
	} {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	for path, text := range changes {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestPartsAreLoadedAndAskOnce(t *testing.T) {
	m := pairFS(nil)
	p, err := pack.Load("builtin:pair", pack.Builtin(m))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Parts) != 2 || p.Parts[1].Source != "builtin:pair/job" || p.Parts[1].Name != "job" || !p.Parts[1].Abstract {
		t.Fatalf("parts = %+v", p.Parts)
	}
	// Not queue, which is set; name once, and refused is what either refuses.
	if got, want := p.Answerable().IDs(), []string{"name", "port", "tls"}; !slices.Equal(got, want) {
		t.Errorf("it asks %v, want %v", got, want)
	}
	for _, name := range []string{"express", "shop"} {
		if err := p.Answerable().Check("name", name); (err != nil) != (name == "express") {
			t.Errorf("name %s: %v", name, err)
		}
	}
	if err := p.Answerable().Check("name", "celery"); err != nil {
		t.Errorf("a name that is set for the part is refused for the whole: %v", err)
	}
	names, err := pack.Names(m)
	if err != nil || !slices.Equal(names, []string{"pair", "web"}) {
		t.Errorf("Names = %v, %v: a pack inside another is no pack of its own", names, err)
	}
	digest, err := p.Digest()
	if err != nil {
		t.Fatal(err)
	}
	changed, err := pack.Load("builtin:pair", pack.Builtin(pairFS(map[string]string{"pair/job/base/b.txt": "B"})))
	if err != nil {
		t.Fatal(err)
	}
	if other, err := changed.Digest(); err != nil || other == digest {
		t.Errorf("a file of a part changed, and the digest did not (%v)", err)
	}
	old, err := pack.Load("builtin:pair", pack.Builtin(pairFS(map[string]string{"pair/job/scaffold.yaml": jobPack + "requires: '>=9'\n"})))
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Supports("1.0.0"); err == nil || !strings.Contains(err.Error(), "part jobs: ") {
		t.Errorf("a part that needs another scaffold: %v", err)
	}
}

// A pack that extends a composed one may put another pack in a part's place.
func TestPartsAreInherited(t *testing.T) {
	ours := strings.ReplaceAll(pairPack, "name: pair", "name: ours") + "extends: builtin:pair\nparts:\n  - {into: web, pack: ./inner}\n"
	p, err := pack.Load("builtin:ours", pack.Builtin(pairFS(map[string]string{
		"ours/scaffold.yaml": ours, "ours/inner/scaffold.yaml": strings.Replace(webPack, "name: web", "name: inner", 1),
	})))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, part := range p.Parts {
		got = append(got, part.Into+"="+part.Source)
	}
	if want := []string{"web=builtin:ours/inner", "jobs=builtin:pair/job"}; !slices.Equal(got, want) {
		t.Errorf("parts are %v, want %v", got, want)
	}
}

func TestBadParts(t *testing.T) {
	part := func(text string) map[string]string { return map[string]string{"pair/scaffold.yaml": pairPack + text} }
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"outside":          {part("parts:\n  - {into: ../up, pack: builtin:web}\n"), "pair/scaffold.yaml:9:12: part 1: "},
		"no folder":        {part("parts:\n  - {into: '', pack: builtin:web}\n"), "pair/scaffold.yaml:9:12: part 1: "},
		"git":              {part("parts:\n  - {into: .git, pack: builtin:web}\n"), "git's own folder"},
		"twice":            {part("parts:\n  - {into: a, pack: builtin:web}\n  - {into: A, pack: builtin:web}\n"), "pair/scaffold.yaml:10:12: part A lies in the folder of part a"},
		"inside":           {part("parts:\n  - {into: a, pack: builtin:web}\n  - {into: a/b, pack: builtin:web}\n"), "part a/b lies in the folder of part a"},
		"no pack":          {part("parts:\n  - {into: a, pack: ''}\n"), `pair/scaffold.yaml:9:21: part a: "" names no pack`},
		"climbing":         {part("parts:\n  - {into: a, pack: ./../web}\n"), `"./../web" names no pack`},
		"unknown pack":     {part("parts:\n  - {into: a, pack: builtin:wep}\n"), `part a: no built-in pack "wep" (did you mean "web"?)`},
		"unknown folder":   {part("parts:\n  - {into: a, pack: ./jobs}\n"), "part a: pair/scaffold.yaml: there is no pack in its folder jobs"},
		"broken pack":      {map[string]string{"pair/job/scaffold.yaml": jobPack + "verfy: []\n"}, `part jobs: pair/job/scaffold.yaml:10:1: unknown key "verfy"`},
		"itself":           {part("parts:\n  - {into: a, pack: builtin:pair}\n"), "part a: pair/scaffold.yaml is made of parts itself"},
		"parts of a part":  {map[string]string{"pair/job/scaffold.yaml": jobPack + "parts:\n  - {into: a, pack: builtin:web}\n"}, "part jobs: pair/job/scaffold.yaml is made of parts itself"},
		"unknown key":      {part("parts:\n  - {into: a, pack: builtin:web, sets: {}}\n"), `pair/scaffold.yaml:9:34: unknown key "sets" (did you mean "set"?)`},
		"unknown answer":   {part("parts:\n  - {into: a, pack: builtin:web, set: {prt: 1}}\n"), `part a: sets prt, which builtin:web does not ask (did you mean "port"?)`},
		"wrong answer":     {part("parts:\n  - {into: a, pack: ./job, set: {queue: c}}\n"), `part a: queue "c" is not among`},
		"wrong type":       {part("parts:\n  - {into: a, pack: builtin:web, set: {port: soon}}\n"), "part a: port "},
		"template":         {part("parts:\n  - {into: a, pack: builtin:web, set: {name: '<% .nam %>'}}\n"), `part a: name: nothing before it is called .nam (did you mean "name"?)`},
		"other kind":       {part("  - {id: port, type: text, title: P}\nparts:\n  - {into: a, pack: builtin:web}\n"), "part a: port is of type int there and text here"},
		"other choices":    {part("  - {id: queue, type: select, title: Q, default: c, choices: [{value: c}]}\nparts:\n  - {into: a, pack: ./job}\n"), "part a: queue cannot be c there"},
		"question, option": {part("  - {id: tls, type: bool, title: T}\nparts:\n  - {into: a, pack: builtin:web}\n"), "part a: asks tls, which is something else here"},
		"question, value":  {part("computed: [{id: port, value: x}]\nparts:\n  - {into: a, pack: builtin:web}\n"), "part a: asks port, which is something else here"},
		"too many":         {part("parts:\n" + strings.Repeat("  - {into: a, pack: builtin:web}\n", 9)), "9 parts are more than 8"},
	} {
		_, err := pack.Load("builtin:pair", pack.Builtin(pairFS(c.files)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v\nwant %q", name, err, c.want)
		}
	}
}

// A child that asks for the preset anew leaves out those it does not offer.
func TestPresetsThatAreNotOffered(t *testing.T) {
	head := "schema: 1\nname: NAME\nversion: 1.0.0\ntitle: P\ndescription: A pack.\n"
	choices := "questions:\n  - {id: preset, type: select, title: P, default: big, choices: [CHOICES]}\n"
	parent := strings.Replace(head, "NAME", "parent", 1) + strings.Replace(choices, "CHOICES", "{value: big}, {value: small}", 1) +
		"presets:\n  - {id: big}\n  - {id: small}\n"
	child := strings.Replace(head, "NAME", "child", 1) + "extends: builtin:parent\n" + strings.Replace(choices, "CHOICES", "{value: big}", 1)
	p, err := pack.Load("builtin:child", pack.Builtin(fstest.MapFS{
		"parent/scaffold.yaml": {Data: []byte(parent)}, "child/scaffold.yaml": {Data: []byte(child)},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Presets) != 1 || p.Presets[0].ID != "big" {
		t.Errorf("presets are %v", p.Presets)
	}
	q, _ := p.Answerable().Question(answers.PresetID)
	if !q.Settled() {
		t.Error("a question with one choice is still to be settled")
	}
}
