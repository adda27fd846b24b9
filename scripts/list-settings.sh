#!/bin/sh
# Prints the names of the settings, one per line. Needs no Node.js, which may be missing.
sed -n 's/^  \([A-Z_]\{1,\}\): {.*/\1/p' lib/settings.ts
