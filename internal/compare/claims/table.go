package claims

// Figures of a verdict.
const (
	cpu     = "cpu" // CPU time per request
	p99     = "p99"
	highest = "highest" // requests a second under the service level
)

// What a threshold says, in words that stand in the report beside each claim.
const (
	tenPercent = "supported when every stack of the favoured side is better by 10 % or more over the whole interval; " +
		"refuted when a stack of the other side is not beaten by any of them by that much"
	aQuarter = "supported when every stack of the favoured side needs a quarter less; " +
		"refuted when none of them needs a quarter less than the best of the others"
	sameTests = "supported when all stacks of the favoured side pass the named tests and another fails one; refuted when all pass"
	allKeep   = "supported when every service passes the named tests; refuted when one fails"
	notHere   = "this comparison has no figure for it"
)

// Tests of the contract that stand for a protection.
func injection() []string  { return []string{"GEN-14", "GEN-16"} }
func crossSite() []string  { return []string{"CSRF-01", "CSRF-03", "HDR-01"} }
func tokens() []string     { return []string{"TOK-02", "TOK-03", "TOK-05", "REF-02", "CORS-02", "CORS-06"} }
func validation() []string { return []string{"GEN-03", "GEN-12", "GEN-14", "OBJ-02"} }

func builtIn() []string {
	return append(injection(), crossSite()...)
}

// table has a claim for each rule that the guidance calls measurable, wholly or in part.
func table() []claim {
	python, node := language("python"), language("node")
	fastapi, django, express, nest := stack("python-fastapi"), stack("python-django"), stack("node-express"), stack("node-nest")
	const notLibraries = "the libraries that the claim rests on were not measured, only the language"
	const onTheseServices = "these services carry the same protections by design; a bare framework was not tested"
	return []claim{
		{"R02", "delivery p99 of the fan-out: " + tenPercent, better("fanout", p99, node, python)},
		{"R03", "highest rate of reads under the service level: " + tenPercent, better("read", highest, node, python)},
		{"R04", sameTests, unless(Refuted, onTheseServices, probes(django, builtIn()...))},
		{"R05", "delivery p99 of the fan-out and p99 with a slow upstream: " + tenPercent, both(better("fanout", p99, node, python), better("slow", p99, node, python))},
		{"R06", "CPU per computing request: " + tenPercent, unless(Refuted, notLibraries, better("cpu", cpu, python, node))},
		{"R07", "CPU per read, one worker each: " + tenPercent, better("read", cpu, node, python)},
		{"R08", "CPU per computing request, in the pure language: " + tenPercent, better("cpu", cpu, node, python)},
		{"R09", "CPU per read: supported when FastAPI and Django are both within 1.5× of Express; refuted when one is beyond", both(readsWithin(1.5, "python-fastapi"), readsWithin(1.5, "python-django"))},
		{"R10", "p99 of reads at the highest fixed rate: " + tenPercent, better("read", p99, node, python)},
		{"R11", "memory when idle and CPU of a cold start: " + aQuarter, both(less(idleMemory(), pointMargin, node, python), less(coldStart(), pointMargin, node, python))},
		{"R14", "CPU per read: " + tenPercent + "; memory when idle: " + aQuarter, both(better("read", cpu, node, python), less(idleMemory(), pointMargin, node, python))},
		{"R15", sameTests, unless(Refuted, onTheseServices, probes(python, builtIn()...))},
		{"R16", "direct dependencies for the same contract: " + aQuarter, less(direct(), pointMargin, python, node)},
		{"R17", sameTests, unless(Refuted, onTheseServices, probes(python, tokens()...))},
		{"R24", "lines of the service for the same contract: supported when every Python stack needs 10 % fewer; refuted when none does", less(sourceLines(), margin, python, node)},
		{"R26", notHere, missing("one run measures one number of workers; compare --workers 1 with --workers 2")},
		{"R27", "direct dependencies for the same contract: supported when Django needs a quarter fewer than each other stack; refuted when it does not", less(direct(), pointMargin, django, others(django))},
		{"R29", "the API's description is there (HDR-05), and CPU per read: supported when FastAPI needs 10 % less than Django", both(kept("HDR-05"), better("read", cpu, fastapi, django))},
		{"R35", "CPU per computing request, in the pure language: " + tenPercent, better("cpu", cpu, node, python)},
		{"R36", "p99 with an upstream of 50 ms: " + tenPercent, better("slow", p99, node, python)},
		{"R37", notHere, missing("a comparison measures services, not how people share work")},
		{"R38", "p99 of reads: " + tenPercent, better("read", p99, node, python)},
		{"R39", "delivery p99 of the fan-out over server-sent events: " + tenPercent, better("fanout", p99, node, python)},
		{"R40", notHere, missing("no stack stores its data in MongoDB")},
		{"R41", "lines of the service and CPU per read: supported when Express needs 10 % less of both than Nest", both(less(sourceLines(), margin, express, nest), better("read", cpu, express, nest))},
		{"R42", "CPU per read: supported when the structure of Nest costs at most 1.5× of Express, refuted beyond", readsWithin(1.5, "node-nest")},
		{"R46", "p99 of reads: " + tenPercent + "; lines of the service: supported when every Node stack needs 10 % fewer", both(better("read", p99, node, python), less(sourceLines(), margin, node, python))},
		{"R47", "supported when a pair of stacks changes places from one workload to another by CPU per request; refuted when no pair does in three or more workloads", changesPlaces},
		{"R48", notHere, missing("no stack runs on PyPy")},
		{"R49", "delivery p99 of the fan-out: " + tenPercent, better("fanout", p99, node, python)},
		{"R50", "p99 with a slow upstream: " + tenPercent + "; memory when idle: " + aQuarter, both(better("slow", p99, node, python), less(idleMemory(), pointMargin, node, python))},
		{"R51", "CPU per read: supported when FastAPI is within 1.25× of Express, refuted beyond", readsWithin(1.25, "python-fastapi")},
		{"R53", notHere, missing("the computing workload runs with one worker and its own threads only")},
		{"R54", "p99 of the JSON echo while a computing request runs: " + tenPercent, better("mixed", p99, node, python)},
		{"R55", "CPU of a cold start: " + aQuarter, less(coldStart(), pointMargin, node, python)},
		{"R56", "delivery p99 of the fan-out: " + tenPercent, better("fanout", p99, node, python)},
		{"R58", sameTests, unless(Refuted, onTheseServices, probes(python, tokens()...))},
		{"R59", "CPU per read: " + tenPercent + "; lines of the service: supported when every Node stack needs 10 % fewer", both(better("read", cpu, node, python), less(sourceLines(), margin, node, python))},
		{"R62", sameTests, unless(Refuted, onTheseServices, probes(django, builtIn()...))},
		{"R63", "never supported from outside: " + allKeep, unless(Supported, "wrong bodies are refused at run time by every stack, whatever its types are checked by", kept(validation()...))},
		{"R65", "packages in production: supported when every Python stack needs a quarter fewer; refuted when none does", less(transitive(), pointMargin, python, node)},
		{"R66", allKeep, kept(tokens()...)},
		{"R67", "the streams of the fan-out ask for an access token (TOK-07, TOK-08): " + allKeep, kept("TOK-07", "TOK-08")},
		{"R68", notHere, missing("no registry is asked how old the packages are")},
		{"R69", "step-up and ownership: " + allKeep, kept("SES-02", "OBJ-01", "RBAC-07")},
		{"R70", allKeep, kept("HDR-03", "KEY-02")},
		{"R71", allKeep, kept(validation()...)},
		{"R72", "supported when an advisory database answered for every service; inconclusive otherwise", audited},
		{"R73", allKeep, kept("RATE-02", "RATE-05", "CORS-02", "CORS-06")},
		{"R79", "installation and CPU of a cold start: " + aQuarter, both(less(installTime(), pointMargin, python, node), less(coldStart(), pointMargin, python, node))},
		{"R80", "lines of the service and files of the repository: supported when every Python stack needs 10 % fewer; refuted when none does", both(less(sourceLines(), margin, python, node), less(files(), margin, python, node))},
		{"R81", "CPU per computing request for Python, delivery p99 of the fan-out for Node: " + tenPercent, both(unless(Refuted, notLibraries, better("cpu", cpu, python, node)), better("fanout", p99, node, python))},
		{"R82", "CPU per read: " + tenPercent, unless(Refuted, "CPU is one part of what a service costs", better("read", cpu, python, node))},
		{"R92", notHere, missing("no model is loaded by these services")},
		{"R93", "CPU of a cold start: " + aQuarter, less(coldStart(), pointMargin, python, node)},
		{"R95", notHere, missing("no stack runs on Deno")},
		{"R96", notHere, missing("no stack runs on Bun")},
		{"R97", notHere, missing("Nest is measured on Express, not on Fastify")},
		{"R100", notHere, missing("every stack is measured as it is generated, none before tuning")},
		{"R101", sameTests, unless(Refuted, onTheseServices, probes(python, builtIn()...))},
		{"R102", notHere, missing("the hybrid is no candidate beside the stacks it is made of")},
	}
}
