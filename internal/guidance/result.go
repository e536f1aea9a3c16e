package guidance

// The two degrees of confidence.
const (
	Clear = "clear" // ranks first in nine of ten disturbed samples, and by a margin
	Close = "close" // it does not: show both
)

// Result is a recommendation and why.
type Result struct {
	Recommended *string       `json:"recommended"` // a stack's id, "hybrid", or null: none of ours
	Confidence  string        `json:"confidence"`  // clear, close
	Ranking     []Ranked      `json:"ranking"`     // best first; empty where a constraint excludes all
	Reasons     []Reason      `json:"reasons"`     // of the decision as a whole
	RunnerUp    *RunnerUp     `json:"runner_up"`
	Flips       []Flip        `json:"flips"` // single changes that change the winner, smallest first
	Instead     *Instead      `json:"instead"`
	Excluded    []Excluded    `json:"excluded,omitempty"`
	NotRendered []NotRendered `json:"not_rendered,omitempty"` // stacks a rule names that are not among the four
	Practices   []Practice    `json:"practices"`              // what the article asks of every stack here
	Notes       []Note        `json:"notes"`                  // what must be said beside it
	Compare     string        `json:"compare,omitempty"`      // the command that would settle a close call
	Answers     Answers       `json:"answers"`                // what it rests on
}

// Ranked is a stack in the ranking.
type Ranked struct {
	Stack       string   `json:"stack"`
	Title       string   `json:"title"`
	Score       float64  `json:"score"`              // 0 to 100
	Probability float64  `json:"probability"`        // of rank 1 among the disturbed samples, 0 to 1
	Rank        int      `json:"rank"`               // equal scores share it
	Rendered    *bool    `json:"rendered,omitempty"` // nil: nobody said what this build renders
	Reasons     []Reason `json:"reasons"`
	Criteria    []Cell   `json:"criteria"`
}

// Reason is a rule that speaks for or against.
type Reason struct {
	Rule      string `json:"rule"`
	Section   string `json:"section"`
	For       bool   `json:"for"`
	Statement string `json:"statement"`
	Verdict   string `json:"verdict"`
	Via       string `json:"via,omitempty"` // the outside stack it names, of which this is the nearest
}

// Cell is what one criterion contributes to a stack's score.
type Cell struct {
	Criterion string   `json:"criterion"`
	Value     any      `json:"value"`  // the answer: 1 to 5, or a choice
	Weight    float64  `json:"weight"` // of the criterion, after the answer's importance
	Score     float64  `json:"score"`  // 0 to 5
	Points    float64  `json:"points"` // of the stack's 0 to 100
	Rules     []string `json:"rules"`  // what the score rests on
}

// RunnerUp is the stack behind the winner.
type RunnerUp struct {
	Stack  string   `json:"stack"`
	Gap    float64  `json:"gap"`    // points behind
	Better []string `json:"better"` // criteria it serves better, most telling first
	Text   string   `json:"text"`
}

// Flip is one change of one answer that changes the winner.
type Flip struct {
	Change map[string]any `json:"change"`
	Then   string         `json:"then"`
	Text   string         `json:"text"`
}

// Instead is what fits where none of the four does.
type Instead struct {
	Use     string `json:"use"`
	Why     string `json:"why"`
	Rule    string `json:"rule"`
	Section string `json:"section"`
}

// Excluded is a stack that a constraint rules out.
type Excluded struct {
	Stack string `json:"stack"`
	Rule  string `json:"rule"`
	Why   string `json:"why"`
}

// NotRendered is a stack that a rule names and that is not one of the four.
type NotRendered struct {
	Stack   string `json:"stack"`
	Title   string `json:"title"`
	Nearest string `json:"nearest"`
	Rule    string `json:"rule"`
	Section string `json:"section"`
}

// Practice is something the article asks of any stack.
type Practice struct {
	Rule      string `json:"rule"`
	Section   string `json:"section"`
	Statement string `json:"statement"`
}

// Note is what must be said beside a recommendation, or beside a rule.
type Note struct {
	Rule    string `json:"rule,omitempty"`
	Verdict string `json:"verdict,omitempty"`
	Text    string `json:"text"`
}
