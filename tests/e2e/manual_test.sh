#!/usr/bin/env bash
# Usage: manual_test.sh GENQD: the manual page is one that groff has nothing to say against, and has every subcommand.
set -euo pipefail
page=$("$1" man)
# Without a word on the encoding: a reader's man may not know it.
warnings=$(groff -man -Tutf8 -ww -z <<<"$page" 2>&1)
[[ -z $warnings ]] || { echo "$warnings" && exit 1; }
text=$(LC_ALL=C.UTF-8 groff -man -Tutf8 <<<"$page" | sed 's/.\x08//g; s/\x1b\[[0-9;]*m//g')
for command in $("$1" --help | sed -nE '/^Subcommands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
    grep -q "^   genqd $command" <<<"$text" || { echo "nothing of $command" && exit 1; }
done
grep -q -- '--idempotency-key KEY' <<<"$text"
grep -q -- "genqd submit --use anime prompt='a girl with a sword' --wait" <<<"$text"
grep -q 'genqd wait 01JQ… 01JR…' <<<"$text"
widest=$(LC_ALL=C.UTF-8 wc -L <<<"$text")
((widest <= 80)) || { echo "$widest columns" && exit 1; }
