#!/bin/sh
# Sets up the project, and runs a script: `sh scripts/run.sh lake` is for scripts/lake.ts.
set -eu
. scripts/node.sh
script=.build/$1.js
shift

fail() { echo "error: $1" >&2 && exit 1; }

# The downloads of a run use what the run itself uses.
[ -n "${ZTF_LAKE_RUN-}" ] || sh scripts/setup.sh

# Programs that the script starts use the same Node.js.
is_supported node || export PATH="$PWD/${own_node%/node}:$PATH"

# A make that was killed meanwhile would not stop its command, which only notices the end of its own parent.
if [ -r /proc/$$/stat ]; then
  read -r _ _ _ parent _ < /proc/$$/stat
  [ "$parent" = "$PPID" ] || fail 'make has ended, so this stops: run it again'
fi

# Keep setup.sh from replacing packages and scripts until this process ends. Node.js does not pass the lock on to its
# children, which end with it.
if [ -r .build/lock ] && command -v flock > /dev/null; then
  exec 9< .build/lock
  flock -s 9 2> /dev/null || true # The file system may have no locks.
fi
[ -e "$script" ] || fail "$script is not built: wait for the running commands to end, delete .build/ready, then run this again"

files=$(ulimit -n)
[ "$files" = unlimited ] || [ "$files" -ge 64 ] ||
  fail "only $files open files are allowed: allow at least 64 with ulimit -n, then run this again"

# By default, each WebAssembly memory reserves 8 GiB of addresses or more, which a limit on virtual memory counts.
memory=$(ulimit -v)
if [ "$memory" = unlimited ]; then
  exec node "$script" "$@"
fi
[ "$memory" -ge 5000000 ] ||
  fail "only $memory KiB of virtual memory are allowed: allow at least 5000000 with ulimit -v, then run this again"
export MALLOC_ARENA_MAX=1
exec node --disable-wasm-trap-handler --wasm-max-mem-pages=16384 "$script" "$@"
