#include "server/cli/run.hpp"

int main(int argc, char** argv) {
    return genq::cli::run(argc, argv);
}
