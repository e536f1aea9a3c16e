package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/merge3"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/update"
	"example.com/scaffold/internal/vcs"
)

// updateOptions are those of update, and of add and remove, which are updates
// that change one answer.
type updateOptions struct {
	f    *factory
	dir  string
	sets []string
	wish wish
	to   string // --to: another ref of the same repository

	plan, check, json, theirsFile bool
}

func newUpdateCmd(f *factory) *cobra.Command {
	o := &updateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "update [DIR]",
		Short: "Bring a project up to date with its pack, keeping what you wrote",
		Long: "Bring a generated project up to date with its pack, or with other answers.\n\n" +
			"Three versions of each file meet: what the pack gave last time (it travels with the project), what it gives " +
			"now, and what is on the disk. What only one side changed is taken; edits of both are merged line by line; " +
			"where both changed the same lines, both stand between conflict markers. Everything is written or nothing, " +
			"and scaffold undo takes the last run back.\n\n" +
			"Exit codes: 0 done or nothing to do, 3 conflicts are left, 4 an update is waiting (--check).",
		Example: "  scaffold update\n" +
			"  scaffold update --plan\n" +
			"  scaffold update --set ci=gitlab\n" +
			"  scaffold update --check ../shop",
		Args: atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = folderArg(args)
			var err error
			if o.wish.set, err = setLayer(o.sets); err != nil {
				return err
			}
			return runUpdate(cmd.Context(), o)
		},
	}
	cmd.Flags().StringArrayVar(&o.sets, "set", nil, "change an answer by `id=value`; may be repeated")
	cmd.Flags().StringVar(&o.to, "to", "", "go to this tag, branch or commit (`REF`) of the pack's repository")
	cmd.Flags().StringVar(&o.wish.source, "pack", "", "follow another pack from now on: `SOURCE` as for scaffold new")
	cmd.Flags().BoolVar(&o.check, "check", false, "only say whether an update is waiting; exit 4 if so")
	o.flags(cmd)
	if err := cmd.RegisterFlagCompletionFunc("set", f.completeUpdates); err != nil {
		panic(err) // the flag was made above
	}
	return cmd
}

// newOptionCmd is add or remove.
func newOptionCmd(f *factory, verb, short string, on bool) *cobra.Command {
	o := &updateOptions{f: f}
	cmd := &cobra.Command{
		Use:   verb + " OPTION...",
		Short: short,
		Long: short + ".\n\nIt is an update that changes one answer: files you changed are merged, never lost. " +
			"Adding an option and removing it again gives back the same bytes. scaffold list shows the options.",
		Example: "  scaffold " + verb + " idempotency\n  scaffold " + verb + " kubernetes --plan",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("scaffold list shows the options", "%s which option?", verb)
			}
			o.wish = wish{pinned: true, set: answers.Layer{Source: answers.Set, Values: answers.Values{}}}
			these := strings.Join(args, ", ")
			o.wish.title, o.wish.done = "removal of "+these, "Removed "+these
			if on {
				o.wish.title, o.wish.done = "addition of "+these, "Added "+these
			}
			for _, arg := range args {
				id := strings.ReplaceAll(arg, "-", "_")
				o.wish.option = append(o.wish.option, id)
				o.wish.set.Values[id] = on
			}
			o.wish.idle = "has no " + these
			if on {
				o.wish.idle = "has " + these
			}
			return runUpdate(cmd.Context(), o)
		},
	}
	cmd.ValidArgsFunction = f.completeOptions(&o.dir, on)
	cmd.Flags().StringVar(&o.dir, "dir", ".", "the project's `DIR`")
	o.flags(cmd)
	return cmd
}

func (o *updateOptions) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&o.plan, "plan", false, "show what would happen to each file; write nothing")
	fs.BoolVar(&o.json, "json", false, "print it as JSON")
	fs.BoolP("yes", "y", false, "ask nothing, as an update never does")
	fs.BoolVar(&o.theirsFile, "theirs-file", false, "on a conflict leave your file as it is and lay the pack's beside it, as NAME"+update.BesideSuffix)
}

func atMostOneFolder(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef(fmt.Sprintf("see %s --help", cmd.CommandPath()), "%s takes one folder, not %d", cmd.CommandPath(), len(args))
	}
	return nil
}

func folderArg(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return "."
}

func setLayer(sets []string) (answers.Layer, error) {
	layer := answers.Layer{Source: answers.Set, Values: answers.Values{}}
	for _, arg := range sets {
		id, value, err := answers.ParseSet(arg)
		if err != nil {
			return layer, usagef("such as --set database=postgres", "%w", err)
		}
		layer.Values[id] = value
	}
	return layer, nil
}

// following is one update on its way to the disk.
type following struct {
	p     *followed
	gen   *generation // what pack and answers give today
	plan  update.Plan
	edits []project.Edit // of the files, and at the end of what the project carries
	newer string         // tag of a newer version than the one that the project names, "" if it follows
	title string         // in the journal
	done  string         // what is said at the end
}

// runUpdate brings a project to what its pack gives today, or what was wished.
func runUpdate(ctx context.Context, o *updateOptions) (err error) {
	hurry()
	p, err := o.f.follow(o.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.root.Close()) }()
	if err := o.retarget(p); err != nil {
		return err
	}
	u, err := o.f.plan(ctx, p, o.wish, o.theirsFile)
	if asks := (*asksError)(nil); o.check && errors.As(err, &asks) {
		return o.printAsked(p, asks)
	}
	if err != nil {
		return err
	}
	switch {
	case o.check:
		return o.printCheck(u)
	case len(u.edits) > 0 && !o.plan:
		if err := project.Apply(ctx, p.dir, u.title, u.edits, project.Options{}); err != nil {
			return err
		}
		if err := markConflicts(ctx, p.dir, u.plan); err != nil {
			fmt.Fprintf(o.f.io.Err, "scaffold: git was not told of the conflicts: %v\n", err)
		}
	}
	if err := o.print(u); err != nil {
		return err
	}
	if len(u.plan.Conflicts()) > 0 {
		return quiet(exitConflicts)
	}
	return nil
}

// retarget settles which source is wished. A folder given by --pack is seen from
// where the person is, one in the project from there.
func (o *updateOptions) retarget(p *followed) (err error) {
	if o.wish.source != "" {
		if o.wish.source, err = sourceFrom(o.wish.source, p.dir); err != nil {
			return usagef("", "--pack: %w", err)
		}
	}
	if o.to == "" {
		return nil
	}
	s, err := pack.ParseSource(cmp.Or(o.wish.source, p.lock.Pack.Source))
	if err != nil {
		return err
	}
	if s.Git == "" {
		return usagef("only a pack in git has tags and branches", "--to: the pack of %s is %s", p.dir, s)
	}
	s.Ref = o.to
	o.wish.source = s.String()
	return nil
}

// plan works out an update without touching anything.
func (f *factory) plan(ctx context.Context, p *followed, w wish, theirsFile bool) (*following, error) {
	req, err := p.request(ctx, f, w)
	if err != nil {
		return nil, err
	}
	now := req.pack.Name + " " + req.pack.Version
	u := &following{p: p, title: cmp.Or(w.title, "update to "+now), done: cmp.Or(w.done, "Now at "+now)}
	if req.named == "" { // else the team says which
		u.newer = f.newer[req.source]
	}
	if u.gen, err = f.build(req); err != nil {
		return nil, err
	}
	base, err := without(p.base)
	if err != nil {
		return nil, err
	}
	theirs, err := without(u.gen.tree)
	if err != nil {
		return nil, err
	}
	disk := onDisk{p.root}
	u.plan, err = update.New(base, theirs, disk, update.Options{
		Policy: policies(u.gen.plan), Renames: renames(u.gen.plan, p.lock.Pack.Version), TheirsFile: theirsFile, Label: now,
	})
	if err != nil {
		return nil, err
	}
	for _, s := range u.plan.Steps {
		if err := u.add(disk, s); err != nil {
			return nil, err
		}
	}
	return u, u.carry(disk)
}

// renames are the paths that the pack gave other names since a version.
func renames(pl *plan.Plan, version string) map[string]string {
	files, _ := pl.Pack.Since(version)
	named := pl.Replacer()
	paths := make(map[string]string, len(files))
	for before, now := range files {
		paths[named.Replace(before)] = named.Replace(now)
	}
	return paths
}

// add turns a step into edits.
func (u *following) add(disk onDisk, s update.Step) error {
	if s.File != nil || s.Remove {
		if err := u.edit(disk, s.Path, s.File); err != nil {
			return err
		}
	}
	if s.Beside != "" {
		return u.edit(disk, s.Beside, s.Theirs)
	}
	return nil
}

func (u *following) edit(disk onDisk, p string, f *tree.File) error {
	was, err := disk.Look(p)
	if err != nil {
		return err
	}
	e := project.Edit{Path: p, File: f}
	if was.Kind == update.Regular {
		e.Was = &was.File
		if f != nil && f.Exec == was.File.Exec && bytes.Equal(f.Data, was.File.Data) {
			return nil
		}
	}
	u.edits = append(u.edits, e)
	return nil
}

// carry adds what the project says of its origin, if there is anything new to
// say. Another version of this program that renders the same bytes is nothing new.
func (u *following) carry(disk onDisk) error {
	ref := u.gen.ref
	if len(u.edits) == 0 && !u.p.merge && samePack(ref, u.p.lock.Pack) && u.gen.hash == u.p.lock.Tree {
		return nil
	}
	for _, p := range []string{project.AnswersPath, schemaPath, project.BasePath, project.LockPath} {
		f, _ := u.gen.tree.Get(p)
		if p == project.AnswersPath {
			f.Data = u.keepComments(disk, f.Data)
		}
		if err := u.edit(disk, p, &f); err != nil {
			return err
		}
	}
	return nil
}

// keepComments merges today's answers into the file as the person left it; if
// both changed the same lines, the answers as they are now win.
func (u *following) keepComments(disk onDisk, theirs []byte) []byte {
	base, ok := u.p.base.Get(project.AnswersPath)
	ours, err := disk.Look(project.AnswersPath)
	if !ok || err != nil || ours.Kind != update.Regular {
		return theirs
	}
	merged := merge3.Merge(base.Data, ours.File.Data, theirs, merge3.Labels{})
	if _, err := answers.ParseFile(project.AnswersPath, merged.Text); err != nil || !merged.Clean() {
		return theirs
	}
	return merged.Text
}

func samePack(a, b project.PackRef) bool {
	if a.Source != b.Source || a.Version != b.Version || a.Digest != b.Digest || len(a.Parts) != len(b.Parts) {
		return false
	}
	for into, part := range a.Parts {
		if other, ok := b.Parts[into]; !ok || !samePack(part, other) {
			return false
		}
	}
	return true
}

// markConflicts gives git the three versions of each file with markers, so that
// the editor's merge tool opens on it.
func markConflicts(ctx context.Context, dir string, plan update.Plan) error {
	var list []vcs.Conflict
	for _, s := range plan.Conflicts() {
		if s.Markers > 0 {
			list = append(list, vcs.Conflict{Path: s.Path, Base: s.Base, Ours: s.Ours, Theirs: s.Theirs})
		}
	}
	return vcs.MarkConflicts(ctx, dir, list)
}
