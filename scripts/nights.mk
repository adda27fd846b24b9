# The tarballs of one run of `make download` or `make all`, one file target each. The scripts write the list of missing
# or outdated tarballs into the folder ZTF_LAKE_RUN and start make here in the folder of the tarballs; -j, -n and -q
# mean what they mean to any make.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := --norc -eu -c
.PHONY: all always

TARBALLS := $(file < $(ZTF_LAKE_RUN)/missing)
FETCH := $(subst /scripts/nights.mk,/.build/fetch-night.js,$(strip $(MAKEFILE_LIST)))

all: $(TARBALLS)

# An outdated tarball exists, and is fetched all the same.
$(TARBALLS): always
	@node '$(FETCH)' $@

# Keep a tarball that is complete if make is interrupted just then.
.PRECIOUS: $(TARBALLS)
