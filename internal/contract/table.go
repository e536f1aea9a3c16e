package contract

import "slices"

// Tests is the table of all tests, by group and number.
func Tests() []Test {
	return slices.Concat(
		genTests(),
		hdrTests(),
		corsTests(),
		csrfTests(),
		objTests(),
		rateTests(),
		rbacTests(),
		logTests(),
	)
}
