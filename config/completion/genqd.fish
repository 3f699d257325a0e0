# Completion of genqd for fish. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/fish/vendor_completions.d/genqd.fish; or: genqd completion fish | source

function __genqd_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        set -l parts (string split -m 1 \t -- $line)
        set -l path (string replace -- "$parts[2]" '' "$current")
        switch $parts[1]
            case :files
                for each in (__fish_complete_path "$path")
                    echo "$parts[2]$each"
                end
            case :folders
                for each in (__fish_complete_directories "$path" '')
                    echo "$parts[2]$each"
                end
            case '*'
                echo $line
        end
    end
end

complete -c genqd -f -a '(__genqd_complete)'
