package contract

func logTests() []Test { return nil }
