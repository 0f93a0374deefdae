# The same things as scripts/, for those who type make.
.DEFAULT_GOAL := help
.PHONY: help setup up demo test test-fast e2e fuzz simulate bench fmt generate api golden layers

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: ## install what is missing
	scripts/setup --tests

up demo: ## set up, build for release, run the demo
	scripts/up

test: ## everything that CI runs
	scripts/test

test-fast: ## unit, property and conformance tests only
	swift test --disable-xctest

e2e: ## end-to-end tests only, on the debug build
	scripts/setup --tests && swift build && BERTH_BIN=$$(swift build --show-bin-path) .venv/bin/pytest Tests/EndToEnd --numprocesses 2 --dist loadfile

fuzz: ## a million requests that nobody would send
	scripts/fuzz --executions 1000000

simulate: ## the whole system under faults, ten thousand seeds
	scripts/simulate --seeds 10000

bench: ## the API against moto_server
	scripts/bench api

fmt: ## format the hand-written Swift files
	git ls-files '*.swift' | grep -v /Generated/ | xargs swift format --in-place --parallel

generate: ## write the generated code anew
	scripts/setup --tests && .venv/bin/python Tools/generate_shapes.py

api: ## write docs/api.md anew
	scripts/api-reference

golden: ## record the golden pairs anew; read the difference
	BERTH_RECORD_GOLDEN=1 swift test --disable-xctest --filter GoldenTests

layers: ## check the direction of imports
	scripts/check-layers
