package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
)

// knownOptions refuses ids that are no options of a pack.
func knownOptions(ids []string, schema answers.Schema) error {
	var options []string
	for _, o := range schema.Options {
		options = append(options, o.ID)
	}
	for _, id := range ids {
		if slices.Contains(options, id) {
			continue
		}
		if q, ok := schema.Question(id); ok {
			return usagef("scaffold update --set "+q.ID+"=VALUE answers it anew", "%s is a question, not an option", q.ID)
		}
		return usagef(answers.DidYouMean(id, options), "there is no option %q", id)
	}
	return nil
}

// completeOptions offers the options that a project has, or could have besides,
// and that are not on the command line yet.
func (f *factory) completeOptions(dir *string, addable bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		schema, values, err := f.answered(cmd, *dir)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		for _, o := range schema.Options {
			if has, _ := values[o.ID].(bool); has != addable && !slices.Contains(args, o.ID) {
				out = append(out, cobra.CompletionWithDesc(o.ID, o.Title))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeUpdates offers the questions of a project with their values.
func (f *factory) completeUpdates(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return completeAnswers(func() []answers.Question {
		schema, _, err := f.answered(cmd, folderArg(args))
		if err != nil {
			return nil
		}
		return schema.All()
	})(cmd, args, word)
}

// answered is what a project's pack asks, and what the project answers. It serves
// completion, which waits for no network and writes nothing: a pack in git has no
// questions here.
func (f *factory) answered(cmd *cobra.Command, dir string) (schema answers.Schema, values answers.Values, err error) {
	at, err := projectAbove(dir)
	if err != nil {
		return schema, nil, err
	}
	p, err := openFollowed(at)
	if err != nil {
		return schema, nil, err
	}
	if err := p.root.Close(); err != nil {
		return schema, nil, err
	}
	source, err := pack.ParseSource(p.lock.Pack.Source)
	if err != nil || source.Git != "" {
		return schema, nil, err
	}
	used, _, err := f.loadPack(cmd.Context(), p.lock.Pack.Source, p.dir, nil)
	if err != nil {
		return schema, nil, err
	}
	return used.Answerable(), p.file.Answers.Values, nil
}
