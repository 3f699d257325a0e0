#!/usr/bin/env bash
# Usage: terminal_test.sh GENQD: what a terminal shows that a pipe does not: the picture that `watch` draws over and
# over, and the bar of a batch that is waited for.
set -euo pipefail
genqd=$(realpath "$1")
folder=$(mktemp -d)
cd "$folder"
"$genqd" serve --sandbox --sandbox-speed 2 --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; rm -rf "$folder"' EXIT
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.05 <> <(:) || true; done
GENQD_URL=http://$(head -n 1 address)
export GENQD_URL

printf '%s\n' oak elm | jq -Rc '{model: "google/imagen4", input: {prompt: .}}' >jobs.json
script -qec "$genqd batch jobs.json --wait" bar </dev/null >/dev/null
grep -q '\[-*\] 0/2 done, 2 running' bar
grep -q succeeded bar

# On a narrow terminal neither wraps, since a line that does could not be written over.
script -qec "stty cols 30; $genqd submit google/imagen4 prompt=ash --wait; $genqd watch --once" narrow </dev/null >/dev/null
grep -q 'generating' narrow
widest=$(tr '\r' '\n' <narrow | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep -v '^The job\|^Script\|^01[0-9A-Z]*  succeeded\|sha256' | wc -L)
((widest <= 30)) || { echo "$widest columns on a terminal of 30" && cat narrow && exit 1; }

script -qefc "echo \$\$ >pid; exec $genqd watch" pictures </dev/null >/dev/null &
watching=$!
until (($(grep -c 'queued 0 .*succeeded 3' pictures || true) >= 2)); do
    kill -0 "$watching" || { cat pictures && exit 1; }
    read -rt 0.1 <> <(:) || true
done
kill -TERM "$(cat pid)"
wait "$watching" || true
grep -q 'google/imagen4' pictures
echo passed
