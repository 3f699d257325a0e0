#include "server/app/version.hpp"

namespace genq::app {

std::string_view version() {
    return GENQ_VERSION;
}

}  // namespace genq::app
