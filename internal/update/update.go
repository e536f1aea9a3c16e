// Package update works out how a project follows its pack. Three trees meet:
// base, what the pack gave when the project was last generated; theirs, what pack
// and answers give today; and ours, what stands on the disk. The result is a list
// of steps; nothing is written here.
//
// The rule behind every step: what the person wrote is never lost, and a step
// that cannot keep both edits says so and leaves the person's on the disk.
package update

import (
	"fmt"

	"example.com/scaffold/internal/merge3"
	"example.com/scaffold/internal/tree"
)

// Kind is what stands at a path of the project.
type Kind int

// A path holds nothing, a regular file, a folder, or something a pack never
// makes: a symbolic link, a device.
const (
	Missing Kind = iota
	Regular
	Folder
	Other
)

// Found is what stands at a path. File is set for a regular file.
type Found struct {
	Kind Kind
	File tree.File
}

// Project reads ours. Implementations never follow symbolic links.
type Project interface {
	Look(path string) (Found, error)
	// Files lists the regular files that the pack may not know, without those a
	// tool put there (dependencies, caches). It is asked only when a generated
	// file is gone, to find where it went.
	Files() ([]string, error)
}

// State says what a step does with one path.
type State string

// The states of a path for which something happens or has to be said.
const (
	Add      State = "add"      // the pack brings a file
	Update   State = "update"   // the pack changed it, the person did not
	Merge    State = "merge"    // both changed it, in different places
	Delete   State = "delete"   // the pack dropped it, the person never touched it
	Rename   State = "rename"   // it moves, with the person's edits in it
	Keep     State = "keep"     // the pack changed it, and the person's decision stands
	Conflict State = "conflict" // a person has to decide; theirs is at hand
)

// Step is what happens at one path.
type Step struct {
	Path  string `json:"path"`
	State State  `json:"state"`
	From  string `json:"from,omitempty"` // where its content was before, for Rename
	Note  string `json:"note,omitempty"` // why, for Keep and Conflict

	// What the disk will hold at Path: File, or nothing if Remove. Neither for
	// a step that leaves the disk alone.
	File   *tree.File `json:"-"`
	Remove bool       `json:"-"`
	// Beside is where theirs is laid for a conflict without markers.
	Beside string `json:"beside,omitempty"`
	// The three versions of a conflict, for git's index; nil where there is none.
	Base, Ours, Theirs *tree.File `json:"-"`
	// Markers is how many places between conflict markers the file has.
	Markers int `json:"markers,omitempty"`
}

// Options say how an update is made.
type Options struct {
	// Policy is a path's policy in the pack of today: pack.Managed (or ""),
	// pack.CreateOnce or pack.UserOwned.
	Policy func(path string) string
	// Renames are those the pack declares, old path to new.
	Renames map[string]string
	// TheirsFile lays theirs beside ours for every conflict instead of markers.
	TheirsFile bool
	// Label names theirs in markers, such as "python-fastapi 0.2.0".
	Label string
}

// BesideSuffix ends the name of the file that holds theirs beside ours.
const BesideSuffix = ".theirs"

// Plan is what an update does, in the byte order of paths.
type Plan struct {
	Steps []Step
}

// Conflicts are the steps that a person has to decide.
func (p Plan) Conflicts() []Step {
	var all []Step
	for _, s := range p.Steps {
		if s.State == Conflict {
			all = append(all, s)
		}
	}
	return all
}

// Changes says whether anything on the disk would become different.
func (p Plan) Changes() bool {
	for _, s := range p.Steps {
		if s.File != nil || s.Remove || s.Beside != "" {
			return true
		}
	}
	return false
}

// meeting is one file as the three trees have it.
type meeting struct {
	base, theirs *tree.File
	ours         Found
	// Where it stands in ours and where it belongs in theirs; the same unless
	// one side renamed it.
	at, to string
}

// labels name the sides in conflict markers.
func (o Options) labels() merge3.Labels {
	return merge3.Labels{Ours: "yours", Theirs: o.Label}
}

func beside(path string) string { return path + BesideSuffix }

func note(format string, args ...any) string { return fmt.Sprintf(format, args...) }
