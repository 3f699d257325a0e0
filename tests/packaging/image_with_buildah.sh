#!/usr/bin/env bash
# The image for real, without a Docker engine: buildah with chroot isolation runs docker/Dockerfile on a base image made
# by debootstrap, then the image's own command in the sandbox, and its own health check.
# usage: tests/packaging/image_with_buildah.sh
set -euo pipefail
# shellcheck source=tests/packaging/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
require buildah curl
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
export CONTAINERS_STORAGE_CONF=$work/storage.conf
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' "$work" "$work" >"$CONTAINERS_STORAGE_CONF"

# debian:bookworm-slim is a minimal Debian without manuals and translations.
base slim ca-certificates
if ! buildah inspect --type image localhost/debian:bookworm-slim >/dev/null 2>&1; then
    say "making the base image"
    rm -rf "$work"/slim/usr/share/{doc,man,locale,info}/* "$work"/slim/var/{cache/apt,lib/apt/lists,log}/*
    mkdir -p "$work/slim/var/cache/apt/archives/partial" "$work/slim/var/lib/apt/lists/partial"
    container=$(buildah from scratch)
    buildah add -q "$container" "$work/slim" / >/dev/null
    buildah commit -q "$container" localhost/debian:bookworm-slim >/dev/null
    buildah rm "$container" >/dev/null
fi

say "building the image"
cd "$repository"
# The same Dockerfile on that base.
sed 's|^FROM debian:|FROM localhost/debian:|' docker/Dockerfile >"$work/Dockerfile"
buildah build --format docker --pull-never --network host -f "$work/Dockerfile" --ignorefile .dockerignore -t localhost/genqd . \
    >"$work/image.log" 2>&1 || { tail -n 20 "$work/image.log" >&2 && die "build failed, see $work/image.log"; }

image_mb() { buildah images --json "$1" | jq -r '.[0].size'; }
say "image: $(image_mb localhost/genqd), of it the base: $(image_mb localhost/debian:bookworm-slim)"

container=$(buildah from --pull-never localhost/genqd)
address=127.0.0.1:$((20000 + RANDOM % 10000))
cleanup() {
    [[ -z ${run:-} ]] || kill -TERM "$run" 2>/dev/null || true
    buildah rm "$container" >/dev/null || true
}
trap cleanup EXIT
buildah run --network host --env "GENQD_HTTP__LISTEN=$address" "$container" -- \
    genqd serve --sandbox --sandbox-speed 20 --state /var/lib/genqd >"$work/container.log" 2>&1 &
run=$!
for _ in {1..100}; do
    curl -sf -o /dev/null "http://$address/healthz" && break
    kill -0 "$run" 2>/dev/null || { cat "$work/container.log" >&2 && die "the container has ended"; }
    sleep 0.2
done
curl -sf "http://$address/healthz" && echo
test "$(buildah run "$container" -- id -u)" != 0
buildah run --network host --env "GENQD_URL=http://$address" "$container" -- \
    genqd submit google/imagen4 prompt='from the image' --wait --timeout 60
check=$(buildah inspect --type image localhost/genqd | jq -r '.Docker.config.Healthcheck.Test[1] // empty')
if [[ -n $check ]]; then
    buildah run --network host --env "GENQD_URL=http://$address" "$container" -- sh -c "$check"
    if buildah run --network host --env GENQD_URL=http://127.0.0.1:9 "$container" -- sh -c "$check"; then
        die "the health check is content without a daemon"
    fi
fi
# How the daemon ends on SIGTERM is not seen from here: it is buildah that gets the signal, and ends with it.
kill -TERM "$run"
wait "$run" || true
run=
say "image with buildah: passed"
