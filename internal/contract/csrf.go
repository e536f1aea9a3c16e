package contract

func csrfTests() []Test { return nil }
