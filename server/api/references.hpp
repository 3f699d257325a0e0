#pragma once
#include <boost/asio/awaitable.hpp>

#include "server/api/core.hpp"
#include "server/api/request_context.hpp"
#include "server/domain/job.hpp"

namespace genq::api {

/// Looks up what a new job's input refers to, and writes it into the job: files, depends_on, contents and, where all
/// is known and nothing to be uploaded, sent_input. A file or job that is not
/// there, that its caller may not see, that lacks the output, or that `schema` (null: not asked) does not take there by
/// kind, type or size is a fault with its pointer (validation_failed). Costs nothing where the input holds no
/// reference. `siblings`: how the ids begin that stand for jobs of the same batch, which are not there yet; "" for
/// none.
[[nodiscard]] boost::asio::awaitable<Checked<void>> read_references(Core& core, const Context& context, NewJob& job,
                                                                    const catalogue::InputSchema* schema,
                                                                    std::string_view siblings = {});

}  // namespace genq::api
