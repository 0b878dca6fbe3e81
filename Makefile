# Every target works from Node 20 or newer with npm: the Node that Sluice runs on comes with `npm ci`.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-calm dev sandbox test check format simulate bench clean \
	images images-check images-push local local-check local-chaos local-logs local-down local-reset

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Marks that the installed packages are those of the lock file.
node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@ node_modules/.installed-to-run

# The same without what only development needs, which is most of it.
node_modules/.installed-to-run: package.json package-lock.json
	npm ci --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@

setup: node_modules/.installed ## Install what is needed, Node 24 included

demo: node_modules/.installed-to-run ## Replay 2,100 real invoices through the whole pipeline, with faults, in simulated time
	@npm run --silent demo -- --faults

demo-calm: node_modules/.installed-to-run ## The same without faults
	@npm run --silent demo

dev: node_modules/.installed-to-run ## Run everything in real time beside the simulated marketplaces; Ctrl-C ends
	@npm run --silent dev

sandbox: node_modules/.installed-to-run ## Run only the simulated marketplaces, for any client of theirs
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

# Containers. EMULATOR=ministack and BASE=packages or registry are passed on; docs/local.md has the rest.
SLUICE_DOCKER = PATH="$(CURDIR)/node_modules/.bin:$$PATH" node docker/main.ts

local: node_modules/.installed ## Run every function in a container, on LocalStack; again after an edit
	@$(SLUICE_DOCKER) up

local-check: node_modules/.installed ## Replay 300 invoices against the containers of `make local`
	@$(SLUICE_DOCKER) check -- --json

local-chaos: node_modules/.installed ## Kill, pause and cut off containers under load, beside `make local` (KILLS=30)
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" node test/chaos/main.ts $(if $(KILLS),--kills $(KILLS)) --json

local-logs: node_modules/.installed ## Follow what the containers say
	@$(SLUICE_DOCKER) logs

local-down: node_modules/.installed ## Take the containers away; images stay
	@$(SLUICE_DOCKER) down

local-reset: node_modules/.installed ## The same, and what `make local` has stored in this folder
	@$(SLUICE_DOCKER) reset

images: node_modules/.installed ## Build the images
	@$(SLUICE_DOCKER) images

images-check: node_modules/.installed ## Check the images: size, what is inside, known vulnerabilities
	@$(SLUICE_DOCKER) images-check

images-push: node_modules/.installed ## Push the images: TO=<registry>/<stack>
	@$(SLUICE_DOCKER) push $(TO)

clean: ## Remove what was installed and what Sluice stored here
	rm -rf node_modules .sluice
