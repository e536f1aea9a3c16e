package answers

import "fmt"

// ParseConfig reads the person's own configuration file: a mapping whose one key
// "defaults" holds answers for every project, and perhaps a stack. The layer
// counts above a pack's defaults and below everything else.
func ParseConfig(name string, data []byte) (stack string, _ Layer, err error) {
	l := Layer{Source: Config, Name: name, Values: Values{}}
	root, err := parseMapping(name, data)
	if err != nil {
		return "", l, err
	}
	for _, pair := range root {
		if key := pair.Key.String(); key != "defaults" {
			return "", l, Problem{Place: placeOf(name, pair.Key), Message: fmt.Sprintf("unknown key %q", key), Hint: "the only key is \"defaults\""}
		}
		if err := l.read(pair); err != nil {
			return "", l, err
		}
	}
	if text, ok := l.Values["stack"].(string); ok {
		stack = text
	}
	delete(l.Values, "stack")
	return stack, l, nil
}
