#!/usr/bin/env bash
# The OpenAPI document: linted by Spectral and Redocly without a warning, every operation sent and its answer held against
# it, and a TypeScript client generated from it, compiled strictly and run. Needs node 20 or newer, npm and ffmpeg.
# usage: tests/e2e/openapi/run.sh [GENQD]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
genqd=$(realpath "${1:-build/dev/server/genqd}") work=$PWD/build/openapi here=$PWD/tests/e2e/openapi document=$PWD/server/openapi.json
for program in node npm ffmpeg; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
mkdir -p "$work"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [[ ! -d $work/node_modules ]]; then
    cp "$here"/package.json "$here"/package-lock.json "$work"
    (cd "$work" && npm ci --silent --no-audit --no-fund --ignore-scripts)
fi
cp "$here"/*.mjs "$here"/*.ts "$here"/*.yaml "$here"/tsconfig.json "$work"  # beside the modules that they import
cd "$work"
export PATH=$work/node_modules/.bin:$PATH REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

# The client is compiled while the rest runs.
{
    openapi-typescript "$document" --default-non-nullable false -o genqd.d.ts >/dev/null && tsc -p tsconfig.json
} >tsc.log 2>&1 &
compiler=$! daemon=''
trap 'kill -TERM $daemon $compiler 2>/dev/null || true; wait || true' EXIT

spectral lint --quiet --fail-severity hint --ruleset spectral.yaml "$document"
# Its exit code is that of errors alone; what it says of its own support for this node is not about the document.
redocly lint --config redocly.yaml --format json "$document" >redocly.json 2>redocly.log || true
node -e 'const { totals, problems } = JSON.parse(require("fs").readFileSync("redocly.json"));
    for (const one of problems) console.error(one.ruleId, one.message, JSON.stringify(one.location[0].pointer));
    process.exit(totals.errors + totals.warnings)' || { cat redocly.log >&2 && exit 1; }
echo "Spectral and Redocly find nothing"

timeout 240 node send.mjs "$genqd" "$document"

wait "$compiler" || { cat tsc.log >&2 && exit 1; }
compiler=''
rm -rf state address tokens.toml
token=$("$genqd" token new client --scope submit --scope read --file tokens.toml | tail -n 1)
GENQD_AUTH__TOKENS_FILE=$work/tokens.toml "$genqd" serve --sandbox --sandbox-speed 200 --listen 127.0.0.1:0 --state state \
    --address-file address >log 2>&1 &
daemon=$!
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.1 <> <(:) || true; done
timeout 120 node built/client.js "http://$(head -n 1 address)" "$token" || { cat log >&2 && exit 1; }
