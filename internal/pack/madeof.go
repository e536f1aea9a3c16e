package pack

import "cmp"

// Made says what a stack makes something of: a concern of every stack, such as
// migrations, or what a question or an option adds. A child that says more of an
// id keeps its parent's place and title.
type Made struct {
	ID    string `yaml:"id"`              // of a concern, a question or an option
	Title string `yaml:"title,omitempty"` // of the row; default: that of the question or option
	Of    string `yaml:"of,omitempty"`    // libraries, in their own spelling; one line
}

// mergeMade lays a child's entries over its parent's.
func mergeMade(parent, child []Made) []Made {
	byID := make(map[string]Made)
	for _, m := range parent {
		byID[m.ID] = m
	}
	laid := make([]Made, 0, len(child))
	for _, m := range child {
		m.Title = cmp.Or(m.Title, byID[m.ID].Title)
		m.Of = cmp.Or(m.Of, byID[m.ID].Of)
		laid = append(laid, m)
	}
	return overlay(parent, laid, func(m Made) string { return m.ID })
}
