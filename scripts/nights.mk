# Downloads the tarballs listed in $ZTF_LAKE_RUN/missing, each of which is a target. `make download` and `make all` run
# this makefile in the tarball folder.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

# $(value ...) keeps make from expanding a '$' in the folder's name.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# Depend on `always`, because outdated tarballs exist but have to be downloaded again.
$(TARBALLS): always
	@cd "$$ZTF_LAKE_RUN/project" && node .build/fetch-night.js $@ || { echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died'; exit 1; }

# Keep an interrupted make from deleting tarballs that are complete.
.PRECIOUS: $(TARBALLS)
