// The one translation unit with Beast's compiled parts and those of Asio's TLS (separate compilation).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
