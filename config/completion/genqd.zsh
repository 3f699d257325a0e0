#compdef genqd
# Completion of genqd for zsh. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/zsh/vendor-completions/_genqd; or put it as _genqd into a folder of $fpath.

_genqd() {
    local line
    local -a found
    for line in ${(f)"$(${words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
        case $line in
            :files) _files ;;
            :folders) _files -/ ;;
            *) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    (( $#found )) && _describe genqd found
}

_genqd "$@"
