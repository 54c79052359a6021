#!/bin/sh
# Runs the steps and scripts of RUNBOOK.md, each as busybox runs it: sh test/dev/runbooks.sh FOLDER
set -eu
. "$(dirname "$0")/../../scripts/dev/fleet/guard.sh"
scripts=$1
generation=1 # the one in the file names; as printed, 1
typed=/dev/null

# follow HOST STEP…: runs them there as one script
follow() {
  host=$1
  shift
  for step; do
    say "$step"
    cat "$scripts/$step"
  done
  for step; do cat "$scripts/$step"; done |
    sed "s/\(sealed\|vault\)-1/\1-$generation/" >"$FLEET/script"
  enter "$host" "busybox ash -eu '$FLEET/script'" <"$typed" || stop "$* fails"
}

apart || stop "the scripts name paths that only a host in namespaces has: $FLEET_BARRED"
for host in primary node-a node-b; do host_up "$host"; done
cp "$project/recover.py" "$usb"
enter primary "mkdir secrets && head -c 300000 /dev/urandom > secrets/keys"
cp -r "$FLEET/primary/home/secrets" "$FLEET/expected"

# recovered: what rescue has is what was put in; it goes again
recovered() {
  enter rescue "tar xf secrets.tar && rm secrets.tar"
  cmp "$FLEET/expected/keys" "$FLEET/rescue/home/secrets/keys" || stop "not what was put in"
  rm -r "$FLEET/rescue/home/secrets"
}

worst_day() {
  host_down primary
  host_up rescue
  follow rescue "2 copy" "3 compare" "4 get a node s share" "5 get the offline share" \
    "6 test it" "7 recover" "8 look"
  recovered
  host_up primary
  enter rescue "scp -qrp scheme primary:"
  host_down rescue
}

worst_day_by_hand() {
  host_down primary
  host_up rescue
  follow rescue "2 or from a node" "3 compare"
  follow node-a "4 or on the node s console"
  enter rescue "cp $usb/a.txt . && rm $usb/a.txt"
  typed=$offline/share.txt
  follow rescue "5 or from paper" "6 test it" "7 recover"
  typed=/dev/null
  recovered
  enter rescue "mv scheme/scheme.json ."
  follow rescue "if scheme json is lost or damaged"
  recovered
  follow rescue "if worstday does not run here"
  recovered
  host_up primary
  enter rescue "mv scheme.json scheme && scp -qrp scheme primary:"
  host_down rescue
}

follow primary create
cp "$offline/share.txt" "$FLEET/old-share"
! enter primary "busybox ash -eu '$scripts/create'" 2>"$FLEET/says" || stop "created twice"
cmp "$offline/share.txt" "$FLEET/old-share" || stop "the offline share was overwritten"
follow primary update
follow primary distribute
follow primary check
follow primary drill
[ ! -e "$FLEET/primary/home/secrets.tar" ] || stop "the plaintext is still there"
worst_day

host_down node-b
host_up node-b
follow primary rotate
generation=2
! enter primary "busybox ash -eu '$scripts/check'" >"$FLEET/says" 2>&1 ||
  stop "nodes with the old generation pass the check"
grep -q "^node-a: recovery-verify: error: stale: generation 1 " "$FLEET/says" ||
  stop "the check does not say that node-a is stale"
follow primary distribute
follow primary check
follow primary prune
for folder in "$FLEET/primary/home/scheme" "$FLEET/node-a/home/scheme" \
  "$FLEET/node-b/home/scheme" "$usb/scheme"; do
  ls "$folder" >"$FLEET/left"
  printf '%s\n' drilled-2 scheme.json sealed-2 vault-2.wd | cmp - "$FLEET/left" ||
    stop "in $folder there is more or less than the new generation"
done
! cmp -s "$offline/share.txt" "$FLEET/old-share" || stop "the offline share is the old one"
follow primary check
worst_day_by_hand

say "runbooks: recovered before and after a rotation"
