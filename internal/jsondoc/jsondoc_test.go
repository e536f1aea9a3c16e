package jsondoc_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/internal/jsondoc"
)

// What is read and written again says the same, in the same order.
func TestOrderAndNumbersStay(t *testing.T) {
	const text = "{\n  \"z\": 1.0,\n  \"a\": [\n    1e400,\n    {\n      \"y\": \"<b>\",\n      \"x\": null\n    },\n    [],\n    {}\n  ],\n  \"\": true\n}\n"
	v, err := jsondoc.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := jsondoc.Encode(v); err != nil || string(got) != text {
		t.Errorf("%v\n%s", err, got)
	}
	o, ok := v.(*jsondoc.Object)
	if !ok {
		t.Fatalf("%T", v)
	}
	o.Remove("z")
	o.Remove("nothing")
	o.Set("a", json.Number("2"))
	o.Set("new", jsondoc.NewObject())
	if got, err := jsondoc.EncodeIndent(o, "\t"); err != nil || string(got) != "{\n\t\"a\": 2,\n\t\"\": true,\n\t\"new\": {}\n}\n" {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestWhatIsRefusedIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"{\n\"a\": 1,\n\"a\": 2}":     `line 3: not valid JSON: member "a" twice`,
		"{} {}":                       "more follows after the end",
		"{\"a\": 1,}":                 "line 1: not valid JSON",
		"":                            "not valid JSON",
		"[1, // no\n2]":               "not valid JSON",
		strings.Repeat("[", 300):      "nested deeper than 200",
		strings.Repeat(`{"a":`, 1000): "nested deeper than 200",
	} {
		if v, err := jsondoc.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q gives %v, %v; want %q", text, v, err, want)
		}
	}
}

// FuzzParse: it takes no more than encoding/json does, and writing loses nothing.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a": [1, {"b": null}], "c": "\u00e9\ud800"}`))
	f.Add([]byte(`[1.50, -0, 1e5, "<>&"]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := jsondoc.Parse(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is taken", data)
		}
		text, err := jsondoc.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := jsondoc.Parse(text)
		if err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%q becomes %s (%v)", data, text, err)
		}
	})
}
