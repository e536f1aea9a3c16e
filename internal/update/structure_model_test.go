package update_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"

	"example.com/scaffold/internal/update"
)

// leaves are the settings of a file, by "section.key".
type leaves map[string]int

func (l leaves) nested() map[string]any {
	all := map[string]any{}
	for name, v := range l {
		section, key, _ := strings.Cut(name, ".")
		if all[section] == nil {
			all[section] = map[string]any{}
		}
		all[section].(map[string]any)[key] = v
	}
	return all
}

func (l leaves) sections() string { return fmt.Sprint(slices.Sorted(maps.Keys(l.nested()))) }

// formats write settings, and read them again as text.
func formats(t *testing.T) map[string]struct {
	write func(leaves) string
	read  func(string) (leaves, error)
} {
	t.Helper()
	must := func(data []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	flat := func(parse func([]byte, any) error) func(string) (leaves, error) {
		return func(s string) (leaves, error) {
			all := map[string]map[string]int{}
			err := parse([]byte(s), &all)
			l := leaves{}
			for section, keys := range all {
				for key, v := range keys {
					l[section+"."+key] = v
				}
			}
			return l, err
		}
	}
	type format = struct {
		write func(leaves) string
		read  func(string) (leaves, error)
	}
	return map[string]format{
		"x.json": {func(l leaves) string { return must(json.MarshalIndent(l.nested(), "", "  ")) + "\n" }, flat(json.Unmarshal)},
		"x.toml": {func(l leaves) string { return must(toml.Marshal(l.nested())) }, flat(toml.Unmarshal)},
		"x.yaml": {func(l leaves) string { return must(yaml.Marshal(l.nested())) }, flat(yaml.Unmarshal)},
		".env.example": {
			func(l leaves) string {
				var s strings.Builder
				for _, name := range slices.Sorted(maps.Keys(l)) {
					fmt.Fprintf(&s, "%s=%d\n", name, l[name])
				}
				return s.String()
			},
			func(s string) (leaves, error) {
				l := leaves{}
				for line := range strings.Lines(s) {
					name, v, _ := strings.Cut(strings.TrimSpace(line), "=")
					if _, twice := l[name]; twice {
						return nil, fmt.Errorf("%s twice", name)
					}
					n := 0
					if _, err := fmt.Sscan(v, &n); err != nil {
						return nil, err
					}
					l[name] = n
				}
				return l, nil
			},
		},
	}
}

// change sets or drops a few settings.
func (l leaves) change(r *rand.Rand) leaves {
	l = maps.Clone(l)
	for range 1 + r.IntN(3) {
		name := fmt.Sprintf("s%d.k%d", r.IntN(3), r.IntN(9))
		if _, ok := l[name]; ok && r.IntN(3) == 0 {
			delete(l, name)
		} else {
			l[name] = r.IntN(4)
		}
	}
	return l
}

// model is what both sides together say; ok is false if they contradict each other.
func model(base, ours, theirs leaves) (merged leaves, ok bool) {
	merged = leaves{}
	for _, side := range []leaves{ours, theirs} {
		for name := range side {
			merged[name] = 0
		}
	}
	value := func(l leaves, name string) any {
		if v, ok := l[name]; ok {
			return v
		}
		return nil
	}
	for name := range merged {
		b, o, t := value(base, name), value(ours, name), value(theirs, name)
		switch {
		case o == t, b == t:
			b = o
		case b == o:
			b = t
		default:
			return nil, false
		}
		if delete(merged, name); b != nil {
			merged[name] = b.(int)
		}
	}
	return merged, true
}

func checkStructure(t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	base := leaves{}
	for range 4 + r.IntN(12) {
		base[fmt.Sprintf("s%d.k%d", r.IntN(3), r.IntN(9))] = r.IntN(4)
	}
	ours, theirs := base.change(r), base.change(r)
	want, agree := model(base, ours, theirs)
	for name, f := range formats(t) {
		b, o, th := f.write(base), f.write(ours), f.write(theirs)
		disk := files{name: o}.disk()
		plan, err := update.New(files{name: b}.tree(t), files{name: th}.tree(t), disk, update.Options{Label: "pack"})
		if err != nil {
			t.Fatal(err)
		}
		fail := func(why string) {
			t.Helper()
			t.Fatalf("seed %d, %s: %s\nbase\n%s\nours\n%s\ntheirs\n%s\ngives\n%s", seed, name, why, b, o, th, disk.apply(plan.Steps))
		}
		if len(plan.Conflicts()) > 0 {
			if agree && name == "x.json" && base.sections() == ours.sections() && base.sections() == theirs.sections() {
				fail("the sides agree, and it is a conflict")
			}
			continue
		}
		got, err := f.read(string(disk.apply(plan.Steps)[name].Data))
		switch {
		case err != nil:
			fail(err.Error())
		case !agree:
			fail("the sides contradict each other, and it is no conflict")
		case !reflect.DeepEqual(got, want):
			fail(fmt.Sprintf("it says %v and not %v", got, want))
		}
	}
}

// A merge of settings is what both sides say together, or a conflict: in a number of
// random files of each format.
func TestStructureAgreesWithItsModel(t *testing.T) {
	for seed := range uint64(500) {
		checkStructure(t, seed)
	}
}

func FuzzStructure(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkStructure)
}
