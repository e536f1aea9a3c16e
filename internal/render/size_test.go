package render_test

import (
	"bytes"
	"path"
	"strings"
	"testing"
)

// People read what is generated; security that nobody can read is none. These
// are the targets of the design for the preset "service".
const (
	maxFiles     = 70
	maxLines     = 4200
	maxSource    = 2300 // lines of src/
	maxAuth      = 1000 // of them in src/app/auth/
	maxFileLines = 250
	maxTests     = 1200 // lines of tests/
)

func TestSize(t *testing.T) {
	var files, lines, source, auth, tests int
	longest, longestName := 0, ""
	for file, f := range renderFor(t, service()).All() {
		if opaque(file) && path.Base(file) != "LICENSE" || strings.HasPrefix(file, ".scaffold/") {
			continue
		}
		n := bytes.Count(f.Data, []byte("\n"))
		files++
		lines += n
		switch {
		case strings.HasPrefix(file, "tests/"):
			tests += n
		case strings.HasPrefix(file, "src/") && path.Ext(file) == ".py":
			source += n
			if strings.HasPrefix(file, "src/app/auth/") {
				auth += n
			}
			if n > longest {
				longest, longestName = n, file
			}
		}
	}
	for _, figure := range []struct {
		what       string
		got, limit int
	}{
		{"files", files, maxFiles},
		{"lines", lines, maxLines},
		{"lines of src/**/*.py", source, maxSource},
		{"lines of src/app/auth", auth, maxAuth},
		{"lines of tests", tests, maxTests},
		{"lines of the longest source, " + longestName, longest, maxFileLines},
	} {
		t.Logf("%5d of %5d %s", figure.got, figure.limit, figure.what)
		if figure.got > figure.limit {
			t.Errorf("%d %s; the target is %d", figure.got, figure.what, figure.limit)
		}
	}
}
