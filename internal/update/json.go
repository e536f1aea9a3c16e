package update

import (
	"bytes"
	"reflect"
	"slices"

	"example.com/scaffold/internal/jsondoc"
)

// mergeJSON merges three versions of a JSON object member by member. ok is false
// if one of them is no object or if both sides changed one member differently:
// then lines and markers say it better. The person's order and indentation stay;
// members that only theirs has come where theirs has them.
func mergeJSON(base, ours, theirs []byte) (merged []byte, ok bool) {
	var docs [3]*jsondoc.Object
	for i, data := range [][]byte{base, ours, theirs} {
		v, err := jsondoc.Parse(data)
		if err != nil {
			return nil, false
		}
		if docs[i], ok = v.(*jsondoc.Object); !ok {
			return nil, false
		}
	}
	result, ok := mergeValue(docs[0], docs[1], docs[2])
	if !ok {
		return nil, false
	}
	merged, err := jsondoc.EncodeIndent(result, indentOf(ours))
	if err != nil {
		return nil, false
	}
	if !bytes.HasSuffix(ours, []byte("\n")) {
		merged = bytes.TrimSuffix(merged, []byte("\n"))
	}
	if bytes.Contains(ours, []byte("\r\n")) {
		merged = bytes.ReplaceAll(merged, []byte("\n"), []byte("\r\n"))
	}
	return merged, true
}

// absent stands for a member that is not there.
type absent struct{}

func mergeValue(base, ours, theirs any) (any, bool) {
	switch {
	case reflect.DeepEqual(ours, theirs), reflect.DeepEqual(base, theirs):
		return ours, true
	case reflect.DeepEqual(base, ours):
		return theirs, true
	}
	o, oursIs := ours.(*jsondoc.Object)
	t, theirsIs := theirs.(*jsondoc.Object)
	if !oursIs || !theirsIs {
		return nil, false
	}
	b, baseIs := base.(*jsondoc.Object)
	if !baseIs {
		b = jsondoc.NewObject() // both made it an object
	}
	merged := jsondoc.NewObject()
	for _, key := range order(o.Keys, t.Keys) {
		v, ok := mergeValue(member(b, key), member(o, key), member(t, key))
		if !ok {
			return nil, false
		}
		if v != (absent{}) {
			merged.Set(key, v)
		}
	}
	return merged, true
}

func member(o *jsondoc.Object, key string) any {
	if v, ok := o.Values[key]; ok {
		return v
	}
	return absent{}
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
