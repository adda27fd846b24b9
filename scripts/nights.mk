# The tarballs of one run of `make download` or `make all`, one file target each. The scripts write the list of missing
# or outdated tarballs into the folder ZTF_LAKE_RUN and start make here in the folder of the tarballs; -j, -n and -q
# mean what they mean to any make.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

# $(value ...): a '$' in a folder's name is not a variable of make's.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# An outdated tarball exists, and is fetched all the same.
$(TARBALLS): always
	@cd "$$PROJECT" && node .build/fetch-night.js $@ || { echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died'; exit 1; }

# Keep a tarball that is complete if make is interrupted just then.
.PRECIOUS: $(TARBALLS)
