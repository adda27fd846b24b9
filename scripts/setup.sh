#!/bin/sh
# Installs the packages and builds the scripts, if the project has changed. Each command of the Makefile begins with this.
#
# Changes are found by checksums, because the times of files may be in the future, e.g. after the clock was set back.
set -eu

packages() { cksum package.json package-lock.json; }
sources() {
  find lib scripts package.json -name '*.ts' -o -name '*.js' -o -name '*.html' -o -name '*.css' -o -name package.json |
    LC_ALL=C sort | xargs cksum
}
is_recorded() { [ "$(cat "$2" 2> /dev/null)" = "$("$1")" ]; }
are_current() { is_recorded packages node_modules/.ready && is_recorded sources .build/ready; }
fail() { echo "error: $1" >&2 && exit 1; }

# Commands hold a shared lock on .build/lock while they run (see run.sh), because an installation removes the packages
# that they still load, and a build replaces the scripts that they still start. Returns with an exclusive lock, or without
# one if flock or the file system cannot lock. Exits if there is nothing to do, now.
lock() {
  exec 9>> .build/lock
  command -v flock > /dev/null || return 0
  flock -n 9 || [ $? != 1 ] && return
  # Wait for another make to set up, but not for commands.
  flock -s 9
  if are_current; then exit; fi
  if [ -e node_modules/.ready ] && [ -e .build/ready ]; then
    echo 'note: the project has changed, but another command is still running its former version, and so does this one:' \
      'the new version is built when no command is running' >&2
    exit
  fi
  flock 9
}

if are_current; then exit; fi
mkdir -p .build
lock
if are_current; then exit; fi

command -v npm > /dev/null || fail 'npm is not on the PATH: install Node.js 20.19 or newer'
node -e "const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)" ||
  fail "Node.js is $(node --version): install 20.19 or newer"

if ! is_recorded packages node_modules/.ready; then
  npm ci --no-audit --no-fund --loglevel=error < /dev/null >&2
  packages > node_modules/.ready
fi
sources=$(sources)
npm run --silent build
echo "$sources" > .build/ready
