package contract

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func rateTests() []Test {
	return []Test{
		{ID: "RATE-01", Name: "fields", Users: 1, Clauses: []string{"L1"}, Run: rate01},
		{ID: "RATE-02", Name: "quota exceeded", Eased: true, Clauses: []string{"L2"}, Run: rate02},
		{ID: "RATE-03", Name: "spoofed client address", Eased: true, Clauses: []string{"L3"}, Run: rate03},
		{ID: "RATE-04", Name: "behind the proxy", Eased: true, Accounts: true, Needs: []Need{NeedTLS, NeedLocal}, Clauses: []string{"L3", "Z3"}, Run: rate04},
	}
}

func rate01(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		last := 0
		for i := range 3 {
			res := s.Get(r.Path).Want(http.StatusOK)
			policies, left := res.rates()
			if policies["default"] == nil || !slices.Equal(slices.Sorted(maps.Keys(policies)), slices.Sorted(maps.Keys(left))) {
				res.Fatalf("%s: RateLimit-Policy %q and RateLimit %q do not name the same policies, \"default\" among them",
					res.what(), res.Header.Get("RateLimit-Policy"), res.Header.Get("RateLimit"))
			}
			d := left["default"]
			if d["t"] > policies["default"]["w"] || d["r"] >= policies["default"]["q"] {
				res.Errorf("%s: after a counted call r=%d of q=%d is left, for t=%d of w=%d seconds", res.what(), d["r"], policies["default"]["q"], d["t"], policies["default"]["w"])
			}
			// A new window may begin between two calls, but not twice.
			if i > 0 && d["r"] >= last && d["r"] < policies["default"]["q"]-1 {
				res.Errorf("%s: r was %d and is now %d", res.what(), last, d["r"])
			}
			last = d["r"]
			for name := range res.Header {
				if strings.HasPrefix(name, "X-Ratelimit") {
					res.Errorf("%s: %s is not part of the contract", res.what(), name)
				}
			}
			t.passed.Add(1)
		}
	})
	if t.Accounts() {
		res := t.Post("/v1/auth/login", M{}).Want(422)
		if policies, left := res.rates(); policies["auth-ip"] == nil || left["auth-ip"] == nil {
			res.Errorf("a login is not counted by \"auth-ip\": RateLimit-Policy is %q", res.Header.Get("RateLimit-Policy"))
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if res := t.Get(path); res.Header.Get("RateLimit") != "" {
			res.Errorf("%s is counted", path)
		}
	}
}

// limited is the policy that exhaust runs into.
func (t *T) limited() string {
	if t.Accounts() {
		return "auth-ip"
	}
	return "default"
}

// spend makes one cheap call that the policy of limited counts.
func (t *T) spend(c *Client, opts ...Opt) *Response {
	if t.Accounts() {
		return c.Post("/v1/auth/login", M{}, opts...)
	}
	return c.Get(t.First().Path+"?limit=1", opts...)
}

// exhaust calls until the client's address is over its quota and returns the
// refusal. The first answer says how large the quota is; a new window may
// begin once meanwhile.
func (t *T) exhaust(c *Client, each ...func(i int) []Opt) *Response {
	opts := func(i int) []Opt {
		if len(each) > 0 {
			return each[0](i)
		}
		return nil
	}
	first := t.spend(c, opts(0)...)
	if first.Status == http.StatusTooManyRequests || first.Status >= 500 {
		first.Fatalf("the first call of a fresh address was answered with %d", first.Status)
	}
	t.controls.Add(1)
	policies, _ := first.rates()
	quota := policies[t.limited()]["q"]
	if quota == 0 || quota > 2000 {
		first.Fatalf("RateLimit-Policy %q names no quota for %q that the suite could exceed", first.Header.Get("RateLimit-Policy"), t.limited())
	}
	for i := range 2*quota + 2 {
		res := t.spend(c, opts(i+1)...)
		if res.Status == http.StatusTooManyRequests {
			return res
		}
	}
	first.Fatalf("%d calls were let through where %q allows %d", 2*quota+3, t.limited(), quota)
	return nil
}

func rate02(t *T) {
	res := t.exhaust(t.Client).Refused(http.StatusTooManyRequests)
	if p := res.Problem(); !slices.Contains(p.ViolatedPolicies, t.limited()) {
		res.Errorf("violated-policies is %v, want %q in it", p.ViolatedPolicies, t.limited())
	}
	_, left := res.rates()
	after, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || after < 1 || after < left[t.limited()]["t"] {
		res.Errorf("Retry-After is %q, want whole seconds of at least t=%d", res.Header.Get("Retry-After"), left[t.limited()]["t"])
	}
	if left[t.limited()] == nil || left[t.limited()]["r"] != 0 {
		res.Errorf("RateLimit of a 429 is %q, want r=0", res.Header.Get("RateLimit"))
	}
	// The limit is this address's own.
	if other := t.spend(t.NewClient()); other.Status == http.StatusTooManyRequests {
		other.Errorf("another address is refused as well")
	}
	t.Get("/healthz").Want(http.StatusOK)
}

// spoofed are headers that claim another client address or identity.
func spoofed() []string {
	return []string{
		"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Cf-Connecting-Ip", "True-Client-Ip", "X-Client-Ip",
		"X-Cluster-Client-Ip", "Fastly-Client-Ip", "X-Original-Forwarded-For", "X-User-Id",
	}
}

func randomIP() string {
	return fmt.Sprintf("198.51.%d.%d", randomInt(256), 1+randomInt(254))
}

func rate03(t *T) {
	all := func(int) []Opt {
		var opts []Opt
		for _, name := range spoofed() {
			value := randomIP()
			if name == "Forwarded" {
				value = "for=" + value
			}
			opts = append(opts, Header(name, value))
		}
		return opts
	}
	t.exhaust(t.Client, all).Refused(http.StatusTooManyRequests)
	// And each alone still meets the same counter.
	for _, name := range spoofed() {
		value := randomIP()
		if name == "Forwarded" {
			value = "for=" + value
		}
		t.spend(t.Client, Header(name, value)).Refused(http.StatusTooManyRequests)
	}
}

func rate04(t *T) {
	proxied := func() *Client {
		return t.ClientTo(t.Target().TLSURL, nil).With(Host(t.publicHost()))
	}
	a, b := proxied(), proxied()
	t.exhaust(a, func(int) []Opt {
		return []Opt{Header("X-Forwarded-For", randomIP()), Header("Forwarded", "for="+randomIP()), Header("X-Real-IP", randomIP())}
	}).Refused(http.StatusTooManyRequests)
	// Another client of the same proxy is counted apart, whoever it claims to be.
	t.spend(b, Header("X-Forwarded-For", a.Addr())).Control(422)
	if t.Host() == nil {
		return
	}
	// A proxy that appends to X-Forwarded-For instead of replacing it leaves the
	// client's claim on the left; verify's own services trust this address.
	appending := t.At(t.Target().direct())
	appending.addr, appending.http = "127.0.0.1", newHTTP("127.0.0.1", nil)
	client := randomIP()
	t.exhaust(appending, func(int) []Opt {
		return []Opt{Header("X-Forwarded-For", randomIP()+", "+client)}
	}).Refused(http.StatusTooManyRequests)
	t.spend(appending, Header("X-Forwarded-For", client+", "+randomIP())).Control(422)
}
