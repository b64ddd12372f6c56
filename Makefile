# Each target is one line of help; make without one prints them.

.DEFAULT_GOAL := help
.PHONY: help check test race fuzz bench soak rehearsal cover build release

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 8

check: ## everything that a change must pass, in under 30 minutes
	.ci/run

test: ## the tests alone
	go test ./...

race: ## the tests under the race detector; e2e with -short
	.ci/run race

fuzz: ## every fuzz target, 4 minutes in all; FUZZ_SECONDS=3600 for longer
	.ci/run fuzz

bench: ## measure the server on this machine, into dist/bench.md
	mkdir -p dist
	go run ./e2e/bench -o dist/bench.md

soak: ## 100 kills and restarts, nothing lost and nothing done twice
	PHONEACS_SOAK=1 go test -count=1 -timeout=3h ./e2e

rehearsal: ## 20,000 phones through two nights in minutes, then 2,000 on sockets for ten; every phone must end as planned
	PHONEACS_REHEARSAL=1 go test -count=1 -timeout=1h -v -run 'TestFleetInBubble|TestSockets' ./e2e/rehearsal

cover: ## line coverage of the tests, a line a function, worst first
	mkdir -p dist
	go test -coverpkg=./... -coverprofile=dist/cover.out ./...
	go tool cover -func=dist/cover.out | awk '{ print $$NF, $$1, $$2 }' | sort -n

build: ## the two programs, into dist
	go build -o dist/ ./cmd/phoneacs ./cmd/phonesim

release: ## static binaries, Debian packages, checksums and bills of materials, into dist/release; VERSION=1.2.3
	deploy/release $(VERSION)
	deploy/check
	deploy/check-container
