package contract

func objTests() []Test { return nil }
