# Read by setup.sh and run.sh: which Node.js the project uses.

# Node.js that setup.sh installs if the one on the PATH is too old.
own_node=node_modules/.node/bin/node

# Whether a Node.js is 20.19 or newer.
is_supported() {
  version=$("$1" --version 2> /dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "${minor%%.*}" -ge 19 ]; }
}
