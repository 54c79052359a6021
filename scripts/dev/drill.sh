#!/bin/sh
# The worst day, on real files with the executables in dist/: npm run drill
#
# Every line that begins with "$" is run exactly as it is printed. No `set -o pipefail`: a
# failure anywhere in a pipe must end it in a failure by itself.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
bin="$root/dist/$(uname -m)"
drill=$(mktemp -d)
trap 'rm -rf "$drill"' EXIT
umask 077

say() { printf '\n%s\n' "$*"; }
run() {
  printf '  $ %s\n' "$1"
  eval "$1"
}
stop() {
  printf '\ndrill: error: %s\n' "$*" >&2
  exit 1
}

say "The files that must survive, and the tools:"
cd "$drill"
for name in keygen split seal unseal combine vault-close vault-open; do
  ln "$bin/$name" "$name" 2>/dev/null || cp "$bin/$name" "$name"
done
ln -s "$root" project
run "tar -chf secrets.tar -C project README.md SPEC.md lib scripts node_modules/@noble"
run "sha256sum secrets.tar > expected.sha256 && cat expected.sha256"

say "Peace. Each node makes its key; only the public half leaves it:"
run "./keygen -o node-a.key > node-a.pub"
run "./keygen -o node-b.key > node-b.pub"

say "The vault is closed, its key split 2 of 3, two shares sealed, one left for the operator:"
run "./vault-close -o vault.wd secrets.tar | ./split -k 2 -n 3 | ./seal node-a.pub node-b.pub - -o shares.txt"
run "sed -n 1p shares.txt > node-a.sealed"
run "sed -n 2p shares.txt > node-b.sealed"
run "sed -n 3p shares.txt > offline.txt"

say "Before the plaintext goes, each pair must give it back:"
run "cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine | ./vault-open vault.wd | cmp - secrets.tar"
run "cat node-b.sealed offline.txt | ./unseal --key node-b.key | ./combine | ./vault-open vault.wd | cmp - secrets.tar"
run "cat node-a.sealed node-b.sealed | ./unseal --key node-a.key --key node-b.key | ./combine | ./vault-open vault.wd | cmp - secrets.tar"

say "The worst day. Everything is gone but node a's share, its key, the vault, the offline share:"
run "rm secrets.tar shares.txt node-b.sealed node-b.key node-b.pub node-a.pub"
run "ls"

say "One share alone is useless, and says so:"
printf '  $ %s\n' "cat offline.txt | ./combine | ./vault-open vault.wd -o secrets.tar"
if cat offline.txt | ./combine | ./vault-open vault.wd -o secrets.tar; then
  stop "one share opened the vault"
fi
[ ! -e secrets.tar ] || stop "a failed recovery left a file"

say "Two shares bring it back:"
run "cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine | ./vault-open vault.wd -o secrets.tar"
run "sha256sum -c expected.sha256"
run "tar -tf secrets.tar | head -n 3"

say "drill: recovered, bit for bit"
