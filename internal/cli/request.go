package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/vcs"
)

// request is what a run was asked for, of whatever source.
type request struct {
	dir          string // where the project goes, as the person wrote it
	stack        string
	pack         *pack.Pack
	source       string            // of the pack, as the project names it
	commits      map[string]string // what the pack was read from in git, by source as the project names it
	named        string            // the pack's name in the team's registry, if it has one
	answers      answers.Resolved
	requirements guidance.Answers // what was said about the project to come
	result       *guidance.Result // the recommendation from them, if there are any
	author       vcs.Identity     // whom git knows, perhaps in part
}

// sources are the places that answers come from, before a stack is known.
type sources struct {
	stack        string          // the strongest source's
	named, usual string          // of these, by the command line or an answers file, and by the configuration
	config       []answers.Layer // the person's and the team's
	file         answers.Layer
	set          answers.Layer
	requirements []answers.Layer
}

// gather collects what all sources say and makes one request of it.
func (o *newOptions) gather(ctx context.Context) (*request, error) {
	src, err := o.read(ctx)
	if err != nil {
		return nil, err
	}
	return o.settle(ctx, src)
}

// settle makes one request of all sources: folder, stack, and an answer to each
// question.
func (o *newOptions) settle(ctx context.Context, src sources) (*request, error) {
	req := &request{}
	if err := o.place(req, src); err != nil {
		return nil, err
	}
	if err := o.chooseStack(ctx, req, src); err != nil {
		return nil, err
	}
	var err error
	if req.pack, err = o.f.load(req.stack); err != nil {
		return nil, err
	}
	req.named = o.f.named
	if err := req.from(req.pack.Source, o.f.commits); err != nil {
		return nil, err
	}
	author, err := vcs.UserIdentity(req.dir, o.f.env)
	if err != nil {
		o.say("Your git configuration could not be read in full: %v", err)
	}
	req.author = author
	git := answers.Layer{Source: answers.Config, Name: "git configuration", Values: answers.Values{}}
	if _, asked := req.pack.Answerable().Question("author"); asked && author.Name != "" {
		git.Values["author"] = author.Name
	}
	flags := answers.Layer{Source: answers.Flag, Values: o.given}
	layers := append([]answers.Layer{git, src.file, src.set, flags, o.form.Answers}, src.config...)
	req.answers, err = answers.Resolve(req.pack.Answerable(), layers...)
	if err != nil {
		return nil, o.f.answersError(err)
	}
	s, err := o.f.settings(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.team.CheckProjectName(req.answers.Text("name")); err != nil {
		return nil, o.f.answersError(err)
	}
	for _, id := range req.answers.Dropped {
		o.say("The answer %s is left out: it does not apply with the others.", id)
	}
	return req, nil
}

// read takes in the configuration, the answers file and --set.
func (o *newOptions) read(ctx context.Context) (src sources, err error) {
	s, err := o.f.settings(ctx)
	if err != nil {
		return src, err
	}
	src.config = s.layers()
	file, err := o.answersFile(ctx)
	if err != nil {
		return src, o.f.answersError(err)
	}
	src.file = file.Answers
	src.requirements = []answers.Layer{file.Requirements}
	setStack, err := o.readSets(&src)
	if err != nil {
		return src, err
	}
	src.requirements = append(src.requirements, o.form.Requirements)
	src.named, src.usual = cmp.Or(o.stack, setStack, file.Stack), s.user.Stack
	src.stack = cmp.Or(o.form.Stack, src.named, src.usual)
	return src, nil
}

// readSets sorts each --set to the question or the requirement it answers. What
// is neither goes to the questions, whose check names what may have been meant.
func (o *newOptions) readSets(src *sources) (stack string, err error) {
	src.set = answers.Layer{Source: answers.Set, Values: answers.Values{}}
	wanted := answers.Layer{Source: answers.Set, Values: answers.Values{}}
	for _, arg := range o.sets {
		id, value, err := answers.ParseSet(arg)
		if err != nil {
			return "", usagef("such as --set database=postgres", "%w", err)
		}
		if id == "stack" {
			stack = value
			continue
		}
		asked, err := o.f.asked(id)
		if err != nil {
			return "", err
		}
		if _, known := guidance.Schema().Question(id); known && !asked {
			wanted.Values[id] = value
		} else {
			src.set.Values[id] = value
		}
	}
	src.requirements = append(src.requirements, wanted)
	return stack, nil
}

// asked says whether any stack asks a question of this id.
func (f *factory) asked(id string) (bool, error) {
	stacks, err := f.rendered()
	if err != nil {
		return false, err
	}
	schema, err := f.schema(stacks)
	_, found := schema.Question(id)
	return found, err
}

// answersFile reads --answers, without waiting for a standard input that never
// ends once the run is cancelled.
func (o *newOptions) answersFile(ctx context.Context) (*answers.File, error) {
	if o.answers == "" {
		return answers.ParseFile("", nil)
	}
	type result struct {
		data []byte
		err  error
	}
	name, read := o.answers, make(chan result, 1)
	go func() {
		var r result
		if o.answers == "-" {
			r.data, r.err = readBounded(o.f.io.In)
		} else {
			r.data, r.err = readFile(o.answers)
		}
		read <- r
	}()
	if name == "-" {
		name = "standard input"
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-read:
		var at *fs.PathError
		switch {
		case errors.Is(r.err, fs.ErrNotExist):
			return nil, usagef("", "--answers %s: there is no such file", o.answers)
		case errors.Is(r.err, syscall.EISDIR):
			return nil, usagef("", "--answers %s: is a folder, not a file", o.answers)
		case errors.As(r.err, &at):
			return nil, fmt.Errorf("--answers %s: %w", o.answers, at.Err)
		case r.err != nil:
			return nil, fmt.Errorf("--answers %s: %w", o.answers, r.err)
		}
		return answers.ParseFile(name, r.data)
	}
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readBounded(f)
}

// readBounded reads an answers file, and of one that is too large just enough to
// be refused.
func readBounded(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, answers.MaxFile+1))
}

// nameByPath takes the name from the folder where only that tells it.
func (o *newOptions) nameByPath(src sources) error {
	named := cmp.Or(o.target, o.output)
	if _, ok := o.given["name"]; ok || named == "" || o.target == "" && answered("name", src.set, src.file) {
		return nil
	}
	abs, err := filepath.Abs(named)
	if err != nil {
		return err
	}
	o.given["name"] = filepath.Base(abs)
	return nil
}

// place settles the folder, and the name where only the folder tells it.
func (o *newOptions) place(req *request, src sources) error {
	if err := o.nameByPath(src); err != nil {
		return err
	}
	if dir := cmp.Or(o.output, o.target); dir != "" {
		req.dir = filepath.Clean(dir)
		if strings.HasPrefix(req.dir, "-") {
			req.dir = "./" + req.dir // what is shown can be pasted
		}
		return nil
	}
	for _, layer := range []answers.Layer{o.form.Answers, {Values: o.given}, src.set, src.file} {
		if name, ok := layer.Values["name"].(string); ok {
			if err := answers.CheckName(name); err != nil {
				return usagef("", "name %w", err)
			}
			req.dir = name
			return nil
		}
	}
	return usagef("such as: scaffold new shop --stack python-fastapi --yes", "no name: say what the service is called")
}

func answered(id string, layers ...answers.Layer) bool {
	return slices.ContainsFunc(layers, func(l answers.Layer) bool { return l.Values[id] != nil })
}

// chooseStack takes the stack that was named, or else the recommended one if
// anything was said to base a recommendation on.
func (o *newOptions) chooseStack(ctx context.Context, req *request, src sources) error {
	stacks, err := o.f.rendered()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(src.requirements, func(l answers.Layer) bool { return len(l.Values) > 0 }) {
		if req.requirements, err = guidance.ParseLayers(src.requirements...); err != nil {
			return o.f.answersError(err)
		}
		rules, err := o.f.rules(ctx, o.f.chosen()...)
		if err != nil {
			return err
		}
		req.result, err = guidance.Recommend(req.requirements, guidance.Options{Rendered: stacks, Rules: rules})
		if err != nil && !errors.Is(err, guidance.ErrNoAnswers) {
			return o.f.answersError(err)
		}
	}
	switch {
	case slices.Contains(stacks, src.stack):
		req.stack = src.stack
		return nil
	case src.stack != "":
		req.stack, err = knownStack(src.stack, stacks)
		return err
	case req.result == nil:
		return usagef("name one with --stack ("+strings.Join(stacks, ", ")+"), or say what you need with --set (scaffold recommend --help) and the recommended one is taken",
			"no stack was named, and nothing was said to choose one by")
	default:
		req.stack, err = recommended(req.result, stacks)
		if err == nil {
			o.say("Stack %s, as recommended (%s); scaffold recommend says why.", req.stack, req.result.Confidence)
		}
		return err
	}
}

// knownStack resolves a name that is not the id of a stack this build renders.
func knownStack(name string, stacks []string) (string, error) {
	id, ok := guidance.ResolveStack(name)
	switch {
	case slices.Contains(stacks, name):
		return name, nil
	case ok && slices.Contains(stacks, id):
		return id, nil
	case ok:
		return "", usagef("leave out one of them", "the pack makes %s, and --stack names %s", strings.Join(stacks, ", "), id)
	default:
		return "", usagef(answers.DidYouMean(name, stacks), "there is no stack %q", name)
	}
}

// recommended is the stack to generate after a recommendation, if one can be.
func recommended(r *guidance.Result, stacks []string) (string, error) {
	overrule := "scaffold recommend says why; --stack overrules it (" + strings.Join(stacks, ", ") + ")"
	switch {
	case r.Recommended == nil && r.Instead != nil:
		return "", usagef(overrule, "none of the stacks fits what you need; %s does: %s", r.Instead.Use, r.Instead.Why)
	case r.Recommended == nil:
		return "", usagef(overrule, "none of the stacks fits what you need")
	case !slices.Contains(stacks, *r.Recommended):
		return "", usagef(overrule, "%s is recommended, and this version cannot generate it", *r.Recommended)
	default:
		return *r.Recommended, nil
	}
}

// answersError gives wrong or missing answers their exit code, and tells of an
// answer that something else asks for where it belongs.
func (f *factory) answersError(err error) error {
	var all *answers.Problems
	var one answers.Problem
	if errors.As(err, &all) {
		all = &answers.Problems{List: slices.Clone(all.List)}
		for i := range all.List {
			all.List[i].Hint = f.belongs(all.List[i])
		}
		err = all
	} else if errors.As(err, &one) {
		one.Hint = f.belongs(one)
		err = one
	}
	switch {
	case all != nil && len(all.List) > 1:
		return usagef("scaffold list shows every question and its values", "%d answers need a change:\n%w", len(all.List), err)
	case all != nil, one.Message != "":
		return usagef("", "%w", err)
	}
	return err
}

// belongs is the way out of a problem: for an id at the wrong place, the right one.
func (f *factory) belongs(p answers.Problem) string {
	if !p.Unknown {
		return p.Hint
	}
	if _, known := guidance.Schema().Question(p.ID); known {
		return "it belongs below the key \"requirements\""
	}
	if asked, err := f.asked(p.ID); err != nil || !asked {
		return p.Hint
	}
	if strings.HasPrefix(p.Place, "--") {
		return "a question of scaffold new; a recommendation has no use for it"
	}
	return "it belongs below the key \"answers\""
}
