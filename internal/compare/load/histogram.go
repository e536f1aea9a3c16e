package load

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Durations from a microsecond to two minutes are kept to three digits; what is
// longer counts as two minutes.
const (
	shortest = time.Microsecond
	longest  = 2 * time.Minute
	digits   = 3
)

// Histogram counts durations in buckets of a thousandth of their value. As JSON it
// is the compressed text of HdrHistogram's format V2, in nanoseconds.
type Histogram struct{ h *hdrhistogram.Histogram }

// NewHistogram is one without a value.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(int64(shortest), int64(longest), digits)}
}

// Record counts one duration.
func (h *Histogram) Record(d time.Duration) {
	if err := h.h.RecordValue(int64(min(max(d, 0), longest))); err != nil {
		panic(fmt.Sprintf("load: %s lies outside a histogram it was cut to: %v", d, err)) // not reachable by what is measured
	}
}

// Merge counts all of another's values too.
func (h *Histogram) Merge(other *Histogram) { h.h.Merge(other.h) }

// Count is the number of values.
func (h *Histogram) Count() int { return int(h.h.TotalCount()) }

// Quantile is the value that a share q, from 0 to 1, of all values does not
// exceed; 0 if there is none.
func (h *Histogram) Quantile(q float64) time.Duration {
	return time.Duration(h.h.ValueAtQuantile(q * 100))
}

// Mean is the arithmetic mean; like Min and Max it is 0 without values.
func (h *Histogram) Mean() time.Duration { return time.Duration(h.h.Mean()) }

// Min is the smallest value.
func (h *Histogram) Min() time.Duration { return time.Duration(h.h.Min()) }

// Max is the largest value.
func (h *Histogram) Max() time.Duration { return time.Duration(h.h.Max()) }

// Point is one of a percentile curve: a share Quantile of all values is at most Value.
type Point struct {
	Quantile float64
	Value    time.Duration
}

// Curve has points that draw a smooth line over −log(1−quantile): five for each
// halving of the distance to 1.
func (h *Histogram) Curve() []Point {
	if h.Count() == 0 {
		return nil
	}
	const perHalving = 5
	var curve []Point
	for _, b := range h.h.CumulativeDistributionWithTicks(perHalving) {
		curve = append(curve, Point{b.Quantile / 100, time.Duration(b.ValueAt)})
	}
	return curve
}

// MarshalJSON writes the compressed text.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	text, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(text))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var encoded string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return err
	}
	decoded, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		return fmt.Errorf("a histogram that cannot be read: %w", err)
	}
	// A decoded one spans only what it holds; merging needs the whole range.
	*h = *NewHistogram()
	if dropped := h.h.Merge(decoded); dropped > 0 {
		return fmt.Errorf("a histogram with %d values beyond %s", dropped, longest)
	}
	return nil
}
