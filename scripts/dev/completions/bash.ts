/** worstday.bash: to be sourced, or read by bash-completion as `worstday`. */

import type { Completed, Offer } from "../completions.ts";

export function bash(title: string, commands: Completed[]): string {
  const names = commands.map(({ name }) => name);
  return `# ${title}

_worstday_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_worstday() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local name=\${COMP_WORDS[0]##*/} flags file folder other operands=0
  COMPREPLY=()
  if [[ $name == worstday ]]; then
    name=\${COMP_WORDS[1]}
    if ((COMP_CWORD == 1)); then
      mapfile -t COMPREPLY < <(compgen -W "${names.join(" ")} --help --version" -- "$cur")
      return
    fi
  fi
  case $name in
${commands.map(line).join("\n")}
  esac
  # --flag=value comes as three words, and so does NAME=FILE
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
    [[ $prev == -* ]] || file=$prev
  fi
  if [[ " $file " == *" $prev "* ]]; then
    _worstday_paths -f "$cur"
  elif [[ " $folder " == *" $prev "* ]]; then
    _worstday_paths -d "$cur"
  elif [[ " $other " == *" $prev "* ]]; then
    return
  elif [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  elif ((operands > 0)); then
    _worstday_paths -f "$cur"
  fi
}

complete -F _worstday worstday ./worstday ${names.map((name) => `./${name}`).join(" ")}
`;
}

/** A command's flags, and those after which a value is to come. */
function line({ name, flags, operands }: Completed): string {
  const before = (offer: Offer) => {
    const those = flags.filter((flag) => flag.offer === offer);
    return `${offer}="${those.flatMap(({ spellings }) => spellings).join(" ")}"`;
  };
  const all = `flags="${flags.flatMap(({ spellings }) => spellings).join(" ")}"`;
  const values = [before("file"), before("folder"), before("other")].join(" ");
  return `  ${name}) ${all} ${values} operands=${operands.length} ;;`;
}
