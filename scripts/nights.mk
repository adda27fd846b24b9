# Downloads the tarballs listed in $ZTF_LAKE_RUN/missing, each of which is a target. `make download` and `make all` run
# this makefile in the tarball folder.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh
.PHONY: all always

# $(value ...) keeps make from expanding a '$' in the folder's name.
TARBALLS := $(file < $(value ZTF_LAKE_RUN)/missing)

all: $(TARBALLS)

# Depend on `always`, because outdated tarballs exist but have to be downloaded again.
#
# A process that is killed, for example for lack of memory, leaves an aria2c that may write for another second. So wait
# before the second attempt, and before the other nights continue or the run ends. Any other error status means that no
# night can be downloaded, for example because the run has ended.
$(TARBALLS): always
	@cd "$$ZTF_LAKE_RUN/project" || exit 1; \
	for attempt in 1 2; do \
		status=0; sh scripts/run.sh fetch-night $@ || status=$$?; \
		[ $$status -gt 128 ] || exit $$status; \
		sleep 2; \
	done; \
	echo 'FAILED    $(@:.tar.gz=)  it was not fetched: its process died twice: was it killed, or out of memory?'

# Keep an interrupted make from deleting tarballs that are complete.
.PRECIOUS: $(TARBALLS)
