#!/usr/bin/env bash
# Usage: page_test.sh GENQD PAGE [SECTION]: does what the page, or that section of it, tells its reader to do.
# - ```sh blocks are run one after the other in one shell, which ends at the first command that fails; a block with a
#   further word (```sh system) is for another test, or for nobody's machine but the reader's.
# - A ```python, ```js or ```toml block whose first line is a comment with a file's name is that file.
# - A page that does not start the daemon itself finds one with the sandbox. The reader's port 8080 is another one here,
#   and what the reader takes for kie.ai is a sandbox of its own.
# Without node the lines that begin with `node` are left out, and said to be.
set -euo pipefail
genqd=$(realpath "$1")
page=$(realpath "$2")
section=${3:-}
folder=$(mktemp -d)
cd "$folder"
# What the page leaves running is in the process group of the shell that ran its lines.
groups=()
finish() {
    local job
    for job in "${groups[@]}"; do
        kill -TERM -- "-$job" 2>/dev/null || true
        while kill -0 -- "-$job" 2>/dev/null; do read -rt 0.05 <> <(:) || true; done
    done
    rm -rf "$folder"
}
trap finish EXIT
set -m

awk -v section="## $section" '
    /^## / { here = section == "## " || $0 == section }
    section == "## " { here = 1 }
    /^```/ && on { on = 0; if (file != "") print "END_OF_FILE"; file = ""; next }
    here && /^```sh$/ { on = 1; next }
    here && /^```(python|js|toml)$/ { on = 2; next }
    on == 2 { file = $2; print "cat >" file " <<\"END_OF_FILE\""; on = 1 }
    on' "$page" >lines.sh
lines=$(grep -c . lines.sh)
if ! command -v node >/dev/null && grep -q '^node ' lines.sh; then
    echo "no node here: $(grep -c '^node ' lines.sh) lines are left out"
    sed -i '/^node /d' lines.sh
fi

# Below the ports that the system gives out by itself, so that no other test is given it meanwhile.
port=$((20000 + $$ % 6000 * 2))
taken() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
while taken "$port" || taken $((port + 1)); do port=$((port + 2)); done
sed -i "s/\(127\.0\.0\.1\|localhost\):8080/127.0.0.1:$port/g" lines.sh
mkdir bin && ln -s "$genqd" bin/genqd
export PATH="$folder/bin:$PATH" HOME=$folder
export GENQD_HTTP__LISTEN=127.0.0.1:$port GENQD_URL=http://127.0.0.1:$port GENQD_UPSTREAM__BASE_URL=http://127.0.0.1:$((port + 1))
export GENQD_DOWNLOADS__ALLOW_PRIVATE=true  # the sandbox in the place of kie.ai

# awaits PID URL LOG: until the daemon answers there.
awaits() {
    until curl -s -o /dev/null "$2"; do
        kill -0 "$1" || { cat "$3" >&2 && exit 1; }
        read -rt 0.05 <> <(:) || true
    done
}
if ! grep -q '^genqd serve' lines.sh; then
    genqd serve --sandbox --sandbox-speed 20 --state state >log 2>&1 &
    groups+=($!)
    awaits $! "$GENQD_URL/healthz" log
elif grep -q KIE_API_KEY lines.sh; then
    genqd sandbox --listen "127.0.0.1:$((port + 1))" --speed 20 >sandbox.log 2>&1 &
    groups+=($!)
    awaits $! "$GENQD_UPSTREAM__BASE_URL/_sandbox/ledger" sandbox.log
fi
bash -euo pipefail -x lines.sh &
groups+=($!)
wait $!
# Prometheus's own opinion of names, types and help texts.
[[ $page != */API.md ]] || curl -s "$GENQD_URL/metrics" | promtool check metrics
echo "$lines lines passed"
