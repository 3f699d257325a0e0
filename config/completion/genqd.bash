# Completion of genqd for bash. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/bash-completion/completions/genqd; or: source genqd.bash

_genqd() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
            :folders) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -F _genqd genqd
