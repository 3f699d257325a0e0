# shellcheck shell=bash
# What tests in shell share. Whoever sources it names in `logs` the files that a failure shows the end of.
logs=()

fail() {
    echo "FAILED: $*" >&2
    tail -n 5 "${logs[@]}" >&2 </dev/null
    exit 1
}

# until_true COMMAND…: for a minute at most.
until_true() {
    local end=$((SECONDS + 60))
    until "$@"; do
        ((SECONDS < end)) || fail "in vain: $*"
        read -rt 0.1 <> <(:) || true
    done
}
