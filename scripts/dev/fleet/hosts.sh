# Hosts that have a disk, an address and an OpenSSH server of their own, and nothing of the user's
# ~/.ssh or of the machine's sshd; sourced by guard.sh. Namespaces set apart what they can.
#
#   host_up NAME             a new machine: primary, node-a, node-b or rescue
#   host_down NAME           it is destroyed, and its disk with it
#   net_down NAME            nobody can reach it any more
#   new_host_key NAME        it gets another SSH host key, and the others know it
#   on HOST LINE             prints the line and runs it there
#   enter HOST LINE          runs it there, in the home directory, as it would over ssh
#   $key, $usb, $offline     the paths of a host's SSH key, and of two sticks that move between hosts

hosts="primary:1 node-a:2 node-b:3 rescue:4"
apart() { [ -z "$FLEET_BARRED" ]; }

if apart; then
  mount -t tmpfs none /run
  mount -t tmpfs none /media
  mount -t tmpfs none "$FLEET"
  mkdir /run/sshd
  ip link add fleet type bridge
  ip link set fleet up
  network=10.77.0. port=22 media=/media key=/etc/ssh/ssh_host_ed25519_key
  # not "!" for root: without PAM, sshd takes that for a locked account
  echo "root:*:::::::" >"$FLEET/shadow"
  printf '%s\n' "root:x:0:0::$FLEET:/bin/sh" "$(grep ^sshd: /etc/passwd)" >"$FLEET/passwd"
  chmod 644 "$FLEET/passwd"
else
  network=127.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1)). port=2222
  media=$FLEET/media key=../ssh/ssh_host_ed25519_key
fi

usb=$media/usb offline=$media/offline
mkdir -p "$usb" "$offline" "$FLEET/bin"
ln "$program" "$FLEET/bin" 2>/dev/null || cp "$program" "$FLEET/bin"
ln -s "$FLEET/bin/worstday" "$usb"
for command in ssh scp; do
  printf '#!/bin/sh\nexec %s -F "%s" "$@"\n' "$(command -v "$command")" "$FLEET/ssh_config" \
    >"$FLEET/bin/$command"
done
cat >"$FLEET/login" <<END
#!/bin/sh
cd "$FLEET/\$1/home" || exit
umask 077
exec env -i HOME="\$PWD" LC_ALL=C PATH="$FLEET/bin:/usr/sbin:/usr/bin:/sbin:/bin" \\
  sh -c "\${2-\$SSH_ORIGINAL_COMMAND}"
END
chmod 755 "$FLEET/login" "$FLEET"/bin/*

for folder in /usr/libexec /usr/libexec/openssh /usr/lib/ssh /usr/lib/openssh; do
  [ ! -x "$folder/sftp-server" ] || sftp=$folder/sftp-server
done
ssh-keygen -q -t ed25519 -N "" -C operator -f "$FLEET/operator"
touch "$FLEET/known_hosts"
{
  for host in $hosts; do
    echo "Host ${host%:*}
  HostName $network${host#*:}
  HostKeyAlias ${host%:*}"
  done
  echo "Host *
  User $(id -un)
  Port $port
  IdentityFile $FLEET/operator
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile $FLEET/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  KexAlgorithms curve25519-sha256
  BatchMode yes
  ConnectTimeout 10
  LogLevel ERROR"
} >"$FLEET/ssh_config"

host_up() {
  number=$(echo "$hosts" | sed "s/.*$1:\(.\).*/\1/")
  mkdir "$FLEET/$1" "$FLEET/$1/home" "$FLEET/$1/ssh"
  echo "ListenAddress $network$number:$port
HostKey $FLEET/$1/ssh/ssh_host_ed25519_key
AuthorizedKeysFile $FLEET/operator.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
PermitUserRC no
SetEnv HOME=$FLEET/$1/home
ForceCommand $FLEET/login $1
Subsystem sftp ${sftp:-sftp-server}
PidFile none
LogLevel ERROR" >"$FLEET/$1/ssh/sshd_config"
  if apart; then
    ip netns add "$1"
    # always the same hardware address: others may still remember that of the host before
    ip link add "$1" type veth peer name eth0 address "02:00:00:00:00:0$number" netns "$1"
    ip link set "$1" master fleet up
    ip -n "$1" address add "$network$number/24" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$1" link set lo up
  fi
  new_host_key "$1"
}

host_down() {
  sshd_down "$1"
  if apart; then
    ip link del "$1"
    ip netns del "$1"
  fi
  rm -rf "${FLEET:?}/$1"
}

net_down() {
  if apart; then ip link set "$1" down; else sshd_down "$1"; fi
}

new_host_key() {
  [ ! -e "$FLEET/$1/sshd" ] || sshd_down "$1"
  rm -f "$FLEET/$1/ssh/ssh_host_ed25519_key"
  ssh-keygen -q -t ed25519 -N "" -C "root@$1" -f "$FLEET/$1/ssh/ssh_host_ed25519_key"
  sed -i "/^$1 /d" "$FLEET/known_hosts"
  echo "$1 $(cat "$FLEET/$1/ssh/ssh_host_ed25519_key.pub")" >>"$FLEET/known_hosts"
  sshd_up "$1"
}

# The server's own namespaces are what makes a host.
sshd_up() {
  server="exec setpriv --pdeathsig KILL $(command -v sshd) -D -e -f '$FLEET/$1/ssh/sshd_config'"
  if apart; then
    ip netns exec "$1" sh -ec "mount --bind '$FLEET/$1/ssh' /etc/ssh
      mount --bind '$FLEET/passwd' /etc/passwd
      mount --bind '$FLEET/shadow' /etc/shadow
      $server" &
  else
    sh -c "$server" &
  fi
  echo $! >"$FLEET/$1/sshd"
  tries=0
  until enter "$1" "ssh $1 true" 2>"$FLEET/says"; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || stop "the sshd of $1 does not answer: $(cat "$FLEET/says")"
    sleep 0.1
  done
}

sshd_down() {
  kill "$(cat "$FLEET/$1/sshd")" 2>/dev/null || :
  wait "$(cat "$FLEET/$1/sshd")" || :
}

enter() {
  if apart; then
    nsenter --target "$(cat "$FLEET/$1/sshd")" --mount --net --root "$FLEET/login" "$@"
  else
    "$FLEET/login" "$@"
  fi
}

on() {
  printf '  %s$ %s\n' "$1" "$2"
  enter "$1" "$2" || stop "exit status $? on $1"
}
