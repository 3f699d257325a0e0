#!/usr/bin/env bash
# What genqd costs beside its yardsticks, in one run: a bare Beast server that answers the same bytes, and nginx with
# sendfile. Rounds are interleaved, so that a slow minute of the machine hits all alike; shown are medians and ratios.
# Started by `./dev bench`, which builds what it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rounds=5 seconds=4 small=1000 large=1000000 parts=post,get,output,memory,streams
while (($# > 0)); do
    case $1 in
        --rounds) rounds=$2 && shift 2 ;;
        --seconds) seconds=$2 && shift 2 ;;
        --jobs) large=$2 && shift 2 ;;
        --only) parts=$2 && shift 2 ;;
        *)
            cat <<'USAGE'
usage: ./dev bench [--rounds N] [--seconds S] [--jobs N] [--only PART,…]
  --rounds N   measure each thing so often (5) and take the median
  --seconds S  so long each time (4)
  --jobs N     jobs in the large store (1000000); it is made once and kept in build/bench
  --only PART  post (durable POST /v1/jobs), get (GET /v1/jobs/{id}), output (10 MB beside nginx),
               memory (resident size, time to ready), streams (10,000 idle streams of events and the memory of
               each; how soon 20 others and long polls learn of a change)
USAGE
            [[ $1 == -h || $1 == --help ]] && exit 0
            exit 2
            ;;
    esac
done
wants() { [[ ,$parts, == *,$1,* ]]; }

genqd=build/release/server/genqd load=build/release/tests/bench/bench_load bare=build/release/tests/bench/bench_bare
streams=build/release/tests/bench/bench_streams
work=$PWD/build/bench
body='{"model":"google/imagen4","input":{"prompt":"a lighthouse in fog, watercolour, soft light"}}'
mkdir -p "$work"
rm -f "$work"/*.samples
declare -A pids=()

stop() {
    local name
    for name in "$@"; do
        [[ -n ${pids[$name]:-} ]] || continue
        kill -TERM "${pids[$name]}" 2>/dev/null || true
        wait "${pids[$name]}" 2>/dev/null || true
        unset "pids[$name]"
    done
}
trap 'stop "${!pids[@]}"' EXIT
trap 'exit 130' INT TERM

# start NAME [VARIABLE=VALUE…]: genqd on $work/NAME; its address in $work/NAME.address. Nothing is ever sent to kie.ai:
# the queue is paused, and upstream is a port that nobody listens on.
start() {
    local name=$1 begun
    shift
    rm -f "$work/$name.address"
    printf '[http]\nlisten = ["127.0.0.1:0"]\nmax_queued = 100000000\n[log]\nlevel = "warn"\n' >"$work/genqd.toml"
    printf '[upstream]\nbase_url = "http://127.0.0.1:9"\n' >>"$work/genqd.toml"
    begun=$(date +%s%N)
    env KIE_API_KEY=bench "$@" "$genqd" serve --config "$work/genqd.toml" --state "$work/$name" \
        --address-file "$work/$name.address" 2>"$work/$name.log" &
    pids[$name]=$!
    until [[ -s $work/$name.address ]] && curl -sf -o /dev/null "$(url "$name")/readyz"; do
        kill -0 "${pids[$name]}" 2>/dev/null || { cat "$work/$name.log" >&2 && exit 1; }
        sleep 0.005
    done
    ready_ms=$((($(date +%s%N) - begun) / 1000000))
}
address() { head -n 1 "$work/$1.address"; }
url() { echo "http://$(address "$1")"; }
resident_mb() { awk '/^VmRSS/ { printf "%.1f\n", $2 / 1024 }' "/proc/${pids[$1]}/status"; }

# fill NAME COUNT: a store with that many queued jobs, their ids (a thousand of them) in $work/NAME.paths.
fill() {
    [[ ! -s $work/$1.paths || $(cat "$work/$1.count" 2>/dev/null) != "$2" ]] || return 0
    printf 'filling %s with %d jobs\n' "$1" "$2" >&2
    rm -rf "${work:?}/$1"
    start "$1" GENQD_DATABASE__SYNCHRONOUS=normal
    curl -sf -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"reason":"bench"}' "$(url "$1")/v1/queue/pause"
    "$load" "$(address "$1")" --method POST --path /v1/jobs --body "$body" --status 202 --connections 128 --count "$2" \
        --save-ids "$work/$1.paths" --save-every $(($2 / 1000)) >/dev/null
    stop "$1"
    printf '%s\n' "$2" >"$work/$1.count"
}

yardstick() { # NAME CURL-ARGUMENT…: a bare server that answers what genqd answered
    local name=$1
    shift
    curl -sS -i "$@" >"$work/$name.response"
    "$bare" "$work/$name.response" >"$work/$name.address" &
    pids[$name]=$!
    until [[ -s $work/$name.address ]]; do sleep 0.01; done
}

# sample KEY ARGUMENT…: one measurement: requests a second, median, 99th percentile, errors, MB a second
sample() {
    local key=$1 line
    shift
    line=$("$load" "$@" --seconds "$seconds")
    [[ $(cut -d' ' -f4 <<<"$line") == 0 ]] || printf 'bench: errors in %s: %s\n' "$key" "$line" >&2
    printf '%s\n' "$line" >>"$work/$key.samples"
}
median() { # KEY COLUMN
    cut -d' ' -f"$2" "$work/$1.samples" | sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
row() { printf '%-46s %10s %9s %9s  %s\n' "$@"; }
rates() { # LABEL KEY YARDSTICK-KEY
    row "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" "$(ratio "$(median "$2" 1)" "$(median "$3" 1)")"
}

fill small "$small"
if wants post || wants get || wants memory; then fill large "$large"; fi

if wants post; then
    for ((round = 1; round <= rounds; round++)); do
        # Each round begins with stores as they were filled: a copy, since what is posted stays.
        for size in small large; do
            rm -rf "$work/post_$size" && cp -r "$work/$size" "$work/post_$size" && start "post_$size"
        done
        yardstick bare_post -X POST -H 'Content-Type: application/json' -d "$body" "$(url post_small)/v1/jobs"
        for connections in 64 256; do
            for target in post_small bare_post post_large; do
                sample "$target.$connections" "$(address "$target")" --method POST --path /v1/jobs --body "$body" \
                    --status 202 --connections "$connections"
            done
        done
        stop post_small post_large bare_post
    done
    rm -rf "$work/post_small" "$work/post_large"
fi

if wants get; then
    start small && start large
    yardstick bare_get "$(url small)$(head -n 1 "$work/small.paths")"
    for ((round = 1; round <= rounds; round++)); do
        sample get_small "$(address small)" --paths "$work/small.paths"
        sample bare_get "$(address bare_get)" --paths "$work/small.paths"
        sample get_large "$(address large)" --paths "$work/large.paths"
    done
    stop small large bare_get
fi

if wants output; then
    head -c 10000000 /dev/urandom >"$work/output"
    digest=$(sha256sum "$work/output" | cut -d' ' -f1)
    folder=$work/small/blobs/sha256/${digest:0:2}/${digest:2:2}
    mkdir -p "$folder" "$work/nginx" && cp "$work/output" "$folder/$digest" && cp "$work/output" "$work/nginx/output"
    start small
    port=$((20000 + RANDOM % 10000))
    cat >"$work/nginx.conf" <<NGINX
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
worker_processes 1;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    client_body_temp_path $work/nginx.t1;
    proxy_temp_path $work/nginx.t2;
    fastcgi_temp_path $work/nginx.t3;
    uwsgi_temp_path $work/nginx.t4;
    scgi_temp_path $work/nginx.t5;
    server { listen 127.0.0.1:$port; root $work/nginx; }
}
NGINX
    [[ $EUID -ne 0 ]] || sed -i '1i user root;' "$work/nginx.conf"
    nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
    pids[nginx]=$!
    until curl -sf -o /dev/null "http://127.0.0.1:$port/output"; do sleep 0.05; done
    for ((round = 1; round <= rounds; round++)); do
        sample output "$(address small)" --path "/v1/blobs/$digest" --connections 4
        sample nginx "127.0.0.1:$port" --path /output --connections 4
    done
    stop small nginx
    rm -rf "$folder"
fi

if wants memory; then
    for ((round = 1; round <= rounds; round++)); do
        rm -rf "$work/empty" && start empty
        sleep 1
        resident_mb empty >>"$work/idle.samples"
        stop empty
        start large
        printf '%s\n' "$ready_ms" >>"$work/ready.samples"
        sleep 1
        resident_mb large >>"$work/full.samples"
        stop large
    done
fi

if wants streams; then
    for ((round = 1; round <= rounds; round++)); do
        rm -rf "$work/streams" && start streams
        curl -sf -o /dev/null -X POST -H 'Content-Type: application/json' -d '{"reason":"bench"}' \
            "$(url streams)/v1/queue/pause"
        for idle in 0 10000; do
            "$streams" "$(address streams)" --idle "$idle" --seconds "$seconds" --pid "${pids[streams]}" \
                >>"$work/streams.$idle.samples"
        done
        stop streams
    done
fi

printf '\n%s, %d cores, genqd %s, %d rounds of %s s\n\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" \
    "$(nproc)" "$("$genqd" version | head -n 1)" "$rounds" "$seconds"
row '' 'a second' 'p50 ms' 'p99 ms' 'beside the yardstick'
if wants post; then
    for connections in 64 256; do
        rates "bare Beast, POST, $connections connections" "bare_post.$connections" "bare_post.$connections"
        rates "durable POST, $connections connections, $small jobs" "post_small.$connections" "bare_post.$connections"
        rates "durable POST, $connections connections, $large jobs" "post_large.$connections" "bare_post.$connections"
        printf '    intake at %d jobs beside %d: %s\n' "$large" "$small" \
            "$(ratio "$(median "post_large.$connections" 1)" "$(median "post_small.$connections" 1)")"
    done
fi
if wants get; then
    rates 'bare Beast, GET, 64 connections' bare_get bare_get
    rates "GET /v1/jobs/{id}, $small jobs" get_small bare_get
    rates "GET /v1/jobs/{id}, $large jobs" get_large bare_get
fi
if wants output; then
    printf 'GET of 10 MB, MB a second: genqd %s, nginx %s: %s\n' "$(median output 5)" "$(median nginx 5)" \
        "$(ratio "$(median output 5)" "$(median nginx 5)")"
fi
if wants memory; then
    printf 'resident: %s MB idle, %s MB with %d queued jobs; ready after %s ms with them\n' "$(median idle 1)" \
        "$(median full 1)" "$large" "$(median ready 1)"
fi
if wants streams; then
    row '' 'news' 'p50 ms' 'p99 ms' ''
    for idle in 0 10000; do
        row "streams of events, beside $idle idle" "$(median "streams.$idle" 3)" "$(median "streams.$idle" 4)" \
            "$(median "streams.$idle" 5)" ''
        row "long polls, beside $idle idle" "$(median "streams.$idle" 6)" "$(median "streams.$idle" 7)" \
            "$(median "streams.$idle" 8)" ''
    done
    printf 'an idle stream of events: %s KiB of the daemon\n' "$(median streams.10000 2)"
fi
