#!/usr/bin/env bash
# A kie.ai client by others, unchanged, against a daemon with the sandbox: an upload, pictures, a film, a song.
# Needs node 20 or newer with its headers, npm, and python3, make and g++ for its binding to SQLite.
# usage: tests/e2e/kie_client/run.sh [GENQD]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
genqd=$(realpath "${1:-build/dev/server/genqd}") work=$PWD/build/kie_client here=$PWD/tests/e2e/kie_client
for program in node npm; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
mkdir -p "$work"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [[ ! -d $work/node_modules ]]; then
    cp "$here"/package.json "$here"/package-lock.json "$work"
    # Built against the machine's SQLite: to compile another takes longer than all the rest.
    [[ ! -d /usr/include/node ]] || export npm_config_nodedir=/usr
    (cd "$work" && npm_config_sqlite=/usr npm ci --silent --no-audit --no-fund)
fi
rm -rf "$work/state" "$work/address" "$work/tasks.db"
# The client takes uploads with public https addresses only; what it is told is fetched from where the daemon is.
GENQD_HTTP__PUBLIC_URL=https://queue.example "$genqd" serve --sandbox --sandbox-speed 200 --listen 127.0.0.1:0 \
    --state "$work/state" --address-file "$work/address" >"$work/log" 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true' EXIT
until [[ -s $work/address ]]; do kill -0 "$daemon" || { cat "$work/log" >&2 && exit 1; }; sleep 0.1; done
base=http://$(head -n 1 "$work/address")
cd "$work"  # its database is a file here
KIE_AI_API_KEY=any KIE_AI_BASE_URL=$base/api/v1 KIE_AI_FILE_UPLOAD_BASE_URL=$base KIE_AI_DB_PATH=$work/tasks.db \
    KIE_AI_ALLOW_DIRECT_GENERATION=true \
    timeout 240 node "$here/client.mjs" "$work/node_modules/@felores/kie-ai-mcp-server/dist/index.js" "$base"
