/** worstday.fish: to be put into ~/.config/fish/completions. */

import type { Completed, Entry } from "../completions.ts";

export function fish(title: string, commands: Completed[]): string {
  return `# ${title}

function __worstday_alone
    test (count (commandline -opc)) = 1
end

# whether it is NAME that is being typed: ./NAME, or worstday NAME
function __worstday_runs
    set -l words (commandline -opc)
    test "$words[1]" = "./$argv[1]"
    or begin
        string match -qr '(^|/)worstday$' -- "$words[1]"
        and test "$words[2]" = "$argv[1]"
    end
end

function __worstday
    for program in worstday $argv[1]
        complete -c $program -n "__worstday_runs $argv[1]" $argv[2..]
    end
end

complete -c worstday -n __worstday_alone -f
${commands.flatMap(lines).join("\n")}
`;
}

function lines({ name, about, flags, operands }: Completed): string[] {
  return [
    `complete -c worstday -n __worstday_alone -a ${name} -d ${quote(about)}`,
    ...(operands.length === 0 ? [`__worstday ${name} -f`] : []),
    ...flags.map((flag) => `__worstday ${name} ${flagWords(flag)}`),
  ];
}

function flagWords({ spellings, about, offer }: Entry): string {
  const spelt = spellings.map((one) =>
    one.startsWith("--") ? `-l ${one.slice(2)}` : `-s ${one[1]}`,
  );
  const offers = {
    file: ["-rF"],
    folder: ['-xa "(__fish_complete_directories)"'],
    other: ["-x"],
    nothing: [],
  };
  return [...spelt, ...offers[offer], "-d", quote(about)].join(" ");
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
