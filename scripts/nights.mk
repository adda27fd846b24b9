# Downloads tarballs for `make download` or `make all`, which start make with this file in the tarball folder. Each
# tarball listed in $ZTF_LAKE_RUN/missing is a target.

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

# Keep make from deleting a complete tarball if it is interrupted.
.PRECIOUS: $(TARBALLS)
