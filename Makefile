# ZTF's public alerts, night by night:
#
#   uris/YYYY/NNN.txt  ->  data/tarballs/ztf_public_*.tar.gz  ->  data/lake/year=/month=/day=/*.parquet
#
# A final name means a whole file, so what is there is never made again. Hive's names hold a '=', which make takes for
# an assignment; so a night's target is its manifest, data/lake/_manifest/STEM.json, which is written last.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
# Without --norc bash reads its start-up files where standard input is a socket, as it is under other programs.
.SHELLFLAGS := --norc -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo uris plan download lake lake-array all status check repair report sql look
.PHONY: test test-spark test-cluster torture bench types lint docs room aria2c always

# ---- Settings: from the command line, the environment, config.mk, or lib/settings.ts, which says what each may be

SETTINGS := NIGHTS DATA URIS ARCHIVE LISTING MIN_SIZE GROUP FORCE CONNECTIONS KEEP_TARS DEEP AHEAD WORKERS \
  LAUNCHER ELEMENTS ALERTS_PER_FILE CODEC Q FORMAT OUT OBJECT CANDID PNG BENCH CORES NODES LINK DISK

# tcsh has a GROUP in its environment: the name of the user's.
ifeq ($(origin GROUP)$(filter 1% 2% 3% 4% 5% 6% 7% 8% 9%,$(GROUP)),environment)
GROUP :=
endif

# A plain '=' in config.mk would beat the environment; so what that says is put aside first, and back after.
$(foreach s,$(SETTINGS),$(if $(filter environment,$(origin $s)),$(eval environment.$s := $$(value $s))))
before := $(.VARIABLES) before
-include config.mk
configured := $(filter-out $(before) configured environment.%,$(.VARIABLES))
$(foreach s,$(SETTINGS),$(if $(filter file,$(origin environment.$s)),$(eval $s := $$(environment.$s))))
# SQL is taken as it is: to make, a '$' in it would be a variable.
override Q := $(value Q)
DATA := $(or $(strip $(DATA)),data)
URIS := $(or $(strip $(URIS)),uris)
export $(SETTINGS)

given := $(foreach v,$(.VARIABLES),$(if $(filter command line,$(origin $v)),$v))
$(foreach v,$(filter-out $(SETTINGS) -%,$(given) $(configured)),$(error $v is no setting: expected one of $(SETTINGS)))
odd = $(error $s is '$($s)': expected a folder without any of % : ; | \ or a space in its name)
backslash := $(firstword \ )
$(foreach s,DATA URIS,$(if $(filter-out 1,$(words $($s))),$(odd)))
$(foreach s,DATA URIS,$(foreach c,% : ; | $(backslash),$(if $(findstring $c,$($s)),$(odd))))

# ---- What the targets run

# JavaScript, built from the TypeScript: to translate it whenever something starts takes longer than a small night.
NODE := node
BUILT := .build

# Packages and scripts are made ready before anything else is looked at: make reads these files first, and then itself
# again.
ifneq ($(filter-out help,$(or $(MAKECMDGOALS),help)),)
include node_modules/.ready.mk $(BUILT)/.ready.mk
endif

node_modules/.ready.mk: package.json package-lock.json
	@command -v npm > /dev/null || { echo 'error: npm is not on the PATH: install Node.js 20.19 or newer' >&2; exit 1; }
	@$(NODE) -e "const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)" \
	  || { echo "error: Node.js is $$($(NODE) --version): install 20.19 or newer" >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error < /dev/null
	@touch $@

SOURCES := $(wildcard lib/*.ts lib/*/*.ts lib/*/*.js scripts/*.ts page/*.ts test/synthetic/*.ts test/bench/*.ts)
$(BUILT)/.ready.mk: node_modules/.ready.mk $(SOURCES)
	@npm run --silent build
	@touch $@

# What works on the lake ends when a make around it has, and a download's lock is make's own.
ifneq ($(filter uris download lake lake-array all check repair,$(MAKECMDGOALS)),)
override export ZTF_LAKE_MAKE := $(ZTF_LAKE_MAKE) $(shell echo $$PPID)
endif

# What a target is about, from the settings, or what is wrong with them. make exports nothing to $(shell) before 4.4.
quoted = '$(subst ','\'',$1)'
settings = $(foreach s,$(filter-out Q,$(SETTINGS)),$s=$(call quoted,$($s)))
stop_if_failed = $(if $(filter-out 0,$(.SHELLSTATUS)),$(error $1))

# make reads all of this before it makes the scripts ready, and then once more.
built := $(if $(wildcard $(BUILT)/goals.js),yes)

# With -n and -q the steps tell what they would do.
flags = $(filter-out -%,$(firstword $(MAKEFLAGS)))
dry = $(findstring n,$(flags))$(findstring q,$(flags))

##@ Start

help: ## Show this
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@printf '\nSettings, e.g. make lake NIGHTS=202001; README.md says what each may be\n'
	@fold -s -w 78 <<< '$(SETTINGS)' | sed 's/^/  /'

demo: ## Do it all with made-up nights, in demo/, up to a light curve
	@$(NODE) $(BUILT)/demo.js

##@ Make the lake

# What a step is about is known once the step before is done: of several, each gets a make of its own.
STEPS := $(filter uris download lake,$(MAKECMDGOALS))
ifneq ($(word 2,$(STEPS)),)

.NOTPARALLEL:
$(STEPS):
	@$(MAKE) $@

else

uris: ## List the nights that the archive offers
	@$(NODE) $(BUILT)/uris.js

# A download is many processes, whose lines go through one that shows how far they are: it runs make once more.
ifeq ($(STEPS)$(ZTF_LAKE_VIEW)$(ZTF_LAKE_RUN)$(dry),download)

download: ## Fetch the listed nights, five at a time: make download -j5
	@$(NODE) $(BUILT)/download.js

else

ifeq ($(STEPS)$(built),downloadyes)
WANTED := $(shell $(settings) $(NODE) $(BUILT)/goals.js download)
$(call stop_if_failed,$(WANTED))
# Beside tarballs, the stems of nights that are given up: the end of the download names them.
MISSING := $(patsubst %,$(DATA)/tarballs/%,$(filter %.tar.gz,$(WANTED)))
# A run that was killed at its very end has left its lock, and nothing else to do.
LEFT := $(wildcard $(DATA)/lock/download)
# What is wanted and there all the same: the archive has published the night again since.
$(wildcard $(MISSING)): always
endif

# With a launcher each of its tasks has a make for its share, which ends there.
spread = $(and $(strip $(LAUNCHER)),$(MISSING))
download: $(if $(spread),| room,$(MISSING))
	$(if $(spread),@$(NODE) $(BUILT)/spreadfetch.js)
	$(if $(ZTF_LAKE_RUN),,$(if $(WANTED)$(LEFT),@$(NODE) $(BUILT)/fetched.js))

# A whole tarball stays, even where make is interrupted before the script has ended.
.PRECIOUS: $(MISSING)
$(MISSING): | room aria2c
	@$(NODE) $(BUILT)/fetch.js $(@F)

endif

ifeq ($(STEPS)$(built),lakeyes)
ON_DISK := $(shell $(settings) $(NODE) $(BUILT)/goals.js lake)
$(call stop_if_failed,$(ON_DISK))
# With KEEP_TARS=no, tarballs that an earlier run has left although their nights are in the lake.
SPENT := $(filter %.tar.gz,$(ON_DISK))
MANIFESTS := $(patsubst %,$(DATA)/lake/_manifest/%.json,$(filter-out %.tar.gz %.json,$(ON_DISK)))
# A run that was killed at its very end has left this, and nothing else to do.
LEFT := $(wildcard $(DATA)/lock/lake $(DATA)/lake/_building/*)
# Of these nights the tarball on disk is another than the one that the lake has them from.
$(patsubst %,$(DATA)/lake/_manifest/%,$(filter %.json,$(ON_DISK))): always
endif

lake: $(MANIFESTS) ## Convert the nights on disk
	$(if $(PENDING)$(SPENT)$(LEFT),@$(NODE) $(BUILT)/lake.js $(strip $(PENDING) $(SPENT)))

# Nights that are not in the lake are gathered here, and handed to one farm by the recipe above.
PENDING :=
$(MANIFESTS): $(DATA)/lake/_manifest/%.json: | $(DATA)/tarballs/%.tar.gz
	$(eval PENDING += $*)

endif

lake-array: ## The same as a Slurm array: make lake-array ELEMENTS=64
	@$(MAKE) lake LAUNCHER='sbatch --wait --array=1-$(or $(strip $(ELEMENTS)),64) scripts/lake-array.sbatch'

all: ## List, fetch, and convert what has come, all at once: make all -j5
	$(if $(dry),@failed=0; for step in uris download lake; do $(MAKE) $$step || failed=1; done; exit $$failed)
	$(if $(dry),,@$(NODE) $(BUILT)/all.js)

plan: ## Foretell hours and disk, here or elsewhere: make plan CORES=16 LINK=300 DISK=1000
	@$(NODE) $(BUILT)/plan.js

##@ Check it

status: ## Count the nights: listed, on disk, in the lake, failed and why
	@$(NODE) $(BUILT)/status.js

check: ## Prove that every byte is as recorded, or as in the tarballs: make check DEEP=1
	@$(NODE) $(BUILT)/check.js

repair: ## Check, and have what fails made again
	@$(NODE) $(BUILT)/repair.js

room: | aria2c
	@$(NODE) $(BUILT)/room.js

aria2c:
	@$(NODE) $(BUILT)/aria2c.js

##@ Look at it

report: ## Draw all nights on a page, data/report.html
	@$(NODE) $(BUILT)/report.js

sql: ## Ask the lake in SQL: make sql Q="select * from nights"
	@$(NODE) $(BUILT)/sql.js

look: ## Draw a light curve and stamps on a page: make look OBJECT=ZTF18aaxcyzb
	@$(NODE) $(BUILT)/look.js

##@ Work on it

test: ## Run the tests
	@npm test --silent

test-spark: data/venv/.ready ## Test that Spark, DuckDB, pyarrow, pandas and Polars read a lake
	@npm run --silent test:spark

data/venv/.ready: test/python/requirements.txt
	@$(NODE) $(BUILT)/readers.js
	@touch $@

test-cluster: ## Test it on Slurm and MPI, started here
	@$(NODE) --import tsx --test --test-concurrency=1 test/cluster/*.test.ts

torture: ## Kill it hundreds of times, and give it thousands of broken tarballs
	@TORTURE_KILLS=$${TORTURE_KILLS:-240} TORTURE_CASES=$${TORTURE_CASES:-10000} \
	  $(NODE) --import tsx --test test/kills.test.ts test/hostile.test.ts

bench: ## Time the conversion beside mere inflating
	@$(NODE) $(BUILT)/bench.js

types: ## Check the types
	@npm run --silent typecheck

lint: ## Check style and format
	@npm run --silent lint

docs: ## Write the tables of README.md and docs/ anew, and draw docs/images/look.png
	@$(NODE) $(BUILT)/docs.js
	@$(NODE) $(BUILT)/picture.js
