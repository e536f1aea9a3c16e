package contract

func hdrTests() []Test { return nil }
