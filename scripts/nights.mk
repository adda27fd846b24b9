# Downloads the missing and outdated tarballs in one run of `make download` or `make all`; each tarball is a target. The
# script that owns the run starts make in the tarball folder, and lists the tarballs in $ZTF_LAKE_RUN/missing.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

# $(value ...) keeps make from expanding a '$' in the folder's name.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# `always`, because an outdated tarball exists but has to be downloaded again.
$(TARBALLS): always
	@cd "$$ZTF_LAKE_RUN/project" && node .build/fetch-night.js $@ || { echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died'; exit 1; }

# If make is interrupted, do not let it delete a tarball that has just been completed.
.PRECIOUS: $(TARBALLS)
