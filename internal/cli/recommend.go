package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare"
	"example.com/scaffold/internal/compare/claims"
	"example.com/scaffold/internal/guidance"
)

type recommendOptions struct {
	f        *factory
	set      []string // "id=value"
	weights  []string // "id=weight"
	file     string   // answers file, "-" for standard input
	evidence string   // folder of a comparison
	json     bool
	markdown bool
}

func newRecommendCmd(f *factory) *cobra.Command {
	o := &recommendOptions{f: f}
	cmd := &cobra.Command{
		Use:   "recommend",
		Short: "Say which stack fits a project, and why",
		Long: "recommend ranks the stacks for what a project asks of them: the score by criterion, the rules that\n" +
			"speak for and against (each with the section of the article it comes from), how sure the result is,\n" +
			"and which single change of an answer would give another one. Nothing is written.\n\n" +
			"An importance is a number from 0 (does not matter) to 5 (decides), everything else one of a few words.\n" +
			"Say what you know and leave the rest out. Without anything, it lists what can be said.",
		Example: "  scaffold recommend --set ai_ml=5 --set team=python\n" +
			"  scaffold recommend --set realtime=4 --set team=ts --markdown > why.md\n" +
			"  scaffold recommend --answers answers.yaml --json\n" +
			"  scaffold recommend --set api_throughput=5 --evidence comparison/",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRecommend(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.set, "set", nil, "what the project asks for, `ID=VALUE`; may be repeated")
	flags.StringVar(&o.file, "answers", "", "read `FILE`, where it stands below \"requirements:\" (- for standard input)")
	flags.StringArrayVar(&o.weights, "weight", nil, "let a criterion count for more or less, `ID=WEIGHT` (0 to 10); may be repeated")
	flags.StringVar(&o.evidence, "evidence", "", "let the `FOLDER` of a comparison speak: claims that it supports are no longer in doubt, claims\n"+
		"that it refutes tell no stacks apart")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.BoolVar(&o.markdown, "markdown", false, "print Markdown, with every rule and note")
	vocabulary := func() []answers.Question { return guidance.Schema().Questions }
	for _, flag := range []string{"set", "weight"} {
		if err := cmd.RegisterFlagCompletionFunc(flag, completeAnswers(vocabulary)); err != nil {
			panic(err) // the flags are defined above
		}
	}
	return cmd
}

func runRecommend(ctx context.Context, o *recommendOptions) error {
	if o.json && o.markdown {
		return usagef("leave one of them out", "--json and --markdown exclude each other")
	}
	said, err := o.answers(ctx)
	if err != nil {
		return err
	}
	weights, err := parseWeights(o.weights)
	if err != nil {
		return err
	}
	rendered, err := o.f.rendered()
	if err != nil {
		return err
	}
	evidence, err := readEvidence(o.evidence)
	if err != nil {
		return err
	}
	rules, err := o.f.rules(ctx)
	if err != nil {
		return err
	}
	result, err := guidance.Recommend(said, guidance.Options{Rendered: rendered, Weights: weights, Evidence: evidence, Rules: rules})
	switch {
	case errors.Is(err, guidance.ErrNoAnswers):
		return usagef(whatToSay(o.f.io.Width()-2), "%w", err)
	case err != nil:
		return o.f.answersError(err)
	case o.json:
		return printJSON(o.f.io.Out, result)
	case o.markdown:
		_, err = io.WriteString(o.f.io.Out, result.Markdown())
	default:
		_, err = io.WriteString(o.f.io.Out, result.Text(o.f.io.Width()))
	}
	return err
}

// answers reads the file and the flags; a flag wins.
func (o *recommendOptions) answers(ctx context.Context) (guidance.Answers, error) {
	var layers []answers.Layer
	if o.file != "" {
		file, err := (&newOptions{f: o.f, answers: o.file}).answersFile(ctx)
		if err != nil {
			return nil, o.f.answersError(err)
		}
		layers = append(layers, file.Requirements)
	}
	for _, pair := range o.set {
		id, value, err := answers.ParseSet(pair)
		if err != nil {
			return nil, usagef("", "%w", err)
		}
		layers = append(layers, answers.Layer{Source: answers.Set, Values: answers.Values{id: value}})
	}
	said, err := guidance.ParseLayers(layers...)
	if err != nil {
		return nil, o.f.answersError(err)
	}
	return said, nil
}

// readEvidence judges the claims by a comparison, if there is one.
func readEvidence(dir string) (map[string]guidance.Measured, error) {
	if dir == "" {
		return nil, nil
	}
	c, err := compare.Load(dir)
	if err != nil {
		err = fmt.Errorf("--evidence: %w (it is the folder that `scaffold compare --out` wrote)", err)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("", "%w", err)
		}
		return nil, err
	}
	evidence := map[string]guidance.Measured{}
	for _, f := range claims.Judge(c) {
		evidence[f.Rule] = guidance.Measured{Outcome: string(f.Outcome), Because: f.Because}
	}
	return evidence, nil
}

func parseWeights(pairs []string) (map[string]float64, error) {
	weights := make(map[string]float64, len(pairs))
	for _, pair := range pairs {
		id, text, ok := strings.Cut(pair, "=")
		weight, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			return nil, usagef("", "--weight %s: write it as --weight id=number, such as --weight team=2.5", pair)
		}
		weights[strings.ReplaceAll(id, "-", "_")] = weight
	}
	return weights, nil
}

// whatToSay lists the vocabulary, for a person who gave nothing, in lines of a
// width in columns.
func whatToSay(width int) string {
	var out strings.Builder
	out.WriteString("give at least one, such as: scaffold recommend --set team=python --set ai_ml=4\n")
	importance := "importance 0 to 5:"
	for _, c := range guidance.Vocabulary() {
		if c.Kind == guidance.Importance {
			importance += " " + c.ID
		}
	}
	out.WriteString(wrap(importance, "", width))
	for _, c := range guidance.Vocabulary() {
		if c.Kind == guidance.Choice {
			out.WriteString("\n" + wrap(c.ID+": "+strings.Join(c.Values, ", "), "", width))
		}
	}
	return out.String()
}
