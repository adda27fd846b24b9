#!/bin/sh
# Prints which word on make's command line is not a target, and what was probably meant, and fails. Needs no Node.js, which
# may be missing.
#
# GOALS has all words that are not settings, WORDS those of them that are not targets, and TARGETS the targets. MAKEFLAGS
# has the settings' names, and the environment their values.
set -eu
SETTINGS=$(sh scripts/list-settings.sh) LC_ALL=C awk '
# Setting for a word, such as NIGHTS=2020; empty if it does not look like a value.
function setting(word, nights) {
  if (hasGoal["cone"] && !("RA" in given) && word ~ /^[-+]?[0-9]+[0-9.:]*$/ && numbers < 3)
    return position[++numbers] "=" word
  nights = word
  gsub("-", "", nights)
  if (nights ~ NIGHTS) return "NIGHTS=" nights
  if (word ~ /^ZTF[0-9][0-9][a-z]+(,ZTF[0-9][0-9][a-z]+)*$/) return "OBJECT=" word
  if (word ~ /^[0-9]+$/ && length(word) >= 15 && length(word) <= 19) return "CANDID=" word
  if (word ~ /^(s3|gs|hdfs):\/\//) return (hasGoal["check"] ? "AT=" : "TO=") word
  if (word ~ /^[.~]*\//) return (hasGoal["check"] ? "AT=" : hasGoal["publish"] ? "TO=" : "DATA=") word
  if (toupper(word) in settings) return toupper(word) "=..."
}

# Settings on the command line.
function readGiven(flags, name) {
  flags = ENVIRON["MAKEFLAGS"]
  if (!sub(/^(.* )?-- /, "", flags)) return
  gsub(/\\ /, "", flags)
  while (match(flags, /(^| )[A-Z_]+=/)) {
    name = substr(flags, RSTART, RLENGTH - 1)
    sub(/ /, "", name)
    flags = substr(flags, RSTART + RLENGTH)
    if (name in settings) given[name] = isPlain(ENVIRON[name]) ? ENVIRON[name] : "..."
  }
}

# Whether a value needs no quotes.
function isPlain(value) {
  return value ~ /^[A-Za-z0-9_@%+:,.\/-]+$/
}

# Target that a word differs from by the fewest letters, at most a third of its own; empty if there is none.
function nearest(word, i, best, distance, found) {
  best = int(length(word) / 3)
  for (i = 1; i <= targets; i++) {
    distance = changes(tolower(word), target[i])
    if (distance > best || (found && distance == best)) continue
    best = distance
    found = target[i]
  }
  return found
}

# Number of letters to insert, delete, replace or swap with the next, to turn a into b.
function changes(a, b, i, j, d) {
  for (i = 0; i <= length(a); i++) d[i, 0] = i
  for (j = 0; j <= length(b); j++) d[0, j] = j
  for (i = 1; i <= length(a); i++)
    for (j = 1; j <= length(b); j++) {
      d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
      if (i > 1 && j > 1 && substr(a, i - 1, 2) == substr(b, j, 1) substr(b, j - 1, 1))
        d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1, d[i, j])
    }
  return d[length(a), length(b)]
}

function least(a, b, c) {
  return a <= b && a <= c ? a : b <= c ? b : c
}

BEGIN {
  date = "(20[0-9][0-9]([01][0-9]([0-3][0-9])?)?)"
  NIGHTS = "^" date "([.][.]" date ")?(," date "([.][.]" date ")?)*$"
  split(ENVIRON["SETTINGS"], names, "\n")
  for (i in names) settings[names[i]]
  targets = split(ENVIRON["TARGETS"], target, " ")
  count = split(ENVIRON["WORDS"], words, " ")
  for (i in words) isWord[words[i]]
  goals = split(ENVIRON["GOALS"], goal, " ")
  split("RA DEC RADIUS", position, " ")
  readGiven()
  for (i = 1; i <= goals; i++) hasGoal[goal[i]] = 1

  for (i = 1; i <= goals; i++) {
    meant = goal[i]
    if (meant in isWord) meant = setting(goal[i])
    # A name and its value as two words.
    if (meant ~ /=[.][.][.]$/ && goal[i + 1] in isWord && isPlain(goal[i + 1])) {
      value = setting(goal[++i])
      sub(/=.*/, "=", meant)
      meant = index(value, meant) == 1 ? value : meant goal[i]
    }
    if (!meant) meant = nearest(goal[i])
    if (!meant) unknown = unknown ? unknown : goal[i]
    name = meant
    # Several nights or objects are one setting.
    if (!sub(/=.*/, "=", name)) hasTarget = 1
    else if (name == last) sub(/.*=/, ",", meant)
    else if (name ~ /^(NIGHTS|OBJECT)=$/ && substr(name, 1, 6) in given) sub(/=/, "=" given[substr(name, 1, 6)] ",", meant)
    delete given[substr(name, 1, length(name) - 1)]
    command = command (meant ~ /^,/ ? "" : " ") meant
    last = name
  }
  if (hasGoal["sql"] && goals == count + 1 && !("Q" in given) && unknown) {
    unknown = ""
    command = " sql Q=\"...\""
  }
  for (name in given) command = command " " name "=" given[name]
  # Values without a target.
  if (!hasTarget) {
    usual = last == "NIGHTS=" ? "all" : last ~ /^(OBJECT|CANDID)=$/ ? "look" : last == "TO=" ? "publish" : ""
    command = " " usual command
  }
  advice = unknown || (!hasTarget && !usual) ? "make help lists the targets" : "did you mean make" command "?"
  word = unknown ? unknown : words[1]
  gsub(/[[:cntrl:]]/, "?", word)
  printf "error: %s is not a target: %s\n", word, advice
  exit 1
}' >&2
