#include "tests/sim/power.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace genq::sim {

namespace {

constexpr std::size_t sector = 512;

/// A change of a file that no sync has followed.
struct Change {
    std::size_t offset = 0;  // of the bytes; for a truncation the new size
    std::string bytes{};
    bool truncates = false;
    std::string before{};  // what was there from `offset` on
    std::size_t size_before = 0;
};

using Changes = std::vector<Change>;

std::map<std::string, Changes>& unsynced() {
    static auto& files = *new std::map<std::string, Changes>;  // by path; not destroyed before a last database
    return files;
}

/// The checkpointer has a thread of its own. Held over a change and its remembrance, so that a loss finds both or none.
std::mutex& guard() {
    static auto& mutex = *new std::mutex;
    return mutex;
}

sqlite3_vfs* real = nullptr;

/// What SQLite gets as its file; the real one lies behind it in memory.
struct File {
    sqlite3_file base;
    Changes* changes;  // nullptr: a file that nobody opens again
};

constexpr std::size_t offset_of_real = (sizeof(File) + 15) / 16 * 16;

sqlite3_file* real_of(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + offset_of_real);
}

Changes* changes_of(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->changes;
}

/// Remembers the change and what it covers.
int remember(sqlite3_file* file, Change change, std::size_t covers) {
    Changes* changes = changes_of(file);
    if (changes == nullptr) return SQLITE_OK;
    sqlite3_file* below = real_of(file);
    sqlite3_int64 size = 0;
    if (const int code = below->pMethods->xFileSize(below, &size); code != SQLITE_OK) return code;
    change.size_before = static_cast<std::size_t>(size);
    if (change.offset < change.size_before) {
        change.before.resize(std::min(covers, change.size_before - change.offset));
        const int code = below->pMethods->xRead(below, change.before.data(), static_cast<int>(change.before.size()),
                                                static_cast<sqlite3_int64>(change.offset));
        if (code != SQLITE_OK) return code;
    }
    changes->push_back(std::move(change));
    return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}

int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 from) {
    return real_of(file)->pMethods->xRead(real_of(file), to, bytes, from);
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 to) {
    const std::scoped_lock lock(guard());
    const auto size = static_cast<std::size_t>(bytes);
    Change change{static_cast<std::size_t>(to), std::string(static_cast<const char*>(from), size)};
    if (const int code = remember(file, std::move(change), size); code != SQLITE_OK) return code;
    return real_of(file)->pMethods->xWrite(real_of(file), from, bytes, to);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const std::scoped_lock lock(guard());
    Change change{.offset = static_cast<std::size_t>(size), .truncates = true};
    if (const int code = remember(file, std::move(change), std::string::npos); code != SQLITE_OK) return code;
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int sync(sqlite3_file* file, int) {
    const std::scoped_lock lock(guard());
    if (Changes* changes = changes_of(file)) changes->clear();
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

int lock(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

int unlock(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

int check_lock(sqlite3_file* file, int* reserved) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

int control(sqlite3_file* file, int what, void* argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

int sector_size(sqlite3_file* file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

int characteristics(sqlite3_file* file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, memory);
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

void barrier(sqlite3_file* file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

int unmap_shared(sqlite3_file* file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    // Version 2: without memory maps, through which bytes would be written unseen.
    static const sqlite3_io_methods methods{
        2,          close_file, read,        write,           truncate,   sync,        file_size, lock,         unlock,
        check_lock, control,    sector_size, characteristics, map_shared, lock_shared, barrier,   unmap_shared, nullptr,
        nullptr};
    file->pMethods = nullptr;
    const int code = real->xOpen(real, name, real_of(file), flags, out_flags);
    if (code != SQLITE_OK) return code;
    auto* ours = reinterpret_cast<File*>(file);
    const bool stays = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    const std::scoped_lock lock(guard());
    ours->changes = stays && name != nullptr ? &unsynced()[name] : nullptr;
    ours->base.pMethods = &methods;
    return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder) {
    const std::scoped_lock lock(guard());
    if (const auto found = unsynced().find(name); found != unsynced().end()) found->second.clear();
    return real->xDelete(real, name, sync_folder);
}

void apply(std::string& contents, const Change& change, std::size_t bytes) {
    if (change.truncates) {
        contents.resize(change.offset);
        return;
    }
    if (contents.size() < change.offset + bytes) contents.resize(change.offset + bytes);
    contents.replace(change.offset, bytes, change.bytes, 0, bytes);
}

void take_back(std::string& contents, const Change& change) {
    if (contents.size() < change.size_before) contents.resize(change.size_before);
    contents.replace(change.offset > contents.size() ? contents.size() : change.offset, change.before.size(),
                     change.before);
    contents.resize(change.size_before);
}

}  // namespace

void Power::install() {
    if (real != nullptr) return;
    real = sqlite3_vfs_find(nullptr);
    if (real == nullptr) throw std::runtime_error("SQLite has no file system");
    static sqlite3_vfs ours = *real;
    ours.zName = "genqd-sim";
    ours.szOsFile = real->szOsFile + static_cast<int>(offset_of_real);
    ours.xOpen = open;
    ours.xDelete = remove;
    if (sqlite3_vfs_register(&ours, 1) != SQLITE_OK) throw std::runtime_error("SQLite takes no file system");
}

std::map<std::string, std::string> Power::left(const std::string& folder, Dice dice) {
    const std::scoped_lock lock(guard());
    std::map<std::string, std::string> contents;
    const bool all_lost = dice.chance(0.3);
    for (const auto& [path, changes] : unsynced()) {
        if (!path.starts_with(folder) || !std::filesystem::exists(path)) continue;
        std::ifstream file(path, std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        for (auto change = changes.rbegin(); change != changes.rend(); ++change) take_back(bytes, *change);
        for (const Change& change : changes) {
            if (all_lost || dice.chance(0.4)) continue;
            const auto sectors = static_cast<int>(change.bytes.size() / sector);
            const bool torn = sectors > 0 && dice.chance(0.3);
            apply(bytes, change, torn ? sector * static_cast<std::size_t>(dice.below(sectors)) : change.bytes.size());
        }
        contents.emplace(path, std::move(bytes));
    }
    return contents;
}

void Power::restore(const std::string& folder, const std::map<std::string, std::string>& contents) {
    const std::scoped_lock lock(guard());
    std::erase_if(unsynced(), [&folder](const auto& file) { return file.first.starts_with(folder); });
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file()) std::filesystem::remove(entry.path());
    }
    for (const auto& [path, bytes] : contents) std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace genq::sim
