#!/usr/bin/env bash
# Durable POST /v1/jobs of genqd beside Fastify + BullMQ on Redis with `appendfsync always`: rounds interleaved, medians.
# Needs node, npm and redis-server (`apt-get install redis-server`), and what `./dev bench` built.
# usage: tests/bench/bullmq/run.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
rounds=${1:-5} seconds=${2:-4}
genqd=build/release/server/genqd load=build/release/tests/bench/bench_load work=$PWD/build/bench/bullmq
PATH=$PATH:/usr/sbin
for program in node npm redis-server curl; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
rm -rf "$work/redis" "$work/state" "$work"/*.samples
mkdir -p "$work/redis"
cp tests/bench/bullmq/{package.json,server.mjs} "$work"
(cd "$work" && npm install --silent --no-audit --no-fund)

pids=()
stop_all() {
    ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
    wait || true
}
trap stop_all EXIT
trap 'exit 130' INT TERM

port=$((20000 + RANDOM % 10000))
redis-server --port "$port" --bind 127.0.0.1 --dir "$work/redis" --save '' --appendonly yes --appendfsync always \
    >"$work/redis.log" &
pids+=($!)
until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done
(cd "$work" && exec node server.mjs "$port") >"$work/bullmq.address" 2>"$work/bullmq.log" &
pids+=($!)
printf '[http]\nlisten = ["127.0.0.1:0"]\nmax_queued = 100000000\n[log]\nlevel = "warn"\n' >"$work/genqd.toml"
printf '[upstream]\nbase_url = "http://127.0.0.1:9"\n' >>"$work/genqd.toml"
rm -f "$work/genqd.address"
KIE_API_KEY=bench "$genqd" serve --config "$work/genqd.toml" --state "$work/state" \
    --address-file "$work/genqd.address" 2>"$work/genqd.log" &
pids+=($!)
until [[ -s $work/genqd.address && -s $work/bullmq.address ]]; do sleep 0.1; done
curl -sf -o /dev/null -X POST -H 'Content-Type: application/json' -d '{}' \
    "http://$(head -n 1 "$work/genqd.address")/v1/queue/pause"

body='{"model":"google/imagen4","input":{"prompt":"a lighthouse in fog, watercolour, soft light"}}'
for ((round = 1; round <= rounds; round++)); do
    for name in genqd bullmq; do
        "$load" "$(head -n 1 "$work/$name.address")" --method POST --path /v1/jobs --body "$body" --status 202 \
            --connections 64 --seconds "$seconds" >>"$work/$name.samples"
    done
done
median() { cut -d' ' -f"$2" "$work/$1.samples" | sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
for name in genqd bullmq; do
    printf '%-8s %8s a second, p50 %s ms, p99 %s ms, errors %s\n' "$name" "$(median "$name" 1)" "$(median "$name" 2)" \
        "$(median "$name" 3)" "$(median "$name" 4)"
done
awk -v a="$(median genqd 1)" -v b="$(median bullmq 1)" 'BEGIN { printf "genqd is %.1f times that\n", a / b }'
