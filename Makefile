# What CI runs, by hand. `make check` before every push.
GO ?= go

.PHONY: check build run test race lint fmt vet generate screenshots bench share sbom snapshot clean

check: fmt lint vet race ## format, lint, vet, and the tests with the race detector

build: ## the binary, without cgo, as releases are built
	CGO_ENABLED=0 $(GO) build -trimpath -o evtui .

run: ## the terminal UI on /tmp/evdb
	$(GO) run . --data /tmp/evdb

test: ## what the README says
	$(GO) test ./...

race: ## the detector makes it many times slower
	$(GO) test -race ./...

fmt: ## fails and names the files that gofmt would change
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt'ed:"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./...

lint: ## golangci-lint, at the version that CI uses; see CONTRIBUTING.md
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; else echo "golangci-lint is not installed: skipped"; fi

generate: ## docs/keys.md and the tables of docs/configuration.md, from the program; tests fail while they are out of date
	$(GO) test ./tui -run TestKeysPage -update
	$(GO) test ./internal/cli -run TestConfigurationPage -update
	$(GO) test ./internal/config -run TestSchemaAndExampleAreCurrent -update

screenshots: ## docs/screenshots/*.svg, from a real session under load, and one on a real Message DB
	$(GO) run ./internal/e2e/screenshots
	$(GO) test -count=1 -run TestMessageDB ./internal/e2e -pictures "$(CURDIR)/docs/screenshots"

bench: ## the Go benchmarks of the Pebble engine
	$(GO) test -run '^$$' -bench . -benchmem ./store/pebblestore/

share: ## share/: the man pages and the completions of all shells, as packages put them under /usr/share
	rm -rf share
	CGO_ENABLED=0 $(GO) run -trimpath . share share
	gzip -9n share/man/man1/*.1

sbom: ## evtui.cdx.json: what the binary is made of
	$(GO) run . sbom --out evtui.cdx.json

snapshot: ## dist/: all that a release has, without publishing; by GoReleaser where it is installed
	./packaging/snapshot

clean:
	rm -rf evtui evtui.exe evtui.cdx.json share dist
