package form

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"example.com/scaffold/internal/iostreams"
)

// maxInput bounds all input, in bytes.
const maxInput = 1 << 20

// What a line may say instead of an answer.
const (
	lineBack = "<" // to the question before
	lineWhy  = "?" // all reasons
	lineNone = "-" // no answer, or none of the choices
)

// prompter asks line by line: nothing is drawn over, every choice has a number,
// and an answer that is not taken is asked for again with the reason.
type prompter struct {
	s     *session
	io    *iostreams.IOStreams
	in    *bufio.Reader
	shown string // the recommendation last printed, not to repeat it
}

// runLines runs the form line by line.
func runLines(ctx context.Context, streams *iostreams.IOStreams, s *session) error {
	p := &prompter{s: s, io: streams, in: bufio.NewReader(io.LimitReader(streams.In, maxInput))}
	p.say("One question at a time. Enter alone takes what stands in brackets; %q goes back.", lineBack)
	for !s.done {
		if err := p.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *prompter) say(format string, args ...any) {
	for _, l := range wrap(fmt.Sprintf(format, args...), p.io.Width()) {
		fmt.Fprintln(p.io.Out, l)
	}
}

// step puts one question until it has an answer.
func (p *prompter) step(ctx context.Context) error {
	a := p.s.ask()
	if p.s.at.name == stepSummary {
		if ok, err := p.summary(ctx); err != nil || !ok {
			return err
		}
	}
	if p.s.at.name == stepStack && p.s.mode == modeHelp {
		p.reasons(false)
	}
	fmt.Fprintln(p.io.Out)
	p.say("%s: %s", p.s.progress(a.part), a.title)
	if a.help != "" {
		p.say("%s", a.help)
	}
	if a.warning != "" {
		p.say("! %s", a.warning)
	}
	for i, c := range a.choices {
		line := c.label
		if c.help != "" {
			line += ": " + c.help
		}
		for _, l := range hang(fmt.Sprintf("%3d  ", i+1), line, p.io.Width()) {
			fmt.Fprintln(p.io.Out, l)
		}
	}
	for {
		line, err := p.read(ctx, a)
		if err != nil {
			return err
		}
		switch line {
		case lineBack:
			if !p.s.back() {
				p.say("This is the first question.")
				continue
			}
			return nil
		case lineWhy:
			p.shown = ""
			p.reasons(true)
			continue
		}
		value, err := a.parse(line)
		if err == nil {
			err = p.s.submit(value)
		}
		if err == nil || errors.Is(err, errStopped) {
			_, _ = p.s.save() // the run that is stopped says if that fails
			return err
		}
		p.say("! %s.", sentence(clean(err.Error())))
	}
}

// read waits for a line of input, in the background, because a read cannot be
// interrupted. The last line counts without a line break as well.
func (p *prompter) read(ctx context.Context, a ask) (string, error) {
	fmt.Fprintf(p.io.Out, "%s> ", a.bracket())
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	hidden := a.kind == secret && p.io.InTTY
	go func() {
		if f, ok := p.io.In.(interface{ Fd() uintptr }); ok && hidden {
			line, err := term.ReadPassword(int(f.Fd()))
			done <- result{string(line), err}
			return
		}
		line, err := p.in.ReadString('\n')
		done <- result{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case <-ctx.Done():
		return "", errStopped
	case r := <-done:
		if hidden || !p.io.InTTY || r.err != nil {
			fmt.Fprintln(p.io.Out) // the terminal echoed no line break
		}
		switch {
		case r.err != nil && (r.line == "" || !errors.Is(r.err, io.EOF)):
			return "", &EndedError{Question: a.title, Flag: a.flag}
		case a.kind == secret:
			return r.line, nil
		}
		return strings.TrimSpace(r.line), nil
	}
}

// bracket is the answer that an empty line gives.
func (a ask) bracket() string {
	var now string
	switch v := a.value.(type) {
	case string:
		now = v
	case []string:
		now = strings.Join(v, ",")
	}
	switch a.kind {
	case one:
		if i := a.number(now); i > 0 {
			return fmt.Sprintf("[%d] ", i)
		}
		if a.optional {
			return "[skip] "
		}
		return ""
	case many:
		var numbers []string
		for v := range strings.SplitSeq(now, ",") {
			if i := a.number(v); i > 0 {
				numbers = append(numbers, strconv.Itoa(i))
			}
		}
		if len(numbers) == 0 {
			return "(several: 1,3) [none] "
		}
		return "(several: 1,3; none: " + lineNone + ") [" + strings.Join(numbers, ",") + "] "
	case secret:
		return ""
	default:
		if now = clean(now); now != "" {
			return "[" + now + "] "
		}
		if a.optional {
			return "[none] "
		}
		return ""
	}
}

// number is the number of a value among the choices, from 1; 0 if it is none.
func (a ask) number(value string) int {
	return 1 + slices.IndexFunc(a.choices, func(c choice) bool { return c.value == value })
}

// parse makes a line an answer: the number or the value of a choice, several of
// them, or a text.
func (a ask) parse(line string) (any, error) {
	switch {
	case line == "" && (a.kind == one && (a.optional || a.value == nil || a.value == "")):
		if a.value != nil && a.value != "" {
			return a.value, nil
		}
		if a.optional {
			return nil, nil // no answer is an answer here
		}
		return nil, fmt.Errorf("type a number from 1 to %d", len(a.choices))
	case line == "" && a.kind != secret:
		if a.value == nil {
			return "", nil
		}
		return a.value, nil
	case line == lineNone && a.optional:
		if a.kind == many {
			return []string{}, nil
		}
		if a.kind == text {
			return "", nil
		}
		return nil, nil
	}
	switch a.kind {
	case one:
		return a.pick(line)
	case many:
		picked := []string{}
		for item := range strings.SplitSeq(line, ",") {
			value, err := a.pick(strings.TrimSpace(item))
			if err != nil {
				return nil, err
			}
			if !slices.Contains(picked, value) {
				picked = append(picked, value)
			}
		}
		return picked, nil
	default:
		return line, nil
	}
}

func (a ask) pick(word string) (string, error) {
	if i, err := strconv.Atoi(word); err == nil && i >= 1 && i <= len(a.choices) {
		return a.choices[i-1].value, nil
	}
	if slices.ContainsFunc(a.choices, func(c choice) bool { return c.value == word }) {
		return word, nil
	}
	return "", fmt.Errorf("%q is no choice; type a number from 1 to %d", clean(word), len(a.choices))
}

// reasons prints the recommendation, unless it was printed already.
func (p *prompter) reasons(asked bool) {
	r := p.s.recommend(nil)
	if r == nil {
		if asked {
			p.say("Nothing was said yet that tells the stacks apart.")
		}
		return
	}
	if text := r.Text(p.io.Width()); text != p.shown {
		p.shown = text
		fmt.Fprintf(p.io.Out, "\n%s", text)
	}
}

// summary prints what would be made. If that cannot be worked out it says why
// and goes back one question.
func (p *prompter) summary(ctx context.Context) (ok bool, err error) {
	pv, err := p.s.in.Preview(ctx, p.s.draft())
	if ctx.Err() != nil {
		return false, errStopped
	}
	if err != nil {
		if !p.io.InTTY {
			return false, err // a pipe cannot change its mind
		}
		p.say("! %s", clean(err.Error()))
		p.s.back()
		return false, nil
	}
	fmt.Fprintln(p.io.Out)
	for _, l := range slices.Concat(answersLines(plainStyles(), p.s, pv, p.io.Width()), []string{""}, treeLines(plainStyles(), pv.Files, p.io.Width())) {
		fmt.Fprintln(p.io.Out, strings.TrimRight(l, " "))
	}
	return true, nil
}
