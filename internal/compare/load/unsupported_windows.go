package load

import "context"

func run(context.Context, Options) (*Result, error) { return nil, ErrUnsupported }
