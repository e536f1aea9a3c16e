package form

import (
	"fmt"
	"path"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// answersLines say what would be made, where, and how to make it again.
func answersLines(st styles, s *session, pv Preview, width int) []string {
	p := &panel{st: st, width: width}
	p.head("The same in one line")
	p.add(wrap(clean(pv.Command), width)...)
	p.head("Your answers")
	p.pairs(append([][2]string{{"folder", clean(pv.Dir)}}, s.settledPairs()...))
	for _, n := range pv.Notes {
		p.add(hang("! ", clean(n), width)...)
	}
	return p.lines
}

// treeLines show the files, folder by folder, each with what puts it there.
func treeLines(st styles, files []File, width int) []string {
	lines := []string{st.title.Render(fmt.Sprintf("Files: %d", len(files)))}
	column := 0
	for _, f := range files {
		column = max(column, ansi.StringWidth(fileName(f)))
	}
	owner := 0
	for _, f := range files {
		owner = max(owner, ansi.StringWidth(clean(f.Owner)))
	}
	column = min(column, max(width-owner-1, width/2))
	dir := "."
	for _, f := range files {
		if d := path.Dir(f.Path); d != dir {
			dir = d
			lines = append(lines, ansi.Truncate(clean(dir)+"/", width, "…"))
		}
		name := ansi.Truncate(fileName(f), column, "…")
		name += strings.Repeat(" ", column-ansi.StringWidth(name))
		lines = append(lines, name+" "+st.dim.Render(clean(f.Owner)))
	}
	return lines
}

// fileName is the last part of the path, standing in below its folder.
func fileName(f File) string {
	if path.Dir(f.Path) == "." {
		return clean(f.Path)
	}
	return "  " + clean(path.Base(f.Path))
}
