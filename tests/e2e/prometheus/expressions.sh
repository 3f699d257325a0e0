#!/usr/bin/env bash
# Usage: expressions.sh GENQD: a real Prometheus scrapes a daemon with the sandbox that has worked a little; then every
# expression of the alerts and of the Grafana dashboard is asked of it. One that it refuses, and one that names a metric,
# a label or a value that the daemon does not have, fails. Needs prometheus (`./dev setup` fetches it), curl and jq.
set -euo pipefail
genqd=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=tests/e2e/lib.sh
source "$root/tests/e2e/lib.sh"
PATH=$root/build/tools/usr/bin:$PATH
command -v prometheus >/dev/null || { echo "needs prometheus: run ./dev setup" >&2 && exit 1; }
folder=$(mktemp -d)
cd "$folder"
# Traces are counted where there is somebody to take them, or not.
GENQD_TRACING__OTLP_URL=http://127.0.0.1:9 "$genqd" serve --sandbox --sandbox-speed 200 --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$! prometheus=''
trap 'kill -TERM $daemon $prometheus 2>/dev/null || true; wait || true; rm -rf "$folder"' EXIT
logs=(log prometheus.log)
until_true test -s address
address=$(head -n 1 address)
export GENQD_URL=http://$address
# What the daemon counts once it has done it; all else is there from the start.
for model in google/imagen4 veo3_fast; do "$genqd" submit "$model" prompt=x --wait >/dev/null; done
"$genqd" submit google/imagen4 prompt='[fail] x' --wait >/dev/null 2>&1 && fail "that job should have failed"
curl -s -o response "$GENQD_URL/v1/jobs/none" -o response "$GENQD_URL/v1/credits"
curl -s -o response -d '{}' "$GENQD_URL/v1/callbacks/01M82PPAWW0ED61Y27M12N3CNY/00112233445566778899aabbccddeeff"
printf '\x89PNG\r\n\x1a\n' >picture.png
"$genqd" submit recraft/crisp-upscale image=@picture.png --wait >/dev/null

cat >prometheus.yml <<YML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$root/config/prometheus/genqd.rules.yml"]
scrape_configs: [{job_name: genqd, static_configs: [{targets: ["$address"]}]}]
YML
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:0 >prometheus.log 2>&1 &
prometheus=$!
listens() { grep -q 'msg="Listening on"' prometheus.log; }
until_true listens
base=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' prometheus.log | head -n 1)
ask() { curl -sS -G "$base/api/v1/query" --data-urlencode "query=$1"; }
scraped() { ask 'count_over_time(up{job="genqd"}[1m])' | jq -e '.data.result[0].value[1] // "0" | tonumber >= 3' >/dev/null; }
until_true scraped

# Alerts: Prometheus itself says how their last evaluation went.
evaluated() { curl -s "$base/api/v1/rules" | jq -e 'all(.data.groups[].rules[]; .health != "unknown")' >/dev/null; }
until_true evaluated
curl -s "$base/api/v1/rules" >rules
jq -e 'all(.data.groups[].rules[]; .health == "ok")' rules >/dev/null || fail "$(jq -c '.data.groups[].rules[] | select(.health != "ok")' rules)"
jq -r '.data.groups[].rules[].query' rules >expressions
# shellcheck disable=SC2016 # Grafana's variables, not the shell's
jq -r '.panels[].targets[]?.expr' "$root/config/grafana/genqd.json" | sed 's/\$__rate_interval/1m/g; s/\$job/genqd/g' >>expressions
# What a variable of the dashboard asks for is there as well.
jq -r '.templating.list[] | select(.type == "query").query.query' "$root/config/grafana/genqd.json" |
    sed -n 's/label_values(\([a-z_]*\), \([a-z]*\))/sum by (\2) (\1)/p' >>expressions

# Each selector by itself (`up{job="genqd"}`, `genqd_hold{reason="paused"}`) has to find something, and each label that is
# grouped by has to be one of its metric's.
while IFS= read -r expression; do
    ask "$expression" >answer
    jq -e '.status == "success"' answer >/dev/null || fail "$expression: $(jq -r .error answer)"
    # A status of 5xx is one that this daemon has not given: the metric has the label, that is enough.
    plain=${expression//'{id}'/'.id.'} plain=${plain//'status=~"5.."'/'status=~"...+"'}
    grep -oE '\b(genqd_[a-z_]+|process_[a-z_]+|up)(\{[^}]*\}|\b)' <<<"$plain" >>selectors
    metric=$(grep -oE '\b(genqd_[a-z_]+|process_[a-z_]+|up)' <<<"$expression" | head -n 1)
    grep -oE 'by \([^)]*\)' <<<"$expression" | grep -oE '[a-z_]+' | grep -vx by | sed "s/.*/$metric{&!=\"\"}/" >>selectors || true
done <expressions
while IFS= read -r selector; do
    ask "count($selector)" | jq -e '.data.result | length == 1' >/dev/null || fail "the daemon has nothing that is $selector"
done < <(sort -u selectors)
echo "$(wc -l <expressions) expressions of alerts and dashboard find what they name"
