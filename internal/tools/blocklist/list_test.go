package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const shipped = "../../../templates/common/base/__assets__/passwords.txt"

func TestShippedListIsCurrent(t *testing.T) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(list(), "\n") + "\n"; string(data) != want {
		t.Errorf("%s is not what the rules make; run: go run ./internal/tools/blocklist > %s", shipped, strings.TrimPrefix(shipped, "../../../"))
	}
}

func TestEntries(t *testing.T) {
	entries := list()
	if len(entries) < 3000 {
		t.Errorf("%d entries, clause P3 wants 3000", len(entries))
	}
	if !slices.IsSorted(entries) {
		t.Error("entries are not sorted")
	}
	if unique := slices.Compact(slices.Clone(entries)); len(unique) != len(entries) {
		t.Errorf("%d entries twice", len(entries)-len(unique))
	}
	for _, entry := range entries {
		if n := utf8.RuneCountInString(entry); n < minLength || n > maxLength {
			t.Errorf("%q has %d code points", entry, n)
		}
		if strings.ToLower(entry) != entry || strings.TrimSpace(entry) != entry {
			t.Errorf("%q is not in normal form", entry)
		}
	}
	for _, known := range []string{
		"passwordpassword", "qwertyuiopasdfgh", "123456789012345", "iloveyouiloveyou", "adminadminadmin",
		"correct horse battery staple", "1qaz2wsx3edc4rfv", "aaaaaaaaaaaaaaa", "changemechangeme", "passwordpassword2026",
	} {
		if _, ok := slices.BinarySearch(entries, known); !ok {
			t.Errorf("%q is missing", known)
		}
	}
}
