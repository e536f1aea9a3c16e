package stats

import "math"

// studentQuantile is the value that Student's t with a whole number of degrees of
// freedom does not exceed with the chance p, from 0.5 to below 1.
func studentQuantile(p float64, freedom int) float64 {
	low, high := 0.0, 1.0
	for studentCDF(high, freedom) < p {
		high *= 2
	}
	for range 60 {
		if middle := (low + high) / 2; studentCDF(middle, freedom) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// studentCDF is the chance of a value up to t ≥ 0, by the finite sums of Abramowitz
// and Stegun, 26.7.3 and 26.7.4.
func studentCDF(t float64, freedom int) float64 {
	theta := math.Atan(t / math.Sqrt(float64(freedom)))
	sin, cos := math.Sincos(theta)
	term, sum := 1.0, 0.0
	first := freedom % 2
	if first == 1 {
		term = cos
	}
	for k := first; k <= freedom-2; k += 2 {
		sum += term
		term *= cos * cos * float64(k+1) / float64(k+2)
	}
	inside := sin * sum
	if first == 1 {
		inside = 2 / math.Pi * (theta + sin*sum)
	}
	return (1 + inside) / 2
}
