#!/usr/bin/env bash
# The Debian package for real: installed into a Debian root that is booted with systemd-nspawn; the service starts in
# the sandbox, tells systemd that it is ready, answers, reloads, survives its watchdog, stops, and the package goes again.
# usage: tests/packaging/deb_in_nspawn.sh [FILE.deb]     by default what `./dev package` makes
set -euo pipefail
# shellcheck source=tests/packaging/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
require systemd-nspawn
deb=${1:-}
[[ -n $deb ]] || deb=$("$repository/dev" package | tail -n 1)
deb=$(cd "$repository" && realpath "$deb")

base booted systemd,systemd-sysv,dbus,curl,ca-certificates
copy_of booted machine
root=$work/machine

# No machine manager and no scope of its own: neither is there where systemd is not PID 1.
nspawn=(systemd-nspawn -q --register=no --keep-unit -D "$root" "--machine=genqd-$$")

cp "$deb" "$root/root/"
"${nspawn[@]}" --pipe apt-get -qq update
echo 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false";' >"$root/etc/apt/apt.conf.d/90check"
# What server/docs/operations.md tells its reader to do as root: to install and to upgrade, to hand over a renewed
# certificate (certbot's hook), to back up every night (with the units that it shows, each under the name in its first
# line) and to restore.
page=$repository/server/docs/operations.md
block() { # WORDS N
    awk -v fence="\`\`\`$1" -v wanted="$2" '$0 == fence { ++n; on = n == wanted; next } /^```$/ { on = 0 } on' "$page"
}
block 'sh system' 1 >"$root/root/install.sh"
block 'sh system' 2 >"$root/root/upgrade.sh"
block 'sh root' 1 >"$root/root/renewed.sh"
block 'sh root' 2 >"$root/root/nightly.sh"
block 'sh root' 3 >"$root/root/restore.sh"
for unit in 1 2; do
    block ini "$unit" >"$root/root/unit"
    mv "$root/root/unit" "$root$(sed -n '1s/^# //p' "$root/root/unit")"
done
mkdir -p "$root/etc/systemd/system/genqd.service.d"
cat >"$root/etc/systemd/system/genqd.service.d/sandbox.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/bin/genqd serve --config /etc/genqd/genqd.toml --log-format json --state /var/lib/genqd --sandbox --sandbox-speed 20
UNIT

# The check runs inside, as a service of the booted machine, and powers it off.
cat >"$root/root/check.sh" <<'CHECK'
#!/bin/sh
set -ex
cd /root
KIE_API_KEY=any bash -euo pipefail install.sh
genqd version && getent passwd genqd && ls -ld /var/lib/genqd /etc/genqd/genqd.toml
systemctl is-enabled genqd.service
test "$(stat -c '%a %U' /etc/credstore/kie_api_key)" = '600 root'
test "$(systemctl show -P NotifyAccess -P SubState genqd | tail -n 1)" = running
curl -sf http://127.0.0.1:8080/healthz
test "$(stat -c %U /var/lib/genqd/genqd.db)" = genqd
genqd submit google/imagen4 prompt='from the package' --wait --timeout 60 --json >/root/job.json
grep -q '"status":"succeeded"' /root/job.json
systemctl reload genqd.service
sleep 1
curl -sf http://127.0.0.1:8080/readyz
# Root makes tokens, and the service can read them.
GENQD_TOKEN=$(genqd token new first --scope submit --scope read --scope admin) && export GENQD_TOKEN
test "$(stat -c '%a %U %G' /etc/genqd/tokens.toml)" = '640 root genqd'
genqd token new second >/dev/null
test "$(stat -c '%a %U %G' /etc/genqd/tokens.toml)" = '640 root genqd'
systemctl reload genqd.service
until test "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/v1/jobs)" = 401; do sleep 0.1; done
genqd list
# Longer than the watchdog: it is fed.
sleep 35
systemctl is-active genqd.service
test "$(systemctl show -P NRestarts genqd)" = 0
systemd-analyze security genqd.service --no-pager | tail -n 1
bash -euo pipefail nightly.sh
systemctl start genqd-backup.service
systemctl list-timers --no-pager genqd-backup.timer | grep genqd-backup.service
genqd verify --state /var/backups/genqd
sed -i 's/apt install/& --reinstall/' upgrade.sh && bash -euo pipefail upgrade.sh
genqd verify --state /var/backups/genqd
systemctl start genqd-backup.service
test "$(stat -c %U /var/lib/genqd/blobs.lock)" = genqd
bash -euo pipefail restore.sh
test "$(stat -c '%a %U' /var/lib/genqd)" = '750 genqd'
genqd status "$(sed -n 's/.*"id":"\([0-9A-Z]*\)".*/\1/p' /root/job.json | head -n 1)"
systemctl is-active genqd.service
# A certificate as certbot leaves it.
mkdir live
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout live/privkey.pem -out live/fullchain.pem
sed -i 's|^tls_cert = .*|tls_cert = "/etc/genqd/tls.pem"|; s|^tls_key = .*|tls_key = "/etc/genqd/tls.key"|' /etc/genqd/genqd.toml
RENEWED_LINEAGE=/root/live sh renewed.sh
test "$(stat -c '%a %U %G' /etc/genqd/tls.key)" = '640 root genqd'
curl -sf --cacert live/fullchain.pem --retry 20 --retry-connrefused --retry-delay 1 https://localhost:8080/healthz
systemctl stop genqd.service
test "$(systemctl show -P Result genqd)" = success
systemctl start genqd.service
apt-get -qq -y remove genqd
! systemctl is-active genqd.service
apt-get -qq -y purge genqd
test ! -e /etc/genqd/genqd.toml
test -d /var/lib/genqd
test ! -e /usr/bin/genqd
echo passed >/root/result
CHECK
chmod +x "$root/root/check.sh"
cat >"$root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=multi-user.target dbus.service
[Service]
Type=oneshot
Environment=HOME=/root DEBIAN_FRONTEND=noninteractive
ExecStart=/root/check.sh
StandardOutput=journal+console
StandardError=journal+console
ExecStopPost=/bin/sh -c 'journalctl -u genqd --no-pager -o cat | tail -n 40; systemctl poweroff --no-block'
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf ../check.service "$root/etc/systemd/system/multi-user.target.wants/check.service"

say "booting"
timeout 300 "${nspawn[@]}" --boot </dev/null |
    tee "$work/boot.log" | grep --line-buffered 'check.sh' || true
[[ $(cat "$root/root/result" 2>/dev/null) == passed ]] || die "failed; see $work/boot.log"
say "deb in nspawn: passed"
