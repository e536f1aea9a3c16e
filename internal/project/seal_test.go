package project

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"example.com/scaffold/internal/tree"
)

func TestSeal(t *testing.T) {
	ref := PackRef{Source: "builtin:x", Version: "1.0.0", Digest: "sha256:00"}
	first, second := sample(), sample()
	for _, tr := range []*tree.Tree{first, second} {
		if err := Seal(tr, "0.1.0", ref); err != nil {
			t.Fatal(err)
		}
	}
	if first.Hash() != second.Hash() {
		t.Error("the same input gave other bytes")
	}

	f, ok := first.Get(LockPath)
	if !ok {
		t.Fatal("no lock")
	}
	var lock Lock
	d := json.NewDecoder(bytes.NewReader(f.Data))
	d.DisallowUnknownFields()
	if err := d.Decode(&lock); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(lock.Pack, ref) || lock.Scaffold != "0.1.0" || lock.Files["bin/run"].Mode != "0755" || len(lock.Files) != sample().Len() {
		t.Errorf("lock %+v", lock)
	}

	f, ok = first.Get(BasePath)
	if !ok {
		t.Fatal("no base")
	}
	base, err := tree.Extract(f.Data)
	if err != nil {
		t.Fatal(err)
	}
	if base.Hash() != lock.Tree || base.Hash() != sample().Hash() {
		t.Error("the base is not the tree that the lock names")
	}
}
