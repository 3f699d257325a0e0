#include "server/upstream/outcome.hpp"

namespace genq::upstream {

std::string advice_for(int code) {
    switch (code) {
        case 401:
            return "Check KIE_API_KEY: it is missing or wrong. Keys are made at https://kie.ai/api-key.";
        case 402:
            return "The account has too few credits: top up at https://kie.ai/pricing.";
        case 403:
            return "kie.ai refuses this address or client: check the key's address list and the User-Agent.";
        case 404:
            return "Check the model's id, and the task's where the input names one: kie.ai does not know it, or no "
                   "longer.";
        case 408:
            return "kie.ai's provider gave no result in time: a new task may succeed.";
        case 413:
            return "Shorten the prompt, or use other input: it is too long or matches an existing work.";
        case 400:
        case 422:
            return "Check the parameters of the input.";
        case 429:
        case 430:
            return "Too many requests: wait and try again (20 per 10 seconds and account).";
        case 433:
            return "The API key's own spending cap is reached: raise it at https://kie.ai/api-key.";
        case 451:
            return "kie.ai could not fetch an input URL: make it publicly readable, or upload the file again.";
        case 455:
            return "kie.ai is under maintenance: try again later.";
        case 500:
            return "kie.ai had an internal error: try again after a few seconds.";
        case 501:
            return "The generation failed: read the message and adjust the prompt or the input.";
        case 505:
            return "kie.ai has switched this feature off: choose another model.";
        case 531:
            return "The generation failed and its credits were given back: a new task may succeed.";
        case 550:
            return "kie.ai's own queue is full: try again later.";
        default:
            return {};
    }
}

}  // namespace genq::upstream
