# Completion of genqd for bash. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/bash-completion/completions/genqd; or: source <(genqd completion bash)

_genqd() {
    local word line glue='' program=${1/#\~\//"$HOME/"}
    local -a words=()
    # bash takes `--status=failed` and `image=@photo` apart, and completes the last part alone.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ( -n $glue || $word == [=:@]* ) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        [[ $word == *[=:@] ]] && glue=yes || glue=''
    done
    local whole=${words[-1]} current=$2
    [[ $current == [=:@]* ]] && current=''
    local before=${whole%"$current"}
    COMPREPLY=()
    while IFS= read -r line; do
        local tail=${line#*$'\t'}
        case $line in
            :files*) mapfile -t COMPREPLY < <(compgen -f -P "$tail" -- "${whole#"$tail"}") ;;
            :folders*) mapfile -t COMPREPLY < <(compgen -d -P "$tail" -- "${whole#"$tail"}") ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
        [[ $line == :* ]] && compopt -o filenames 2>/dev/null
        [[ ${line%%$'\t'*} == *= ]] && compopt -o nospace 2>/dev/null
    done < <("$program" complete -- "${words[@]}" 2>/dev/null)
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

complete -F _genqd genqd
