#include "tests/unit/sandbox/rig.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace genq::sandbox::test {

namespace json = boost::json;

Options Rig::quick() {
    Options options;
    options.limit_requests = 0;
    options.duration_s = 10;
    return options;
}

Rig::Rig(Options options) : service_(std::move(options), random_, ledger_) {
    service_.set_base_url("http://box");
}

http::Request Rig::request(std::string method, std::string target, std::string body) const {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.set("Authorization", "Bearer key");
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Host", "box");
    return request;
}

Reply Rig::send(std::string method, std::string target, std::string body) {
    return service_.handle(request(std::move(method), std::move(target), std::move(body)), now());
}

json::object Rig::get(std::string target) {
    return read(body_of(send("GET", std::move(target)))).as_object();
}

json::object Rig::post(std::string target, const json::value& body) {
    return read(body_of(send("POST", std::move(target), json::serialize(body)))).as_object();
}

std::string Rig::create(std::string target, std::string_view body) {
    const auto answer = post(std::move(target), read(body));
    EXPECT_EQ(code_of(answer), 200) << json::serialize(answer);
    if (code_of(answer) != 200) return "";
    return std::string(answer.at("data").at("taskId").as_string());
}

std::string Rig::target_of(std::string_view url) {
    constexpr std::string_view origin = "http://box";
    EXPECT_TRUE(url.starts_with(origin)) << url;
    return std::string(url.substr(origin.size()));
}

std::string body_of(const Reply& reply) {
    return std::get<std::string>(reply.response.body);
}

int code_of(const json::object& envelope) {
    return static_cast<int>(envelope.at("code").as_int64());
}

json::value read(std::string_view text) {
    return json::parse(text);
}

}  // namespace genq::sandbox::test
