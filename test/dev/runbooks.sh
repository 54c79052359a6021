#!/bin/sh
# Plays the README's scripts for a fleet, each as busybox runs it: sh test/dev/runbooks.sh FOLDER
set -eu
. "$(dirname "$0")/../../scripts/dev/fleet/guard.sh"
scripts=$1

# follow HOST SCRIPT
follow() {
  say "$2"
  enter "$1" "cat '$scripts/$2'; busybox ash -eu '$scripts/$2'" || stop "$2 fails"
}

apart || stop "the scripts name paths that only a host in namespaces has: $FLEET_BARRED"
for host in primary node-a node-b; do host_up "$host"; done
enter primary "mkdir secrets && head -c 300000 /dev/urandom > secrets/keys"
cp -r "$FLEET/primary/home/secrets" "$FLEET/expected"

follow primary create
follow primary distribute
follow primary drill
follow primary check
[ ! -e "$FLEET/primary/home/secrets.tar" ] || stop "the plaintext is still there"

follow_worst_day() {
  host_down primary
  host_up rescue
  follow rescue "the worst day"
  enter rescue "tar xf secrets.tar"
  cmp "$FLEET/expected/keys" "$FLEET/rescue/home/secrets/keys" || stop "not what was put in"
  host_up primary
  enter rescue "scp -qrp recovery primary:"
  host_down rescue
}
follow_worst_day

host_down node-b
host_up node-b
cp "$offline/share.txt" "$FLEET/old-share"
follow primary rotate
follow primary distribute
follow primary prune
for host in primary node-a node-b; do
  enter "$host" "ls recovery" >"$FLEET/left"
  printf '%s\n' drilled-2 scheme.json sealed-2 vault-2.wd | cmp - "$FLEET/left" ||
    stop "on $host there is more or less than the new generation"
done
! cmp -s "$offline/share.txt" "$FLEET/old-share" || stop "the offline share is the old one"
follow primary check
follow_worst_day

say "runbooks: recovered before and after a rotation"
