#!/bin/sh
# Makes a fresh Debian machine with Node.js and npm ready: sh scripts/dev/setup.sh [PART]
#
# npm packages go into node_modules, pinned by the lock file; Bun is one of them. What a part needs
# from Debian (build, drill, test, hosts, bench) is installed where that is possible, and named elsewhere.
set -eu
cd "$(dirname "$0")/../.."

stop() {
  echo "setup: error: $*" >&2
  exit 1
}

command -v node >/dev/null && command -v npm >/dev/null ||
  stop "Node.js with npm is needed: apt-get install nodejs npm"

# The copy of the lock file says which one node_modules was made from.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  echo "setup: npm ci"
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-lock
fi

# Where npm does not run install scripts, Bun's own has not put the program in its place.
bun=node_modules/.bin/bun
"$bun" --version >/dev/null 2>&1 || node node_modules/bun/install.js ||
  stop "the bun package did not install its program"

# Elsewhere than on Debian, whatever is missing is named where it is needed.
command -v apt-get >/dev/null || exit 0

missing=
# need COMMAND PACKAGE
need() {
  command -v "$1" >/dev/null || missing="$missing $2"
}
need musl-gcc musl-tools
need g++ g++
part=${1:-build}
case "$part" in
drill | test)
  need ssh openssh-client
  need /usr/sbin/sshd openssh-server
  need ip iproute2
  need busybox busybox-static
  ;;
esac
case "$part" in
test)
  need strace strace
  need /usr/bin/time time
  need rsync rsync
  need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
  need qemu-aarch64 qemu-user
  need qemu-system-x86_64 qemu-system-x86
  need mount.exfat-fuse exfat-fuse
  need mkfs.exfat exfatprogs
  need zbarimg zbar-tools
  need chromium chromium
  need pdftoppm poppler-utils
  need python3 python3
  need mandoc mandoc
  need cpio cpio
  need xz xz-utils
  need age age
  need ssss-split ssss
  need minisign minisign
  /usr/bin/python3 -c 'import nacl' 2>/dev/null || missing="$missing python3-nacl"
  /usr/bin/python3 -c 'import pexpect' 2>/dev/null || missing="$missing python3-pexpect"
  ;;
hosts)
  need debootstrap debootstrap
  need git git
  need xz xz-utils
  ;;
bench)
  need age age
  need ssss-split ssss
  need /usr/bin/time time
  need rsync rsync
  ;;
esac
[ -n "$missing" ] || exit 0

[ "$(id -u)" = 0 ] || stop "as root: apt-get install$missing"
echo "setup: apt-get install$missing"
export DEBIAN_FRONTEND=noninteractive
case "$missing" in
*openssh-server*)
  # Only the program is wanted; with this file there, Debian's service never starts.
  mkdir -p /etc/ssh
  echo "delete this file to let the service start" >/etc/ssh/sshd_not_to_be_run
  ;;
esac
# shellcheck disable=SC2086 # a list of package names
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
  stop "apt-get could not install$missing"
