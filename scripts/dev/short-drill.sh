#!/bin/sh
# The drill in short: sh scripts/dev/short-drill.sh MAKES [RECOVERS]
#
# MAKES is an executable that closes a vault, RECOVERS the one that opens it, perhaps made
# elsewhere. Each runs in a root that holds nothing but itself, the keys and the vault.
set -eu

makes=$(realpath "$1") recovers=$(realpath "${2:-$1}")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
umask 077
cd "$here"
mkdir peace worst-day
cp "$makes" peace/worstday
cp "$recovers" worst-day/worstday

[ "$(id -u)" = 0 ] && enter=chroot || enter="unshare --map-root-user chroot"
peace() { $enter "$here/peace" /worstday "$@"; }
worst_day() { $enter "$here/worst-day" /worstday "$@"; }

head -c 3000000 /dev/urandom >plaintext
peace keygen -o a.key >peace/a.pub
peace keygen -o b.key >peace/b.pub
peace vault-close -o vault.wd <plaintext | peace split -k 2 -n 3 | peace seal a.pub b.pub - >shares
sed -n '1p;3p' shares >two-shares
mv peace/a.key peace/vault.wd worst-day
worst_day unseal --key a.key <two-shares | worst_day combine | worst_day vault-open vault.wd >recovered
cmp plaintext recovered

if sed -n 3p shares | worst_day combine 2>/dev/null | worst_day vault-open vault.wd >recovered 2>/dev/null
then
  echo "short-drill: error: one share opened the vault" >&2
  exit 1
fi
