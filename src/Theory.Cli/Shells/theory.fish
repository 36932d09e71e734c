# Completion of the command theory in fish. Put this into ~/.config/fish/config.fish:
#   theory completion fish | source
function __theory_complete
    set -l line (commandline -cp | string replace -r '^\s*\S+\s' 'theory ')
    set -l length (string length -- "$line")
    theory "[suggest:$length]" "$line" 2>/dev/null
end
complete -c theory -a '(__theory_complete)'
