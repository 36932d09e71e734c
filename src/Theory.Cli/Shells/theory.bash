# Completion of the command theory in bash. Put this into ~/.bashrc:
#   source <(theory completion bash)
_theory() {
    local before=${COMP_LINE:0:COMP_POINT}
    local line="theory ${before#*[[:space:]]}"
    local word=${COMP_WORDS[COMP_CWORD]} name
    COMPREPLY=()
    while IFS= read -r name; do
        name=${name%$'\r'}
        [[ ${name,,} == "${word,,}"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
    done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o bashdefault -o default -F _theory theory
