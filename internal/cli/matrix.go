package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
)

// matrixRow is one concern, question or option, and what each stack makes it of.
type matrixRow struct {
	ID    string                `json:"id"`
	Title string                `json:"title"`
	Cells map[string]matrixCell `json:"stacks"` // by stack; one that does not have it is missing
}

type matrixCell struct {
	Of    string   `json:"made_of"`
	Files []string `json:"files"` // that choosing it adds; none for a concern of every project
}

func (o *listOptions) listMatrix(ids []string) error {
	rows := []matrixRow{}
	titles := map[string]string{}
	for _, id := range ids {
		p, err := o.f.load(id)
		if err != nil {
			return err
		}
		titles[id] = p.Title
		for _, made := range p.MadeOf {
			cell, ok, err := cellOf(p, made)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			i := slices.IndexFunc(rows, func(r matrixRow) bool { return r.ID == made.ID })
			if i < 0 {
				i = len(rows)
				q, _ := p.Answerable().Question(made.ID)
				rows = append(rows, matrixRow{made.ID, cmp.Or(made.Title, q.Title, made.ID), map[string]matrixCell{}})
			}
			rows[i].Cells[id] = cell
		}
	}
	switch {
	case o.json:
		return printJSON(o.f.io.Out, map[string]any{"matrix": rows})
	case o.markdown:
		_, err := fmt.Fprint(o.f.io.Out, markdownMatrix(rows, ids, titles))
		return err
	}
	var out strings.Builder
	for i, r := range rows {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "%s (%s)\n", r.Title, r.ID)
		for _, id := range ids {
			if cell, ok := r.Cells[id]; ok {
				fmt.Fprintln(&out, wrap(fmt.Sprintf("%s: %s", titles[id], cell), "  ", o.f.io.Width()))
			}
		}
	}
	_, err := fmt.Fprint(o.f.io.Out, out.String())
	return err
}

func (c matrixCell) String() string {
	switch len(c.Files) {
	case 0:
		return c.Of
	case 1:
		return c.Of + " (1 file)"
	default:
		return fmt.Sprintf("%s (%d files)", c.Of, len(c.Files))
	}
}

// markdownMatrix is one table with a column for each stack.
func markdownMatrix(rows []matrixRow, ids []string, titles map[string]string) string {
	var out strings.Builder
	out.WriteString("| |")
	for _, id := range ids {
		fmt.Fprintf(&out, " %s |", titles[id])
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(ids)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&out, "| %s |", r.Title)
		for _, id := range ids {
			text := "–"
			if cell, ok := r.Cells[id]; ok {
				text = strings.ReplaceAll(cell.String(), "|", `\|`)
			}
			fmt.Fprintf(&out, " %s |", text)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// cellOf is what a stack makes one thing of. It does not have what it neither says
// anything of nor has files for.
func cellOf(p *pack.Pack, made pack.Made) (matrixCell, bool, error) {
	cell := matrixCell{Of: made.Of, Files: []string{}}
	q, asked := p.Answerable().Question(made.ID)
	if !asked {
		return cell, made.Of != "", nil
	}
	chosen, absent, ok := values(q)
	if !ok {
		return cell, made.Of != "", nil // nothing to choose: it is always there
	}
	with, err := paths(p, q.ID, chosen)
	if err != nil {
		return cell, false, err
	}
	without, err := paths(p, q.ID, absent)
	if err != nil {
		return cell, false, err
	}
	for _, path := range slices.Sorted(maps.Keys(with)) {
		if !without[path] {
			cell.Files = append(cell.Files, path)
		}
	}
	return cell, made.Of != "" || len(cell.Files) > 0, nil
}

// values are those with which a question adds something and adds nothing.
func values(q answers.Question) (chosen, absent any, ok bool) {
	if q.Kind == answers.Bool {
		return true, false, true
	}
	const none = "none"
	hasNone := slices.ContainsFunc(q.Choices, func(c answers.Choice) bool { return c.Value == none })
	return q.Default, none, q.Kind == answers.Select && hasNone && q.Default != none
}

// paths are the files of a project with one answer, and otherwise defaults.
func paths(p *pack.Pack, id string, value any) (map[string]bool, error) {
	r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Set, Values: answers.Values{"name": "shop", id: value}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	pl, err := plan.Build(p, r, map[string]any{"decision_record": ""})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	found := make(map[string]bool)
	for _, e := range pl.Entries {
		found[e.Path] = true
	}
	return found, nil
}
