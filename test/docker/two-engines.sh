#!/usr/bin/env bash
# A swarm of two engines on one machine, to try by hand what takes too long for a test: each is a dockerd of its own in a
# network namespace of its own, with a link between them that can be cut. Needs root and no other engine.
#
#   test/docker/two-engines.sh up FOLDER IMAGE…    makes them and gives both the images
#   test/docker/two-engines.sh cut | mend          takes engine-2 away from engine-1, and gives it back
#   test/docker/two-engines.sh down FOLDER         removes everything
#
# The manager's address is then unix://FOLDER/1/docker.sock, for `docker --host` and `overseer deploy … --engine`.
set -euo pipefail

engine() { docker --host "unix://$folder/$1/docker.sock" "${@:2}"; }

up() {
  for i in 1 2; do
    ip netns add "lab-$i"
    ip -n "lab-$i" link set lo up
  done
  ip -n lab-1 link add lab-link type veth peer name lab-link netns lab-2
  for i in 1 2; do
    ip -n "lab-$i" addr add "10.77.0.$i/24" dev lab-link
    ip -n "lab-$i" link set lab-link up
    # An engine announces the address of its default route; there is nothing behind it.
    ip -n "lab-$i" route add default via "10.77.0.$((3 - i))"
    mkdir -p "$folder/$i"
    # Not `ip netns exec`, which hides the control groups.
    # shellcheck disable=SC2016
    setsid nsenter "--net=/run/netns/lab-$i" unshare --uts sh -c 'hostname "engine-$1"; exec dockerd --data-root "$2/data" \
      --exec-root "$2/exec" --pidfile "$2/pid" --host "unix://$2/docker.sock" >"$2/log" 2>&1' sh "$i" "$folder/$i" &
  done
  for i in 1 2; do
    timeout 60 sh -c "until docker --host unix://$folder/$i/docker.sock info >/dev/null 2>&1; do sleep 0.2; done"
    docker save "$@" | engine "$i" load --quiet
  done
  engine 1 swarm init --advertise-addr 10.77.0.1 >/dev/null
  engine 2 swarm join --token "$(engine 1 swarm join-token --quiet worker)" 10.77.0.1:2377
}

down() {
  for i in 1 2; do
    kill "$(cat "$folder/$i/pid")"
    timeout 30 sh -c "while [ -e '$folder/$i/pid' ]; do sleep 0.2; done"
    ip netns del "lab-$i"
    # What the engine has mounted for itself.
    { mount | grep --fixed-strings "$folder/$i/" || true; } | cut -d' ' -f3 | xargs --no-run-if-empty umount --lazy
  done
  rm -rf "$folder"
}

case "${1:-}" in
  up) folder=$(realpath -m "${2:?which folder?}") && shift 2 && up "$@" ;;
  cut) ip -n lab-2 link set lab-link down ;;
  mend) ip -n lab-2 link set lab-link up ;;
  down) folder=$(realpath "${2:?which folder?}") && down ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
