package contract

import (
	"maps"
	"net/http"
	"slices"
)

// EachResource runs f on each resource that the repository names.
func (t *T) EachResource(f func(r Resource)) {
	for _, r := range t.run.target.Facts.Resources {
		f(r)
	}
}

// First is the first resource of the repository.
func (t *T) First() Resource { return t.run.target.Facts.Resources[0] }

// Body returns a create body with some members replaced.
func (r Resource) Body(changes M) M {
	b := maps.Clone(r.Create)
	maps.Copy(b, changes)
	return b
}

// At is the path of one member of the collection.
func (r Resource) At(id string) string { return r.Path + "/" + id }

// Make creates one and returns its id and body.
func (s *Session) Make(r Resource) (id string, body M) {
	res := s.Post(r.Path, r.Create).Want(http.StatusCreated)
	res.Exact(r.Members)
	return res.Text("id"), res.Object()
}

// Exact asserts that the answer is an object of exactly these members.
func (r *Response) Exact(members []string) *Response {
	r.exact(r.Object(), members)
	return r
}

func (r *Response) exact(m M, members []string) {
	got := slices.Sorted(maps.Keys(m))
	want := slices.Sorted(slices.Values(members))
	if !slices.Equal(got, want) {
		r.Errorf("%s: members are %v, want exactly %v", r.what(), got, want)
	}
}
