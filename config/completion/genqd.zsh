#compdef genqd
# Completion of genqd for zsh. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/zsh/vendor-completions/_genqd; or: source <(genqd completion zsh)

_genqd() {
    local line word about
    local -a found keys
    for line in ${(f)"$(${~words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
        word=${line%%$'\t'*} about=${line#*$'\t'}
        case $word in
            :files) compset -P "${(b)about}"; _files ;;
            :folders) compset -P "${(b)about}"; _files -/ ;;
            *=) keys+=("${word//:/\\:}${about:+:$about}") ;;
            *) found+=("${word//:/\\:}${about:+:$about}") ;;
        esac
    done
    (( $#found )) && _describe genqd found
    (( $#keys )) && _describe input keys -S ''
}

# Read by `source` it has to be made known; out of a folder of $fpath it is called.
if [[ $funcstack[1] == _genqd ]]; then
    _genqd "$@"
else
    compdef _genqd genqd
fi
