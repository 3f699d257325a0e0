#!/usr/bin/env bash
# A newcomer's first minutes: a minimal Debian 12 with nothing but git, a clone of this tree, `./dev demo`, `./dev test`.
# usage: tests/packaging/fresh_root.sh [COMMAND…]    by default demo and test; each is a command of ./dev
set -euo pipefail
# shellcheck source=tests/packaging/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
require chroot git
(($# > 0)) || set -- demo test

base git_only git
copy_of git_only fresh
root=$work/fresh
# What this machine trusts, where a proxy of its own stands between it and the network.
mkdir -p "$root/usr/local/share/ca-certificates"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \;
# The tree as it stands, with what is not committed yet: a clone of a snapshot.
mkdir -p "$root/source" && cd "$repository"
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    [[ ! -f $file ]] || printf '%s\0' "$file"
done | tar -c --null -T - | tar -x -C "$root/source"
git -C "$root/source" init -q
git -C "$root/source" add -A
git -C "$root/source" -c user.name=check -c user.email=check@localhost commit -q -m snapshot

cleanup() {
    local place
    for place in dev/pts dev proc; do mountpoint -q "$root/$place" && umount -l "$root/$place"; done
    true
}
trap cleanup EXIT
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"

in_root() { env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 chroot "$root" "$@"; }
in_root git clone -q file:///source /root/genqd
for command in "$@"; do
    from=$SECONDS
    say "./dev $command"
    in_root sh -c "cd /root/genqd && ./dev $command"
    say "./dev $command: $((SECONDS - from)) s"
done
