#!/usr/bin/env bash
# Every relative link of every page leads to a file of the tree, and, where it names one, to a heading of that page.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# GitHub's name of a heading: lower case, blanks to dashes, the rest but letters, digits, - and _ left out.
# shellcheck disable=SC2016  # backquotes of Markdown
anchors() { sed -n '/^```/,/^```/!s/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g'; }
broken=0 links=0
while IFS=: read -r page link; do
    links=$((links + 1))
    file=${link%%#*} anchor=
    [[ $link != *'#'* ]] || anchor=${link#*#}
    target=$page
    [[ -z $file ]] || target=$(dirname "$page")/$file
    if [[ ! -e $target ]] || { [[ -n $anchor ]] && ! anchors "$target" | grep -qxF -- "$anchor"; }; then
        echo "$page: $link leads nowhere" && broken=1
    fi
done < <(git ls-files '*.md' | xargs grep -oH '](\(#\|[A-Za-z0-9._/]\)[^): ]*)' | sed 's/:\](/:/; s/)$//')
((links > 20)) || { echo "only $links links found: this check sees nothing" && exit 1; }
exit "$broken"
