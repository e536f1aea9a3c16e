package contract

import "slices"

// Tests is the table of all tests, by group and number.
func Tests() []Test {
	return slices.Concat(
		genTests(),
		hdrTests(),
		corsTests(),
		csrfTests(),
		regTests(),
		loginTests(),
		pwdTests(),
		tokTests(),
		refTests(),
		sesTests(),
		rbacTests(),
		objTests(),
		rateTests(),
		guessTests(),
		logTests(),
		bootTests(),
		opsTests(),
	)
}
