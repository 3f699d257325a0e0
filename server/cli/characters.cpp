#include "server/cli/characters.hpp"

#include <sys/ioctl.h>
#include <wchar.h>

#include <algorithm>
#include <clocale>

namespace genq::cli {
namespace {

constexpr char32_t replacement = 0xfffd;

// wcwidth() goes by the thread's locale, and this program's is C: the variables of others change nothing here.
locale_t unicode() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

std::size_t columns_of(char32_t code) {
    if (code < 0x7f || unicode() == nullptr) return 1;
    const locale_t before = ::uselocale(unicode());
    const int columns = ::wcwidth(static_cast<wchar_t>(code));
    ::uselocale(before);
    return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

}  // namespace

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {replacement, 1};
    char32_t code = first & (0x7fU >> bytes);
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0U) != 0x80U) return {replacement, 1};
        code = code << 6U | (byte(at) & 0x3fU);
    }
    return {code, bytes};
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto character = first_character(text);
        columns += columns_of(character.code);
        text.remove_prefix(character.bytes);
    }
    return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    std::size_t used = 1;  // the ellipsis
    std::size_t end = 0;
    while (end < text.size()) {
        const auto character = first_character(text.substr(end));
        used += columns_of(character.code);
        if (used > columns) break;
        end += character.bytes;
    }
    return columns == 0 ? "" : std::string(text.substr(0, end)) + "…";
}

std::optional<TerminalSize> terminal_size(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return TerminalSize{size.ws_col, size.ws_row};
}

}  // namespace genq::cli
