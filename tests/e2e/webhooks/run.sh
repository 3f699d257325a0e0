#!/usr/bin/env bash
# Webhooks of a daemon with the sandbox, each verified with the npm library of Standard Webhooks' authors: through
# refusals, a kill -9 of the daemon and a rotation of secrets, nothing is lost. Needs node 20 or newer, npm, curl and jq.
# usage: tests/e2e/webhooks/run.sh [GENQD]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
genqd=$(realpath "${1:-build/dev/server/genqd}") work=$PWD/build/webhooks here=$PWD/tests/e2e/webhooks
for program in node npm curl jq; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
mkdir -p "$work"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [[ ! -d $work/node_modules ]]; then
    cp "$here"/package.json "$here"/package-lock.json "$work"
    (cd "$work" && npm ci --silent --no-audit --no-fund)
fi
cp "$here/receiver.mjs" "$work"  # beside the modules that it imports
run=$(mktemp -d "$work/run.XXXXXX")
daemon='' receiver=''
trap 'kill -TERM $daemon $receiver 2>/dev/null || true; wait || true; rm -rf "$run"' EXIT

# shellcheck source=tests/e2e/lib.sh
source tests/e2e/lib.sh
logs=("$run/log" "$run/receiver.log")
taken() { [[ -f $run/taken && $(wc -l <"$run/taken") -ge $1 ]]; }
serve() {
    rm -f "$run/address"
    "$genqd" serve --sandbox --sandbox-speed 50 --config "$run/genqd.toml" --listen 127.0.0.1:0 --state "$run/state" \
        --address-file "$run/address" >>"$run/log" 2>&1 &
    daemon=$!
    until_true test -s "$run/address"
    GENQD_URL=http://$(head -n 1 "$run/address")
    export GENQD_URL
}
submit() { "$genqd" submit google/imagen4 prompt="$1" --webhook "http://127.0.0.1:$(cat "$run/port")/hook?key=hidden"; }
secret() { echo "whsec_$(head -c 32 /dev/urandom | base64 -w 0)"; }

old=$(secret) new=$(secret)
printf '[webhooks]\nallow_cidrs = ["127.0.0.0/8"]\nsecrets_file = "%s/secrets"\n' "$run" >"$run/genqd.toml"
echo "$old" | tee "$run/known" >"$run/secrets"
(cd "$work" && exec node receiver.mjs "$run" 1) >"$run/receiver.log" 2>&1 &
receiver=$!
until_true test -s "$run/port"
serve
first=$(submit 'a fox')
"$genqd" wait "$first" >/dev/null
refused() { curl -s "$GENQD_URL/v1/jobs/$first/deliveries" | jq -e '.deliveries[0].attempts[0].status == 503' >/dev/null; }
until_true refused
kill -KILL "$daemon"
wait "$daemon" || true
serve
# Both sign: whoever knows the old one or the new is content, here both.
echo "$new $old" >"$run/secrets"
kill -HUP "$daemon"
until_true grep -q reloaded "$run/log"
printf '%s\n%s\n' "$new" "$old" >"$run/known"
second=$(submit 'an owl')
"$genqd" wait "$second" >/dev/null
until_true taken 2
echo "$new" | tee "$run/known" >"$run/secrets"
kill -HUP "$daemon"
reloaded_twice() { [[ $(grep -c reloaded "$run/log") -ge 2 ]]; }
until_true reloaded_twice
curl -sf -X POST "$GENQD_URL/v1/jobs/$second/deliveries/1/redeliver" | jq -e '.state == "pending"' >/dev/null
until_true taken 3
jq -se --arg first "$first" --arg second "$second" \
    'map(.type) == ["job.succeeded", "job.succeeded", "job.succeeded"] and (map(.job) | unique) == ([$first, $second] | sort)
     and .[-1].job == $second and (map(.id) | unique | length) == 2' "$run/taken" >/dev/null
kill -0 "$receiver"
if grep -q hidden "$run/log"; then echo "the URL's query is in the log" >&2 && exit 1; fi
echo "3 deliveries of 2 jobs verified"
