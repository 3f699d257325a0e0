#include "server/front/create.hpp"

#include <boost/json/array.hpp>
#include <set>
#include <vector>

#include "common/http/url.hpp"
#include "common/json/parse.hpp"
#include "server/api/accept.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/front/task.hpp"

namespace genq::front {

namespace asio = boost::asio;
namespace bj = boost::json;

namespace {

// So many texts of one input are looked up in the store as ids; more name no more tasks than any model takes.
constexpr std::size_t most_ids = 64;

template <class Visit>
void each_text(bj::value& value, const Visit& visit) {
    if (auto* text = value.if_string()) {
        visit(*text);
    } else if (auto* list = value.if_array()) {
        for (auto& element : *list) each_text(element, visit);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) each_text(member.value(), visit);
    }
}

}  // namespace

Maybe<bj::object> read_object(const http::Request& request) {
    if (request.body.empty()) return bj::object();
    auto value = json::parse(request.body);
    if (!value) return std::unexpected(No{400, "The request body is no JSON: " + value.error().detail});
    if (auto* object = value->if_object()) return std::move(*object);
    return std::unexpected(No{422, "The request body must be a JSON object"});
}

std::string text_at(const bj::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

Maybe<std::string> take_callback_url(bj::object& body) {
    constexpr std::size_t longest = 2048;
    std::string url = text_at(body, "callBackUrl");
    body.erase("callBackUrl");
    if (!url.empty() && (url.size() > longest || !http::parse_url(url))) {
        return std::unexpected(No{422, "callBackUrl must be an http(s) URL"});
    }
    return url;
}

asio::awaitable<Maybe<void>> translate(api::Core& core, const api::Context& context, bj::object& input) {
    bj::value whole(std::move(input));
    std::set<std::string> ids;
    each_text(whole, [&](bj::string& text) {
        const std::string_view seen = text;
        if (ids.size() < most_ids && JobId::parse(seen)) ids.emplace(seen);
    });
    for (const auto& id : ids) {
        const auto job = co_await find_task(core, context, id);
        if (!job) co_return std::unexpected(job.error());
        if (!*job) continue;
        const std::string stands = "genqd:job/" + id + "/task";
        each_text(whole, [&](bj::string& text) {
            if (text == id) text = stands;
        });
    }
    input = std::move(whole.get_object());
    co_return Maybe<void>{};
}

asio::awaitable<Maybe<store::Accepted>> accept(api::Core& core, api::Context& context, Order order,
                                               std::optional<store::IdempotencyKey> key) {
    if (auto done = co_await translate(core, context, order.input); !done) co_return std::unexpected(done.error());
    bj::object body;
    body["model"] = order.model;
    body["family"] = std::string(to_string(order.family));
    body["input"] = std::move(order.input);
    body["validate"] = "off";  // kie.ai says itself what it refuses
    const auto catalogue = core.services.catalogue();
    auto read = api::read_job(std::move(body), {.catalogue = *catalogue,
                                                .allow_unknown_models = true,
                                                .caller = context.caller.name,
                                                .now = core.services.clock.wall_now()});
    if (!read) co_return std::unexpected(no_of(read.error()));
    if (!order.callback_url.empty()) {
        read->job.end_call = EndCall{std::move(order.callback_url),
                                     api::own_base(core.options.public_url, context.host, context.request.tls)};
    }
    auto accepted = co_await api::accept_job(core, context, std::move(*read), std::move(key));
    if (!accepted) co_return std::unexpected(no_of(accepted.error()));
    co_return std::move(*accepted);
}

asio::awaitable<http::Response> answer_create(api::Core& core, api::Context& context, Order order) {
    const auto accepted = co_await accept(core, context, std::move(order));
    if (!accepted) co_return refusal(accepted.error());
    const std::string id = accepted->job.id.text();
    // Some create answers of kie.ai's have both, and clients read either.
    co_return success(R"({"taskId":")" + id + R"(","recordId":")" + id + R"("})");
}

asio::awaitable<http::Response> answer_family_create(api::Core& core, api::Context& context, Family family,
                                                     Maybe<std::string> (*model_of)(bj::object& input)) {
    auto body = read_object(context.request);
    if (!body) co_return refusal(body.error());
    auto callback_url = take_callback_url(*body);
    if (!callback_url) co_return refusal(callback_url.error());
    auto model = model_of(*body);
    if (!model) co_return refusal(model.error());
    co_return co_await answer_create(core, context,
                                     {family, std::move(*model), std::move(*body), std::move(*callback_url)});
}

}  // namespace genq::front
