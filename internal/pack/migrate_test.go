package pack

import (
	"maps"
	"testing"
)

func TestSince(t *testing.T) {
	p := &Pack{Manifest: Manifest{Version: "3.0.0", Migrations: []Migration{
		{To: "3.0.0", Files: map[string]string{"b": "c"}, Answers: map[string]string{"two": "three"}},
		{To: "2.0.0", Files: map[string]string{"a": "b", "x": "y"}, Answers: map[string]string{"one": "two"}},
	}}}
	for version, want := range map[string][2]map[string]string{
		"1.0.0": {{"a": "c", "b": "c", "x": "y"}, {"one": "three", "two": "three"}},
		"2.0.0": {{"b": "c"}, {"two": "three"}},
		"3.0.0": {{}, {}},
		"9.0.0": {{}, {}},
		"":      {{}, {}},
	} {
		files, answers := p.Since(version)
		if !maps.Equal(files, want[0]) || !maps.Equal(answers, want[1]) {
			t.Errorf("%q: %v %v", version, files, answers)
		}
	}
}
