#include "common/core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace genq {

void check_failed(const char* condition, std::source_location where) noexcept {
    std::fprintf(stderr, "genqd: check failed: %s (%s:%u in %s)\n", condition, where.file_name(), where.line(),
                 where.function_name());
    std::abort();
}

}  // namespace genq
