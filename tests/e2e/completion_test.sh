#!/bin/bash
# Usage: completion_test.sh COMPLETION GENQD: sources the completion and asks it what bash would.
set -u
# shellcheck disable=SC1090  # the path is given
source "$1" || exit 1
program=$2
failures=0

# expect "a word list" WORD…: what is offered at the last of the words has all of the list; a word with ! must be absent.
expect() {
    local wanted=$1 word
    shift
    COMP_WORDS=(genqd "$@")
    COMP_CWORD=$#
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    # Nobody listens on port 1: what needs a daemon must stay silent, not fail.
    GENQD_URL=http://127.0.0.1:1 _genqd "$program" "${COMP_WORDS[COMP_CWORD]}" "$previous"
    for word in $wanted; do
        if [[ $word == !* ]]; then
            [[ " ${COMPREPLY[*]} " == *" ${word#!} "* ]] || continue
        else
            [[ " ${COMPREPLY[*]} " == *" $word "* ]] && continue
        fi
        echo "genqd $*: wanted $word, got: ${COMPREPLY[*]}"
        failures=1
    done
}

expect "serve sandbox submit batch wait status list events get cancel retry queue pause resume models credits config migrate backup verify gc token version" ""
expect "submit !serve" su
expect "--wait --out --label --json --url" submit --
expect "--sandbox --state --listen --insecure" serve --
expect "check show" config ""
expect "new list revoke" token ""
expect "--scope --file" token new --
expect "submit read admin" token new ci --scope ""
expect "debug info warn error" serve --log-level ""
expect "market suno !serve" submit --family ""
expect "!serve" submit ""
expect "queued failed" list --status ""
expect "--json --file !--scope" token list --
exit $failures
