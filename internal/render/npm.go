package render

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// npmGroups are the members of a manifest that name dependencies.
var npmGroups = [...]string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}

// pruneNpm keeps of a package-lock.json (version 3) what the rendered
// package.json still reaches, walking "packages" from the root as Node resolves
// names, and works out again which packages are dev, optional or peer.
func pruneNpm(lock, manifest []byte) ([]byte, error) {
	doc, err := parseObject(lock)
	if err != nil {
		return nil, err
	}
	wanted, err := parseObject(manifest)
	if err != nil {
		return nil, fmt.Errorf("the rendered package.json: %w", err)
	}
	if version := fmt.Sprint(doc.values["lockfileVersion"]); version != "3" {
		return nil, fmt.Errorf("has lockfileVersion %s; only 3 can be pruned", version)
	}
	packages := doc.child("packages")
	root := packages.child("")
	if root == nil {
		return nil, errors.New("has no root package")
	}
	for _, key := range []string{"name", "version"} {
		if v, ok := wanted.values[key]; ok {
			for _, o := range []*object{doc, root} {
				if _, has := o.values[key]; has {
					o.set(key, v)
				}
			}
		}
	}
	if err := pruneRoot(root, wanted); err != nil {
		return nil, err
	}
	g := npmGraph{packages: packages}
	reached := g.walk(nil)
	notDev := g.walk(func(e npmEdge) bool { return !e.dev })
	notOptional := g.walk(func(e npmEdge) bool { return !e.optional })
	notEither := g.walk(func(e npmEdge) bool { return !e.dev && !e.optional })
	notPeer := g.walk(func(e npmEdge) bool { return !e.peer })
	if g.err != nil {
		return nil, g.err
	}
	for _, path := range slices.Clone(packages.keys) {
		if path == "" {
			continue
		}
		if !reached[path] {
			packages.remove(path)
			continue
		}
		p := packages.child(path)
		setFlag(p, "dev", !notDev[path])
		setFlag(p, "optional", !notOptional[path])
		setFlag(p, "devOptional", notDev[path] && notOptional[path] && !notEither[path])
		setFlag(p, "peer", !notPeer[path])
	}
	return encodeJSON(doc)
}

func parseObject(data []byte) (*object, error) {
	v, err := parseJSON(data)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*object)
	if !ok {
		return nil, errors.New("is not a JSON object")
	}
	return o, nil
}

// pruneRoot drops from the lock's root what the manifest does not ask for.
func pruneRoot(root, wanted *object) error {
	for _, group := range npmGroups {
		locked, asked := root.child(group), wanted.child(group)
		if asked != nil {
			for _, name := range asked.keys {
				wants, isText := asked.values[name].(string)
				if !isText {
					return fmt.Errorf("the rendered package.json: %s of %s is not a text", group, name)
				}
				if locked == nil || locked.values[name] != any(wants) {
					return fmt.Errorf("has no entry for %s %s, which the manifest asks for; lock it again", name, wants)
				}
			}
		}
		if locked == nil {
			continue
		}
		for _, name := range slices.Clone(locked.keys) {
			if asked == nil || asked.values[name] == nil {
				locked.remove(name)
			}
		}
		if len(locked.keys) == 0 {
			root.remove(group)
		}
	}
	return nil
}

// npmEdge is one dependency on a package.
type npmEdge struct {
	to                  string // path in the lock
	dev, optional, peer bool
}

// npmGraph is the lock's packages with their dependencies.
type npmGraph struct {
	packages *object
	err      error
}

// walk names the packages that the root reaches over edges that follow accepts;
// nil accepts all.
func (g *npmGraph) walk(follow func(npmEdge) bool) map[string]bool {
	seen := make(map[string]bool)
	todo := []string{""}
	for len(todo) > 0 {
		path := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, e := range g.edges(path) {
			if !seen[e.to] && (follow == nil || follow(e)) {
				seen[e.to] = true
				todo = append(todo, e.to)
			}
		}
	}
	return seen
}

// edges lists the dependencies of a package that the lock holds.
func (g *npmGraph) edges(path string) []npmEdge {
	var edges []npmEdge
	p := g.packages.child(path)
	for _, group := range npmGroups {
		deps := p.child(group)
		if deps == nil || group == "devDependencies" && path != "" {
			continue
		}
		for _, name := range deps.keys {
			e := npmEdge{dev: group == "devDependencies", optional: group == "optionalDependencies", peer: group == "peerDependencies"}
			if e.peer {
				meta := p.child("peerDependenciesMeta").child(name)
				e.optional = meta != nil && meta.values["optional"] == true
			}
			to, ok := g.resolve(path, name)
			if !ok {
				if !e.optional && !e.peer {
					g.err = cmp.Or(g.err, fmt.Errorf("%q needs %s, which the lock does not have", path, name))
				}
				continue
			}
			e.to = to
			edges = append(edges, e)
		}
	}
	// A link stands for the package it points to.
	if p != nil && p.values["link"] == true {
		if target, ok := p.values["resolved"].(string); ok && g.packages.child(target) != nil {
			edges = append(edges, npmEdge{to: target})
		}
	}
	return edges
}

// resolve finds a package as Node does: in the node_modules of the one that
// asks, then of each folder above it.
func (g *npmGraph) resolve(from, name string) (string, bool) {
	for {
		candidate := strings.TrimPrefix(from+"/node_modules/"+name, "/")
		if g.packages.child(candidate) != nil {
			return candidate, true
		}
		if from == "" {
			return "", false
		}
		from = strings.TrimSuffix(from[:max(0, strings.LastIndex(from, "node_modules/"))], "/")
	}
}

// setFlag sets or removes a flag of a package, in the order in which npm writes
// members: version, resolved and integrity first, then by name, objects last.
func setFlag(p *object, flag string, on bool) {
	if !on {
		p.remove(flag)
		return
	}
	if p.values[flag] == true {
		return
	}
	p.set(flag, true)
	first := []string{"name", "version", "resolved", "integrity"}
	rank := func(key string) int {
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		if _, isObject := p.values[key].(*object); isObject {
			return len(first) + 1
		}
		return len(first)
	}
	slices.SortStableFunc(p.keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(strings.ToLower(a), strings.ToLower(b)))
	})
}
