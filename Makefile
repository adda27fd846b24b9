# Public alerts of ZTF, night by night:
#
#   uris/YYYY/NNN.txt  ->  data/tarballs/ztf_public_*.tar.gz  ->  data/lake/year=/month=/day=/*.parquet
#
# Commands are scripts in scripts/, and scripts/nights.mk has the rules for downloading tarballs. Settings come from the
# command line, the environment or config.mk, and are defined in lib/settings.ts.

# nights.mk reads a file with $(file ...).
ifneq (,$(filter 3.% 4.0 4.0.% 4.1 4.1.%,$(MAKE_VERSION)))
$(error make is GNU make $(MAKE_VERSION): put version 4.2 or newer first in the PATH)
endif

MAKEFLAGS += --no-builtin-rules --no-print-directory
# Unlike bash, sh reads no start-up files, which may print something.
SHELL := /bin/sh
.DEFAULT_GOAL := help
# Run targets in the given order, one at a time, because -j is meant only for downloads.
.NOTPARALLEL:
.DELETE_ON_ERROR:

# Pass on the settings of the command line verbatim: make would expand a '$' in them, and run $(shell ...).
$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(eval override export $(name) := $$(value $(name)))))

COMMANDS := demo uris plan index status check repair report sql look curve cone bench docs
# Targets that support -n (print what would be done) and -q (exit with status 1 if there is anything to do).
STEPS := download lake all publish
TESTS := test test-make test-bare test-spark test-cluster test-publish torture types lint
TARGETS := help lake-array $(COMMANDS) $(STEPS) $(TESTS)
FILES := data/venv/.ready data/servers/.ready

# A goal that is not a target ends make before any other starts, even with -k, -n or -q. To complete words, shells ask make
# for .DEFAULT or .PHONY.
WORDS := $(filter-out $(TARGETS) $(FILES) .DEFAULT .PHONY,$(MAKECMDGOALS))
ifneq ($(WORDS),)
export TARGETS WORDS
export GOALS := $(MAKECMDGOALS)
.PHONY: refuse
refuse:
	+@sh scripts/refuse-words.sh
%: refuse
	@:
Makefile: ;
else

.PHONY: $(TARGETS)

help: ## Show this help
	@{ awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile; \
	  printf '\nSettings, e.g. make lake NIGHTS=202001; docs/settings.md explains them\n'; \
	  sh scripts/list-settings.sh | xargs | fold -s -w 76 | sed 's/^/  /'; \
	} | cat || true # A reader such as head may end first.

##@ Start
demo: ## Run the whole pipeline on synthetic nights, in demo/

##@ Make the lake
uris: ## List the nights in the archive
download: ## Download the listed nights, five at a time: make download -j5
lake: ## Convert the nights on disk
all: ## List, download and convert, in parallel: make all -j5
publish: ## Copy the lake to HDFS, S3, GCS or a folder: make publish TO=s3://bucket/ztf -j8
index: ## Update the index and the candidates table, e.g. of an earlier version's lake
lake-array: ## Convert as a Slurm array: make lake-array ELEMENTS=64
plan: ## Estimate time and disk space: make plan CORES=16 LINK=300 DISK=1000

##@ Check the lake
status: ## Count nights listed, on disk and in the lake; show failures and reasons
check: ## Check the lake; also against tarballs: make check DEEP=1; or a published lake: make check AT=
repair: ## Check, and queue failed nights to be converted again

##@ Look at the lake
report: ## Write data/report.html, a page about all nights
sql: ## Query the lake: make sql Q="select * from nights"
look: ## Draw a page with light curve and stamps: make look OBJECT=ZTF18aaxcyzb
curve: ## Write a light curve as a table: make curve OBJECT=ZTF18aaxcyzb
cone: ## List the objects at a position: make cone RA=217.5 DEC=-5.21 RADIUS=5

##@ Develop
test: ## Run the unit tests
test-make: ## Test the make commands end to end
test-bare: ## Test make demo on bare Debian systems, as root and as an ordinary user
test-spark: ## Test that Spark, DuckDB, pyarrow, pandas and Polars read a lake
test-cluster: ## Test with Slurm and MPI, started on this host
test-publish: ## Test publishing to HDFS, S3, GCS and a folder, on real servers
torture: ## Test with hundreds of kills and thousands of broken tarballs
bench: ## Compare the conversion time with plain decompression
types: ## Run the type check
lint: ## Check style and format
docs: ## Regenerate the tables of docs/, and docs/images/look.png

$(COMMANDS):
	@sh scripts/run.sh $@

$(STEPS):
	+@sh scripts/run.sh $@

lake-array:
	@$(MAKE) lake LAUNCHER='sbatch --wait --array=1-$${ELEMENTS:-64} scripts/lake-array.sbatch'

test-spark: data/venv/.ready
test-publish: data/venv/.ready data/servers/.ready

$(TESTS):
	@sh scripts/setup.sh
	@npm run --silent $@

data/venv/.ready: test/python/requirements.txt
	@sh scripts/run.sh install-readers
	@touch $@

# The system's certificates, which Node.js does not read by itself.
CERTIFICATES := /etc/ssl/certs/ca-certificates.crt

# After install-readers, which installs Java and Python's venv.
data/servers/.ready: $(addprefix test/servers/,go.mod go.sum jars.txt requirements.txt) | data/venv/.ready
	@NODE_EXTRA_CA_CERTS=$${NODE_EXTRA_CA_CERTS-$(wildcard $(CERTIFICATES))} sh scripts/run.sh install-servers
	@touch $@
endif
