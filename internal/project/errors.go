package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// RefusedError says that a folder is not one to write to: the person has to
// decide, nothing was touched.
type RefusedError struct {
	Dir    string   // as given
	Reason string   // continues the sentence that begins with Dir
	Paths  []string // slash-separated paths in Dir that are in the way, if any
	Hint   string   // the way out
}

func (e *RefusedError) Error() string {
	msg := e.Dir + " " + e.Reason
	if len(e.Paths) > 0 {
		msg += ": " + strings.Join(e.Paths, ", ")
	}
	return msg
}

// appeared is the error for a folder that someone else made during the run.
func appeared(dir string) error {
	return &RefusedError{Dir: dir, Reason: "appeared while this run was writing", Hint: "run again with another name or --output"}
}

// cannot wraps a system error with what was tried where, in words.
func cannot(verb, where string, err error) error {
	return fmt.Errorf("cannot %s %s: %w", verb, where, trim(err))
}

// trim drops the call and the internal path that the system's errors carry, and
// keeps what errors.Is and a reader need.
func trim(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}
