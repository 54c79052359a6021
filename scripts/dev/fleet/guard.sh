# Finds a place for a fleet to rehearse on; sourced first by the scripts that make one.
#
# The script is run once more as a child that does not outlive this one. As root it gets namespaces
# of its own: when it ends, however it ends, the kernel takes back every host in them. If that is
# not permitted, hosts are folders and addresses of the loopback interface.
#
#   FLEET          the folder of everything, removed at the end
#   FLEET_BARRED   why there are no namespaces; empty if there are

PATH=$PATH:/usr/sbin:/sbin
project=$(cd "$(dirname "$0")/../.." && pwd)
program=$project/dist/$(uname -m)/worstday

say() { printf '\n%s\n' "$*"; }
stop() {
  printf '\n%s: error: %s\n' "$(basename "$0" .sh)" "$*" >&2
  exit 1
}

# In the child the guard is the parent: process 0 where it is in another namespace.
if [ "${FLEET_GUARD:-}" != "$PPID" ]; then
  for tool in ssh scp ssh-keygen sshd setpriv setsid; do
    command -v "$tool" >/dev/null ||
      stop "$tool is missing (Debian's openssh-client, openssh-server, util-linux)"
  done
  [ -x "$program" ] || stop "$program is missing (npm run build makes it)"

  tidy() {
    trap '' HUP INT TERM
    [ -z "${child:-}" ] || kill -KILL "$child" -"$child" 2>/dev/null || :
    wait
    rm -rf "$FLEET"
    [ -z "${made:-}" ] || rmdir "$made"
  }
  FLEET=$(mktemp -d)
  trap tidy EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  within="unshare --mount --net --pid --fork --kill-child --mount-proc"
  trial="mount -t tmpfs none /run && ip netns add host && ip link add bridge type bridge &&
    ip link add port type veth peer name eth0 netns host"
  FLEET_GUARD=0
  if [ "$(id -u)" != 0 ]; then
    FLEET_BARRED="only root may make them"
  elif FLEET_BARRED=$($within sh -c "$trial" 2>&1); then
    FLEET_BARRED=
  elif [ ! -d /run/sshd ]; then
    mkdir /run/sshd # where the server of root shuts its unprivileged half in
    made=/run/sshd
  fi
  [ -z "$FLEET_BARRED" ] || FLEET_GUARD=$$ within=
  export FLEET FLEET_BARRED FLEET_GUARD
  setsid setpriv --pdeathsig KILL $within sh "$0" "$@" </dev/null &
  child=$!
  wait "$child"
  exit
fi

cd /
umask 077
. "$project/scripts/dev/fleet/hosts.sh"
