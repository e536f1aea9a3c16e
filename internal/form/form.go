// Package form asks a person for everything that a project needs: what they
// build, which stack, the pack's questions and options; then it shows what would
// be made and asks once whether to make it. It writes nothing but the answers
// themselves, so that a run that was stopped can go on later.
//
// The parts, from the inside out:
//
//   - session: which step comes when, what it asks, and what an answer changes.
//     It knows nothing of terminals.
//   - model: the steps on a terminal, one field of huh at a time with a panel
//     beside it. Order, way back, skipping, width and resizing are the model's:
//     huh's own forms keep a hidden group's state and lose track of both.
//   - lines: the same steps as plain lines, for screen readers, simple terminals
//     and pipes.
package form

import (
	"context"
	"errors"
	"fmt"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/pack"
)

// Input is what a form starts from.
type Input struct {
	// Stacks lists the ids of the stacks that can be generated, and Load reads
	// the pack of one.
	Stacks []string
	// Rules are the team's own, for the recommendation.
	Rules []guidance.TeamRule
	Load  func(stack string) (*pack.Pack, error)

	// Stack was named already and is not asked for. Usual is only where the
	// cursor stands when it is.
	Stack, Usual string
	// Layers are the answers that are there already. What comes from a file or
	// a flag is not asked again unless it is wrong; what is weaker is proposed.
	Layers []answers.Layer
	// Requirements are what was said about the project already.
	Requirements []answers.Layer

	// Preview works out what a draft would make, without writing anything. Its
	// error is shown, and the person may change an answer.
	Preview func(context.Context, Output) (Preview, error)
	// CheckName says why a project of this name could not be written; it may be nil.
	CheckName func(name string) error

	// State is the file for the answers of a run that is stopped; "" keeps none.
	State string
	// Accessible asks line by line.
	Accessible bool
}

// Output is what the person said.
type Output struct {
	Stack        string
	Answers      answers.Layer // to the pack's questions
	Requirements answers.Layer // what was said about the project, in guidance's vocabulary
}

// Preview is what would be made.
type Preview struct {
	Dir     string // where
	Files   []File // in the order to show them
	Command string // reproduces it, as one line for a shell
	Notes   []string
}

// File is one file to come and what puts it there.
type File struct{ Path, Owner string }

// StoppedError says that the person stopped: nothing was written.
type StoppedError struct {
	Kept string // the file that has the answers so far, "" if there is none
	Err  error  // why they could not be kept, or nil
}

func (e *StoppedError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("stopped; nothing was written, and the answers could not be kept: %v", e.Err)
	case e.Kept != "":
		return "stopped; nothing was written\n  your answers are kept: run the same again to go on"
	default:
		return "stopped; nothing was written"
	}
}

// Unwrap lets errors.Is find context.Canceled, which a stop is.
func (e *StoppedError) Unwrap() []error {
	if e.Err == nil {
		return []error{context.Canceled}
	}
	return []error{context.Canceled, e.Err}
}

// EndedError says that the input ended before the questions did.
type EndedError struct {
	Question string // as it was put
	Flag     string // that answers it, with its dashes
}

func (e *EndedError) Error() string {
	return fmt.Sprintf("the input ended before an answer to: %s", e.Question)
}

// Run asks until the person confirms. The error is a *StoppedError when they
// stopped, and an *EndedError when an input that is no terminal ran out. The
// caller calls Forget once the project is written.
func Run(ctx context.Context, io *iostreams.IOStreams, in Input) (Output, error) {
	s, err := newSession(in)
	if err != nil {
		return Output{}, err
	}
	ask := runModel
	if in.Accessible {
		ask = runLines
	}
	err = ask(ctx, io, s)
	switch {
	case err == nil:
		return s.draft(), nil
	case errors.Is(err, errStopped), ctx.Err() != nil:
		kept, saveErr := s.save()
		return Output{}, &StoppedError{Kept: kept, Err: saveErr}
	default:
		return Output{}, err
	}
}

// errStopped is how a front end says that the person wants to leave.
var errStopped = errors.New("stopped")
