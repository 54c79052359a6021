#!/bin/sh
# The days of SECURITY.md's table, in a fleet with OpenSSH: npm run drill
#
# Every line behind a host's name and "$" is run there exactly as it is printed.
set -eu
. "$(dirname "$0")/fleet/guard.sh"

# fails HOST STATUS SAYS LINE: it ends so, says why, gives nothing out and leaves nothing behind
fails() {
  printf '  %s$ %s\n' "$1" "$4"
  traces "$1" >"$FLEET/before"
  status=0
  enter "$1" "$4" >"$FLEET/out" 2>"$FLEET/says" || status=$?
  traces "$1" >"$FLEET/after"
  cat "$FLEET/says"
  [ "$status" = "$2" ] || stop "exit status $status where $2 was expected"
  grep -q "$3" "$FLEET/says" || stop "it does not say: $3"
  [ ! -s "$FLEET/out" ] || stop "something came out"
  cmp -s "$FLEET/before" "$FLEET/after" || stop "something was left behind"
}
traces() { find "$FLEET/$1/home" "$media" -type f -printf '%p %s %m %T@\n' | sort; }

share_of() { printf '%s' "ssh $1 worstday unseal --dir scheme --key $key"; }

distribute() {
  say "Every node gets a copy, and opens its own share with its own key:"
  for node in node-a node-b; do
    on primary "scp -qrp scheme $node:"
    on primary "ssh $node worstday recovery-verify --dir scheme --key $key"
  done
}

# drill GENERATION
drill() {
  say "A drill with the offline share: nothing is revealed, nothing else is needed:"
  on primary "$(share_of node-a) | cat - $offline/share-$1.txt | worstday recovery-verify --dir scheme --drill"
}

if [ -z "$FLEET_BARRED" ]; then
  say "Three hosts in network namespaces, each with a disk and an sshd, at ${network}1 to ${network}3"
else
  say "Three hosts in folders, each with an sshd, at ${network}1 to ${network}3, since network
namespaces are not permitted here: $FLEET_BARRED"
fi
for host in primary node-a node-b; do host_up "$host"; done
tar -chf "$FLEET/primary/home/secrets.tar" -C "$project" README.md SPEC.md lib scripts

say "Peace. Shares are sealed to the SSH host keys that the nodes have anyway:"
on primary "sha256sum secrets.tar > $usb/expected.sha256"
on primary "ssh node-a cat $key.pub > node-a.pub"
on primary "ssh node-b cat $key.pub > node-b.pub"
on primary "worstday recovery-init --dir scheme -k 2 --holder node-a=node-a.pub --holder node-b=node-b.pub < secrets.tar > $offline/share-1.txt"
distribute
drill 1

say "Before the plaintext goes, each pair must give it back:"
on primary "$(share_of node-a) > a.txt"
on primary "$(share_of node-b) > b.txt"
on primary "worstday recovery-reconstruct --dir scheme a.txt $offline/share-1.txt | cmp - secrets.tar"
on primary "worstday recovery-reconstruct --dir scheme b.txt $offline/share-1.txt | cmp - secrets.tar"
on primary "worstday recovery-reconstruct --dir scheme a.txt b.txt | cmp - secrets.tar"
on primary "rm a.txt b.txt secrets.tar"

say "THE PRIMARY IS DESTROYED. A rescue image, and on it one static file:"
host_down primary
host_up rescue
on rescue "cp $usb/worstday ."
on rescue "scp -qrp node-a:scheme ."
on rescue "$(share_of node-a) > a.txt"
on rescue "cat a.txt $offline/share-1.txt | ./worstday combine | ./worstday vault-open scheme/vault-1.wd -o secrets.tar"
on rescue "sha256sum -c $usb/expected.sha256"
say "A new primary:"
host_up primary
on rescue "scp -qrp scheme primary:"
host_down rescue

say "A NODE IS LOST. The other one and the offline share recover:"
host_down node-b
on primary "$(share_of node-a) > a.txt"
on primary "worstday recovery-reconstruct --dir scheme -o secrets.tar a.txt $offline/share-1.txt"
on primary "sha256sum -c $usb/expected.sha256"
say "A new machine takes its place, with a key of its own:"
host_up node-b
on primary "ssh node-b cat $key.pub > node-b.pub"
on primary "worstday recovery-rotate --dir scheme --holder node-b=node-b.pub a.txt $offline/share-1.txt > $offline/share-2.txt"
on primary "rm a.txt secrets.tar"
distribute
drill 2
on primary "worstday recovery-prune --dir scheme"
on primary "rm $offline/share-1.txt"

say "THE OFFLINE SHARE IS LOST. The two nodes do without it, and a new one is issued:"
on primary "mv $offline/share-2.txt $offline/lost.txt"
on primary "$(share_of node-a) > shares.txt"
on primary "$(share_of node-b) >> shares.txt"
on primary "worstday recovery-rotate --dir scheme < shares.txt > $offline/share-3.txt"
on primary "rm shares.txt"
distribute

say "The lost share turns up. Old and new ones are not mixed:"
on primary "$(share_of node-a) > a.txt"
fails primary 4 "too few" "worstday combine -o key a.txt $offline/lost.txt"
fails primary 5 "set" "worstday recovery-reconstruct --dir scheme -o secrets.tar a.txt $offline/lost.txt"
on primary "rm a.txt"

say "The old generation goes after a drill of the new one, not before, and the old share with it:"
fails primary 6 "drill" "worstday recovery-prune --dir scheme"
drill 3
on primary "worstday recovery-prune --dir scheme"
on primary "mv $offline/lost.txt $offline/stale.txt"

say "A NODE IS COMPROMISED: its key is known. It gets another one, and so does the scheme:"
on node-b "cp $key stolen.key"
new_host_key node-b
on primary "ssh node-b cat $key.pub > node-b.pub"
on primary "$(share_of node-a) | cat - $offline/share-3.txt | worstday recovery-rotate --dir scheme --holder node-b=node-b.pub > $offline/share-4.txt"
distribute
drill 4
on primary "worstday recovery-prune --dir scheme"
on primary "rm $offline/share-3.txt"
say "The stolen key opens the old share, which is one of too few, and not the new one:"
fails node-b 4 "too few" "worstday unseal --key stolen.key scheme/sealed-3/node-b | worstday combine -o key"
fails node-b 5 "none of the sealed shares" "worstday unseal --key stolen.key scheme/sealed-4/node-b"

say "FIVE NIGHTS. The secrets of the day are closed without a share, by a file that opens nothing:"
on primary "$(share_of node-a) | cat - $offline/share-4.txt | worstday recovery-reconstruct --dir scheme --writer writer.txt"
for day in 1 2 3 4 5; do
  on primary "echo the secrets of day $day > today && tar cf secrets.tar today"
  on primary "worstday recovery-update --dir scheme --writer writer.txt --keep 3 < secrets.tar"
  for node in node-a node-b; do on primary "scp -qrp scheme $node:"; done
  [ "$day" = 3 ] || continue
  say "Node b is broken into. Its key opens one share of too few, and the updates are no help:"
  fails node-b 4 "too few" "worstday unseal --key $key scheme/sealed-4/node-b | worstday combine -o key"
  say "The next nights are as usual, until there is time to rotate:"
done
on primary "sha256sum secrets.tar > $usb/expected.sha256"
on primary "rm secrets.tar today"
for node in node-a node-b; do
  on primary "ssh $node worstday recovery-verify --dir scheme --key $key --expect-update 5 --max-age 1"
done
on primary "cp writer.txt $usb"

say "THE WORST MOMENT. The primary is destroyed, and node a cannot be reached:"
host_down primary
net_down node-a
host_up rescue
on rescue "scp -qrp node-b:scheme ."
on rescue "$(share_of node-b) > b.txt"
fails rescue 255 "node-a\|connect" "ssh -o ConnectTimeout=1 node-a worstday unseal --key $key scheme/sealed-4/node-a"
reconstruct="worstday recovery-reconstruct --dir scheme -o secrets.tar b.txt"
say "A share of something else, a stale one, one cut short, one with a bit flipped:"
on rescue "head -c 32 /dev/urandom | worstday split -k 2 -n 3 | tail -n 1 > wrong.txt"
on rescue "cut -c 1-100 $offline/share-4.txt > cut.txt"
on rescue "sed s/1q/1p/ $offline/share-4.txt > flipped.txt"
fails rescue 5 "set" "$reconstruct wrong.txt"
fails rescue 5 "set" "$reconstruct $offline/stale.txt"
fails rescue 3 "." "$reconstruct cut.txt"
fails rescue 3 "1 symbol looks wrong" "$reconstruct flipped.txt"
fails rescue 4 "too few" "$reconstruct"
say "Node a's share comes by stick, from its console:"
on node-a "worstday unseal --key $key scheme/sealed-4/node-a > $usb/a.txt"
on rescue "$reconstruct $usb/a.txt"
on rescue "sha256sum -c $usb/expected.sha256"

say "A rotation carries the newest contents over. The old writer file is refused, the new one is not:"
on rescue "worstday recovery-rotate --dir scheme --writer writer.txt -o $offline/share-5.txt b.txt $usb/a.txt"
fails rescue 5 "a rotation gives a new writer file" "worstday recovery-update --dir scheme --writer $usb/writer.txt < secrets.tar"
on rescue "worstday recovery-update --dir scheme --writer writer.txt < secrets.tar"
on rescue "scp -qrp scheme node-b:"
on rescue "$(share_of node-b) | cat - $offline/share-5.txt | worstday recovery-reconstruct --dir scheme | cmp - secrets.tar"

say "fleet-drill: recovered on every day of the table, bit for bit"
