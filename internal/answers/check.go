package answers

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxText is the longest text, in characters, of a question without Max.
const maxText = 500

// Check says what is wrong with one answer, or nil. The value may be typed or,
// as flags and prompts give it, a string.
func (s Schema) Check(id string, value any) error {
	q, ok := s.Question(id)
	if !ok {
		return fmt.Errorf("unknown question %q (%s)", id, DidYouMean(id, s.IDs()))
	}
	_, err := q.convert(value, true)
	return err
}

// convert gives the value the type of the question and checks it. With fromText
// a string is read as the type asked for.
func (q Question) convert(value any, fromText bool) (any, error) {
	if text, ok := value.(string); ok && fromText {
		parsed, err := q.parse(text)
		if err != nil {
			return nil, err
		}
		value = parsed
	}
	switch q.Kind {
	case Int:
		n, ok := asInt(value)
		if !ok {
			return nil, fmt.Errorf("wants a whole number, not %s", describe(value))
		}
		return n, q.checkInt(n)
	case Bool:
		b, ok := value.(bool)
		if !ok {
			return nil, fmt.Errorf("wants true or false, not %s", describe(value))
		}
		return b, nil
	case MultiSelect, List:
		return q.convertList(value)
	default:
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("wants a text, not %s%s", describe(value), quoteHint(value))
		}
		if q.Kind != Secret {
			text = strings.TrimSpace(text)
		}
		return text, q.checkText(text)
	}
}

// parse reads a flag's or prompt's string as the kind of the question.
func (q Question) parse(text string) (any, error) {
	switch q.Kind {
	case Int:
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("wants a whole number, not %q", text)
		}
		return n, nil
	case Bool:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
		return nil, fmt.Errorf("wants true or false, not %q", text)
	case MultiSelect, List:
		items := []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
		return items, nil
	default:
		return text, nil
	}
}

func (q Question) convertList(value any) (any, error) {
	var items []string
	switch value := value.(type) {
	case []string:
		items = slices.Clone(value)
	case []any:
		for _, one := range value {
			text, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("wants a list of texts; %s is none%s", describe(one), quoteHint(one))
			}
			items = append(items, text)
		}
	default:
		return nil, fmt.Errorf("wants a list, not %s", describe(value))
	}
	if items == nil {
		items = []string{}
	}
	for _, item := range items {
		if err := q.checkItem(item); err != nil {
			return nil, err
		}
	}
	if q.Min != nil && len(items) < *q.Min {
		return nil, fmt.Errorf("wants at least %d entries", *q.Min)
	}
	if q.Max != nil && len(items) > *q.Max {
		return nil, fmt.Errorf("takes at most %d entries", *q.Max)
	}
	return items, nil
}

func (q Question) checkItem(item string) error {
	if q.Kind == MultiSelect {
		return q.checkChoice(item)
	}
	if err := checkPrintable(item); err != nil {
		return err
	}
	return q.checkPattern(item)
}

func (q Question) checkInt(n int) error {
	if q.Min != nil && n < *q.Min {
		return fmt.Errorf("is below the least value, %d", *q.Min)
	}
	if q.Max != nil && n > *q.Max {
		return fmt.Errorf("is above the greatest value, %d", *q.Max)
	}
	return nil
}

func (q Question) checkText(text string) error {
	if q.Kind == Select {
		return q.checkChoice(text)
	}
	if text == "" && q.Optional {
		return nil
	}
	if err := checkPrintable(text); err != nil {
		return err
	}
	least, most := 0, maxText
	if q.Min != nil {
		least = *q.Min
	}
	if q.Max != nil {
		most = *q.Max
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && (q.Default == nil || least > 0):
		return errors.New("must not be empty")
	case n < least:
		return fmt.Errorf("%q is shorter than %d characters", text, least)
	case n > most:
		return fmt.Errorf("is longer than %d characters: it has %d", most, n)
	}
	if q.Format == FormatName {
		if err := CheckName(text); err != nil {
			return err
		}
	}
	if slices.Contains(q.Refuse, text) {
		return fmt.Errorf("%q is taken: something the project depends on has that name; choose another name", text)
	}
	return q.checkPattern(text)
}

func (q Question) checkChoice(text string) error {
	var values []string
	for _, c := range q.Choices {
		values = append(values, c.Value)
	}
	if slices.Contains(values, text) {
		return nil
	}
	return fmt.Errorf("%q is not among the choices (%s)", text, DidYouMean(text, values))
}

func (q Question) checkPattern(text string) error {
	if q.Pattern == "" {
		return nil
	}
	re, err := regexp.Compile(`\A(?:` + q.Pattern + `)\z`)
	if err != nil {
		return fmt.Errorf("the question's pattern is broken: %w", err)
	}
	if !re.MatchString(text) {
		if q.Help != "" {
			return fmt.Errorf("%q does not fit: %s", text, q.Help)
		}
		return fmt.Errorf("%q does not have the form %s", text, q.Pattern)
	}
	return nil
}

// checkPrintable refuses what could break out of the line it is printed on or
// turn the text around it.
func checkPrintable(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("is not UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return fmt.Errorf("holds the control character %U; it must be one line of plain text", r)
		}
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// yamlWords are the plain words that one version of YAML or another reads as
// something else than a text.
var yamlWords = [...]string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}

// CheckName says why a project cannot have this name. The rule is the strictest
// of those of PyPI, npm, container registries, DNS labels and Windows.
func CheckName(name string) error {
	switch {
	case len(name) < 2 || len(name) > 50:
		return fmt.Errorf("%q must have 2 to 50 characters", name)
	case !nameForm.MatchString(name):
		return fmt.Errorf("%q must be lower-case letters, digits and single dashes, beginning with a letter, such as %q", name, suggestName(name))
	case slices.Contains([]string{"con", "prn", "aux", "nul"}, name),
		len(name) == 4 && (strings.HasPrefix(name, "com") || strings.HasPrefix(name, "lpt")) && name[3] >= '0' && name[3] <= '9':
		return fmt.Errorf("%q is a device name on Windows; choose another name", name)
	case slices.Contains(yamlWords[:], name):
		return fmt.Errorf("%q is a word that YAML reads as a value; choose another name", name)
	}
	return nil
}

// noAccents are letters that do not come apart into one of a to z and an accent.
var noAccents = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ı", "i")

// suggestName is the nearest name that CheckName takes: letters lose their accents,
// everything else becomes a dash.
func suggestName(name string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(noAccents.Replace(strings.ToLower(name))) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' && out.Len() > 0 {
			out.WriteRune(r)
		} else if s := out.String(); s != "" && !strings.HasSuffix(s, "-") {
			out.WriteByte('-')
		}
	}
	s := strings.Trim(out.String(), "-")
	if s = strings.Trim(s[:min(len(s), 50)], "-"); len(s) < 2 {
		return "my-service"
	}
	return s
}

func asInt(value any) (int, bool) {
	switch n := value.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case uint64:
		if n > math.MaxInt {
			return 0, false
		}
		return int(n), true
	case float64: // JSON
		return int(n), n == math.Trunc(n) && math.Abs(n) < 1<<53
	default:
		return 0, false
	}
}

// describe names a value by type, so that the reader sees what was understood.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("the text %q", v)
	case bool:
		return strconv.FormatBool(v)
	case []any, []string:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprintf("the number %v", v)
	}
}

// quoteHint tells how to write a YAML scalar so that it stays a text.
func quoteHint(value any) string {
	switch value.(type) {
	case bool, int, int64, uint64, float64:
		return fmt.Sprintf("; write it in quotes: %q", fmt.Sprint(value))
	default:
		return ""
	}
}
