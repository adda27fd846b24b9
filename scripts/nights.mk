# The tarballs of one run of `make download` or `make all`, one file target each. The script that owns the run starts make
# in the folder of the tarballs, and puts the list of missing and outdated ones into the folder ZTF_LAKE_RUN.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

# $(value ...) takes a '$' in the folder's name literally.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# `always`: an outdated tarball exists, but has to be fetched too.
$(TARBALLS): always
	@cd "$$ZTF_LAKE_RUN/project" && node .build/fetch-night.js $@ || { echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died'; exit 1; }

# Keep a complete tarball if make is interrupted at that moment.
.PRECIOUS: $(TARBALLS)
