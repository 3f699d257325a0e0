#!/usr/bin/env bash
# Usage: front_test.sh GENQD: plays a client written for kie.ai, with curl, against a daemon with the sandbox: of each
# family create, poll until the end, fetch the result without a header; uploads, upgrades, a callback, a burst.
set -euo pipefail
genqd=$(realpath "$1")
folder=$(mktemp -d)
cd "$folder"
export GENQD_FRONT__HMAC_KEY=front-key
"$genqd" serve --sandbox --sandbox-speed 200 --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; rm -rf "$folder"' EXIT
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.05 <> <(:) || true; done
url=http://$(head -n 1 address)

fail() { echo "FAILED: $*" >&2; tail -n 20 log >&2; exit 1; }
post() { curl -sS "$url$1" -H 'Authorization: Bearer any' -H 'Content-Type: application/json' -d "$2"; }
get() { curl -sS "$url$1" -H 'Authorization: Bearer any'; }
# create PATH BODY: prints the task's id.
create() { post "$1" "$2" | jq -er 'select(.code == 200).data.taskId' || fail "create $1: $(post "$1" "$2")"; }
# finish PATH ID DONE: polls until the jq filter DONE holds of the answer, which it leaves in `record`.
finish() {
    for _ in {1..600}; do
        get "$1?taskId=$2" >record
        if jq -e "$3" record >/dev/null; then return; fi
        if jq -e '.data.errorMessage // .data.failMsg // "" | . != ""' record >/dev/null; then fail "$1: $(cat record)"; fi
        read -rt 0.1 <> <(:) || true
    done
    fail "$1 did not end: $(cat record)"
}
# fetch FILTER: the first URL that the filter gives opens without a header, as what its path says it is.
fetch() {
    local link sha
    link=$(jq -er "$1" record) || fail "no result at $1: $(cat record)"
    [[ $link == "$url"/v1/blobs/* ]] || fail "not a URL of ours: $link"
    sha=${link#"$url"/v1/blobs/}
    sha=${sha%%/*}
    curl -sSf -o file "$link" || fail "$link does not open"
    [[ $(sha256sum <file | cut -d' ' -f1) == "$sha" ]] || fail "$link gives other bytes"
}

# --- uploads, whose URLs are known again in a create
printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' | base64 -d >dot.png
dot=$(base64 -w0 dot.png)
post /api/file-base64-upload "{\"base64Data\":\"data:image/png;base64,$dot\",\"uploadPath\":\"images\",\"fileName\":\"dot.png\"}" >record
fetch .data.downloadUrl
cmp file dot.png || fail "base64 upload"
post /api/v1/uploads/base64 "{\"base64\":\"$dot\",\"fileName\":\"dot.png\"}" >record
fetch .data.fileUrl
picture=$(jq -r .data.fileUrl record)
curl -sS "$url/api/file-stream-upload" -F file=@dot.png -F uploadPath=images -F fileName=two.png >record
fetch .data.downloadUrl
jq -e '.success and .data.fileName == "two.png" and .data.mimeType == "image/png"' record >/dev/null || fail "stream upload"
# Larger than other bodies may be.
head -c 3000000 /dev/urandom >large.bin
curl -sS "$url/api/file-stream-upload" -F file=@large.bin -F uploadPath=images >record
fetch .data.downloadUrl
cmp file large.bin || fail "large stream upload"
printf '{"base64":"%s","fileName":"large.bin"}' "$(base64 -w0 large.bin)" |
    curl -sS "$url/api/v1/uploads/base64" -H 'Content-Type: application/json' --data-binary @- >record
fetch .data.fileUrl
cmp file large.bin || fail "large base64 upload"
post /api/file-url-upload "{\"fileUrl\":\"$picture\",\"uploadPath\":\"images\"}" >record
fetch .data.downloadUrl
post /api/v1/common/download-url "{\"url\":\"$picture\"}" | jq '{data: .data}' >record
fetch .data

# --- each family
market=$(create /api/v1/jobs/createTask '{"model":"google/imagen4","callBackUrl":"","input":{"prompt":"a lake"}}')
finish /api/v1/jobs/recordInfo "$market" '.data.state == "success"'
fetch '.data.resultJson | fromjson.resultUrls[0]'

id=$(create /api/v1/gpt4o-image/generate '{"prompt":"a fox","size":"1:1","nVariants":2,"filesUrl":[]}')
finish /api/v1/gpt4o-image/record-info "$id" '.data.successFlag == 1'
fetch '.data.response.resultUrls[1]'

id=$(create /api/v1/flux/kontext/generate '{"prompt":"a fox","aspectRatio":"16:9"}')
finish /api/v1/flux/kontext/record-info "$id" '.data.successFlag == 1'
fetch .data.response.resultImageUrl

id=$(create /api/v1/mj/generate '{"taskType":"mj_txt2img","prompt":"a fox","speed":"fast"}')
finish /api/v1/mj/record-info "$id" '.data.successFlag == 1'
fetch '.data.resultInfoJson.resultUrls[3].resultUrl'

id=$(create /api/v1/runway/generate '{"prompt":"a fox","duration":5,"quality":"720p","aspectRatio":"16:9"}')
finish /api/v1/runway/record-detail "$id" '.data.state == "success"'
fetch .data.videoInfo.videoUrl
id=$(create /api/v1/runway/extend "{\"taskId\":\"$id\",\"prompt\":\"on\",\"quality\":\"720p\"}")
finish /api/v1/runway/record-detail "$id" '.data.state == "success"'

for pair in "/api/v1/aleph/generate /api/v1/aleph/record-info .data.response.resultVideoUrl" \
    "/api/v1/runway/generate/aleph /api/v1/runway/record-detail .data.videoInfo.videoUrl"; do
    read -r path poll place <<<"$pair"
    id=$(create "$path" '{"prompt":"a fox","videoUrl":"https://example.com/in.mp4"}')
    finish "$poll" "$id" "$place // \"\" | . != \"\""
    fetch "$place"
done

id=$(create /api/v1/modify/generate '{"prompt":"a fox","videoUrl":"https://example.com/in.mp4"}')
finish /api/v1/modify/record-info "$id" '.data.successFlag == 1'
fetch '.data.response.resultUrls[0]'

song=$(create /api/v1/generate '{"prompt":"a shanty","customMode":false,"instrumental":true,"model":"V5","callBackUrl":"https://example.com/cb"}')
finish /api/v1/generate/record-info "$song" '.data.status == "SUCCESS"'
fetch '.data.response.sunoData[1].audioUrl'
audio=$(jq -r '.data.response.sunoData[0].id' record)
id=$(create /api/v1/generate/extend "{\"audioId\":\"$audio\",\"defaultParamFlag\":false,\"model\":\"V5\"}")
finish /api/v1/generate/record-info "$id" '.data.status == "SUCCESS"'
id=$(create /api/v1/lyrics '{"prompt":"a quiet street"}')
finish /api/v1/lyrics/record-info "$id" '.data.status == "SUCCESS" and (.data.response.data[0].text | length > 0)'

film=$(create /api/v1/veo/generate '{"prompt":"a dog","model":"veo3_fast","aspect_ratio":"16:9"}')
finish /api/v1/veo/record-info "$film" '.data.successFlag == 1'
fetch '.data.response.resultUrls[0]'
id=$(create /api/v1/veo/extend-video "{\"taskId\":\"$film\",\"prompt\":\"on\"}")
finish /api/v1/veo/record-info "$id" '.data.successFlag == 1'
finish /api/v1/veo/get-1080p-video "$film" '.code == 200'
fetch .data.resultUrl
# The old way by GET, the pages' by POST: the same upgrade, paid once.
post /api/v1/veo/get-4k-video "{\"taskId\":\"$film\",\"index\":0}" | jq -e '.code == 200 and .data.resultUrls == null' >/dev/null ||
    fail "4k was not taken"
finish /api/v1/veo/get-4k-video "$film" '.data.resultUrls != null'
fetch '.data.resultUrls[0]'
upgrades=$(curl -sS "$url/v1/jobs?model=veo/4k" | jq '.jobs | length')
[[ $upgrades == 1 ]] || fail "$upgrades upgrades to 4K for one film"

# --- a callback, signed as kie.ai signs
cat >receive.py <<'PY'
import http.server, json
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("call.part", "w") as file:
            json.dump({"stamp": self.headers["X-Webhook-Timestamp"], "sign": self.headers["X-Webhook-Signature"],
                       "body": json.loads(body)}, file)
        import os
        os.rename("call.part", "call")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
with open("port", "w") as file:
    file.write(f"{server.server_port}\n")
server.handle_request()
PY
python3 receive.py &
receiver=$!
until [[ -s port ]]; do kill -0 "$receiver"; read -rt 0.05 <> <(:) || true; done
id=$(create /api/v1/jobs/createTask "{\"model\":\"google/imagen4\",\"callBackUrl\":\"http://127.0.0.1:$(cat port)/hook?secret=s3\",\"input\":{\"prompt\":\"x\"}}")
wait "$receiver"
jq -e ".body.data.taskId == \"$id\" and .body.code == 200 and .body.data.state == \"success\"" call >/dev/null || fail "callback: $(cat call)"
expected=$(printf '%s.%s' "$id" "$(jq -r .stamp call)" | openssl dgst -sha256 -hmac front-key -binary | base64)
[[ $(jq -r .sign call) == "$expected" ]] || fail "the callback's signature is $(jq -r .sign call), not $expected"
jq .body call >record
fetch '.data.resultJson | fromjson.resultUrls[0]'

# --- a burst of three times the limit: nobody hears of 429
seq 60 | xargs -P 20 -I{} curl -sS "$url/api/v1/jobs/createTask" -H 'Content-Type: application/json' \
    -d '{"model":"google/imagen4","input":{"prompt":"burst {}"}}' -w '\n' >burst
[[ $(jq -s 'map(select(.code == 200)) | length' burst) == 60 ]] || fail "burst: $(cat burst)"

# --- what is not there
[[ $(get /api/v1/jobs/recordInfo?taskId=nothing) == '{"code":422,"msg":"recordInfo is null","data":null}' ]] || fail "unknown task"
get /api/v1/chat/credit | jq -e '.code == 200 and (.data | type) == "number"' >/dev/null || fail "credit"
get /api/v1/nothing | jq -e '.code == 404 and has("data")' >/dev/null || fail "404"
head -c 2000000 /dev/zero | curl -sS "$url/api/v1/jobs/createTask" --data-binary @- -H 'Expect:' | jq -e '.code == 413' >/dev/null || fail "413"

kill -TERM "$daemon"
wait "$daemon" || fail "the daemon ended badly"
if grep -E 'sig=|secret=s3|front-key|Bearer' log; then fail "a secret is in the log"; fi
echo "all families passed"
