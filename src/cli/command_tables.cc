#include "cli/command_tables.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "cli/shell_quote.h"

namespace logsieve {
namespace {

struct Flag {
  std::vector<std::string> names;    // "-o", "--out"
  std::string value;                 // "FILE"; empty: takes none
  std::vector<std::string> choices;  // of an enumerated value
  std::string help;
  std::string environment;
};

struct Command {
  std::string name;
  std::string help;
  std::vector<Flag> flags;
  std::vector<Flag> positionals;
};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// CLI11 writes a checked value as "FORMAT:{csv,jsonl}" or "P:FLOAT in [0 - 1]"; ours also as "auto|off".
void read_value(const std::string& type, Flag& flag) {
  const std::size_t colon = type.find(':');
  flag.value = type.substr(0, colon);
  const std::size_t open = type.find('{');
  if (open != std::string::npos)
    flag.choices = split(std::string_view(type).substr(open + 1, type.find('}') - open - 1), ',');
  else if (flag.value.find('|') != std::string::npos)
    flag.choices = split(flag.value, '|');
}

Flag flag_of(const CLI::Option& option) {
  Flag flag;
  for (const std::string& name : option.get_snames()) flag.names.push_back('-' + name);
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  flag.help = option.get_description();
  flag.environment = option.get_envname();
  if (option.get_items_expected_max() > 0) read_value(option.get_type_name(), flag);
  return flag;
}

Command command_of(const CLI::App& app) {
  Command command{app.get_name(), app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) {
      command.flags.push_back(flag_of(*option));
      continue;
    }
    Flag positional = flag_of(*option);
    positional.names = {option->get_name(true)};
    command.positionals.push_back(std::move(positional));
  }
  return command;
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    commands.push_back(command_of(*command));
  return commands;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

std::string names_of(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : " ") + command.name;
  return names;
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string values;
  std::string flags;
  for (const Command& command : commands) {
    std::string names;
    for (const Flag& flag : command.flags) {
      for (const std::string& name : flag.names) {
        names += name + ' ';
        if (!flag.choices.empty())
          values +=
              fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")); return ;;\n",
                          shell_quoted(command.name + ' ' + name), shell_quoted(joined(flag.choices, " ")));
      }
    }
    flags += fmt::format("    {}) flags={} ;;\n", command.name, shell_quoted(names));
  }
  return fmt::format(
      "# bash completion of logsieve: source <(logsieve completions bash)\n"
      "_logsieve() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} flags=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W {} -- \"$current\"))\n    return\n  fi\n"
      "  case \"${{COMP_WORDS[1]}} $previous\" in\n{}  esac\n"
      "  case ${{COMP_WORDS[1]}} in\n{}  esac\n"
      "  case $current in\n"
      "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$current\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n  esac\n"
      "}}\ncomplete -o filenames -F _logsieve logsieve\n",
      shell_quoted(names_of(commands) + " --help --version"), values, flags);
}

// A description inside zsh's [...]: brackets and colons have a meaning there.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_flag(const Flag& flag, const std::string& name) {
  std::string spec = fmt::format("{}[{}]", name, zsh_text(flag.help));
  if (!flag.choices.empty())
    spec += fmt::format(":value:({})", joined(flag.choices, " "));
  else if (!flag.value.empty())
    spec += fmt::format(":{}:_files", zsh_text(flag.value));
  return "        " + shell_quoted(spec) + " \\\n";
}

std::string zsh_script(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    names += "    " + shell_quoted(command.name + ':' + zsh_text(command.help)) + '\n';
    std::string flags;
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names) flags += zsh_flag(flag, name);
    cases += fmt::format("    {})\n      _arguments \\\n{}        '*:file:_files' ;;\n", command.name, flags);
  }
  return fmt::format(
      "#compdef logsieve\n# zsh completion of logsieve: source <(logsieve completions zsh)\n"
      "_logsieve() {{\n  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  words=(\"${{(@)words[2,-1]}}\")\n  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n}}\ncompdef _logsieve logsieve\n",
      names, cases);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string out = "# fish completion of logsieve: logsieve completions fish | source\n";
  for (const Command& command : commands) {
    out += fmt::format("complete -c logsieve -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                       shell_quoted(command.help));
    for (const Flag& flag : command.flags) {
      out += fmt::format("complete -c logsieve -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : flag.names)
        out += name.size() == 2 ? " -s " + name.substr(1) : " -l " + name.substr(2);
      if (!flag.choices.empty())
        out += " -x -a " + shell_quoted(joined(flag.choices, " "));
      else if (!flag.value.empty())
        out += " -r";
      out += " -d " + shell_quoted(flag.help) + '\n';
    }
  }
  return out;
}

// Text for roff: a line must not begin with a control character, a hyphen must stay one.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return !out.empty() && (out.front() == '.' || out.front() == '\'') ? "\\&" + out : out;
}

std::string roff_flag(const Flag& flag) {
  std::string names;
  for (const std::string& name : flag.names)
    names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
  if (!flag.choices.empty())
    names += " \\fI" + roff(joined(flag.choices, "|")) + "\\fR";
  else if (!flag.value.empty() && flag.value != flag.names.front())
    names += " \\fI" + roff(flag.value) + "\\fR";
  std::string text = roff(flag.help);
  if (!flag.environment.empty()) text += fmt::format(" (environment: \\fB{}\\fR)", roff(flag.environment));
  return fmt::format(".TP\n{}\n{}\n", names, text);
}

}  // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
  const std::vector<Command> commands = commands_of(app);
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  return {};
}

std::string man_page(const CLI::App& app) {
  std::string out = fmt::format(
      ".TH LOGSIEVE 1\n.SH NAME\nlogsieve \\- classify log lines and say why\n.SH SYNOPSIS\n"
      ".B logsieve\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n{}\n.SH COMMANDS\n",
      roff(app.get_description()));
  for (const Command& command : commands_of(app)) {
    std::string arguments;
    for (const Flag& positional : command.positionals) arguments += ' ' + roff(positional.names.front());
    out += fmt::format(".SS \"logsieve {}{}\"\n{}\n", roff(command.name), arguments, roff(command.help));
    for (const Flag& positional : command.positionals) out += roff_flag(positional);
    for (const Flag& flag : command.flags) out += roff_flag(flag);
  }
  out += ".SH EXIT STATUS AND STREAMS\n.nf\n";
  for (const std::string& line : split(app.get_footer(), '\n')) out += roff(line) + '\n';
  return out + ".fi\n";
}

}  // namespace logsieve
