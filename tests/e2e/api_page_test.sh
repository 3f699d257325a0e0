#!/usr/bin/env bash
# Usage: api_page_test.sh GENQD PAGE [SECTION]: runs every line of the page, or of that section of it, against a daemon
# with the sandbox.
set -euo pipefail
genqd=$(realpath "$1")
page=$(realpath "$2")
section=${3:-}
folder=$(mktemp -d)
cd "$folder"
"$genqd" serve --sandbox --sandbox-speed 20 --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; rm -rf "$folder"' EXIT
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.05 <> <(:) || true; done
GENQD_URL=http://$(head -n 1 address)
export GENQD_URL PATH="$folder/bin:$PATH"
mkdir bin && ln -s "$genqd" bin/genqd
awk -v section="## $section" '/^## / { here = section == "## " || $0 == section }
    /^```sh$/ { on = here; next } /^```$/ { on = 0 } on' "$page" >lines.sh
lines=$(grep -c . lines.sh)
bash -euo pipefail -x lines.sh
# Prometheus's own opinion of names, types and help texts.
curl -s "$GENQD_URL/metrics" | promtool check metrics
echo "$lines lines passed"
