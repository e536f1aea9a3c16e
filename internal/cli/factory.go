package cli

import (
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

// factory hands the commands what they share. Everything expensive is behind a
// method, so that help costs nothing.
type factory struct {
	io      *iostreams.IOStreams
	version string              // of this program
	env     func(string) string // environment
	now     func() time.Time    // clock, for commits only
	builtin fs.FS               // the built-in packs

	running bool // a command has begun: its arguments were in order

	packs   map[string]*pack.Pack // loaded so far
	names   []string              // of the stacks, once asked for
	commits map[string]string     // of packs from git, by source
	newer   map[string]string     // tags of newer versions than a source names
	named   string                // name in the team's registry of the pack of --pack

	configured *settings // once read
}

func newFactory(io *iostreams.IOStreams) *factory {
	return &factory{
		io:      io,
		version: buildVersion(),
		env:     os.Getenv,
		now:     time.Now,
		builtin: templates.FS,
		packs:   make(map[string]*pack.Pack),
	}
}

// rendered lists the ids of the stacks this build can render.
func (f *factory) rendered() ([]string, error) {
	if f.names == nil {
		names, err := pack.Names(f.builtin)
		if err != nil {
			return nil, err
		}
		f.names = names
	}
	return f.names, nil
}

// load reads and checks a built-in stack's pack, once.
func (f *factory) load(stack string) (*pack.Pack, error) {
	if p, ok := f.packs[stack]; ok {
		return p, nil
	}
	p, err := pack.Load("builtin:"+stack, pack.Builtin(f.builtin))
	if err != nil {
		return nil, err
	}
	f.packs[stack] = p
	return p, nil
}

// schema is what may be answered for any of the stacks: of questions with one
// id, the first stack's, with the choices of all.
func (f *factory) schema(stacks []string) (answers.Schema, error) {
	var all answers.Schema
	seen := map[string]bool{}
	asked := map[string]int{} // where a question stands in all
	for _, stack := range stacks {
		p, err := f.load(stack)
		if err != nil {
			return all, err
		}
		s := p.Answerable()
		for _, q := range s.Questions {
			at, known := asked[q.ID]
			if !known {
				asked[q.ID] = len(all.Questions)
				q.Choices = slices.Clone(q.Choices)
				all.Questions = append(all.Questions, q)
				continue
			}
			first := &all.Questions[at]
			for _, c := range q.Choices {
				if !slices.ContainsFunc(first.Choices, func(k answers.Choice) bool { return k.Value == c.Value }) {
					first.Choices = append(first.Choices, c)
				}
			}
		}
		for _, o := range s.Options {
			if !seen[o.ID] {
				seen[o.ID] = true
				all.Options = append(all.Options, o)
			}
		}
	}
	return all, nil
}

// buildVersion is what the module's tag says, and "dev" for a build that has none.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
