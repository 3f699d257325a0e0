#include "server/cli/format.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <numeric>

#include "common/json/writer.hpp"
#include "server/cli/characters.hpp"

namespace genq::cli {
namespace {

namespace json = boost::json;

// Those that move the cursor or turn the direction of writing, and so can make a line say what it does not: C0, C1,
// marks, embeddings, overrides and isolates of direction (Unicode, UAX 9), separators of lines.
bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// Takes from the widest column behind the first until the row fits; a few characters of each remain.
void fit(std::vector<std::size_t>& widths, std::size_t columns) {
    constexpr std::size_t fewest = 6;
    auto used = std::accumulate(widths.begin(), widths.end(), 2 * std::max<std::size_t>(widths.size(), 1) - 2);
    while (used > columns && widths.size() > 1) {
        const auto widest = std::max_element(widths.begin() + 1, widths.end());
        if (*widest <= fewest) return;
        --*widest;
        --used;
    }
}

}  // namespace

std::string render_table(const std::vector<std::vector<std::string>>& rows, std::size_t columns) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(printable(row[i])));
    }
    fit(widths, columns);
    std::string result;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto cell = cut_to(printable(row[i]), widths[i]);
            result += cell;
            if (i + 1 < row.size()) result.append(widths[i] - columns_of(cell) + 2, ' ');
        }
        while (result.ends_with(' ')) result.pop_back();
        result += '\n';
    }
    return result;
}

std::size_t stdout_columns() {
    const auto size = terminal_size(STDOUT_FILENO);
    return size ? size->columns : SIZE_MAX;
}

std::string to_json(const json::value& value) {
    std::string text;
    genq::json::Writer(text).value(value);
    return text;
}

std::string human_bytes(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    constexpr std::array units{"kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return value < 9.95 ? fmt::format("{:.1f} {}", value, units[unit]) : fmt::format("{:.0f} {}", value, units[unit]);
}

std::string human_seconds(std::int64_t seconds) {
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto character = first_character(text);
        // A byte that is no UTF-8 stands for a control character in some terminals.
        const bool stray = character.bytes == 1 && character.code > 0x7f;
        result += stray || is_control(character.code) ? "?" : text.substr(0, character.bytes);
        text.remove_prefix(character.bytes);
    }
    return result;
}

const json::value& at(const json::value& value, std::string_view path) {
    static const json::value nothing;
    const json::value* here = &value;
    for (std::size_t start = 0; start <= path.size();) {
        const auto dot = std::min(path.find('.', start), path.size());
        const auto name = path.substr(start, dot - start);
        const auto* object = here->if_object();
        if (object == nullptr) return nothing;
        here = object->if_contains(json::string_view(name.data(), name.size()));
        if (here == nullptr) return nothing;
        start = dot + 1;
    }
    return *here;
}

std::string text_at(const json::value& value, std::string_view path) {
    const auto& found = at(value, path);
    if (found.is_null()) return "";
    if (const auto* text = found.if_string()) return std::string(*text);
    if (const auto* real = found.if_double()) return fmt::format("{}", *real);
    return to_json(found);
}

std::int64_t int_at(const json::value& value, std::string_view path) {
    const auto& found = at(value, path);
    if (const auto* whole = found.if_int64()) return *whole;
    if (const auto* whole = found.if_uint64()) return static_cast<std::int64_t>(*whole);
    if (const auto* real = found.if_double()) return static_cast<std::int64_t>(*real);
    return 0;
}

const json::array& array_at(const json::value& value, std::string_view path) {
    static const json::array nothing;
    const auto* found = at(value, path).if_array();
    return found == nullptr ? nothing : *found;
}

bool is_finished(const json::value& job) {
    const auto status = text_at(job, "status");
    return status == "succeeded" || status == "failed" || status == "canceled";
}

std::string progress_line(const json::value& job, std::int64_t elapsed_s) {
    std::string result = text_at(job, "status");
    if (const auto reason = text_at(job, "queue.reason"); !reason.empty()) {
        result += fmt::format(" ({}", reason);
        if (at(job, "queue.position").is_number())
            result += fmt::format(", {} before it", int_at(job, "queue.position"));
        result += ")";
    }
    const auto& fraction = at(job, "progress.fraction");
    if (const auto* real = fraction.if_double()) result += fmt::format("  {:.0f} %", *real * 100);
    return printable(fmt::format("{}  {}", result, human_seconds(elapsed_s)));
}

std::string describe_job(const json::value& job) {
    std::string result;
    const auto line = [&](std::string_view name, const std::string& text) {
        if (!text.empty()) result += fmt::format("{:<12}{}\n", name, printable(text));
    };
    line("job", text_at(job, "id"));
    line("status", text_at(job, "status"));
    line("model", fmt::format("{} ({})", text_at(job, "model"), text_at(job, "family")));
    if (at(job, "queue").is_object()) {
        auto waits = text_at(job, "queue.reason");
        if (const auto detail = text_at(job, "queue.detail"); !detail.empty()) waits += ": " + detail;
        line("waits for", waits);
        if (at(job, "queue.position").is_number()) line("position", text_at(job, "queue.position"));
    }
    line("created", text_at(job, "created_at"));
    line("submitted", text_at(job, "submitted_at"));
    line("generated", text_at(job, "generated_at"));
    line("finished", text_at(job, "finished_at"));
    line("task", text_at(job, "upstream.task_id"));
    line("billed", text_at(job, "billed"));
    line("credits", text_at(job, "credits"));
    for (const auto& warning : array_at(job, "warnings")) {
        line("warning", warning.is_string() ? std::string(warning.get_string()) : to_json(warning));
    }
    if (at(job, "error").is_object()) {
        line("error", fmt::format("{}: {}", text_at(job, "error.code"), text_at(job, "error.message")));
        line("advice", text_at(job, "error.advice"));
    }
    for (const auto& output : array_at(job, "outputs")) {
        const auto digest = text_at(output, "sha256");
        line("output", digest.empty() ? fmt::format("{}  not stored yet", text_at(output, "index"))
                                      : fmt::format("{}  {}  {}  sha256 {}", text_at(output, "filename"),
                                                    human_bytes(static_cast<std::uint64_t>(int_at(output, "bytes"))),
                                                    text_at(output, "media_type"), digest));
    }
    if (!at(job, "result").is_null()) line("result", to_json(at(job, "result")));
    return result;
}

}  // namespace genq::cli
