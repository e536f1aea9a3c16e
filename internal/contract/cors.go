package contract

func corsTests() []Test { return nil }
