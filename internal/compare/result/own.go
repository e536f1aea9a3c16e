package result

// Own is a workload that a person brought in a file. The result keeps all of it, so
// that the run can be repeated, and gone on with, without the file.
type Own struct {
	Name      string    `json:"name"`
	About     string    `json:"about,omitempty"` // a sentence for the report
	Rates     []float64 `json:"rates_per_second,omitempty"`
	P99Millis float64   `json:"p99_millis,omitempty"` // service level of the search for the highest rate; 0: no search
	Requests  []Request `json:"requests"`             // sent in turn
}

// Request is one of a person's own workload.
type Request struct {
	Method   string            `json:"method"`
	Path     string            `json:"path"`              // with its query; {item} stands for an item of the account
	Headers  map[string]string `json:"headers,omitempty"` // ${NAME} in a value stands for a variable of the environment
	Body     string            `json:"body,omitempty"`    // as it is sent
	Status   int               `json:"status,omitempty"`  // of the right answer; 0: any from 200 to 299
	Contains string            `json:"contains,omitempty"`
	SignedIn bool              `json:"signed_in,omitempty"`
}

// Line is the method and the path, for people.
func (r Request) Line() string { return r.Method + " " + r.Path }
