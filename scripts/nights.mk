# The tarballs of one run of `make download` or `make all`, one file target each. The script that owns the run starts make
# in the folder of the tarballs, and puts the list of missing and outdated ones into the folder ZTF_LAKE_RUN.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

# $(value ...): a '$' in a folder's name is not a variable of make's.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# An outdated tarball exists, and is fetched all the same.
$(TARBALLS): always
	@cd "$$ZTF_LAKE_RUN/project" && node .build/fetch-night.js $@ || { echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died'; exit 1; }

# Keep a tarball that is complete if make is interrupted just then.
.PRECIOUS: $(TARBALLS)
