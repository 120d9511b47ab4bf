// The limit for one pass over trail files: libdeflate inflates, simdjson reads the same fields,
// a hash table sums them up.  It maps nothing to actions and takes no resources from requests.
// Build: c++ -O3 -std=c++17 native.cpp -lsimdjson -ldeflate

#include <libdeflate.h>
#include <simdjson.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

namespace fs = std::filesystem;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

struct Sum {
  uint64_t n;
  std::string first, last;
};

static std::string_view text(value field) {
  std::string_view found;
  return field.get_string().get(found) ? std::string_view{} : found;
}

struct Row {
  std::string_view time, source, name, region, error, account, event, arn, issuer, request, resources;
};

static void identity(value field, Row &row) {
  object given;
  if (field.get_object().get(given)) return;
  for (auto part : given) {
    std::string_view key = part.unescaped_key();
    if (key == "arn") {
      row.arn = text(part.value());
    } else if (key == "sessionContext") {
      object context;
      if (part.value().get_object().get(context)) continue;
      for (auto inner : context) {
        if (inner.unescaped_key().value() != "sessionIssuer") continue;
        object issuer;
        if (inner.value().get_object().get(issuer)) continue;
        for (auto one : issuer)
          if (one.unescaped_key().value() == "arn") row.issuer = text(one.value());
      }
    }
  }
}

int main(int, char **argv) {
  auto *inflate = libdeflate_alloc_decompressor();
  simdjson::ondemand::parser parser;
  std::vector<char> out(64u << 20);
  std::unordered_map<std::string, Sum> sums;
  uint64_t records = 0;
  for (auto &entry : fs::recursive_directory_iterator(argv[1])) {
    if (entry.path().extension() != ".gz") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string packed((std::istreambuf_iterator<char>(file)), {});
    size_t size = 0;
    while (libdeflate_gzip_decompress(inflate, packed.data(), packed.size(), out.data(),
                                      out.size() - simdjson::SIMDJSON_PADDING,
                                      &size) == LIBDEFLATE_INSUFFICIENT_SPACE)
      out.resize(out.size() * 2);
    auto document = parser.iterate(out.data(), size, out.size());
    for (auto item : document["Records"].get_array()) {
      Row row{};
      for (auto field : item.get_object()) {
        std::string_view key = field.unescaped_key();
        if (key == "eventTime") row.time = text(field.value());
        else if (key == "eventSource") row.source = text(field.value());
        else if (key == "eventName") row.name = text(field.value());
        else if (key == "awsRegion") row.region = text(field.value());
        else if (key == "errorCode") row.error = text(field.value());
        else if (key == "recipientAccountId") row.account = text(field.value());
        else if (key == "eventID") row.event = text(field.value());
        else if (key == "userIdentity") identity(field.value(), row);
        else if (key == "resources") row.resources = simdjson::to_json_string(field.value());
        else if (key == "requestParameters") {
          object request;
          if (field.value().get_object().get(request)) continue;
          for (auto part : request)
            if (part.unescaped_key().value() == "bucketName") row.request = text(part.value());
        }
      }
      std::string group;
      for (auto part : {row.issuer.empty() ? row.arn : row.issuer, row.source, row.name,
                        row.region, row.error, row.account, row.request, row.resources}) {
        group.append(part);
        group.push_back('\x1f');
      }
      auto day = row.time.substr(0, 10);
      auto [at, fresh] = sums.try_emplace(std::move(group), Sum{0, std::string(day), std::string(day)});
      at->second.n++;
      if (!fresh && day < at->second.first) at->second.first = day;
      if (!fresh && day > at->second.last) at->second.last = day;
      records++;
    }
  }
  std::printf("%llu records, %zu groups\n", (unsigned long long)records, sums.size());
}
