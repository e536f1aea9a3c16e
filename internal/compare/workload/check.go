package workload

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare/result"
)

const (
	maxName     = 32
	maxAbout    = 200
	maxRequests = 100
	maxRates    = 5
	fastest     = 12000 // requests a second that the generator sends with room to spare
	longest     = 5000  // milliseconds after which an answer counts as missing
)

const head = "HEAD"

// item stands in a path for an item of the account.
const item = "{item}"

var (
	nameText   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	pathText   = regexp.MustCompile(`^/(?:[^/\\]|$)`) // what begins with two slashes names a host
	headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	variable   = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
)

// bodiless are the methods of requests without a body.
func bodiless() []string { return []string{"GET", head} }

func methods() []string { return append(bodiless(), "POST", "PUT", "PATCH", "DELETE", "OPTIONS") }

// ours are the headers that the generator sets, or that would change what an answer is.
func ours() []string {
	return []string{"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect", "te", "trailer"}
}

// secret are the headers whose values people must not find in a report.
func secret() []string {
	return []string{"authorization", "proxy-authorization", "cookie", "x-api-key"}
}

// Expand puts the variables of an environment into a header's value. Missing is the
// name of one that is not set.
func Expand(value string, lookup func(string) (string, bool)) (expanded, missing string) {
	expanded = variable.ReplaceAllStringFunc(value, func(found string) string {
		name := variable.FindStringSubmatch(found)[1]
		text, known := lookup(name)
		if !known {
			missing = name
		}
		return text
	})
	return expanded, missing
}

// check finds all that is wrong with a workload, nil if nothing is.
func (d document) check(own result.Own) error {
	var found answers.Problems
	wrong := func(bad bool, path, message, hint string) {
		if bad {
			found.List = append(found.List, d.at(path, message, hint))
		}
	}
	wrong(len(own.Name) > maxName || !nameText.MatchString(own.Name), "$.name", fmt.Sprintf("%q is no name", own.Name),
		fmt.Sprintf("up to %d small letters, digits and single hyphens, such as open-orders", maxName))
	wrong(utf8.RuneCountInString(own.About) > maxAbout || strings.Contains(own.About, "\n") || !seen(own.About), "$.about", "is no line of text",
		fmt.Sprintf("one line of up to %d characters", maxAbout))
	wrong(len(own.Rates) > maxRates, "$.rates", fmt.Sprintf("lists %d rates", len(own.Rates)), fmt.Sprintf("give up to %d", maxRates))
	for i, rate := range own.Rates {
		path := fmt.Sprintf("$.rates[%d]", i)
		wrong(!(rate >= 0.1 && rate <= fastest), path, "is no rate", fmt.Sprintf("requests a second, from 0.1 to %d", fastest))
		wrong(slices.Contains(own.Rates[:i], rate), path, "is there already", "name each rate once")
	}
	wrong(math.IsNaN(own.P99Millis) || own.P99Millis < 0 || own.P99Millis > longest, "$.p99_millis", "is no time that can be held",
		fmt.Sprintf("milliseconds, up to %d", longest))
	wrong(len(own.Requests) == 0, "$.requests", "are missing", "list at least one, such as {path: /v1/items, signed_in: true}")
	wrong(len(own.Requests) > maxRequests, "$.requests", fmt.Sprintf("are %d", len(own.Requests)), fmt.Sprintf("list up to %d", maxRequests))
	for i, r := range own.Requests {
		base := fmt.Sprintf("$.requests[%d]", i)
		wrong(!slices.Contains(methods(), r.Method), base+".method", fmt.Sprintf("%q is no method", r.Method), answers.DidYouMean(r.Method, methods()))
		wrong(!isPath(r.Path), base+".path", fmt.Sprintf("%q is no path", r.Path), "begin with one slash and escape what a URL cannot hold, such as /v1/items?q=green%20lamp")
		wrong(strings.Contains(r.Path, item) && !r.SignedIn, base+".path", "names {item} of no account", "add signed_in: true")
		wrong(r.Status != 0 && (r.Status < 200 || r.Status > 599), base+".status", fmt.Sprintf("%d is no status of an answer", r.Status), "from 200 to 599; without it, any from 200 to 299")
		wrong(r.Body != "" && slices.Contains(bodiless(), r.Method), base+".body", fmt.Sprintf("is there, and a %s has none", r.Method), "set method, such as POST")
		wrong(r.Contains != "" && r.Method == head, base+".contains", "is there, and the answer to a HEAD has no body", "leave it out")
		wrong(!utf8.ValidString(r.Body) || !utf8.ValidString(r.Contains), base, "holds text that is not UTF-8", "write it as UTF-8")
		for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
			message, hint := header(name, r.Headers[name], r.SignedIn)
			wrong(message != "", base+".headers", message, hint)
		}
		if len(found.List) > maxRequests {
			break // enough to mend for once
		}
	}
	if len(found.List) == 0 {
		return nil
	}
	return &found
}

// header says what is wrong with one, "" if nothing is.
func header(name, value string, signedIn bool) (message, hint string) {
	small := strings.ToLower(name)
	switch {
	case !headerName.MatchString(name):
		return fmt.Sprintf("name %q, which is no header", name), "letters, digits and hyphens"
	case slices.Contains(ours(), small):
		return "set " + name, "leave it out: the load generator sets it"
	case small == "authorization" && signedIn:
		return "set Authorization beside signed_in", "leave one of them out"
	case strings.ContainsAny(value, "\n\t") || !seen(value):
		return fmt.Sprintf("give %s a value that is no line of text", name), "one line without control characters"
	case slices.Contains(secret(), small) && !variable.MatchString(value):
		return fmt.Sprintf("hold a value of %s", name), "name a variable of the environment, such as ${TOKEN}: result.json keeps what a workload says"
	}
	return "", ""
}

// isPath says whether a text can stand in a request line as it is.
func isPath(path string) bool {
	for _, c := range strings.ReplaceAll(path, item, "") {
		if c <= ' ' || c > '~' || strings.ContainsRune("\"#<>\\^`{|}", c) {
			return false
		}
	}
	return pathText.MatchString(path) && validEscapes(path)
}

// validEscapes says whether two hexadecimal digits follow each percent sign.
func validEscapes(path string) bool {
	for _, part := range strings.Split(path, "%")[1:] {
		if len(part) < 2 || strings.Trim(part[:2], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

func seen(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, answers.Unseen)
}
