#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>

#include "server/app/version.hpp"
#include "server/cli/characters.hpp"
#include "server/cli/command.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {
namespace {

constexpr std::array common_options{"--help", "--url", "--token-file", "--profile", "--json"};

constexpr const char* last_sections = R"(.SH ENVIRONMENT
.TP
.B KIE_API_KEY
The account's key, for \fBserve\fR; also \fBKIE_API_KEY_FILE\fR, or the systemd credential \fIkie_api_key\fR.
.TP
.BR GENQD_URL ", " GENQD_TOKEN ", " GENQD_TOKEN_FILE ", " GENQD_PROFILE
Where the client subcommands find the daemon, and the token that they show it. They read these four, and no other
variable, in a
.I .env
of the working directory too; a daemon that it names is shown no token but the \fBGENQD_TOKEN\fR beside it.
.TP
.BI GENQD_ SECTION __ KEY
Any key of the configuration, for the daemon and its tools.
.SH FILES
.TP
.I /etc/genqd/genqd.toml
The configuration; each key is explained in it.
.TP
.I /etc/genqd/tokens.toml
The hashes of tokens.
.TP
.I /var/lib/genqd
The state: the database and the stored files.
.TP
.I ~/.config/genqd/profiles.toml
Daemons by name, for \fB\-\-profile\fR.
.SH EXIT STATUS
0 done, 1 the job failed (or the daemon at run time), 2 bad usage or configuration, 3 refused (for \fBserve\fR: the state
directory is in use by another process), 4 no daemon answers, 5 gave up waiting.
.SH SEE ALSO
.I /usr/share/doc/genqd/server/docs/README.md
)";

// Text as roff prints it, in ASCII, which needs no guess of the encoding: its own characters and dashes escaped, no
// line that looks like a request (groff(7)).
std::string escaped(std::string_view text) {
    std::string out;
    bool line_begins = true;
    while (!text.empty()) {
        const auto [code, bytes] = first_character(text);
        if (line_begins && (code == '.' || code == '\'')) out += "\\&";
        line_begins = code == '\n';
        if (code == '\\')
            out += "\\e";
        else if (code == '-')
            out += "\\-";
        else if (code > 0x7f)
            out += fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(code));
        else
            out += text.front();
        text.remove_prefix(bytes);
    }
    return out;
}

// Where a shell's line can go on in the next: the last space outside of quotes that leaves so many columns before it.
std::size_t place_to_break(std::string_view line, std::size_t columns) {
    std::size_t found = std::string_view::npos;
    char quote = 0;
    for (std::size_t at = 0; at < line.size() && at < columns; ++at) {
        const char c = line[at];
        if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else if (c == ' ' && quote == 0 && line.find_first_not_of(' ') < at) {
            found = at;
        }
    }
    return found;
}

// An example in lines that a terminal of 80 columns shows: what explains it stands before it if it has no place beside.
std::string example(std::string line) {
    constexpr std::size_t columns = 72;
    std::string text;
    if (const auto remark = line.find("   # "); remark != std::string::npos && columns_of(line) > columns) {
        text += "  " + line.substr(remark + 3) + '\n';
        line.erase(line.find_last_not_of(' ', remark) + 1);
    }
    while (columns_of(line) > columns) {
        const auto end = place_to_break(line, columns - 2);
        if (end == std::string::npos) break;
        text += line.substr(0, end) + " \\\n";
        line.replace(0, end, "     ");
    }
    return text + line + '\n';
}

// What stands under a command's help: examples are indented, all else is a paragraph.
void add_footer(std::string& page, std::string_view footer) {
    bool examples = false;
    page += ".PP\n";
    while (!footer.empty()) {
        const auto end = std::min(footer.find('\n'), footer.size());
        const std::string line(footer.substr(0, end));
        footer.remove_prefix(std::min(end + 1, footer.size()));
        const bool is_example = line.starts_with("  ");
        if (is_example != examples) page += is_example ? ".PP\n.nf\n" : ".fi\n.PP\n";
        examples = is_example;
        page += is_example ? escaped(example(line)) : escaped(line) + '\n';
    }
    if (examples) page += ".fi\n";
}

std::string value_of(const CLI::Option& option) {
    const auto type = option.get_type_name();
    return option.get_items_expected_max() == 0 ? "" : type.substr(0, type.find(':'));
}

bool is_common(const CLI::Option& option) {
    return std::ranges::any_of(common_options,
                               [&](std::string_view name) { return "--" + option.get_single_name() == name; });
}

void add_option(std::string& page, const CLI::Option& option) {
    const auto value = value_of(option);
    const auto name = option.get_positional() ? option.get_single_name() : "--" + option.get_single_name();
    page += ".TP\n\\fB" + escaped(name) + "\\fR" + (value.empty() ? "" : " \\fI" + escaped(value) + "\\fR") + "\n" +
            escaped(option.get_description()) + "\n";
}

void add_command(std::string& page, const CLI::App& app, const std::string& above) {
    const auto path = above + " " + app.get_name();
    page += ".SS " + escaped(path);
    for (const auto* option : app.get_options()) {
        if (!option->get_positional()) continue;
        const auto name = option->get_single_name() + (option->get_items_expected_max() > 1 ? "..." : "");
        page += " " + escaped(option->get_required() ? name : "[" + name + "]");
    }
    page += "\n" + escaped(app.get_description()) + ".\n";
    for (const auto* option : app.get_options()) {
        if (!is_common(*option)) add_option(page, *option);
    }
    if (!app.get_footer().empty()) add_footer(page, app.get_footer());
    for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; })) add_command(page, *below, path);
}

std::string manual(const CLI::App& root) {
    std::string page = fmt::format(
        ".TH GENQD 1 \"\" \"genqd {}\" \"User Commands\"\n.SH NAME\ngenqd \\- job queue in front of kie.ai\n"
        ".SH SYNOPSIS\n.B genqd\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.SH DESCRIPTION\n{}\n",
        app::version(), escaped(root.get_description()));
    add_footer(page, root.get_footer());
    page += ".SH OPTIONS\nOf all subcommands that speak with a daemon:\n";
    const auto* client = root.get_subcommand("status");
    for (const auto* option : client->get_options()) {
        if (is_common(*option)) add_option(page, *option);
    }
    page += ".SH COMMANDS\n";
    for (const auto* app : root.get_subcommands([](const CLI::App*) { return true; })) add_command(page, *app, "genqd");
    return page + last_sections;
}

}  // namespace

void add_manual(Program& program) {
    auto* app = program.add("man", "Print this program's manual page",
                            "  genqd man > genqd.1\n  genqd man | man --local-file -");
    program.on_run(app, [&program] {
        fmt::print("{}", manual(program.root));
        return exit_success;
    });
}

}  // namespace genq::cli
