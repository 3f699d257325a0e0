#include "server/upstream/requests.hpp"

#include "common/json/writer.hpp"
#include "server/upstream/fields.hpp"

namespace genq::upstream {

ApiRequest post_json(std::string_view path, const boost::json::object& body) {
    std::string text;
    genq::json::Writer(text).value(body);
    return {"POST", std::string(path), std::move(text)};
}

ApiRequest get_task(std::string_view path, std::string_view task_id) {
    return {"GET", std::string(path) + "?taskId=" + percent_encoded(task_id), ""};
}

boost::json::object body_of(const TaskSpec& spec) {
    boost::json::object body = spec.input;
    if (!spec.callback_url.empty()) body["callBackUrl"] = spec.callback_url;
    return body;
}

std::string parent_task(const TaskSpec& spec) {
    return text_or_empty(find(spec.input, "taskId"));
}

}  // namespace genq::upstream
