#compdef theory
# Completion of the command theory in zsh. Put this into ~/.zshrc, after compinit:
#   source <(theory completion zsh)
_theory() {
    local line="theory ${LBUFFER#*[[:space:]]}"
    local -a names
    names=("${(@f)$(theory "[suggest:${#line}]" "$line" 2>/dev/null)}")
    names=(${names:#})
    if (( $#names )); then
        compadd -M 'm:{a-zA-Z}={A-Za-z}' -- $names
    else
        _files
    fi
}
compdef _theory theory
