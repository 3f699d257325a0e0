#pragma once
#include <functional>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "server/sandbox/faults.hpp"

namespace genq::app {

/// The command line of `genqd sandbox`.
struct StandInArguments {
    std::string listen = "127.0.0.1:0";
    double speed = 1;      ///< > 0
    int limit = 20;        ///< API requests that it takes in any window; 0: no limit
    int window_s = 10;     ///< of the limit; >= 1
    std::string hmac_key;  ///< signs its callbacks; "": they are not signed
    std::string faults;    ///< a file, "" for none
};

/// Runs the stand-in for kie.ai until SIGTERM or SIGINT; `ready` gets its URL once it answers. Returns the exit code.
[[nodiscard]] int run_stand_in(const StandInArguments& arguments,
                               const std::function<void(const std::string& url)>& ready);

/// Reads a file of scripted faults; none for "". Errors name the file.
[[nodiscard]] Result<std::vector<sandbox::Fault>> load_faults(const std::string& file);

}  // namespace genq::app
