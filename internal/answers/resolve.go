package answers

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"example.com/scaffold/internal/expr"
)

// Source is where a value came from. The greater source wins: this order is the
// one precedence of the whole tool, with and without a terminal.
type Source int

// The sources, weakest first.
const (
	Default Source = iota // the pack's default
	FromPreset
	Team   // the team's defaults
	Config // the person's own configuration file
	FromFile
	Set    // --set id=value
	Flag   // --id value
	Prompt // said in the form, where every other value was shown
	// Required is what the team requires. It wins, and whoever says otherwise is
	// told, instead of finding out later.
	Required
)

// String names the source as messages and --json do.
func (s Source) String() string {
	return [...]string{"default", "preset", "team", "config", "file", "set", "flag", "form", "required"}[s]
}

// Layer is the values of one source.
type Layer struct {
	Source Source
	Name   string // the file, or the preset
	Values Values

	at map[string]string // "line:column" of a value in the file Name
}

// asText says whether values are texts of a command line or a form, which the
// question's type has yet to read.
func (l Layer) asText() bool { return l.Source >= Set && l.Source != Required }

// place names where the layer has the value of a question.
func (l Layer) place(id string) string {
	switch l.Source {
	case Flag:
		return "--" + flagName(id)
	case Set:
		return "--set " + id
	case Prompt:
		return "form"
	case FromPreset:
		return "preset " + l.Name
	case Default:
		return "default"
	default:
		if at := l.at[id]; at != "" {
			return l.Name + ":" + at
		}
		return l.Name
	}
}

// Entry is one answer that applies.
type Entry struct {
	Question Question
	Value    any
	Source   Source
	From     string // "answers.yaml:3:5", "--database", "preset minimal", "default"
}

// Resolved is a set of answers, one value for each question that applies.
type Resolved struct {
	schema  Schema
	entries []Entry
	data    map[string]any
	// Dropped names the answers that were given but do not apply.
	Dropped []string
}

// Resolve makes one set of answers of several layers, the greater Source
// winning, and of two layers of one source the later. The error, if any, is a
// *Problems; Resolved is then filled as far as could be.
func Resolve(schema Schema, layers ...Layer) (Resolved, error) {
	res := resolver{Resolved: Resolved{schema: schema, data: make(map[string]any)}}
	all := schema.All()
	for _, q := range all {
		res.data[q.ID] = q.Kind.Zero()
	}
	res.layers = slices.Clone(layers)
	slices.SortStableFunc(res.layers, func(a, b Layer) int { return cmp.Compare(a.Source, b.Source) })
	res.checkIDs(schema.IDs())
	res.addPreset()
	for _, q := range all {
		res.answer(q)
		res.checkRequired(q)
	}
	for _, o := range schema.Options {
		if on, _ := res.data[o.ID].(bool); on {
			res.checkOption(o)
		}
	}
	return res.Resolved, res.problems.err()
}

type resolver struct {
	Resolved
	layers   []Layer
	problems Problems
}

// checkIDs refuses unknown ids, but for the person's configuration: it serves
// every stack, and another stack may ask what this one does not.
func (r *resolver) checkIDs(known []string) {
	for _, l := range r.layers {
		if l.Source == Config || l.Source == Team || l.Source == Required {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(l.Values)) {
			if !slices.Contains(known, id) {
				r.problems.add(Problem{ID: id, Unknown: true, Place: l.place(id), Message: fmt.Sprintf("unknown answer %q", id), Hint: DidYouMean(id, known)})
			}
		}
	}
}

// addPreset puts the values of the chosen preset into their place in the order.
func (r *resolver) addPreset() {
	q, ok := r.schema.Question(PresetID)
	if !ok {
		return
	}
	value := q.Default
	if l, ok := r.pick(PresetID); ok {
		value = l.Values[PresetID]
	}
	for _, p := range r.schema.Presets {
		if p.ID == value {
			i := slices.IndexFunc(r.layers, func(l Layer) bool { return l.Source > FromPreset })
			if i < 0 {
				i = len(r.layers)
			}
			r.layers = slices.Insert(r.layers, i, Layer{Source: FromPreset, Name: p.ID, Values: p.Set})
			return
		}
	}
}

// pick is the precedence: the last layer, in the order of sources, that has a
// value for the question.
func (r *resolver) pick(id string) (Layer, bool) {
	for _, l := range slices.Backward(r.layers) {
		if v, ok := l.Values[id]; ok && v != nil {
			return l, true
		}
	}
	return Layer{}, false
}

// answer settles one question.
func (r *resolver) answer(q Question) {
	given, found := r.pick(q.ID)
	applies, err := expr.Holds(q.When, r.data)
	if err != nil {
		r.problems.add(Problem{ID: q.ID, Message: fmt.Sprintf("question %s: %v", q.ID, err)})
		return
	}
	if !applies {
		switch {
		case found && (given.Source == Set || given.Source == Flag):
			r.problems.add(Problem{
				ID: q.ID, Place: given.place(q.ID),
				Message: fmt.Sprintf("%s does not apply here: it is asked only when %s", q.ID, q.When), Hint: "leave it out",
			})
		case found && given.Source > FromPreset:
			r.Dropped = append(r.Dropped, q.ID)
		}
		return
	}
	if !found {
		r.answerDefault(q)
		return
	}
	value, err := q.convert(given.Values[q.ID], given.asText())
	if err != nil {
		r.problems.add(Problem{ID: q.ID, Place: given.place(q.ID), Message: fmt.Sprintf("%s %v", q.ID, err)})
		return
	}
	r.set(q, value, given.Source, given.place(q.ID))
}

// checkRequired complains about every explicit answer that the team rules out.
func (r *resolver) checkRequired(q Question) {
	given, found := r.pick(q.ID)
	if !found || given.Source != Required {
		return
	}
	for _, l := range r.layers {
		v, said := l.Values[q.ID]
		if !said || v == nil || l.Source < FromFile || l.Source == Required {
			continue
		}
		value, err := q.convert(v, l.asText())
		if err == nil && !reflect.DeepEqual(value, r.data[q.ID]) {
			r.problems.add(Problem{
				ID: q.ID, Place: l.place(q.ID), Message: fmt.Sprintf("%s is %v, but your team requires %v (%s)", q.ID, value, r.data[q.ID], given.place(q.ID)), Hint: "leave it out",
			})
		}
	}
}

func (r *resolver) answerDefault(q Question) {
	switch {
	case q.Default == nil && q.Optional:
		r.set(q, q.Kind.Zero(), Default, "default")
		return
	case q.Default == nil:
		r.problems.add(Problem{ID: q.ID, Message: "no answer for " + q.ID + ": " + q.Title, Hint: "give it with --" + q.Flag(), Missing: true})
		return
	}
	value := q.Default
	text, ok := value.(string)
	if ok {
		rendered, err := expr.Text("default", text, r.data)
		if err != nil {
			r.problems.add(Problem{ID: q.ID, Message: fmt.Sprintf("default of %s: %v", q.ID, err)})
			return
		}
		value = rendered
	}
	// A template writes a number, a yes or no, or a list as text.
	value, err := q.convert(value, ok && strings.Contains(text, expr.Left))
	if err != nil {
		r.problems.add(Problem{ID: q.ID, Place: "default", Message: fmt.Sprintf("%s %v", q.ID, err), Hint: "give it with --" + q.Flag()})
		return
	}
	r.set(q, value, Default, "default")
}

func (r *resolver) set(q Question, value any, source Source, from string) {
	r.data[q.ID] = value
	r.entries = append(r.entries, Entry{q, value, source, from})
}

// checkOption holds a chosen option against what it needs and excludes.
func (r *resolver) checkOption(o Option) {
	complain := func(verb, term string) {
		id, _, _ := strings.Cut(term, "=")
		e, _ := r.entry(o.ID)
		other, answered := r.entry(id)
		msg := fmt.Sprintf("%s %s %s", o.ID, verb, term)
		if answered {
			msg += fmt.Sprintf(", but %s is %v (%s)", id, other.Value, other.From)
		}
		if o.Why != "" {
			msg += ": " + o.Why
		}
		hint := fmt.Sprintf("set %s, or leave %s out", term, o.ID)
		if verb == "excludes" {
			hint = fmt.Sprintf("leave out one of %s and %s", o.ID, id)
		}
		r.problems.add(Problem{ID: o.ID, Place: e.From, Message: msg, Hint: hint})
	}
	for _, term := range o.Needs {
		if !r.termHolds(term) {
			complain("needs", term)
		}
	}
	for _, term := range o.Excludes {
		if r.termHolds(term) {
			complain("excludes", term)
		}
	}
}

// termHolds evaluates "option" or "question=value|value".
func (r *resolver) termHolds(term string) bool {
	id, values, hasValue := strings.Cut(term, "=")
	if !hasValue {
		on, _ := r.data[id].(bool)
		return on
	}
	text, _ := r.data[id].(string)
	return slices.Contains(strings.Split(values, "|"), text)
}

func (r Resolved) entry(id string) (Entry, bool) {
	i := slices.IndexFunc(r.entries, func(e Entry) bool { return e.Question.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return r.entries[i], true
}

// Entries lists the answers that apply, in the order of the questions.
func (r Resolved) Entries() []Entry { return slices.Clone(r.entries) }

// Value is the answer to a question, and whether there is one that applies.
func (r Resolved) Value(id string) (any, bool) {
	e, ok := r.entry(id)
	return e.Value, ok
}

// Text is the answer to a text or select question, "" if it does not apply.
func (r Resolved) Text(id string) string {
	text, _ := r.data[id].(string)
	return text
}

// Source is where the answer came from; Default if there is none.
func (r Resolved) Source(id string) Source {
	e, _ := r.entry(id)
	return e.Source
}

// Values maps the id of each question that applies to its answer.
func (r Resolved) Values() Values {
	values := make(Values, len(r.entries))
	for _, e := range r.entries {
		values[e.Question.ID] = e.Value
	}
	return values
}

// Data maps every id to its answer, those that do not apply to the zero value
// of their kind, so that a template may name any of them.
func (r Resolved) Data() map[string]any { return maps.Clone(r.data) }

// Options lists the options that are on, in the order of the manifest.
func (r Resolved) Options() []string {
	on := []string{}
	for _, o := range r.schema.Options {
		if r.data[o.ID] == true {
			on = append(on, o.ID)
		}
	}
	return on
}

// Visible lists the questions that apply now, answered or not.
func (r Resolved) Visible() []Question {
	var visible []Question
	for _, q := range r.schema.All() {
		if applies, err := expr.Holds(q.When, r.data); err == nil && applies {
			visible = append(visible, q)
		}
	}
	return visible
}

// Schema is what the answers answer.
func (r Resolved) Schema() Schema { return r.schema }

// Args lists the flags that reproduce these answers on a machine without any
// configuration: what differs from defaults and preset, in the order of the
// questions. Secrets are left out. They are not quoted for a shell.
func (r Resolved) Args() []string {
	base, _ := Resolve(r.schema, Layer{Source: Flag, Values: Values{PresetID: r.data[PresetID]}})
	if _, ok := r.schema.Question(PresetID); !ok {
		base, _ = Resolve(r.schema)
	}
	plain, _ := Resolve(r.schema)
	args := []string{}
	for _, e := range r.entries {
		from := base
		if e.Question.ID == PresetID {
			from = plain
		}
		if got, ok := from.Value(e.Question.ID); ok && reflect.DeepEqual(got, e.Value) || e.Question.Kind == Secret {
			continue
		}
		flag := "--" + e.Question.Flag()
		switch v := e.Value.(type) {
		case bool:
			if v {
				args = append(args, flag)
			} else {
				args = append(args, flag+"=false")
			}
		case []string:
			args = append(args, flag+"="+strings.Join(v, ","))
		default:
			args = append(args, fmt.Sprintf("%s=%v", flag, v))
		}
	}
	return args
}

func flagName(id string) string { return strings.ReplaceAll(id, "_", "-") }
