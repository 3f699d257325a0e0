#pragma once
#include "server/api/handlers.hpp"
#include "server/front/task.hpp"

// One for each line of the table in routes.cpp, as in server/api/handlers.hpp.
namespace genq::front {

using api::Answer;
using api::Context;
using api::Core;

// market.cpp
[[nodiscard]] Answer create_market(Core& core, Context& context);
[[nodiscard]] Answer poll_market(Core& core, Context& context);
void write_market_record(json::Writer& out, const Task& task);
// images.cpp
[[nodiscard]] Answer create_gpt4o(Core& core, Context& context);
[[nodiscard]] Answer poll_gpt4o(Core& core, Context& context);
[[nodiscard]] Answer create_flux(Core& core, Context& context);
[[nodiscard]] Answer poll_flux(Core& core, Context& context);
[[nodiscard]] Answer create_midjourney(Core& core, Context& context);
[[nodiscard]] Answer poll_midjourney(Core& core, Context& context);
// videos.cpp
[[nodiscard]] Answer create_runway(Core& core, Context& context);
[[nodiscard]] Answer extend_runway(Core& core, Context& context);
[[nodiscard]] Answer poll_runway(Core& core, Context& context);
[[nodiscard]] Answer create_aleph(Core& core, Context& context);
[[nodiscard]] Answer poll_aleph(Core& core, Context& context);
[[nodiscard]] Answer create_luma(Core& core, Context& context);
[[nodiscard]] Answer poll_luma(Core& core, Context& context);
// veo.cpp
[[nodiscard]] Answer create_veo(Core& core, Context& context);
[[nodiscard]] Answer extend_veo(Core& core, Context& context);
[[nodiscard]] Answer poll_veo(Core& core, Context& context);
[[nodiscard]] Answer veo_1080p(Core& core, Context& context);
[[nodiscard]] Answer veo_4k(Core& core, Context& context);
/// An upgrade to 4K, whose record and call have members of their own (kie.ai, "Get 4K Video").
[[nodiscard]] bool is_four_k(const Task& task);
/// "720p" unless the task is an upgrade or was made with another.
[[nodiscard]] std::string veo_resolution(const Task& task);
// music.cpp
[[nodiscard]] Answer create_suno(Core& core, Context& context);
[[nodiscard]] Answer extend_suno(Core& core, Context& context);
[[nodiscard]] Answer poll_suno(Core& core, Context& context);
[[nodiscard]] Answer create_lyrics(Core& core, Context& context);
[[nodiscard]] Answer poll_lyrics(Core& core, Context& context);
// account.cpp
[[nodiscard]] Answer credit(Core& core, Context& context);
[[nodiscard]] Answer download_url(Core& core, Context& context);
// uploads.cpp
[[nodiscard]] Answer upload_url(Core& core, Context& context);
[[nodiscard]] Answer upload_base64(Core& core, Context& context);
[[nodiscard]] Answer upload_stream(Core& core, Context& context);

}  // namespace genq::front
