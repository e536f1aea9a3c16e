package contract

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"

	"example.com/scaffold/internal/service"
)

func objTests() []Test {
	return []Test{
		{ID: "OBJ-01", Name: "ownership", Users: 2, Accounts: true, Clauses: []string{"O1"}, Run: obj01},
		{ID: "OBJ-02", Name: "mass assignment", Users: 1, Clauses: []string{"O2"}, Run: obj02},
		{ID: "OBJ-03", Name: "members", Users: 1, Clauses: []string{"O3"}, Run: obj03},
		{ID: "OBJ-04", Name: "pagination", Users: 1, Clauses: []string{"G10"}, Run: obj04},
		{ID: "OBJ-05", Name: "cursor", Users: 2, Clauses: []string{"G10", "O1"}, Run: obj05},
		{ID: "OBJ-06", Name: "idempotency", Users: 2, Option: "idempotency", Clauses: []string{"G11", "S9"}, Run: obj06},
		{ID: "OBJ-07", Name: "use after delete", Users: 1, Clauses: []string{"O1"}, Run: obj07},
		{ID: "OBJ-08", Name: "caps", Users: 1, Accounts: true, Needs: []Need{NeedControl, NeedMail}, Clauses: []string{"O4"}, Run: obj08},
	}
}

// unknownID is a well-formed id that nobody has.
const unknownID = "3f8b1f2e-6c1d-4d5a-9a1b-0d7c5e4f3a2b"

// all reads the whole list, page by page.
func (s *Session) all(r Resource) []M {
	var out []M
	path := r.Path + "?limit=100"
	for range 100 {
		res := s.Get(path).Want(http.StatusOK)
		out = append(out, res.Items()...)
		next, ok := res.Object()["next_cursor"].(string)
		if !ok {
			return out
		}
		path = r.Path + "?limit=100&cursor=" + url.QueryEscape(next)
	}
	s.t.Fatalf("the list of %s does not end", r.Path)
	return nil
}

func obj01(t *T) {
	a, b := t.SignedIn(), t.SignedIn()
	b.who = "another user"
	owned := 0
	t.EachResource(func(r Resource) {
		if !r.Owned {
			return
		}
		owned++
		id, before := a.Make(r)
		a.Get(r.At(id)).Control()
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			call := func(id string) *Response {
				var opts []Opt
				if method == http.MethodPatch {
					opts = append(opts, JSON(r.Update))
				}
				return b.Do(method, r.At(id), opts...).Refused(http.StatusNotFound, "not-found")
			}
			unknown := call(unknownID)
			call(id).Same(unknown)
			call("not-a-uuid").Same(unknown)
		}
		if after := a.Get(r.At(id)).Want(http.StatusOK); !reflect.DeepEqual(before, after.Object()) {
			after.Errorf("another user's refused call changed the object")
		}
		for _, m := range b.all(r) {
			if m["id"] == id {
				t.Errorf("another user's list of %s shows the object", r.Path)
			}
		}
		mine := false
		for _, m := range a.all(r) {
			mine = mine || m["id"] == id
		}
		t.Control(mine, "the owner's list of %s does not show the object", r.Path)
		if t.Accounts() {
			t.Get(r.At(id)).Refused(http.StatusUnauthorized)
			t.Patch(r.At(id), r.Update).Refused(http.StatusUnauthorized)
			t.Delete(r.At(id)).Refused(http.StatusUnauthorized)
			t.Get(r.Path).Refused(http.StatusUnauthorized)
			t.Post(r.Path, r.Create).Refused(http.StatusUnauthorized)
		}
	})
	if owned == 0 {
		t.Skip("no resource of contract.yaml is owned")
	}
}

func obj02(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		id, _ := s.Make(r)
		s.Patch(r.At(id), r.Update).Control()
		before := s.Get(r.At(id)).Want(http.StatusOK).Object()
		extra := map[string]any{
			"owner_id": unknownID, "owner": unknownID, "user_id": unknownID, "role": "admin", "is_admin": true, "deleted_at": nil,
		}
		for _, m := range r.ReadOnly {
			extra[m] = before[m]
		}
		extra["id"] = unknownID
		for m, v := range extra {
			s.Post(r.Path, r.Body(M{m: v})).Refused(422, "validation").Pointer("/" + m)
			changed := M{m: v}
			for k, u := range r.Update {
				changed[k] = u
			}
			changed[r.Text] = "changed " + Random(4)
			s.Patch(r.At(id), changed).Refused(422, "validation").Pointer("/" + m)
		}
		if after := s.Get(r.At(id)).Want(http.StatusOK); !reflect.DeepEqual(before, after.Object()) {
			after.Errorf("a refused call changed the object")
		}
	})
}

func obj03(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		id, _ := s.Make(r)
		s.Get(r.At(id)).Control().Exact(r.Members)
		s.Patch(r.At(id), r.Update).Control().Exact(r.Members)
		list := s.Get(r.Path).Control().Exact([]string{"items", "next_cursor"})
		for _, m := range list.Items() {
			list.exact(m, r.Members)
		}
	})
}

func obj04(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		want := map[string]int{}
		for range 25 {
			id, _ := s.Make(r)
			want[id] = 0
		}
		// Without owners others write to the list as well: larger pages.
		limit := "10"
		if !t.Accounts() || !r.Owned {
			limit = "100"
		}
		seen := map[string]bool{}
		path := r.Path + "?limit=" + limit
		pages := 0
		for ; pages < 200; pages++ {
			res := s.Get(path).Want(http.StatusOK)
			items := res.Items()
			if limit == "10" && len(items) > 10 {
				res.Errorf("a page of limit=10 has %d objects", len(items))
			}
			for _, m := range items {
				id, _ := m["id"].(string)
				if seen[id] {
					res.Errorf("%s stands on two pages", id)
				}
				seen[id] = true
				if _, mine := want[id]; mine {
					want[id]++
				}
			}
			next, ok := res.Object()["next_cursor"].(string)
			if !ok {
				break
			}
			path = r.Path + "?limit=" + limit + "&cursor=" + url.QueryEscape(next)
			if pages < 2 {
				s.Make(r) // an insert between two pages moves nothing
			}
		}
		t.Check(pages >= 2 || limit == "100", "25 objects at limit=10 came on %d pages", pages+1)
		for id, n := range want {
			if n != 1 {
				t.Errorf("%s was listed %d times, want once", r.At(id), n)
			}
		}
		if res := s.Get(r.Path).Want(http.StatusOK); len(res.Items()) != 20 {
			res.Errorf("without a limit the page has %d objects, want 20", len(res.Items()))
		}
	})
}

// cursor returns a cursor of the session's list.
func (s *Session) cursor(r Resource) string {
	for range 2 {
		s.Make(r)
	}
	c, ok := s.Get(r.Path + "?limit=1").Want(http.StatusOK).Object()["next_cursor"].(string)
	if !ok {
		s.t.Fatalf("two objects at limit=1 give no next_cursor")
	}
	return c
}

func obj05(t *T) {
	a, b := t.SignedIn(), t.SignedIn()
	cursors := map[string]string{}
	t.EachResource(func(r Resource) {
		at := func(c string) string { return r.Path + "?cursor=" + url.QueryEscape(c) }
		cursor := a.cursor(r)
		cursors[r.Path] = cursor
		a.Get(at(cursor)).Control()
		// The last characters may carry unused bits, so they are left alone.
		for _, i := range []int{0, 1, len(cursor) / 3, len(cursor) / 2, len(cursor) - 4} {
			flipped := []byte(cursor)
			if flipped[i] == 'A' {
				flipped[i] = 'B'
			} else {
				flipped[i] = 'A'
			}
			a.Get(at(string(flipped))).Refused(400, "invalid-cursor")
		}
		for _, bad := range []string{"x", "AAAA", cursor + "AAAA", cursor[:len(cursor)/2], "eyJpZCI6MX0", "🦊", " " + cursor} {
			a.Get(at(bad)).Refused(400, "invalid-cursor")
		}
		if t.Accounts() && r.Owned {
			b.Get(r.Path + "?limit=1").Control()
			b.Get(at(cursor)).Refused(400, "invalid-cursor")
		}
	})
	for from, cursor := range cursors {
		for to := range cursors {
			if from != to {
				a.Get(to+"?cursor="+url.QueryEscape(cursor)).Refused(400, "invalid-cursor")
			}
		}
	}
}

func obj06(t *T) {
	a, b := t.SignedIn(), t.SignedIn()
	t.EachResource(func(r Resource) {
		key := func(k string) Opt { return Header("Idempotency-Key", k) }
		k := "key-" + Random(8)
		first := a.Post(r.Path, r.Create, key(k)).Control(http.StatusCreated)
		if v := first.Header.Get("Idempotent-Replayed"); v != "" {
			first.Errorf("the first answer says Idempotent-Replayed: %s", v)
		}
		for _, form := range []string{k, `"` + k + `"`} { // bare and quoted are the same key
			again := a.Post(r.Path, r.Create, key(form)).Want(http.StatusCreated)
			if again.Text("id") != first.Text("id") || !reflect.DeepEqual(again.Object(), first.Object()) {
				again.Errorf("a repeated key gave another object")
			}
			if again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") {
				again.Errorf("a replay has Idempotent-Replayed %q and Location %q", again.Header.Get("Idempotent-Replayed"), again.Header.Get("Location"))
			}
		}
		a.Post(r.Path, r.Body(M{r.Text: "another body"}), key(k)).Refused(422, "idempotency-mismatch")
		if t.Accounts() {
			other := b.Post(r.Path, r.Create, key(k)).Want(http.StatusCreated)
			if other.Text("id") == first.Text("id") || other.Header.Get("Idempotent-Replayed") != "" {
				other.Errorf("one user's key answers another user")
			}
		}
		for _, bad := range []string{"short", strings.Repeat("k", 65), "has space in", "semi;colon1", `"unclosed-key`, "umlaut-ä-key"} {
			a.Post(r.Path, r.Create, key(bad)).Refused(400)
		}
		marker := "race " + Random(8)
		k = "race-" + Random(8)
		var wg sync.WaitGroup
		results := make([]*Response, 5)
		for i := range results {
			wg.Go(func() {
				results[i] = a.Do(http.MethodPost, r.Path, JSON(r.Body(M{r.Text: marker})), key(k), MayFail())
			})
		}
		wg.Wait()
		for _, res := range results {
			if res.Err != nil || res.Status != http.StatusCreated && res.Status != http.StatusConflict {
				res.Errorf("5 parallel uses of a key: want 201 or 409, got %d (%v)", res.Status, res.Err)
			}
		}
		n := 0
		for _, m := range a.all(r) {
			if m[r.Text] == marker {
				n++
			}
		}
		t.Check(n == 1, "5 parallel uses of a key made %d objects, want 1", n)
	})
}

func obj07(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		id, _ := s.Make(r)
		res := s.Delete(r.At(id)).Control(http.StatusNoContent)
		if len(res.Body) > 0 {
			res.Errorf("204 with a body")
		}
		s.Get(r.At(id)).Refused(404, "not-found")
		s.Patch(r.At(id), r.Update).Refused(404, "not-found")
		s.Delete(r.At(id)).Refused(404, "not-found")
	})
}

func obj08(t *T) {
	in := t.Start(service.Spec{Name: "capped", Set: service.Env{"MAX_ITEMS": "3"}})
	s := t.SignIn(t.UserAt(in.URL))
	r := t.First()
	var id string
	for range 3 {
		id = s.Post(r.Path, r.Create).Control(http.StatusCreated).Text("id")
	}
	s.Post(r.Path, r.Create).Refused(http.StatusConflict, "conflict")
	s.Delete(r.At(id)).Want(http.StatusNoContent)
	s.Post(r.Path, r.Create).Control(http.StatusCreated)
	t.SignIn(t.UserAt(in.URL)).Post(r.Path, r.Create).Want(http.StatusCreated) // the cap is each user's own
}
