package form

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
)

// kind is how a step is answered.
type kind int

const (
	one    kind = iota // of the choices: a string
	many               // of the choices: []string
	text               // a string
	secret             // a string that is not shown
)

// ask is one question, ready to be put.
type ask struct {
	part     string // the section of the form it belongs to
	title    string
	help     string
	kind     kind
	choices  []choice
	value    any    // what the answer is now: string or []string, nil if there is none
	optional bool   // may be left without an answer
	warning  string // what is wrong with the value that is there
	flag     string // answers it on the command line
}

type choice struct{ value, label, help string }

// cleaned strips from everything to be shown what must not reach a terminal.
func (a ask) cleaned() ask {
	for _, t := range []*string{&a.part, &a.title, &a.help, &a.warning} {
		*t = clean(*t)
	}
	a.choices = slices.Clone(a.choices)
	for i, c := range a.choices {
		c.label, c.help = clean(c.label), clean(c.help)
		if c.label == "" {
			c.label = clean(c.value)
		}
		a.choices[i] = c
	}
	return a
}

// askOf puts a question of a pack or of the guidance.
func askOf(q answers.Question, value any) ask {
	a := ask{title: q.Title, help: q.Help, optional: q.Optional, flag: "--" + q.Flag(), value: value}
	for _, c := range q.Choices {
		a.choices = append(a.choices, choice{value: c.Value, label: c.Label, help: c.Help})
	}
	switch q.Kind {
	case answers.Select:
		a.kind = one
	case answers.MultiSelect:
		a.kind = many
	case answers.Bool:
		a.kind = one
		a.choices = []choice{{value: "true", label: "Yes"}, {value: "false", label: "No"}}
		if on, ok := value.(bool); ok {
			a.value = fmt.Sprint(on)
		}
	case answers.Secret:
		a.kind = secret
	default:
		a.kind = text
		switch v := value.(type) {
		case []string:
			a.value = strings.Join(v, ", ")
		case int:
			a.value = fmt.Sprint(v)
		}
		if q.Kind == answers.List {
			a.help = strings.TrimSpace(a.help + " Separate several by commas.")
		}
	}
	return a
}
