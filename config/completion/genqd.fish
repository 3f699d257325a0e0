# Completion of genqd for fish. The program itself says what may follow (`genqd complete`).
# Installed as /usr/share/fish/vendor_completions.d/genqd.fish; or put it into ~/.config/fish/completions.

function __genqd_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current" ''
            case '*'
                echo $line
        end
    end
end

complete -c genqd -f -a '(__genqd_complete)'
