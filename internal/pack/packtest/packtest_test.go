package packtest_test

import (
	"fmt"
	"testing"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/pack/packtest"
	"example.com/scaffold/templates"
)

func TestPairwiseHasEveryLegalPair(t *testing.T) {
	names, err := pack.Names(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		p, err := pack.Load("builtin:"+name, pack.Builtin(templates.FS))
		if err != nil {
			t.Fatal(err)
		}
		all, rows := pairs(packtest.All(p)), packtest.Pairwise(p)
		if len(rows) > 16 {
			t.Errorf("%s: %d rows: the matrix has grown beyond what a run can afford", name, len(rows))
		}
		chosen := pairs(rows)
		for one := range all {
			if !chosen[one] {
				t.Errorf("%s: never together: %s", name, one)
			}
		}
		t.Logf("%s: %d of %d rows have all %d pairs", name, len(rows), len(packtest.All(p)), len(all))
	}
}

// The pair that the manifest refuses is in no row.
func TestRefusedPairsAreLeftOut(t *testing.T) {
	p, err := pack.Load("builtin:python-fastapi", pack.Builtin(templates.FS))
	if err != nil {
		t.Fatal(err)
	}
	for one := range pairs(packtest.All(p)) {
		if one == "auth=none native=true" {
			t.Errorf("%s, which the pack refuses", one)
		}
	}
}

func pairs(rows []packtest.Row) map[string]bool {
	found := map[string]bool{}
	for _, r := range rows {
		values := r.Values()
		for a, x := range values {
			for b, y := range values {
				if a < b {
					found[fmt.Sprintf("%s=%v %s=%v", a, x, b, y)] = true
				}
			}
		}
	}
	return found
}
