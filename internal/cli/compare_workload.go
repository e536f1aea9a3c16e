package cli

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"example.com/scaffold/internal/compare"
	"example.com/scaffold/internal/compare/workload"
)

// readWorkloads reads the files of --workload.
func (o *compareOptions) readWorkloads() error {
	taken := slices.Clone(compare.Workloads())
	for _, name := range o.files {
		data, err := readFile(name)
		if err != nil {
			return badWorkload(name, err)
		}
		own, err := workload.Parse(name, data)
		if err != nil {
			return &exitError{code: exitUsage, err: err}
		}
		if slices.Contains(taken, own.Name) {
			return usagef("choose another name", "%s: name %q is taken: %s are there already", name, own.Name, strings.Join(taken, ", "))
		}
		taken = append(taken, own.Name)
		o.compare.Own = append(o.compare.Own, own)
	}
	return nil
}

// badWorkload tells who mistook --workload for --workloads.
func badWorkload(name string, err error) error {
	hint := "give the file of a workload; docs/compare.md shows one"
	if slices.Contains(compare.Workloads(), name) && errors.Is(err, fs.ErrNotExist) {
		hint = "--workloads " + name + " takes the one of that name"
	}
	return &exitError{code: exitUsage, err: err, hint: hint}
}
