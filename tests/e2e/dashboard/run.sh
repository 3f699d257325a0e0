#!/usr/bin/env bash
# The dashboard and the API's reference in Chromium, against a daemon with the sandbox: what a person does, by mouse and
# by keyboard.
# Needs node 20 or newer, npm and chromium (`./dev browser` installs that one).
# usage: tests/e2e/dashboard/run.sh [GENQD] [--shots DIR] [--readme]   (--readme: makes the README's pictures anew)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
genqd=build/dev/server/genqd shots=build/dashboard/shots readme='' here=$PWD/tests/e2e/dashboard work=$PWD/build/dashboard
while (($#)); do
    case $1 in
        --shots) shots=$2 && shift 2 ;;
        --readme) readme=yes && shift ;;
        *) genqd=$1 && shift ;;
    esac
done
for program in node npm chromium; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
mkdir -p "$work" "$shots"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [[ ! -d $work/node_modules ]]; then
    cp "$here"/package.json "$here"/package-lock.json "$work"
    (cd "$work" && npm ci --silent --no-audit --no-fund)
fi
rm -rf "$work/state" "$work/address" "$work/tokens.toml"
token=$("$genqd" token new browser --scope submit --scope read --scope admin --file "$work/tokens.toml" | tail -n 1)
user=$("$genqd" token new user --scope submit --scope read --file "$work/tokens.toml" | tail -n 1)
submitter=$("$genqd" token new submitter --scope submit --file "$work/tokens.toml" | tail -n 1)
serve() { # ADDRESS
    rm -f "$work/address"
    GENQD_AUTH__TOKENS_FILE=$work/tokens.toml "$genqd" serve --sandbox --sandbox-speed 200 --listen "$1" \
        --state "$work/state" --address-file "$work/address" >>"$work/log" 2>&1 &
    daemon=$!
    until [[ -s $work/address ]]; do kill -0 "$daemon" || { cat "$work/log" >&2 && exit 1; }; sleep 0.1; done
}
stop() { kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; }
rm -f "$work/log" "$work/restart"
serve 127.0.0.1:0
trap stop EXIT
export NODE_PATH=$work/node_modules
shots=$(realpath "$shots")
timeout 120 node "$here/reader.cjs" "http://$(head -n 1 "$work/address")" "$shots"
for script in writer frame; do
    TOKEN=$token SUBMITTER=$submitter timeout 180 node "$here/$script.cjs" "http://$(head -n 1 "$work/address")" "$shots"
done
# A person finds an empty queue.
stop
rm -rf "$work/state"
serve 127.0.0.1:0
address=$(head -n 1 "$work/address")
TOKEN=$token RESTART=$work/restart \
    timeout 300 node "$here/person.cjs" "http://$address" "$shots" &
person=$!
while kill -0 "$person" 2>/dev/null; do
    if [[ -e $work/restart ]]; then
        stop
        serve "$address"
        rm "$work/restart"
    fi
    sleep 0.1
done
wait "$person"
# On a queue of their own, which tells webhooks.
export GENQD_WEBHOOKS__SECRETS=whsec_dGhlIHNlY3JldCBvZiB0aGVzZSB0ZXN0cw== GENQD_WEBHOOKS__ALLOW_CIDRS=127.0.0.0/8
for play in viewer watcher; do
    stop
    rm -rf "$work/state"
    serve "$address"
    TOKEN=$token USER_TOKEN=$user timeout 240 node "$here/$play.cjs" "http://$address" "$(realpath "$shots")"
done
if [[ -n $readme ]]; then
    for name in queue queue-dark job gallery phone-queue; do
        cp "$shots"/person-[0-9][0-9]-"$name".png "$PWD/server/dashboard/screenshots/$name.png"
    done
fi
