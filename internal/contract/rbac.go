package contract

func rbacTests() []Test { return nil }
