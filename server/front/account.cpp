#include "server/api/job_access.hpp"
#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// `/api/v1/chat/credit`, `/api/v1/common/download-url`.
namespace genq::front {

Answer credit(Core& core, Context& context) {
    const auto balance = co_await core.services.engine.credits();
    if (!balance) co_return refusal(no_of(api::reported(core, context, balance.error())));
    std::string data;
    json::Writer(data).value(*balance);
    co_return success(data);
}

Answer download_url(Core& core, Context& context) {
    constexpr std::chrono::minutes kie_ai_s_own{20};
    const auto body = read_object(context.request);
    if (!body) co_return refusal(body.error());
    const auto keys = core.services.url_keys();
    // An old URL of ours is as good as a new one: what it opens, this caller may read.
    const auto own = api::read_own_url(*keys, core.options.public_url, text_at(*body, "url"));
    if (!own) co_return envelope(422, "The url is not one of this service's result URLs");
    std::string data;
    json::Writer(data).value(signer_for(core, context, *keys, kie_ai_s_own)(own->digest, own->name));
    co_return success(data);
}

}  // namespace genq::front
