# Completion of genqd for bash: subcommands, options and, where a daemon answers, the models' ids.
# Installed as /usr/share/bash-completion/completions/genqd; or: source genqd.bash

_genqd_options() {
    # The program itself knows its options best: they are the words with dashes in its help.
    "$1" "${@:2}" --help 2>/dev/null | sed -nE 's/^  (-[a-zA-Z],)?(--[a-z-]+).*/\2/p'
}

_genqd_commands() {
    "$1" "${@:2}" --help 2>/dev/null | sed -nE '/^Subcommands:/,/^$/s/^  ([a-z]+) .*/\1/p'
}

_genqd() {
    local program=$1 current=$2 previous=$3 word
    local -a path=()
    COMPREPLY=()
    # The subcommands before the word that is being written: "token new", say.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            serve|sandbox|submit|batch|wait|status|list|events|get|cancel|retry|put|queue|pause|resume|models|credits|config|migrate|backup|verify|gc|token|version)
                [ ${#path[@]} -eq 0 ] && path+=("$word") ;;
            check|show) [ "${path[*]}" = config ] && path+=("$word") ;;
            new|revoke|rotate-url-key) [ "${path[*]}" = token ] && path+=("$word") ;;
        esac
    done
    # `list` is a subcommand of its own and one of `token`.
    [ "${path[*]}" = token ] && [[ " ${COMP_WORDS[*]:1:COMP_CWORD-1} " == *" token list "* ]] && path+=(list)

    case $previous in
        --config|--token-file|--file|--address-file|--faults|--sandbox-faults)
            mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --out|--state)
            mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --use)
            mapfile -t COMPREPLY < <(compgen -W "$("$program" models --uses 2>/dev/null)" -- "$current"); return ;;
        --log-level) mapfile -t COMPREPLY < <(compgen -W "debug info warn error" -- "$current"); return ;;
        --log-format) mapfile -t COMPREPLY < <(compgen -W "text json" -- "$current"); return ;;
        --scope) mapfile -t COMPREPLY < <(compgen -W "submit read admin" -- "$current"); return ;;
        --family)
            mapfile -t COMPREPLY < <(compgen -W "market gpt4o flux veo runway aleph suno midjourney luma" -- "$current")
            return ;;
        --status)
            mapfile -t COMPREPLY < <(compgen -W "queued submitting generating downloading succeeded failed canceled" \
                                             -- "$current")
            return ;;
    esac

    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_genqd_options "$program" "${path[@]}")" -- "$current")
        return
    fi
    case "${path[*]}" in
        "") mapfile -t COMPREPLY < <(compgen -W "$(_genqd_commands "$program")" -- "$current") ;;
        config|token) mapfile -t COMPREPLY < <(compgen -W "$(_genqd_commands "$program" "${path[@]}")" -- "$current") ;;
        submit|models)
            if [ "$previous" = "${path[0]}" ] || [ "$previous" = --model ]; then
                mapfile -t COMPREPLY < <(compgen -W "$("$program" models --ids 2>/dev/null)" -- "$current")
            fi ;;
        put|batch) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        backup) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        pause|resume|list|events)
            if [ "$previous" = --model ]; then
                mapfile -t COMPREPLY < <(compgen -W "$("$program" models --ids 2>/dev/null)" -- "$current")
            fi ;;
        wait|status|get|cancel|retry)
            mapfile -t COMPREPLY < <(compgen -W "$("$program" list 2>/dev/null | sed -n 's/^\([0-9A-Z]\{26\}\) .*/\1/p')" \
                                             -- "$current") ;;
    esac
}

complete -F _genqd genqd
