#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "server/domain/family.hpp"
#include "server/polling/schedule.hpp"

namespace genq::engine {

enum class LimitScope { all, create };
enum class OnUnknown { fail, resubmit };

/// What an operator can set of the engine; app/config fills it.
struct Options {
    std::string base_url = "https://api.kie.ai";
    std::string upload_url = "https://kieai.redpandaai.co";  // kie.ai's own host for files (File upload)
    std::string api_key;                                     // never logged
    std::string user_agent = "Mozilla/5.0 (compatible; genqd)";
    std::string placeholder_url = "https://example.com/genqd-callback";  // Suno insists on a callBackUrl
    std::chrono::seconds timeout{30};                                    // of one API request, connect included
    std::string callback_url;  // where kie.ai reaches us, the API's root; "" for nowhere: tasks are polled
    std::string callback_key;  // signs kie.ai's callbacks; never logged
    /// How long a lost create may still be settled by proof. Unset: with callbacks the job's longest wait and
    /// 300 s, else not at all.
    std::optional<std::chrono::seconds> unknown_grace;
    OnUnknown on_unknown = OnUnknown::fail;
    int max_concurrent_tasks = 100;
    std::map<std::string, std::int64_t, std::less<>> max_running{};  // of these callers; others have no limit

    int limit_requests = 20;
    std::chrono::milliseconds limit_window{10'000};
    std::chrono::milliseconds straggler{10'000};
    LimitScope scope = LimitScope::all;

    int download_concurrency = 4;
    std::uint64_t download_max_bytes = 4ULL << 30U;
    bool allow_private = false;
    std::uint64_t min_free_bytes = 256ULL << 20U;  // below it no create is sent: there would be no room for its result

    std::array<polling::Rule, 4> poll{{
        {},
        {std::chrono::milliseconds(5'000), std::chrono::milliseconds(5'000), std::chrono::milliseconds(120'000),
         std::chrono::milliseconds(20'000), std::chrono::seconds(600)},
        {std::chrono::milliseconds(5'000), std::chrono::milliseconds(5'000), std::chrono::milliseconds(120'000),
         std::chrono::milliseconds(20'000), std::chrono::seconds(600)},
        {std::chrono::milliseconds(10'000), std::chrono::milliseconds(10'000), std::chrono::milliseconds(120'000),
         std::chrono::milliseconds(20'000), std::chrono::seconds(300)},
    }};  // by PollProfile
    // Between two queries of veo/1080p and veo/4k, which kie.ai wants half a minute apart ("Get 4K video").
    std::chrono::milliseconds upgrade_interval{30'000};
};

}  // namespace genq::engine
