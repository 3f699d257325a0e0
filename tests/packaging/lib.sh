# shellcheck shell=bash
# What the packaging checks share: a Debian root made once, and copies of it. They need root and
# `apt-get install debootstrap`, and are no part of CI's path: they take minutes and a good GB.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${GENQD_PACKAGING_DIR:-$repository/build/packaging}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$work"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2 && exit 1; }
[[ $EUID -eq 0 ]] || die "needs root"

require() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || die "needs $program"
    done
}

# base NAME PACKAGE,…: a minimal Debian 12 with those packages in $work/NAME, made once.
base() {
    [[ ! -e $work/$1/.whole ]] || return 0
    require debootstrap
    say "debootstrap: $1"
    rm -rf "${work:?}/$1"
    debootstrap --variant=minbase --include="$2" bookworm "$work/$1" "$mirror" >"$work/$1.log" ||
        { tail -n 5 "$work/$1.log" >&2 && die "debootstrap failed, see $work/$1.log"; }
    # Its packages come from where this machine's do.
    cp /etc/resolv.conf "$work/$1/etc/resolv.conf"
    touch "$work/$1/.whole"
}

# copy_of NAME COPY: a fresh copy of a base, sharing blocks where the file system can.
copy_of() {
    rm -rf "${work:?}/$2"
    cp -a --reflink=auto "$work/$1" "$work/$2"
}
