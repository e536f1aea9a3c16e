package load

import "context"

func run(context.Context, Options) (*Result, error) { return nil, ErrUnsupported }

func fanout(context.Context, FanoutOptions, Options) (*FanoutResult, error) {
	return nil, ErrUnsupported
}
