#!/bin/bash
# A launcher of so many tasks, all on this host: launcher.sh N PROGRAM. Those whose ranks SKIP names are not started.
size=$1
shift
for ((rank = 0; rank < size; rank++)); do
  case " ${SKIP:-} " in *" $rank "*) continue ;; esac
  PMI_RANK=$rank PMI_SIZE=${SIZES:-$size} "$@" &
done
wait
exit "${STATUS:-0}"
