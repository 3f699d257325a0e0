#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "server/api/core.hpp"
#include "server/api/request_context.hpp"
#include "server/domain/family.hpp"
#include "server/front/envelope.hpp"
#include "server/store/job_store.hpp"

/// How a create in kie.ai's shape becomes a job of ours.
namespace genq::front {

/// What a create asks for.
struct Order {
    Family family{};
    std::string model;          ///< the catalogue's id, or one that it does not know
    boost::json::object input;  ///< as POST /v1/jobs takes it
    std::string callback_url;   ///< "" for none
};

/// The JSON object in a request's body, whatever media type it claims; {} for none.
[[nodiscard]] Maybe<boost::json::object> read_object(const http::Request& request);

/// A member as text ("" if it is absent, null or no text).
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view name);

/// Takes `callBackUrl` out of the body. "" for none, an empty one included; refused if it is no http(s) URL.
[[nodiscard]] Maybe<std::string> take_callback_url(boost::json::object& body);

/// Puts references in the place of what a client knows files and tasks by: URLs of ours become `genqd:blob/<sha256>`,
/// ids of jobs that the caller sees `genqd:job/<id>/task`. Polls show what the client wrote.
[[nodiscard]] boost::asio::awaitable<Maybe<void>> translate(api::Core& core, const api::Context& context,
                                                            boost::json::object& input);

/// Accepts the order as POST /v1/jobs would, its input translated. `key`: what makes a repetition find the first.
[[nodiscard]] boost::asio::awaitable<Maybe<store::Accepted>> accept(api::Core& core, api::Context& context, Order order,
                                                                    std::optional<store::IdempotencyKey> key = {});

/// accept(), answered with the job's id as `taskId`.
[[nodiscard]] boost::asio::awaitable<http::Response> answer_create(api::Core& core, api::Context& context, Order order);

/// The whole of a create whose body is the input: callBackUrl taken out, the id made by `model_of`, which may take
/// members out too.
[[nodiscard]] boost::asio::awaitable<http::Response> answer_family_create(
    api::Core& core, api::Context& context, Family family, Maybe<std::string> (*model_of)(boost::json::object& input));

}  // namespace genq::front
