package canary

import (
	"net/http"
	"testing"
)

func TestHits(t *testing.T) {
	c, err := Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL("GEN-04")+"?a=b", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := c.Hits("GEN-04"), c.Hits("TOK-04"); a != 2 || b != 0 {
		t.Errorf("hits are %d and %d, want 2 and 0", a, b)
	}
}
