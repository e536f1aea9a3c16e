# Two commands matter: `make demo` shows it, `make test` proves it. Each installs what it needs into .cache/.
.DEFAULT_GOAL := help
.PHONY: help build demo test unit e2e lint fmt fuzz bench man completions golden module clean

BIN := .cache/bin
MODULE := $(shell go list -m)
PACKAGES = $(shell go list ./... | grep -v /internal/e2e)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' Makefile

build: ## Build bin/scaffold
	@go build -trimpath -o bin/scaffold ./cmd/scaffold

demo: build ## Generate a service of STACK (python-fastapi), start it on SQLite in memory, and verify it
	@scripts/deps demo $(or $(STACK),python-fastapi)
	@scripts/demo $(or $(STACK),python-fastapi)

test: ## Everything: format, lint, unit tests, real services, contract, mutants
	@scripts/deps test
	@$(MAKE) --no-print-directory lint unit e2e

unit: ## The tests that need no generated service, and some steps of every fuzz target
	@scripts/gotest $(PACKAGES)
	@scripts/gotest -run '^TestMutants(Are|Stand)' ./internal/e2e
	@scripts/fuzz 300x

e2e: ## Generate, install, lint, run and attack services for real
	@scripts/gotest -timeout 80m -parallel 3 -v ./internal/e2e

lint: ## Vet, golangci-lint, format, shell scripts
	@go vet ./...
	@$(BIN)/golangci-lint run ./...
	@$(BIN)/golangci-lint fmt --diff ./...
	@shellcheck scripts/* .ci/run

fmt: ## Format the Go code
	@$(BIN)/golangci-lint fmt ./...

golden: ## Write golden trees, sizes and the README's table anew after a change of templates
	@go test ./internal/render -update
	@go test ./internal/cli -run '^TestMatrixOfREADME$$' -update

fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@scripts/fuzz $(or $(FUZZTIME),30s)

bench: build ## Print the figures of bench/README.md, as ratios in one run
	@scripts/deps test
	@go run ./bench

man completions: build ## Write man pages to dist/man, completions to dist/completions
	@go run ./internal/tools/man dist/man
	@mkdir -p dist/completions
	@for s in bash zsh fish powershell; do bin/scaffold completion $$s >dist/completions/scaffold.$$s; done

module: ## Rename the Go module: make module TO=github.com/acme/scaffold
	@test -n "$(TO)" || { echo "usage: make module TO=github.com/acme/scaffold" >&2; exit 2; }
	@git grep -l -F "$(MODULE)" -- '*.go' go.mod .golangci.yml | xargs sed -i 's#$(MODULE)#$(TO)#g'

clean: ## Remove what was built; the caches stay
	@rm -rf bin dist
