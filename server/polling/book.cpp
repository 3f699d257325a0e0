#include "server/polling/book.hpp"

#include <algorithm>

#include "common/core/check.hpp"

namespace genq::polling {

void Book::load(std::string model, Durations durations) {
    make_room();
    Entry& entry = models_[std::move(model)];
    entry.durations = durations;
    entry.used = ++uses_;
    entry.stale = true;
}

void Book::prepare(const std::string& model, const Prior& prior) {
    if (!models_.contains(model)) make_room();
    Entry& entry = models_[model];
    entry.used = ++uses_;
    if (entry.prepared) return;
    entry.prior = spread(prior);
    entry.prepared = true;
    entry.stale = true;
    laws_.reset();
}

void Book::make_room() {
    if (models_.size() < most_models) return;
    auto oldest = models_.end();
    for (auto it = models_.begin(); it != models_.end(); ++it) {
        if (it->second.tasks == 0 && (oldest == models_.end() || it->second.used < oldest->second.used)) oldest = it;
    }
    // All are in use: there are more models than that among the tasks that run, which are bounded themselves.
    if (oldest == models_.end()) return;
    models_.erase(oldest);
    laws_.reset();
}

Book::Entry& Book::use(const std::string& model) {
    const auto found = models_.find(model);
    GENQ_CHECK(found != models_.end() && found->second.prepared);
    return found->second;
}

void Book::refresh(Entry& entry) {
    if (!entry.stale) return;
    entry.law = std::make_shared<const Learnt>(
        Learnt{learn(entry.prior, entry.durations, entry.running), entry.durations.seen});
    entry.stale = false;
}

const Law& Book::law(const std::string& model) {
    Entry& entry = use(model);
    refresh(entry);
    return entry.law->law;
}

void Book::added(const std::string& model, double looked) {
    Entry& entry = use(model);
    entry.running[bin_of(looked)] += 1;
    ++entry.tasks;
    entry.stale = true;
}

void Book::removed(const std::string& model, double looked) {
    Entry& entry = use(model);
    entry.running[bin_of(looked)] -= 1;
    --entry.tasks;
    entry.stale = true;
}

void Book::observe(const std::string& model, double after, double until) {
    Entry& entry = use(model);
    refresh(entry);
    polling::observe(entry.durations, entry.law->law, after, until);
    entry.stale = true;
    laws_.reset();
}

void Book::censor(const std::string& model, double looked) {
    Entry& entry = use(model);
    polling::censor(entry.durations, looked);
    entry.stale = true;
    laws_.reset();
}

std::shared_ptr<const Laws> Book::laws() {
    if (laws_) return laws_;
    Laws laws;
    for (auto& [model, entry] : models_) {
        if (!entry.prepared) continue;
        refresh(entry);
        laws.emplace(model, entry.law);
    }
    laws_ = std::make_shared<const Laws>(std::move(laws));
    return laws_;
}

}  // namespace genq::polling
