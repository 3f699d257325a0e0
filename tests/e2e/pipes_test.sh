#!/usr/bin/env bash
# Usage: pipes_test.sh GENQD: what becomes of output that nobody takes, and of input that comes through a pipe.
set -euo pipefail
genqd=$(realpath "$1")
folder=$(mktemp -d)
cd "$folder"
"$genqd" serve --sandbox --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; rm -rf "$folder"' EXIT
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.05 <> <(:) || true; done
GENQD_URL=http://$(head -n 1 address)
export GENQD_URL

# expect CODE COMMAND…: runs it in a shell, and holds its exit code against this.
expect() {
    local wanted=$1 code=0
    shift
    bash -c "$*" || code=$?
    [[ $code -eq $wanted ]] || { echo "exit code $code in the place of $wanted: $*" && exit 1; }
}

for job in 1 2 3 4 5 6 7 8 9; do "$genqd" submit google/imagen4 prompt="oak $job" >/dev/null; done

# A stderr that can't be written changes no exit code.
expect 3 "'$genqd' status nobody 2>&-"
expect 3 "'$genqd' list --status bogus 2>/dev/full"
expect 2 "'$genqd' frobnicate 2>/dev/full"

# A stdout that can't be written is a failure, and what was made is told all the same.
expect 1 "'$genqd' submit google/imagen4 prompt=fox >/dev/full 2>err"
grep -q '^The job is 01' err
expect 1 "'$genqd' list >/dev/full 2>err"
grep -q "stdout can't be written" err
expect 1 "'$genqd' man >/dev/full 2>/dev/null"
expect 1 "'$genqd' --help >/dev/full 2>/dev/null"
expect 1 "'$genqd' token new ci --file tokens.toml >/dev/full 2>err"
grep -q 'could not be shown' err
"$genqd" token list --file tokens.toml | grep -q ci && { echo 'a token that nobody has seen is taken' && exit 1; }

# A reader that has had enough is none.
expect 0 "set -o pipefail; '$genqd' list --json 2>err | head -c 100 >/dev/null"
[[ ! -s err ]] || { cat err && exit 1; }

# What comes through a pipe is a file too.
printf 'not a picture, but a file' >file
wanted=genqd:blob/$(sha256sum file | cut -d' ' -f1)
for command in "cat file | '$genqd' put -" "cat file | '$genqd' put /dev/stdin" "'$genqd' put <(cat file)" "'$genqd' put - <file"; do
    [[ $(bash -c "$command") == "$wanted" ]] || { echo "no reference: $command" && exit 1; }
done
printf '\xef\xbb\xbf{"model":"google/imagen4","input":{"prompt":"elm"}}' | "$genqd" batch - >/dev/null
"$genqd" token new ci --file tokens.toml 2>/dev/null | "$genqd" list --token-file - >/dev/null
echo passed
