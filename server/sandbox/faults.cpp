#include "server/sandbox/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <utility>

namespace genq::sandbox {
namespace {

namespace json = boost::json;

struct Name {
    FaultAction action;
    std::string_view text;
    FaultStage stage;
};
constexpr std::array names{
    Name{FaultAction::status, "status", FaultStage::request},
    Name{FaultAction::code, "code", FaultStage::request},
    Name{FaultAction::reset_before, "reset_before", FaultStage::request},
    Name{FaultAction::reset_after, "reset_after", FaultStage::request},
    Name{FaultAction::hang, "hang", FaultStage::request},
    Name{FaultAction::empty, "empty", FaultStage::request},
    Name{FaultAction::html, "html", FaultStage::request},
    Name{FaultAction::delay_ms, "delay_ms", FaultStage::request},
    Name{FaultAction::fail_task, "fail_task", FaultStage::task},
    Name{FaultAction::stuck, "stuck", FaultStage::task},
    Name{FaultAction::no_result, "no_result", FaultStage::task},
    Name{FaultAction::not_visible, "not_visible", FaultStage::task},
    Name{FaultAction::truncate, "truncate", FaultStage::media},
    Name{FaultAction::expired, "expired", FaultStage::media},
};

const Name& name_of(FaultAction action) {
    return *std::ranges::find(names, action, &Name::action);
}

bool matches(const Fault& fault, const FaultSubject& subject) {
    const bool prefix = fault.path.ends_with('*');
    const auto path = std::string_view(fault.path).substr(0, fault.path.size() - (prefix ? 1 : 0));
    if (prefix ? !subject.path.starts_with(path) : (!path.empty() && subject.path != path)) return false;
    if (!fault.model.empty() && fault.model != subject.model) return false;
    return fault.family.empty() || fault.family == subject.family;
}

// Reads one object member by member, so that a misspelt key is told and not ignored.
Result<void> read_member(Fault& fault, std::string_view key, const json::value& value) {
    const auto wrong = [key](std::string_view what) {
        return fail(errc::invalid_argument, fmt::format("\"{}\" has to be {}", key, what));
    };
    const auto number = [&value](auto& out) {
        if (!value.is_int64()) return false;
        out = static_cast<int>(value.as_int64());
        return true;
    };
    const auto text = [&value](std::string& out) {
        if (!value.is_string()) return false;
        out = value.as_string().c_str();
        return true;
    };
    if (key == "do") {
        const std::string_view wanted = value.is_string() ? std::string_view(value.as_string()) : std::string_view();
        const auto* name = std::ranges::find(names, wanted, &Name::text);
        if (name == names.end()) return wrong("one of the actions");
        fault.action = name->action;
        return {};
    }
    if (key == "match") {
        if (!value.is_object()) return wrong("an object");
        for (const auto& [inner, wanted] : value.as_object()) {
            auto& field = inner == "path" ? fault.path : inner == "model" ? fault.model : fault.family;
            if (inner != "path" && inner != "model" && inner != "family") return wrong("of path, model and family");
            if (!wanted.is_string()) return wrong("made of strings");
            field = wanted.as_string().c_str();
        }
        return {};
    }
    if (key == "times") return number(fault.times) ? Result<void>{} : wrong("a whole number");
    if (key == "after") return number(fault.after) ? Result<void>{} : wrong("a whole number");
    if (key == "status") return number(fault.status) ? Result<void>{} : wrong("a whole number");
    if (key == "code") return number(fault.code) ? Result<void>{} : wrong("a whole number");
    if (key == "body") return text(fault.body) ? Result<void>{} : wrong("a string");
    if (key == "msg") return text(fault.msg) ? Result<void>{} : wrong("a string");
    if (key == "ms") {
        int ms = 0;
        if (!number(ms) || ms < 0) return wrong("a whole number of milliseconds");
        fault.ms = std::chrono::milliseconds(ms);
        return {};
    }
    return fail(errc::invalid_argument, fmt::format("\"{}\" is not known", std::string_view(key)));
}

Result<Fault> parse_fault(const json::value& entry) {
    if (!entry.is_object()) return fail(errc::invalid_argument, "a fault has to be an object");
    const auto& object = entry.as_object();
    if (!object.contains("do")) return fail(errc::invalid_argument, "\"do\" is missing");
    Fault fault;
    for (const auto& [key, value] : object) {
        if (auto read = read_member(fault, key, value); !read) return std::unexpected(read.error());
    }
    if (fault.status < 200 || fault.status > 599) return fail(errc::invalid_argument, "\"status\" is 200 to 599");
    return fault;
}

}  // namespace

Result<std::vector<Fault>> parse_faults(const json::value& list) {
    const json::array alone = list.is_object() ? json::array(1, list) : json::array();
    if (!list.is_array() && !list.is_object()) return fail(errc::invalid_argument, "a list of faults is needed");
    std::vector<Fault> faults;
    for (const auto& entry : list.is_array() ? list.as_array() : alone) {
        auto fault = parse_fault(entry);
        if (!fault) {
            return fail(errc::invalid_argument, fmt::format("fault {}: {}", faults.size(), fault.error().detail));
        }
        faults.push_back(std::move(*fault));
    }
    return faults;
}

void FaultBook::add(std::vector<Fault> faults) {
    for (auto& fault : faults) faults_.push_back(std::move(fault));
}

std::optional<Fault> FaultBook::take(FaultStage stage, const FaultSubject& subject) {
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        if (name_of(fault->action).stage != stage || !matches(*fault, subject)) continue;
        if (fault->after > 0) {
            --fault->after;
            continue;
        }
        if (fault->times == 0) continue;
        const Fault taken = *fault;
        if (fault->times > 0 && --fault->times == 0) faults_.erase(fault);
        return taken;
    }
    return std::nullopt;
}

json::array FaultBook::to_json() const {
    json::array list;
    for (const auto& fault : faults_) {
        json::object match;
        if (!fault.path.empty()) match["path"] = fault.path;
        if (!fault.model.empty()) match["model"] = fault.model;
        if (!fault.family.empty()) match["family"] = fault.family;
        list.push_back(json::object{{"match", match},
                                    {"times", fault.times},
                                    {"after", fault.after},
                                    {"do", name_of(fault.action).text},
                                    {"status", fault.status},
                                    {"body", fault.body},
                                    {"code", fault.code},
                                    {"msg", fault.msg},
                                    {"ms", fault.ms.count()}});
    }
    return list;
}

}  // namespace genq::sandbox
