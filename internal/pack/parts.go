package pack

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/tree"
)

// maxParts bounds how many packs one repository may be made of.
const maxParts = 8

// Part is another pack that is rendered into a folder of the same repository. It
// keeps its own placeholders, merges and locks; a file of the composing pack
// takes the place of the part's file at the same path.
type Part struct {
	Into string `yaml:"into"` // folder in the project, such as "gateway"
	// Pack is a source, or "./FOLDER" for a pack inside the composing one. It may
	// be abstract, and may not have parts itself.
	Pack string `yaml:"pack"`
	// Set answers questions of the part, which are then asked of nobody. A text
	// may be a template over the composing pack's own values.
	Set map[string]any `yaml:"set,omitempty"`
}

// LoadedPart is a part with its pack.
type LoadedPart struct {
	Part
	*Pack
}

// checkParts checks what a manifest says of its parts by itself.
func (c *checker) checkParts() {
	if len(c.m.Parts) > maxParts {
		c.bad("$.parts", "", "%d parts are more than %d", len(c.m.Parts), maxParts)
	}
	for i, part := range c.m.Parts {
		at := fmt.Sprintf("$.parts[%d]", i)
		if err := tree.CheckPath(part.Into); err != nil {
			c.bad(at+".into", "a folder in the project, such as gateway", "part %d: %v", i+1, err)
		}
		rel, inside := strings.CutPrefix(part.Pack, "./")
		if part.Pack == "" || inside && !fs.ValidPath(rel) {
			c.bad(at+".pack", "such as builtin:python-fastapi, or ./FOLDER inside this pack", "part %s: %q names no pack", part.Into, part.Pack)
		}
		for _, other := range c.m.Parts[:i] {
			if strings.EqualFold(part.Into, other.Into) || below(part.Into, other.Into) || below(other.Into, part.Into) {
				c.bad(at+".into", "folders of parts lie beside each other", "part %s lies in the folder of part %s", part.Into, other.Into)
			}
		}
	}
}

// below tells whether a path lies in a folder, on a disk that ignores case too.
func below(p, folder string) bool {
	return strings.HasPrefix(strings.ToLower(p), strings.ToLower(folder)+"/")
}

// absolute gives the packs that the layer names by a relative source, as parts
// or as what it extends, a source of their own.
func (l *Layer) absolute() error {
	var err error
	if l.Manifest.Extends, err = l.resolve(l.Manifest.Extends); err != nil {
		return err
	}
	l.Manifest.Parts = slices.Clone(l.Manifest.Parts)
	for i, part := range l.Manifest.Parts {
		if l.Manifest.Parts[i].Pack, err = l.resolve(part.Pack); err != nil {
			return err
		}
	}
	return nil
}

// resolve is a source as seen from the layer: "./x" lies in its folder.
func (l *Layer) resolve(source string) (string, error) {
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		return source, nil
	}
	at, err := ParseSource(l.Source)
	if err == nil {
		at, err = at.join(source)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", layerFile(l.Source), source, err)
	}
	return at.String(), nil
}

// inside resolves the sources that absolute made, and leaves others to resolve.
func inside(layers []Layer, resolve Resolver) Resolver {
	return func(source string) (fs.FS, error) {
		for _, l := range layers {
			rel, ok := strings.CutPrefix(source, l.Source+"/")
			if !ok {
				continue
			}
			if _, err := fs.Stat(l.FS, path.Join(rel, ManifestFile)); err != nil {
				return nil, fmt.Errorf("%s: there is no pack in its folder %s", layerFile(l.Source), rel)
			}
			return fs.Sub(l.FS, rel)
		}
		return resolve(source)
	}
}

// loadParts loads the packs of the parts and takes in their questions.
func (p *Pack) loadParts(resolve Resolver) []answers.Problem {
	check := checker{m: &p.Manifest, name: layerFile(p.Source)}
	files := count(p)
	for _, part := range p.Manifest.Parts {
		sub, err := load(part.Pack, inside(p.Layers, resolve), true)
		if err != nil {
			check.bad("", "", "part %s: %v", part.Into, err)
			continue
		}
		if files += count(sub); files > maxFiles {
			check.bad("", "", "part %s: more than %d files together", part.Into, maxFiles)
		}
		loaded := LoadedPart{part, sub}
		p.Parts = append(p.Parts, loaded)
		check.settings(loaded)
		check.join(loaded)
	}
	return check.problems
}

func count(p *Pack) int {
	n := 0
	for _, l := range p.Layers {
		n += len(l.Files)
	}
	return n
}

// settings holds what a part is told against what its pack asks.
func (c *checker) settings(part LoadedPart) {
	schema := part.Answerable()
	for _, id := range slices.Sorted(maps.Keys(part.Set)) {
		if _, ok := schema.Question(id); !ok {
			c.bad("", answers.DidYouMean(id, schema.IDs()), "part %s: sets %s, which %s does not ask", part.Into, id, part.Part.Pack)
			continue
		}
		if text, ok := part.Set[id].(string); ok && strings.Contains(text, expr.Left) {
			continue // its names are checked with the others', its value when it is known
		}
		if err := schema.Check(id, part.Set[id]); err != nil {
			c.bad("", "", "part %s: %s %v", part.Into, id, err)
		}
	}
}

// join takes in the questions of a part that it is not told the answers of. The
// same id is the same question and asked once: the composing pack's words, and
// the names that any of them refuses.
func (c *checker) join(part LoadedPart) {
	told := func(id string) bool {
		_, ok := part.Set[id]
		return ok || id == answers.PresetID // presets are the composing pack's own
	}
	for _, q := range part.Questions {
		if told(q.ID) || c.taken(part, q.ID) {
			continue
		}
		i := slices.IndexFunc(c.m.Questions, func(own answers.Question) bool { return own.ID == q.ID })
		if i < 0 {
			c.m.Questions = append(c.m.Questions, q)
			continue
		}
		own := &c.m.Questions[i]
		c.agree(part, *own, q)
		own.Refuse = slices.Compact(slices.Sorted(slices.Values(slices.Concat(own.Refuse, q.Refuse))))
	}
	for _, o := range part.Options {
		if told(o.ID) || c.taken(part, o.ID) {
			continue
		}
		if !slices.ContainsFunc(c.m.Options, func(own Option) bool { return own.ID == o.ID }) {
			c.m.Options = append(c.m.Options, o)
		}
	}
}

// taken refuses a part's question or option under the name of another thing here.
func (c *checker) taken(part LoadedPart, id string) bool {
	question := func(q answers.Question) bool { return q.ID == id }
	option := func(o Option) bool { return o.ID == id }
	other := slices.ContainsFunc(c.m.Computed, func(v Computed) bool { return v.ID == id }) ||
		slices.ContainsFunc(c.m.Options, option) && slices.ContainsFunc(part.Questions, question) ||
		slices.ContainsFunc(c.m.Questions, question) && slices.ContainsFunc(part.Options, option)
	if other {
		c.bad("", "set it for the part, or give it another name", "part %s: asks %s, which is something else here", part.Into, id)
	}
	return other
}

// agree makes sure that whatever is answered here is an answer there.
func (c *checker) agree(part LoadedPart, own, q answers.Question) {
	if own.Kind != q.Kind {
		c.bad("", "set it for the part", "part %s: %s is of type %s there and %s here", part.Into, q.ID, q.Kind, own.Kind)
		return
	}
	for _, choice := range own.Choices {
		if !slices.ContainsFunc(q.Choices, func(theirs answers.Choice) bool { return theirs.Value == choice.Value }) {
			c.bad("", "set it for the part", "part %s: %s cannot be %s there", part.Into, q.ID, choice.Value)
		}
	}
}
