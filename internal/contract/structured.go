package contract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// rateItem is one member of a RateLimit or RateLimit-Policy list: a quoted
// policy name with integer parameters.
type rateItem struct {
	name   string
	params map[string]int
}

// parseRate reads the part of a structured-field list (RFC 9651) that the two
// fields use: "name";key=integer, comma-separated.
func parseRate(values []string) ([]rateItem, error) {
	item := regexp.MustCompile(`^"([ !#-\[\]-~]+)"((?:; *[a-z*][a-z0-9_.*-]*=-?\d{1,15})*)$`)
	var out []rateItem
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			part = strings.TrimSpace(part)
			m := item.FindStringSubmatch(part)
			if m == nil {
				return nil, fmt.Errorf("%q is no member of the list that the draft describes", part)
			}
			it := rateItem{name: m[1], params: map[string]int{}}
			for p := range strings.SplitSeq(strings.TrimPrefix(m[2], ";"), ";") {
				key, value, ok := strings.Cut(strings.TrimSpace(p), "=")
				if !ok {
					continue
				}
				n, err := strconv.Atoi(value)
				if err != nil {
					return nil, fmt.Errorf("%q: %w", part, err)
				}
				it.params[key] = n
			}
			out = append(out, it)
		}
	}
	return out, nil
}

// rates returns the policies of an answer and what is left of each.
func (r *Response) rates() (policies, left map[string]map[string]int) {
	read := func(header string, keys ...string) map[string]map[string]int {
		items, err := parseRate(r.Header.Values(header))
		if err != nil {
			r.Fatalf("%s: %s: %v", r.what(), header, err)
		}
		out := map[string]map[string]int{}
		for _, it := range items {
			for _, k := range keys {
				if v, ok := it.params[k]; !ok || v < 0 {
					r.Errorf("%s: %s of %q lacks %s: %s", r.what(), header, it.name, k, r.Header.Get(header))
				}
			}
			if out[it.name] != nil {
				r.Errorf("%s: %s names %q twice", r.what(), header, it.name)
			}
			out[it.name] = it.params
		}
		return out
	}
	return read("RateLimit-Policy", "q", "w"), read("RateLimit", "r", "t")
}
