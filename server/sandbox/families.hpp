#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "server/sandbox/workshop.hpp"

namespace genq::sandbox {

/// Which of kie.ai's two public descriptions a path belongs to: the documentation, or an older public skill text.
enum class Variant { both, documented, seed };

/// One endpoint.
struct Route {
    std::string_view method;
    std::string_view path;
    std::string_view family;
    Variant variant = Variant::both;
    bool creates = false;  ///< makes a task: counts for the limit even where only creates do
    boost::json::object (*answer)(Workshop&, Call&) = nullptr;
};

/// The moments at which a task calls back. Only Suno knows the first two.
enum class CallbackPoint { text, first, end };

/// A family's endpoints and what it says when it calls back. Each lives in its own file.
struct FamilyTable {
    std::string_view name;
    std::span<const Route> routes;
    /// The body of the call; never asked of a stuck task.
    boost::json::object (*callback)(Workshop&, const Task&, const Call&, CallbackPoint) = nullptr;
};

/// The tables, one a family; they live as long as the program.
[[nodiscard]] const FamilyTable& market_table();
[[nodiscard]] const FamilyTable& gpt4o_table();
[[nodiscard]] const FamilyTable& flux_table();
[[nodiscard]] const FamilyTable& veo_table();
[[nodiscard]] const FamilyTable& runway_table();
[[nodiscard]] const FamilyTable& aleph_table();
[[nodiscard]] const FamilyTable& suno_table();
[[nodiscard]] const FamilyTable& lyrics_table();
[[nodiscard]] const FamilyTable& midjourney_table();
[[nodiscard]] const FamilyTable& luma_table();
/// Credits, download links, uploads: no tasks.
[[nodiscard]] std::span<const Route> account_routes();
[[nodiscard]] std::span<const Route> upload_routes();

/// The table of a task's family; nullptr for none.
[[nodiscard]] const FamilyTable* family_table(const Task& task);
/// The route of that method and path under this set of variants; `path_known` tells 405 from 404.
[[nodiscard]] const Route* find_route(std::string_view method, std::string_view path, bool seed_variants,
                                      bool& path_known);

/// `{"taskId": …}`: what every create answers.
[[nodiscard]] Answer<boost::json::value> created(const Answer<Task*>& task);
/// A poll's `completeTime` in one of the forms: null until the end.
[[nodiscard]] boost::json::value complete_time(const Task& task, Phase phase, std::string (*form)(WallTime));

}  // namespace genq::sandbox
