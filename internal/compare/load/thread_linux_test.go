package load

import (
	"net/http"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestPinned: the thread that sends is kept on its core, and only that one.
func TestPinned(t *testing.T) {
	t.Parallel()
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	core := 0
	for !allowed.IsSet(core) {
		core++
	}
	addr := serveHTTP(t, http.NotFoundHandler())
	req := get(t, addr, "/", Expect{Status: http.StatusNotFound})
	o := Options{Addr: addr, Rate: 50, Duration: 200 * time.Millisecond, CPU: &core}
	var inside unix.CPUSet
	o.Next = func(int) *Request {
		if err := unix.SchedGetaffinity(0, &inside); err != nil {
			t.Error(err)
		}
		return req
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Pinned || inside.Count() != 1 || !inside.IsSet(core) {
		t.Errorf("pinned %v; the thread may be on %d cores", r.Pinned, inside.Count())
	}
	for range 20 { // whichever threads there are now
		runtime.Gosched()
		var after unix.CPUSet
		if err := unix.SchedGetaffinity(0, &after); err != nil {
			t.Fatal(err)
		}
		if after != allowed {
			t.Fatalf("a thread may be on %d cores after the run, %d before", after.Count(), allowed.Count())
		}
	}
	beyond := 1023
	o.CPU = &beyond
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("a core that does not exist was taken")
	}
}
