package render

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/jsondoc"
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
	if version := fmt.Sprint(doc.Values["lockfileVersion"]); version != "3" {
		return nil, fmt.Errorf("has lockfileVersion %s; only 3 can be pruned", version)
	}
	packages := doc.Child("packages")
	root := packages.Child("")
	if root == nil {
		return nil, errors.New("has no root package")
	}
	for _, key := range []string{"name", "version"} {
		if v, ok := wanted.Values[key]; ok {
			for _, o := range []*jsondoc.Object{doc, root} {
				if _, has := o.Values[key]; has {
					o.Set(key, v)
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
	for _, path := range slices.Clone(packages.Keys) {
		if path == "" {
			continue
		}
		if !reached[path] {
			packages.Remove(path)
			continue
		}
		p := packages.Child(path)
		setFlag(p, "dev", !notDev[path])
		setFlag(p, "optional", !notOptional[path])
		setFlag(p, "devOptional", notDev[path] && notOptional[path] && !notEither[path])
		setFlag(p, "peer", !notPeer[path])
	}
	return jsondoc.Encode(doc)
}

func parseObject(data []byte) (*jsondoc.Object, error) {
	v, err := jsondoc.Parse(data)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*jsondoc.Object)
	if !ok {
		return nil, errors.New("is not a JSON object")
	}
	return o, nil
}

// pruneRoot drops from the lock's root what the manifest does not ask for.
func pruneRoot(root, wanted *jsondoc.Object) error {
	for _, group := range npmGroups {
		locked, asked := root.Child(group), wanted.Child(group)
		if asked != nil {
			for _, name := range asked.Keys {
				wants, isText := asked.Values[name].(string)
				if !isText {
					return fmt.Errorf("the rendered package.json: %s of %s is not a text", group, name)
				}
				if locked == nil || locked.Values[name] != any(wants) {
					return fmt.Errorf("has no entry for %s %s, which the manifest asks for; lock it again", name, wants)
				}
			}
		}
		if locked == nil {
			continue
		}
		for _, name := range slices.Clone(locked.Keys) {
			if asked == nil || asked.Values[name] == nil {
				locked.Remove(name)
			}
		}
		if len(locked.Keys) == 0 {
			root.Remove(group)
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
	packages *jsondoc.Object
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
	p := g.packages.Child(path)
	for _, group := range npmGroups {
		deps := p.Child(group)
		if deps == nil || group == "devDependencies" && path != "" {
			continue
		}
		for _, name := range deps.Keys {
			e := npmEdge{dev: group == "devDependencies", optional: group == "optionalDependencies", peer: group == "peerDependencies"}
			if e.peer {
				meta := p.Child("peerDependenciesMeta").Child(name)
				e.optional = meta != nil && meta.Values["optional"] == true
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
	if p != nil && p.Values["link"] == true {
		if target, ok := p.Values["resolved"].(string); ok && g.packages.Child(target) != nil {
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
		if g.packages.Child(candidate) != nil {
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
func setFlag(p *jsondoc.Object, flag string, on bool) {
	if !on {
		p.Remove(flag)
		return
	}
	if p.Values[flag] == true {
		return
	}
	p.Set(flag, true)
	first := []string{"name", "version", "resolved", "integrity"}
	rank := func(key string) int {
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		if _, isObject := p.Values[key].(*jsondoc.Object); isObject {
			return len(first) + 1
		}
		return len(first)
	}
	slices.SortStableFunc(p.Keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(strings.ToLower(a), strings.ToLower(b)))
	})
}
