#include <algorithm>
#include <map>
#include <set>

#include "server/api/routes.hpp"
#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

using api::Access;
using api::Route;

// The routes of both tables by what the document calls them: "GET /v1/models/{id}" for "/v1/models/{id...}".
std::map<std::string, Access> routes_by_name(const api::Mount& mount) {
    std::map<std::string, Access> named;
    const auto add = [&named](const Route& route) {
        std::string path(route.pattern);
        if (const auto dots = path.find("..."); dots != std::string::npos) path.erase(dots, 3);
        named.emplace(std::string(route.method) + " " + path, route.access);
    };
    std::ranges::for_each(api::routes(), add);
    std::ranges::for_each(mount.routes, add);
    return named;
}

std::map<std::string, boost::json::object> operations_by_name(const boost::json::value& document) {
    std::map<std::string, boost::json::object> named;
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            std::string name(operation.key());
            for (char& c : name) c = static_cast<char>(std::toupper(c));
            named.emplace(name + " " + std::string(path.key()), operation.value().as_object());
        }
    }
    return named;
}

// What the document has to say of who may: each text is one way in, `{}` being that of a daemon without tokens.
std::set<std::string> ways_in(Access access) {
    switch (access) {
        case Access::open:
            return {};
        case Access::readyz:
        case Access::metrics:
        case Access::read:
            return {"{}", R"({"read":[]})"};
        case Access::submit_and_read:
            return {"{}", R"({"submit":[],"read":[]})"};
        case Access::own_read:
            return {"{}", R"({"read":[]})", R"({"submit":[]})"};
        case Access::submit:
            return {"{}", R"({"submit":[]})"};
        case Access::act:
            return {"{}", R"({"submit":[]})", R"({"admin":[]})"};
        case Access::admin:
            return {"{}", R"({"admin":[]})"};
    }
    return {};
}

TEST_F(FrontTest, documents_exactly_the_routes_that_there_are) {
    std::set<std::string> in_table;
    for (const auto& route : routes_by_name(mount_)) in_table.insert(route.first);
    std::set<std::string> in_document;
    for (const auto& operation : operations_by_name(json_of(get("/openapi.json")))) in_document.insert(operation.first);
    EXPECT_EQ(in_document, in_table);
}

TEST_F(FrontTest, documents_the_scopes_that_a_route_asks_for) {
    const auto access = routes_by_name(mount_);
    for (const auto& [name, operation] : operations_by_name(json_of(get("/openapi.json")))) {
        std::set<std::string> documented;
        for (const auto& way : operation.at("security").as_array()) documented.insert(boost::json::serialize(way));
        const auto route = access.find(name);
        ASSERT_NE(route, access.end()) << name;
        EXPECT_EQ(documented, ways_in(route->second)) << name;
    }
}

TEST_F(FrontTest, says_of_what_is_open_that_no_host_is_refused) {
    const auto access = routes_by_name(mount_);
    for (const auto& [name, operation] : operations_by_name(json_of(get("/openapi.json")))) {
        const auto route = access.find(name);
        ASSERT_NE(route, access.end()) << name;
        const bool guarded = route->second != Access::open && name.find(" /api/") == std::string::npos;
        EXPECT_EQ(operation.at("responses").as_object().contains("421"), guarded) << name;
    }
}

}  // namespace
}  // namespace genq::front::test
