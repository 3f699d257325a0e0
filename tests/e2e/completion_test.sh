#!/usr/bin/env bash
# Usage: completion_test.sh FOLDER GENQD: loads the completions of that folder into bash, zsh and fish, and asks each what
# it offers, with a daemon and without.
set -euo pipefail
scripts=$(realpath "$1")
genqd=$(realpath "$2")
folder=$(mktemp -d)
cd "$folder"
mkdir bin && ln -s "$genqd" bin/genqd
export PATH="$folder/bin:$PATH" HOME=$folder
"$genqd" serve --sandbox --listen 127.0.0.1:0 --state state --address-file address >log 2>&1 &
daemon=$!
trap 'kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" || true; rm -rf "$folder"' EXIT
until [[ -s address ]]; do kill -0 "$daemon" || { cat log >&2 && exit 1; }; read -rt 0.05 <> <(:) || true; done
GENQD_URL=http://$(head -n 1 address)
export GENQD_URL
job=$(genqd submit google/imagen4 prompt='a fox')
touch photo.png && mkdir photos

# What each shell offers for the words given, the last one being written, a line each.
# shellcheck disable=SC2016,SC2317  # the shells expand these themselves; expect() calls them
in_bash() {
    bash -c 'source "$0/genqd.bash"; COMP_WORDS=(genqd "$@"); COMP_CWORD=$#; _genqd genqd "${!#}"
        printf "%s\n" "${COMPREPLY[@]}"' "$scripts" "$@"
}
# _describe and _files are zsh's own; what they are given is what zsh offers.
# shellcheck disable=SC2016,SC2317
in_zsh() {
    zsh -fc 'function _describe { local -a all=("${(@)${(P)2}//\\:/<colon>}"); all=("${(@)all%%:*}"); print -l -- "${(@)all//<colon>/:}" }
        function _files { local -a all; [[ $1 = -/ ]] && all=(*(/)) || all=(*); print -l -- $all }
        function compdef { }
        function compset { words[CURRENT]=${words[CURRENT]#${(Q)2}} }
        scripts=$1; shift; words=(genqd "$@"); CURRENT=${#words}; source $scripts/genqd.zsh; _genqd || true' zsh "$scripts" "$@"
}
# shellcheck disable=SC2016,SC2317
in_fish() {
    fish --no-config -c 'source $argv[1]/genqd.fish; complete -C "$argv[2]"' "$scripts" "genqd $*" | cut -f1
}

failures=0
# expect "WORDS" WORD…: what is offered at the last word has all of these; one with ! must not be there.
expect() {
    local wanted=$1 shell word offered
    shift
    for shell in bash zsh fish; do
        offered=$("in_$shell" "$@" | sed 's/ //g;s|/$||')
        for word in $wanted; do
            if [[ $word == !* ]]; then
                ! grep -qxF -- "${word#!}" <<<"$offered" || { echo "$shell: genqd $*: ${word#!} is offered" && failures=1; }
            else
                grep -qxF -- "$word" <<<"$offered" ||
                    { echo "$shell: genqd $*: no $word, but:" && head -n 5 <<<"$offered" && failures=1; }
            fi
        done
    done
}

expect "serve sandbox submit batch wait watch logs open status list events queue models token version" ""
expect "submit !serve" su
expect "--wait --out --label --json --url --profile !--listen" submit --
expect "--sandbox --state --listen --insecure" serve --
expect "check show !serve" config ""
expect "new list revoke" token ""
expect "--scope --file !--sandbox" token new --
expect "submit read admin" token new ci --scope ""
expect "debug info warn error" serve --log-level ""
expect "market suno !serve" submit --family ""
expect "queued failed" list --status ""
expect "image video" models --kind ""
expect "google/imagen4 veo3_fast !serve" submit ""
expect "google/imagen4 !veo3_fast" submit google/im
expect "anime logo" submit --use ""
expect "$job" logs ""
expect "$job" wait --timeout 10m "${job:0:4}"
expect "!$job" logs "$job" ""
expect "photo.png" put ph
expect "photos" submit google/imagen4 --out ph
expect "--status=failed !--status=queued" list --status=fai
expect "queued,failed !failed" list --status queued,fai
expect "--status=queued,failed" list --status=queued,fai
expect "generation_failed" list --error-code ""
expect "anonymous" list --caller ""
expect "prompt= aspect_ratio=" submit google/imagen4 ""
expect "aspect_ratio=16:9 aspect_ratio=1:1" submit google/imagen4 aspect_ratio=
genqd token new studio --file tokens.toml >/dev/null 2>&1
expect "studio" token revoke --file tokens.toml ""
genqd complete -- logs "" | grep -q "^$job"$'\t''[a-z]* google/imagen4$' || { echo "no status and model of $job" && failures=1; }

# A path behind what is no path; zsh's _files sees the path alone.
for shell in bash fish; do
    "in_$shell" submit google/imagen4 image=@ph | grep -qxF 'image=@photo.png' || { echo "$shell: no image=@photo.png" && failures=1; }
done
in_zsh submit google/imagen4 image=@ph | grep -qxF photo.png || { echo "zsh: no photo.png" && failures=1; }
# bash takes a line apart at = and @, and wants the last part alone; `~` is not expanded for it.
parts() {
    # shellcheck disable=SC2016
    HOME=$folder/bin bash -c 'source "$0/genqd.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _genqd "$1" "${!#}"
        printf "%s\n" "${COMPREPLY[@]}"' "$scripts" "$@"
}
# shellcheck disable=SC2088  # that it is not expanded is the point
[[ $(parts '~/genqd' list --status = fai) == failed ]] || { echo 'bash: --status=fai' && failures=1; }
[[ $(parts genqd list --status =) == *$'\n'failed$'\n'* ]] || { echo 'bash: --status=' && failures=1; }
[[ $(parts genqd submit google/imagen4 image =@ phot) == $'photos\nphoto.png' ||
    $(parts genqd submit google/imagen4 image =@ phot) == $'photo.png\nphotos' ]] || { echo 'bash: image=@phot' && failures=1; }
[[ $(parts genqd list --url http : //127.0.0.1 : 1 --status fai) == failed ]] || { echo 'bash: a URL' && failures=1; }
diff <(genqd completion zsh) "$scripts/genqd.zsh" || failures=1
GENQD_URL=http://127.0.0.1:1 expect "!google/imagen4" submit ""  # nobody there: nothing is offered, nothing is said
mkdir -p .config/genqd && printf '[studio]\nurl = "%s"\n' "$GENQD_URL" >.config/genqd/profiles.toml
expect "studio" list --profile ""
GENQD_URL='' expect "$job" logs --profile studio ""
exit "$failures"
