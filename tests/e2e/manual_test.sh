#!/usr/bin/env bash
# Usage: manual_test.sh GENQD: the manual page is one that groff has nothing to say against, and has every subcommand.
set -euo pipefail
page=$("$1" man)
warnings=$(groff -K utf8 -man -Tutf8 -ww -z <<<"$page" 2>&1)
[[ -z $warnings ]] || { echo "$warnings" && exit 1; }
text=$(groff -K utf8 -man -Tutf8 <<<"$page" | sed 's/.\x08//g; s/\x1b\[[0-9;]*m//g')
for command in $("$1" --help | sed -nE '/^Subcommands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
    grep -q "^   genqd $command" <<<"$text" || { echo "nothing of $command" && exit 1; }
done
grep -q -- '--idempotency-key KEY' <<<"$text"
grep -q -- "genqd submit --use anime prompt='a girl with a sword' --wait" <<<"$text"
