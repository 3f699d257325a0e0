#include "server/cli/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace genq::cli {
namespace {

// The optimal string alignment distance: three rows of its table are enough.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
    constexpr std::size_t most = 2;
    std::size_t fewest = most + 1;
    std::string found;
    for (const auto& candidate : known) {
        const auto apart = distance(word, candidate);
        if (apart < fewest && apart * 2 < candidate.size()) {
            fewest = apart;
            found = candidate;
        }
    }
    return found;
}

}  // namespace genq::cli
