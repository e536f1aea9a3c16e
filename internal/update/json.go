package update

import (
	"bytes"
	"reflect"
	"slices"

	"example.com/scaffold/internal/jsondoc"
)

// parseJSON reads JSON as the other formats are read, into maps and lists.
func parseJSON(data []byte) (any, error) {
	v, err := jsondoc.Parse(data)
	return valueOf(v), err
}

func valueOf(v any) any {
	switch v := v.(type) {
	case *jsondoc.Object:
		m := make(map[string]any, len(v.Keys))
		for key, member := range v.Values {
			m[key] = valueOf(member)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = valueOf(element)
		}
		return list
	}
	return v
}

// writeJSON writes a merged object anew, as the person's file is written: for JSON
// has no comments that could be lost. Only what formatting one side gave within
// lines is.
func writeJSON(merged any, ours, theirs []byte) ([]byte, bool) {
	o, errOurs := jsondoc.Parse(ours)
	t, errTheirs := jsondoc.Parse(theirs)
	doc, ok := arranged(merged, o, t).(*jsondoc.Object)
	if errOurs != nil || errTheirs != nil || !ok {
		return nil, false
	}
	text, err := jsondoc.EncodeIndent(doc, indentOf(ours))
	if err != nil {
		return nil, false
	}
	if !bytes.HasSuffix(ours, []byte("\n")) {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	if bytes.Contains(ours, []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text, true
}

// arranged gives a merged value the order of members that its sides have.
func arranged(merged, ours, theirs any) any {
	switch {
	case reflect.DeepEqual(merged, valueOf(ours)):
		return ours
	case reflect.DeepEqual(merged, valueOf(theirs)):
		return theirs
	}
	members, ok := merged.(map[string]any)
	if !ok {
		return merged
	}
	o, t := object(ours), object(theirs)
	doc := jsondoc.NewObject()
	for _, key := range order(o.Keys, t.Keys) {
		if member, stays := members[key]; stays {
			doc.Set(key, arranged(member, o.Values[key], t.Values[key]))
		}
	}
	return doc
}

func object(v any) *jsondoc.Object {
	if o, ok := v.(*jsondoc.Object); ok {
		return o
	}
	return jsondoc.NewObject()
}

// order is the person's order with each key that only theirs has behind the one
// it follows there.
func order(ours, theirs []string) []string {
	all := slices.Clone(ours)
	for i, key := range theirs {
		if slices.Contains(all, key) {
			continue
		}
		at := len(all)
		if i == 0 {
			at = 0
		} else if before := slices.Index(all, theirs[i-1]); before >= 0 {
			at = before + 1
		}
		all = slices.Insert(all, at, key)
	}
	return all
}

// indentOf is the white space before the first member.
func indentOf(data []byte) string {
	for line := range bytes.Lines(data) {
		if trimmed := bytes.TrimLeft(line, " \t"); len(trimmed) < len(line) && len(bytes.TrimSpace(trimmed)) > 0 {
			return string(line[:len(line)-len(trimmed)])
		}
	}
	return "  "
}
