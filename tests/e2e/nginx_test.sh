#!/usr/bin/env bash
# Usage: nginx_test.sh GENQD PAGE: a real nginx with the server block that the page shows, in front of a daemon with the
# sandbox that knows its clients' address from http.public_url; a client sees a certificate, the files' URLs, events as
# they happen and large uploads. Needs nginx (`./dev setup` fetches it), curl, openssl and jq.
set -euo pipefail
genqd=$(realpath "$1")
page=$(realpath "$2")
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
command -v nginx >/dev/null || { echo "needs nginx: run ./dev setup" >&2 && exit 1; }
folder=$(mktemp -d)
cd "$folder"
daemon='' proxy='' reader=''
# shellcheck disable=SC2086 # none, or one
trap 'kill -TERM $reader $proxy $daemon 2>/dev/null || true; wait || true; rm -rf "$folder"' EXIT
logs=(log nginx.log)

token=$("$genqd" token new client --scope submit --scope read --file tokens.toml 2>/dev/null)
GENQD_AUTH__TOKENS_FILE=tokens.toml GENQD_HTTP__PUBLIC_URL=https://genqd.example \
    "$genqd" serve --sandbox --sandbox-speed 20 --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
until_true test -s address

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=genqd.example \
    -addext subjectAltName=DNS:genqd.example -keyout key.pem -out cert.pem 2>/dev/null
# Below the ports that the system gives out by itself, so that no other test is given it meanwhile.
port=$((15000 + $$ % 5000))
while (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
{
    ((EUID)) || echo 'user root;'
    printf '%s\n' 'daemon off;' "pid $folder/nginx.pid;" "error_log $folder/nginx.log;" 'events {}' 'http {' 'access_log off;'
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done
    awk '/^```nginx$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" |
        sed "s|listen 443 |listen 127.0.0.1:$port |; s|127\.0\.0\.1:8080|$(head -n 1 address)|
            s|/etc/letsencrypt/live/genqd.example/fullchain.pem|$folder/cert.pem|
            s|/etc/letsencrypt/live/genqd.example/privkey.pem|$folder/key.pem|"
    echo '}'
} >nginx.conf
nginx -p "$folder" -e "$folder/nginx.log" -c nginx.conf &
proxy=$!

# As from another machine, where the name leads to the proxy.
ask() { curl -sS --cacert cert.pem --connect-to "genqd.example:443:127.0.0.1:$port" "$@"; }
answers() { ask -f -o /dev/null https://genqd.example/healthz 2>/dev/null && kill -0 "$proxy"; }
until_true answers
# status OPTION…: the answer's status alone.
status() { ask -o answer -w '%{http_code}' "$@"; }
[[ $(status https://genqd.example/v1/jobs) == 401 ]] || fail "no token was asked for: $(cat answer)"
authorized=(-H "Authorization: Bearer $token")

# An event is with its reader while the stream is open, and a signed URL is the proxy's.
ask -N "${authorized[@]}" https://genqd.example/v1/events >events 2>/dev/null &
reader=$!
opened() { [[ -s events ]]; }
until_true opened
submit=(-H 'Content-Type: application/json' -d '{"model":"google/imagen4","input":{"prompt":"a lake"}}')
[[ $(status "${authorized[@]}" "${submit[@]}" https://genqd.example/v1/jobs) == 202 ]] || fail "not taken: $(cat answer)"
id=$(jq -r .id answer)
[[ $(status "${authorized[@]}" "https://genqd.example/v1/jobs/$id?wait=60&sign=60") == 200 ]] || fail "$(cat answer)"
jq -e '.status == "succeeded"' answer >/dev/null || fail "did not succeed: $(cat answer)"
heard() { grep -q '^event: job.succeeded' events; }
until_true heard
kill -0 "$reader" 2>/dev/null || fail "the stream has ended: $(cat events)"
url=$(jq -r '.outputs[0].signed_url' answer)
[[ $url == https://genqd.example/* ]] || fail "not the proxy's URL: $url"
sha=$(jq -r '.outputs[0].sha256' answer)
[[ $(ask -f "$url" | sha256sum | cut -d' ' -f1) == "$sha" ]] || fail "$url gives other bytes"

# More than nginx takes unasked.
head -c 3000000 /dev/urandom >large.bin
[[ $(status "${authorized[@]}" --data-binary @large.bin https://genqd.example/v1/files) == 201 ]] || fail "upload: $(cat answer)"
[[ $(jq -r .sha256 answer) == "$(sha256sum <large.bin | cut -d' ' -f1)" ]] || fail "other bytes arrived: $(cat answer)"

# The dashboard's own requests are known as such, another page's are not.
[[ $(status "${authorized[@]}" "${submit[@]}" -H 'Origin: https://genqd.example' https://genqd.example/v1/jobs) == 202 ]] ||
    fail "the dashboard is refused: $(cat answer)"
[[ $(status "${authorized[@]}" "${submit[@]}" -H 'Origin: https://other.example' https://genqd.example/v1/jobs) == 403 ]] ||
    fail "another page's request was taken: $(cat answer)"
echo "through nginx: certificate, token, events, URLs, uploads"
