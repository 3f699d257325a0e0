#include "server/catalogue/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace genq::catalogue {
namespace {

constexpr std::size_t longest_id = 100;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

std::size_t distance_to_id(std::string_view written, std::string_view known) {
    if (written.size() > longest_id) return written.size();
    const auto whole = edit_distance(written, known);
    const auto slash = known.rfind('/');
    if (slash == std::string_view::npos) return whole;
    return std::min(whole, edit_distance(written, known.substr(slash + 1)) + 1);
}

std::size_t farthest_near(std::string_view written) {
    if (written.size() > longest_id) return 0;
    return std::min<std::size_t>(5, std::max<std::size_t>(2, written.size() / 3));
}

}  // namespace genq::catalogue
