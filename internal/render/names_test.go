package render

import (
	"testing"

	"example.com/scaffold/internal/plan"
)

// TestReplaceNames holds the search against the replacer that it stands in for.
func TestReplaceNames(t *testing.T) {
	p := &plan.Plan{Names: []plan.Name{
		{Placeholder: "sample-long", Value: "L"}, {Placeholder: "sample", Value: "sample sample-long"}, {Placeholder: "le", Value: ""}, {Placeholder: "-", Value: "_"},
	}}
	r := renderer{plan: p, names: p.Replacer()}
	for _, text := range []string{
		"", "nothing", "sample", "sample-long", "sample-lon", "a sample, a sample-long - le", "sasample-longsample", "le-sample-sample-longle", "samplele", "exampl", "---",
	} {
		if got, want := string(r.replaceNames([]byte(text))), r.names.Replace(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
