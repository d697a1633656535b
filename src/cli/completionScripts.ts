/** Shells for which there is a script. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/**
 * The script that makes the shell complete `parley`. It asks `parley completion SHELL =WORD…`, the words up to the cursor,
 * each after a `=` so that none is empty and none a flag; nothing that was typed is evaluated. What comes back is a
 * candidate a line, with what it is after a tab, and `:files` or `:folders` where the shell is to complete those.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

// Works with the bash 3.2 of macOS: no compopt is needed, no mapfile, no associative arrays.
const bash = `# parley completion for bash: source <(parley completion bash)
_parley() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=() line
  for line in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do words+=("=$line"); done
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
      :folders)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
      # 63 is the list that a second Tab shows: nothing is inserted from it.
      *) if [ "\${COMP_TYPE:-9}" = 63 ]; then COMPREPLY+=("\${line/$'\\t'/   }"); else COMPREPLY+=("\${line%%$'\\t'*}"); fi ;;
    esac
  done < <(command parley completion bash "\${words[@]}" 2>/dev/null)
}
complete -F _parley parley`;

const zsh = `#compdef parley
# parley completion for zsh: source <(parley completion zsh), after compinit
_parley() {
  local line
  local -a words_ described
  words_=("\${(@)words[2,CURRENT]/#/=}")
  while IFS= read -r line; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      *$'\\t'*) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) described+=("\${line//:/\\\\:}") ;;
    esac
  # What a widget reads is not the terminal, by which the person is known.
  done < <(command parley completion zsh "\${words_[@]}" 2>/dev/null </dev/tty)
  (( \${#described} )) && _describe -V parley described
}
if [ "\${funcstack[1]}" = _parley ]; then _parley "$@"; else compdef _parley parley; fi`;

const fish = `# parley completion for fish: parley completion fish | source
function __parley_complete
  set -l current (commandline -ct)
  set -l words (commandline -opc)[2..] $current
  test -z "$current"; and set words (commandline -opc)[2..] ''
  for line in (command parley completion fish '='$words 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path $current
      case ':folders'
        __fish_complete_directories $current
      case '*'
        echo $line
    end
  end
end
complete -c parley -f -a '(__parley_complete)'`;

const powershell = `# parley completion for PowerShell: parley completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName parley -ScriptBlock {
  param($current, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $position } | ForEach-Object { '=' + $_.Extent.Text })
  if ($current -eq '') { $words += '=' }
  & (Get-Command parley -CommandType Application | Select-Object -First 1) completion powershell @words 2>$null | ForEach-Object {
    $value, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $value }
    if ($value -eq ':files' -or $value -eq ':folders') {
      [System.Management.Automation.CompletionCompleters]::CompleteFilename($current)
    } else {
      [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
  }
}`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };
