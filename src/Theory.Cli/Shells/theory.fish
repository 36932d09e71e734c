# Completion of the command theory in fish. Put this into ~/.config/fish/config.fish:
#   theory completion fish | source
function __theory_complete
    set -l line (commandline -cp | string replace -r '^\s*\S+\s' 'theory ')
    set -l length (string length -- "$line")
    set -l names (theory "[suggest:$length]" "$line" 2>/dev/null | string match -r ".+")
    if test (count $names) -gt 0
        printf '%s\n' $names
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c theory -f -a '(__theory_complete)'
