package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
)

// stateSchema is the version of the file. Another version is not read.
const stateSchema = 1

// state is what a stopped run leaves behind, and all it leaves behind. It never
// has a secret.
type state struct {
	Schema  int            `json:"schema"`
	At      string         `json:"at"` // the step: its name, and a colon and the question's id
	Mode    string         `json:"mode,omitempty"`
	More    string         `json:"more,omitempty"`
	Picked  answers.Values `json:"picked,omitempty"`
	Stack   string         `json:"stack,omitempty"`
	Answers answers.Values `json:"answers,omitempty"`
}

// readState reads the answers of a stopped run: nil if there are none, or none
// that this version understands.
func readState(file string) (*state, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the answers of an earlier run: %w", err)
	}
	return parseState(data), nil
}

// parseState is nil for what is broken or of another version: as good as none.
func parseState(data []byte) *state {
	var st state
	if json.Unmarshal(data, &st) != nil || st.Schema != stateSchema {
		return nil
	}
	for _, values := range []answers.Values{st.Picked, st.Answers} {
		for id, value := range values {
			values[id] = plain(value)
		}
	}
	return &st
}

// plain turns the list that a JSON decoder makes into one of texts.
func plain(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	texts := []string{}
	for _, item := range list {
		texts = append(texts, fmt.Sprint(item))
	}
	return texts
}

// save keeps the answers so far, for their owner's eyes only, and returns the
// file. A run in which nothing was said leaves what an earlier one kept.
func (s *session) save() (file string, err error) {
	file = s.in.State
	if file == "" || !s.settled {
		if s.saved == nil {
			file = ""
		}
		return file, nil
	}
	st := state{Schema: stateSchema, At: s.at.name + ":" + s.at.id, Mode: s.mode, More: s.more, Picked: s.picked, Answers: answers.Values{}}
	if s.in.Stack == "" {
		st.Stack = s.stack
	}
	for id, value := range s.answers {
		if q, ok := s.pack.Answerable().Question(id); ok && q.Kind != answers.Secret {
			st.Answers[id] = value
		}
	}
	data, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	// Whole or not at all: a full disk must not cost the answers of the run before.
	tmp, err := os.CreateTemp(filepath.Dir(file), ".form-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(append(data, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(tmp.Name()))
	}
	return file, nil
}

// Forget removes the answers of a stopped run: the project is written.
func Forget(file string) error {
	if file == "" {
		return nil
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ask offers to go on where the earlier run stopped.
func (st *state) ask() ask {
	var parts []string
	if name, ok := st.Answers["name"].(string); ok {
		parts = append(parts, name)
	}
	if stack := stackOf(st.Stack); stack.ID != "" {
		parts = append(parts, stack.Title)
	}
	if n := len(st.Picked) + len(st.Answers); n > 1 {
		parts = append(parts, fmt.Sprintf("%d answers", n))
	}
	a := ask{
		kind: one, value: resumeOn, flag: "--yes", title: "Go on where you stopped?",
		choices: []choice{
			{resumeOn, "Yes, with my answers", "Each can still be changed: go back with shift+tab."},
			{resumeAfresh, "No, start afresh", "The kept answers are dropped."},
		},
	}
	if len(parts) > 0 {
		a.help = "Kept: " + strings.Join(parts, ", ") + "."
	}
	return a
}

// resume settles what becomes of the earlier run's answers. What the command
// line says now counts more than what was said then.
func (s *session) resume(on bool) error {
	st := s.saved
	s.saved = nil
	if !on {
		s.at = s.steps()[0]
		s.far = s.at
		return Forget(s.in.State)
	}
	s.settled = true
	if s.in.Stack == "" {
		s.mode, s.more = st.Mode, st.More
		for id, value := range st.Picked {
			if s.pickable(id, value) {
				s.picked[id] = value
			}
		}
		if slices.Contains(s.in.Stacks, st.Stack) {
			if err := s.load(st.Stack); err != nil {
				return err
			}
		}
	}
	if s.pack != nil {
		schema := s.pack.Answerable()
		for id, value := range st.Answers {
			if !s.fixed(id) && schema.Check(id, value) == nil {
				s.answers[id] = value
			}
		}
		s.resolve()
	}
	name, id, _ := strings.Cut(st.At, ":")
	s.at = step{name, id}
	if list := s.steps(); !slices.Contains(list, s.at) {
		s.at = list[0]
	}
	s.far = s.at
	return nil
}

// pickable says whether the guidance still has this answer to this question.
func (s *session) pickable(id string, value any) bool {
	q := s.guideQuestion(id)
	return q.Kind != "" && answers.Schema{Questions: []answers.Question{q}}.Check(id, value) == nil
}
