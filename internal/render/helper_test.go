package render_test

import (
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/templates"
)

// decisionRecord stands for what the recommendation writes.
const decisionRecord = "# Use this stack\n\nIt fits.\n"

func load(tb testing.TB, stack string) *pack.Pack {
	tb.Helper()
	p, err := pack.Load("builtin:"+stack, pack.Builtin(templates.FS))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// planFor plans a stack's project of some answers.
func planFor(tb testing.TB, stack string, values answers.Values) *plan.Plan {
	tb.Helper()
	p := load(tb, stack)
	r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: values})
	if err != nil {
		tb.Fatal(err)
	}
	pl, err := plan.Build(p, r, map[string]any{"decision_record": decisionRecord, "subpath": ""})
	if err != nil {
		tb.Fatal(err)
	}
	return pl
}

func rendered(tb testing.TB, stack string, values answers.Values) *tree.Tree {
	tb.Helper()
	t, err := render.Render(planFor(tb, stack, values))
	if err != nil {
		tb.Fatal(stack, ": ", err)
	}
	return t
}

// service is the preset "service" with the answers a person would give.
func service() answers.Values {
	return answers.Values{
		"name": "corner-shop", "description": "Sells things around the corner.", "author": "Ada Example",
		"owner": "@acme/backend", "contact": "security@example.com",
	}
}

// everything is service with every option on.
func everything() answers.Values {
	v := service()
	for _, option := range []string{"native", "idempotency", "kubernetes", "devcontainer"} {
		v[option] = true
	}
	return v
}
