#include "common/log/log.hpp"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "common/core/rfc3339.hpp"
#include "common/log/line.hpp"

namespace genq::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view name_of(spdlog::level::level_enum level) {
    if (level <= spdlog::level::debug) return to_string(Level::debug);
    if (level == spdlog::level::info) return to_string(Level::info);
    if (level == spdlog::level::warn) return to_string(Level::warn);
    return to_string(Level::error);
}

void append(spdlog::memory_buf_t& to, std::string_view text) {
    to.append(text.data(), text.data() + text.size());
}

/// Puts time and level before what event_text() or event_json() made, and the line's end behind it.
class LineFormatter final : public spdlog::formatter {
  public:
    explicit LineFormatter(Format format) : format_(format) {}

    void format(const spdlog::details::log_msg& event, spdlog::memory_buf_t& to) override {
        const std::string time = to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(event.time));
        const std::string_view payload(event.payload.data(), event.payload.size());
        switch (format_) {
            case Format::text:
                append(to, time);
                append(to, " ");
                append(to, name_of(event.level));
                append(to, " ");
                append(to, payload);
                append(to, "\n");
                return;
            case Format::json:
                append(to, R"({"time":")");
                append(to, time);
                append(to, R"(","level":")");
                append(to, name_of(event.level));
                append(to, "\",");
                append(to, payload);
                append(to, "}\n");
                return;
        }
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineFormatter>(format_);
    }

  private:
    Format format_;
};

}  // namespace

struct Logger::Impl {
    explicit Impl(Format f) : format(f), out("genqd", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        out.set_formatter(std::make_unique<LineFormatter>(format));
        // A standard error that can't be written to must not stop the daemon, nor be reported on itself.
        out.set_error_handler([](const std::string&) {});
    }
    Format format;
    spdlog::logger out;
};

Logger::Logger(Level level, Format format) : impl_(std::make_unique<Impl>(format)) {
    set_level(level);
}

Logger::~Logger() = default;

void Logger::set_level(Level level) {
    impl_->out.set_level(to_spdlog(level));
}

bool Logger::enabled(Level level) const {
    return impl_->out.should_log(to_spdlog(level));
}

void Logger::write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    write_line(level, message, fields);
}

void Logger::write(Level level, std::string_view message, const Subject& subject, std::initializer_list<Field> fields) {
    if (!enabled(level)) return;
    std::vector<Field> all = subject.fields;
    all.insert(all.end(), fields);
    write_line(level, message, all);
}

void Logger::write_line(Level level, std::string_view message, std::span<const Field> fields) {
    if (!enabled(level)) return;
    const std::string line = impl_->format == Format::json ? event_json(message, fields) : event_text(message, fields);
    impl_->out.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

Field trace(std::string_view traceparent) {
    if (traceparent.empty()) return {"", ""};
    return {"trace_id", traceparent.substr(3, 32)};
}

Field if_known(std::string_view key, std::string_view value) {
    if (value.empty()) return {"", ""};
    return {key, value};
}

std::string without_query(std::string_view url) {
    return std::string(url.substr(0, url.find_first_of("?#")));
}

}  // namespace genq::log
