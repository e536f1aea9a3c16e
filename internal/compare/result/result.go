// Package result is what a comparison leaves behind: the machine, the services, each
// round of each workload, and what was derived from them. Everything the report, the
// claims and a resumed run need is in it, and it is written as JSON (result.json).
//
// Units are in the names: Seconds, Millis, Bytes. A figure that was not measured is
// absent (nil), never zero.
package result

import "time"

// Schema is the version of the JSON.
const Schema = 1

// Comparison is one run, complete or cut short.
type Comparison struct {
	Schema    int       `json:"schema"`
	ID        string    `json:"id"` // names the run in the decision record
	Command   []string  `json:"command"`
	Scaffold  string    `json:"scaffold"` // version
	Started   time.Time `json:"started"`
	Seconds   float64   `json:"seconds"`
	Complete  bool      `json:"complete"`
	Stopped   string    `json:"stopped,omitempty"` // why it was cut short
	Machine   Machine   `json:"machine"`
	Plan      Plan      `json:"plan"`
	Services  []Service `json:"services"`
	Rounds    []Round   `json:"rounds"`
	Generator Proof     `json:"generator"`
	Verdicts  []Verdict `json:"verdicts"`
	// Protections are empty unless bare applications were measured.
	Protections []Protection `json:"protections,omitempty"`
}

// Machine is where it ran; a report without it says nothing.
type Machine struct {
	OS         string   `json:"os"` // e.g. Debian GNU/Linux 12
	Kernel     string   `json:"kernel"`
	CPU        string   `json:"cpu"`
	Cores      int      `json:"cores"`
	MemoryByte int64    `json:"memory_bytes"`
	Pinned     bool     `json:"pinned"` // server and generator each on a core of its own
	Placement  string   `json:"placement"`
	Warnings   []string `json:"warnings,omitempty"` // other load, CPU frequency, virtual machine
}

// Plan is what was to be measured.
type Plan struct {
	Stacks    []string  `json:"stacks"` // ids of Services, in the order given
	Workloads []string  `json:"workloads"`
	Own       []Own     `json:"own_workloads,omitempty"` // those of Workloads that the person brought
	Rates     []float64 `json:"rates_per_second"`        // given for all workloads; empty: WorkloadRates were found by calibration
	// WorkloadRates are the rates of each workload, the same for every service.
	WorkloadRates map[string][]float64 `json:"workload_rates_per_second,omitempty"`
	Rounds        int                  `json:"rounds"`
	RoundSecs     float64              `json:"round_seconds"`
	Database      string               `json:"database"` // sqlite, postgres
	Workers       int                  `json:"workers"`
	Control       string               `json:"control"` // the service that is measured twice (A/A)
	Quick         bool                 `json:"quick"`
	Restarts      bool                 `json:"restarts"` // every service is started anew before each round
	Searches      bool                 `json:"searches"` // the highest rate is looked for
	Seed          uint64               `json:"seed"`
	Price         *Price               `json:"price,omitempty"` // nil: nobody said what a core costs
}

// Price turns CPU time into money.
type Price struct {
	PerCoreHour float64 `json:"per_core_hour"`
	Currency    string  `json:"currency"` // as it is printed, such as EUR
}

// Service is one candidate: a rendered stack, a folder or a URL.
type Service struct {
	ID       string   `json:"id"` // stack id, or a short name of the folder or URL
	Title    string   `json:"title"`
	Language string   `json:"language,omitempty"` // python, node
	Stack    string   `json:"stack,omitempty"`
	Place    string   `json:"place,omitempty"`   // folder or address, if that is what was given
	Control  bool     `json:"control,omitempty"` // a second instance of another service
	Runtime  string   `json:"runtime,omitempty"` // e.g. Python 3.13.0
	Contract Contract `json:"contract"`
	Excluded string   `json:"excluded,omitempty"` // why it has no numbers
	Parity   Parity   `json:"parity"`
	Costs    Costs    `json:"costs"`
}

// Contract is the outcome of the suite, which comes before any number.
type Contract struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
	// NotRun says why the service was not held against the contract, or not all of it.
	NotRun string `json:"not_run,omitempty"`
	// Tests are the statuses by id: passed, failed, skipped. Claims read them.
	Tests map[string]string `json:"tests,omitempty"`
}

// Parity is what was found out about the running service, not what was asked for.
type Parity struct {
	Processes int    `json:"processes"` // of the tree
	Workers   int    `json:"workers"`
	Database  string `json:"database"`
	Pool      int    `json:"pool,omitempty"`
	Argon2    string `json:"argon2,omitempty"` // parameters of a stored hash
	Mode      string `json:"mode"`             // APP_ENV
	AccessLog bool   `json:"access_log"`
}

// Costs are measured once a service, beside the rounds.
type Costs struct {
	ColdStart      []float64 `json:"cold_start_millis,omitempty"`     // spawn to the first correct answer, each start
	ColdStartCPU   []float64 `json:"cold_start_cpu_millis,omitempty"` // of the process tree
	IdleBytes      *int64    `json:"idle_bytes,omitempty"`            // proportional or resident set of the tree after start
	PeakBytes      *int64    `json:"peak_bytes,omitempty"`            // after the load
	InstallSeconds *float64  `json:"install_seconds,omitempty"`
	InstallBytes   *int64    `json:"install_bytes,omitempty"` // packages on disk
	Direct         *int      `json:"direct_dependencies,omitempty"`
	Transitive     *int      `json:"transitive_dependencies,omitempty"` // all of the production lock
	InstallScripts *int      `json:"install_scripts,omitempty"`         // packages that want to run code when installed
	Audit          string    `json:"audit,omitempty"`                   // findings, or "could not audit: …"
	Files          *int      `json:"files,omitempty"`                   // of the generated repository
	SourceLines    *int      `json:"source_lines,omitempty"`            // of the service, without tests
	TestLines      *int      `json:"test_lines,omitempty"`
	Change         *Change   `json:"change,omitempty"`
}

// Change is what one small change costs: a field added to items.
type Change struct {
	Files int    `json:"files"`
	Lines int    `json:"lines"` // added and removed
	Diff  string `json:"diff"`  // unified
}

// Round is one service under one workload at one rate.
type Round struct {
	Service  string  `json:"service"`
	Workload string  `json:"workload"`
	Rate     float64 `json:"rate_per_second"` // intended; 0: a search for the highest
	Round    int     `json:"round"`           // 1…; the same number is the same block of the order
	Place    int     `json:"place"`           // in the order of its block, 0…
	Seconds  float64 `json:"seconds"`
	Rejected string  `json:"rejected,omitempty"` // the reason; the figures stay, the statistics leave it out

	Sent   int64            `json:"sent"`
	OK     int64            `json:"ok"`
	Failed map[string]int64 `json:"failed,omitempty"` // by kind: status, timeout, connect, body

	Latency      Percentiles  `json:"latency_millis"`         // from the intended time of sending
	Service99    float64      `json:"service_p99_millis"`     // from the real one
	Lag99        float64      `json:"send_lag_p99_millis"`    // intended to real
	Curve        []Point      `json:"curve,omitempty"`        // of the latency
	CPU          float64      `json:"cpu_micros_per_request"` // of the server's process tree
	PeakBytes    int64        `json:"peak_bytes,omitempty"`
	GeneratorCPU float64      `json:"generator_cpu_share"`           // of one core
	ForeignCPU   float64      `json:"foreign_cpu_share"`             // of the machine, by others
	Highest      *float64     `json:"highest_per_second,omitempty"`  // of a search: the rate that kept the service level
	Side         *Percentiles `json:"side_latency_millis,omitempty"` // mixed: of the CPU requests that ran beside
	Streams      int          `json:"streams,omitempty"`             // fan-out: open at once
	Refused      int          `json:"streams_refused,omitempty"`
}

// Percentiles of a distribution, in milliseconds.
type Percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
}

// Point of a curve: a share of the requests (0…1) was answered within Millis.
type Point struct {
	Share  float64 `json:"share"`
	Millis float64 `json:"millis"`
}

// Proof is the generator measured against a server that freezes, in the same run.
type Proof struct {
	TrueP99 float64 `json:"true_p99_millis"`
	SeenP99 float64 `json:"seen_p99_millis"`
	TrueP90 float64 `json:"true_p90_millis"`
	SeenP90 float64 `json:"seen_p90_millis"`
	Holds   bool    `json:"holds"` // both within 10 %
}

// Outcomes of a verdict, from A's side.
const (
	Better   = "better"
	Worse    = "worse"
	None     = "none"     // no difference shown
	Unranked = "unranked" // the control differs, or there are too few rounds
)

// Directions of a figure: which of them is good.
const (
	Lower  = "lower"
	Higher = "higher"
)

// Verdict compares two services by one figure of one workload.
type Verdict struct {
	Workload string    `json:"workload"`
	Metric   string    `json:"metric"` // cpu, p50, p99, highest, memory
	Rate     float64   `json:"rate_per_second,omitempty"`
	Better   string    `json:"better"` // Lower or Higher
	A        string    `json:"a"`
	B        string    `json:"b"`
	Ratio    float64   `json:"ratio"` // figure of A ÷ figure of B, median of paired rounds
	Low      float64   `json:"low"`   // 95 % interval
	High     float64   `json:"high"`
	Rounds   int       `json:"rounds"`            // pairs that were used
	Outcome  string    `json:"outcome"`           // Better, Worse, None or Unranked
	Control  *Interval `json:"control,omitempty"` // the A/A ratio of the same figure
}

// Protection is what security costs a service: the CPU time of a read as a multiple of
// the same read of its bare application, which has the framework, driver and rows in
// common with it.
type Protection struct {
	Service string  `json:"service"`
	Rate    float64 `json:"rate_per_second"`
	Rounds  int     `json:"rounds"` // pairs that were used
	Interval
}

// Interval of a ratio.
type Interval struct {
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}
