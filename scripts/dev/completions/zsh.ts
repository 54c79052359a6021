/** _worstday: to be put into a folder of fpath. */

import type { Completed, Entry } from "../completions.ts";

export function zsh(title: string, commands: Completed[]): string {
  const described = commands.map(({ name, about }) => quote(`${name}:${plain(about)}`));
  return `#compdef worstday -p */./(${commands.map(({ name }) => name).join("|")})
# ${title}

_worstday() {
  local name=\${words[1]:t}
  _compskip=all # whatever else is known of a program called split
  if [[ $name == worstday ]]; then
    if ((CURRENT == 2)); then
      local -a commands=(${described.join(" ")})
      _describe command commands
      return
    fi
    shift words
    ((CURRENT--))
    name=$words[1]
  fi
  case $name in
${commands.map(specs).join("\n")}
  esac
}

_worstday "$@"
`;
}

/** A command's flags and operands as _arguments takes them. */
function specs({ name, flags, operands }: Completed): string {
  const all = [
    ...flags.flatMap((flag) => flag.spellings.map((spelling) => flagSpec(flag, spelling))),
    ...operands.map((one) => `${one.repeats ? "*" : ""}${value(one)}`),
  ];
  return `  ${name}) _arguments -s ${all.map(quote).join(" ")} ;;`;
}

function flagSpec(flag: Entry, spelling: string): string {
  const rest = flag.repeats ? "*" : `(${flag.spellings.join(" ")})`;
  const about = `[${plain(flag.about)}]`;
  if (flag.offer === "nothing") return `${rest}${spelling}${about}`;
  return `${rest}${spelling}${spelling.startsWith("--") ? "=" : "+"}${about}${value(flag)}`;
}

function value({ hint, offer }: Entry): string {
  const actions = { file: "_files", folder: "_files -/", other: " ", nothing: " " };
  return `:${plain(hint)}:${actions[offer]}`;
}

function plain(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
