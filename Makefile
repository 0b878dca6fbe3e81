# Every target works from Node 20 or newer with npm: the Node that Sluice runs on comes with `npm ci`.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-calm dev sandbox test check format simulate bench clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Marks that the installed packages are those of the lock file.
node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

setup: node_modules/.installed ## Install what is needed, Node 24 included

demo: node_modules/.installed ## Replay 2,100 real invoices through the whole pipeline, with faults, in simulated time
	@npm run --silent demo -- --faults

demo-calm: node_modules/.installed ## The same without faults
	@npm run --silent demo

dev: node_modules/.installed ## Run everything in real time beside the simulated marketplaces; Ctrl-C ends
	@npm run --silent dev

sandbox: node_modules/.installed ## Run only the simulated marketplaces, for any client of theirs
	@npm run --silent sandbox

test: node_modules/.installed ## Run all tests (no Docker, no network)
	@npm test --silent

check: node_modules/.installed ## Format, lint, types, and the rules of the architecture
	@npm run --silent check

format: node_modules/.installed ## Format all files
	@npm run --silent format

simulate: node_modules/.installed ## Run 1,000 simulated days with everything going wrong, then with deliberate bugs (about an hour)
	@npm run --silent simulate -- --seeds 1..200
	@npm run --silent simulate -- --mutants

bench: node_modules/.installed ## Measure budgets, tokens, webhook intake and the audit log
	@npm run --silent bench:budgets
	@npm run --silent bench:tokens
	@npm run --silent bench:intake
	@npm run --silent bench:audit

clean: ## Remove what was installed and what Sluice stored here
	rm -rf node_modules .sluice
