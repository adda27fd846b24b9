#!/bin/bash
# Launches tasks on this host: launcher.sh N PROGRAM. It does not start the ranks in SKIP, and exits with STATUS.
size=$1
shift
for ((rank = 0; rank < size; rank++)); do
  case " ${SKIP:-} " in *" $rank "*) continue ;; esac
  PMI_RANK=$rank PMI_SIZE=${SIZES:-$size} "$@" &
done
wait
exit "${STATUS:-0}"
