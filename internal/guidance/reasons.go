package guidance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// reasonOf cites a rule.
func reasonOf(r *Rule, speaksFor bool) Reason {
	return Reason{Rule: r.ID, Section: r.Section, For: speaksFor, Statement: r.Statement, Verdict: r.Verdict}
}

// spoken lists the rules that the answers make speak, the weightiest first.
func (m *model) spoken(a Answers) []*Rule {
	var out []*Rule
	for i := range m.rules {
		if _, ok := m.rules[i].speaks(a); ok {
			out = append(out, &m.rules[i])
		}
	}
	slices.SortStableFunc(out, func(x, y *Rule) int { return cmp.Compare(y.strength(a), x.strength(a)) })
	return out
}

// reasons lists the rules for and against a stack, or the hybrid. A rule that
// names an outside stack speaks for the one nearest to it.
func (m *model) reasons(a Answers, stack string) []Reason {
	members := []string{stack}
	if stack == hybrid {
		members = append(slices.Clone(m.Hybrid.Stacks), hybrid)
	}
	out := []Reason{}
	for _, r := range m.spoken(a) {
		favours, _ := r.speaks(a)
		if len(favours) == 0 {
			continue // a practice or a remark: it tells no stacks apart
		}
		one := reasonOf(r, false)
		for _, id := range favours {
			s, _ := m.stack(id)
			if slices.Contains(members, id) {
				one.For, one.Via = true, ""
				break
			}
			if s.Outside && slices.Contains(members, s.Nearest) {
				one.For, one.Via = true, s.ID
			}
		}
		if stack != hybrid && slices.Equal(favours, []string{hybrid}) {
			continue // it is about both, not against one
		}
		out = append(out, one)
	}
	return out
}

// namedOutside lists the outside stacks that speaking rules name.
func (m *model) namedOutside(a Answers) []NotRendered {
	var out []NotRendered
	for _, r := range m.spoken(a) {
		favours, _ := r.speaks(a)
		for _, id := range favours {
			if s, ok := m.stack(id); ok && s.Outside {
				out = append(out, NotRendered{Stack: s.ID, Title: s.Title, Nearest: s.Nearest, Rule: r.ID, Section: r.Section})
			}
		}
	}
	return out
}

// practices lists what the article asks of any stack, given the answers.
func (m *model) practices(a Answers) []Practice {
	out := []Practice{}
	for i := range m.rules {
		r := &m.rules[i]
		if _, ok := r.speaks(a); ok && r.Kind == "practice" {
			out = append(out, Practice{Rule: r.ID, Section: r.Section, Statement: r.Statement})
		}
	}
	return out
}

// addNotes says what must be said: how close it was, what this build renders,
// what the winner lacks, and where the article is contested or outdated.
func (m *model) addNotes(res *Result, a Answers, o Options) {
	first, second := res.Ranking[0], res.Ranking[1]
	if res.Confidence == Close {
		text := fmt.Sprintf("A close call between %s and %s: take either, or let what you know best decide.", first.Title, second.Title)
		if second.Rank == 1 {
			var tied []string
			for _, r := range res.Ranking {
				if r.Rank == 1 {
					tied = append(tied, r.Title)
				}
			}
			text = fmt.Sprintf("A tie between %s: nothing you said tells them apart.", join(tied))
		}
		res.Notes = append(res.Notes, Note{Text: text})
		res.Compare = fmt.Sprintf("scaffold compare --stacks %s,%s", first.Stack, second.Stack)
		res.Notes = append(res.Notes, Note{Text: fmt.Sprintf("`%s` would settle it by measuring both.", res.Compare)})
	}
	if text := m.renderedNote(res, o.Rendered); text != "" {
		res.Notes = append(res.Notes, Note{Text: text})
	}
	chosen := []string{*res.Recommended}
	if chosen[0] == hybrid {
		chosen = m.Hybrid.Stacks
	}
	for _, id := range chosen {
		if s, ok := m.stack(id); ok && s.NoteWhen.holds(a) {
			res.Notes = append(res.Notes, Note{Text: s.Note})
		}
	}
	seen := make(map[string]bool)
	for _, r := range m.spoken(a) {
		if r.Caveat != "" && !seen[r.Caveat] {
			seen[r.Caveat] = true
			res.Notes = append(res.Notes, Note{Rule: r.ID, Verdict: r.Verdict, Text: r.Caveat})
		}
	}
}

// renderedNote says that a recommended stack is not rendered by this build, and
// which of those that are comes nearest in the ranking.
func (m *model) renderedNote(res *Result, rendered []string) string {
	if rendered == nil {
		return ""
	}
	chosen := []string{*res.Recommended}
	if chosen[0] == hybrid {
		chosen = m.Hybrid.Stacks
	}
	var missing []string
	for _, id := range chosen {
		if !slices.Contains(rendered, id) {
			missing = append(missing, m.title(id))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	text := fmt.Sprintf("%s %s not rendered by this version yet", join(missing), verb)
	for _, r := range res.Ranking {
		if slices.Contains(rendered, r.Stack) {
			return fmt.Sprintf("%s; the nearest that is: %s (rank %d of %d).", text, r.Title, r.Rank, len(res.Ranking))
		}
	}
	return text + "."
}

// join lists words: "a", "a and b", "a, b and c".
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " and " + words[n]
}

// show writes an answer as it is typed.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []string:
		return strings.Join(v, ",")
	default:
		return fmt.Sprint(v)
	}
}
