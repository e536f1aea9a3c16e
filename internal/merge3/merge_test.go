package merge3_test

import (
	"strings"
	"testing"

	"example.com/scaffold/internal/merge3"
)

var labels = merge3.Labels{Ours: "yours", Theirs: "the pack's"}

func lines(s string) string { return strings.ReplaceAll(s, " ", "\n") + "\n" }

func TestMerge(t *testing.T) {
	const base = "a b c d e f g"
	for _, tc := range []struct{ name, base, ours, theirs, want string }{
		{"far edits are both kept", base, "A b c d e f g", "a b c d e f G", "A b c d e f G"},
		{"one unchanged line between is enough", base, "a B c d e f g", "a b c D e f g", "a B c D e f g"},
		{"only ours", base, "a b c d X e f g", base, "a b c d X e f g"},
		{"only theirs", base, base, "b c d e f g", "b c d e f g"},
		{"both the same", base, "a b X d e f g", "a b X d e f g", "a b X d e f g"},
		{"both the same, and each more", base, "A b X d e f g", "a b X d e f G", "A b X d e f G"},
		{"both delete the same", base, "a b f g", "a b f g", "a b f g"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := merge3.Merge([]byte(lines(tc.base)), []byte(lines(tc.ours)), []byte(lines(tc.theirs)), labels)
			if !got.Clean() || string(got.Text) != lines(tc.want) {
				t.Errorf("clean %v\n%s", got.Clean(), got.Text)
			}
		})
	}
}

func TestConflicts(t *testing.T) {
	const base = "a b c d e"
	for _, tc := range []struct{ name, base, ours, theirs, want string }{
		{"same line", base, "a b X d e", "a b Y d e", "a b <<<<<<<_yours X ======= Y >>>>>>>_the_pack's d e"},
		{"adjacent lines", base, "a X c d e", "a b Y d e", "a <<<<<<<_yours X c ======= b Y >>>>>>>_the_pack's d e"},
		{"lines they agree on stand outside", base, "a X C d e", "a Y C d e", "a <<<<<<<_yours X ======= Y >>>>>>>_the_pack's C d e"},
		{"edit against delete", base, "a b X d e", "a b d e", "a b <<<<<<<_yours X ======= >>>>>>>_the_pack's d e"},
		{"both insert at one place", base, "a b X c d e", "a b Y c d e", "a b <<<<<<<_yours X ======= Y >>>>>>>_the_pack's c d e"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := merge3.Merge([]byte(lines(tc.base)), []byte(lines(tc.ours)), []byte(lines(tc.theirs)), labels)
			want := strings.NewReplacer("<_yours", "< yours", ">_the_pack's", "> the pack's").Replace(lines(tc.want))
			if len(got.Conflicts) != 1 || string(got.Text) != want {
				t.Fatalf("%d conflicts\n%s", len(got.Conflicts), got.Text)
			}
			if at := strings.Split(string(got.Text), "\n")[got.Conflicts[0].Line-1]; !strings.HasPrefix(at, "<<<<<<<") {
				t.Errorf("line %d is %q", got.Conflicts[0].Line, at)
			}
		})
	}
}

// What a person did to a file as a whole stays.
func TestForm(t *testing.T) {
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	base, theirs := lines("a b c d e"), lines("a b c d E")
	for _, tc := range []struct{ name, base, ours, theirs, want string }{
		{"the person switched to CRLF", base, crlf(lines("A b c d e")), theirs, crlf(lines("A b c d E"))},
		{"the pack switched to CRLF", base, lines("A b c d e"), crlf(theirs), crlf(lines("A b c d E"))},
		{"the person switched back", crlf(base), lines("A b c d e"), crlf(theirs), lines("A b c d E")},
		{"mixed line ends stay mixed", base, "A\r\nb\nc\nd\ne\n", theirs, "A\r\nb\nc\nd\nE\n"},
		{"the pack mixes, the person switched", base, crlf(lines("A b c d e")), "a\nb\nc\nd\nE\r\n", crlf(lines("A b c d E"))},
		{"a byte order mark", base, "\ufeff" + lines("A b c d e"), theirs, "\ufeff" + lines("A b c d E")},
		{"no final line end", base, "a\nb\nc\nd\ne", lines("A b c d e"), "A\nb\nc\nd\ne"},
		{"a pack's text of one bare line", "a\r\nb\r\n", "a\r\nb\r\n", "a", "a"},
		{"NUL and invalid UTF-8", "a\x00\nb\nc\n", "a\x00\xff\nb\nc\n", "a\x00\nb\nC\n", "a\x00\xff\nb\nC\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := merge3.Merge([]byte(tc.base), []byte(tc.ours), []byte(tc.theirs), labels)
			if !got.Clean() || string(got.Text) != tc.want {
				t.Errorf("clean %v, %q; want %q", got.Clean(), got.Text, tc.want)
			}
		})
	}
}
