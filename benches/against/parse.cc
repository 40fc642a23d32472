// Reads and parses the configs below each folder with the text parser of C++ protobuf, on one thread.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "model_config.pb.h"

namespace {

class Silent : public google::protobuf::io::ErrorCollector {
 public:
  void RecordError(int, google::protobuf::io::ColumnNumber, absl::string_view) override {}
};

std::string Read(const std::filesystem::path& path) {
  std::string text(std::filesystem::file_size(path), '\0');
  if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
  }
  return text;
}

bool Parse(const std::string& text) {
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  inference::ModelConfig config;
  return parser.ParseFromString(text, &config);
}

}  // namespace

// `parse FOLDER`: every config in it. `parse --repeat N FILE`: MB/s of parsing alone, N times.
int main(int argc, char** argv) {
  if (argc == 4) {
    const int count = std::stoi(argv[2]);
    const std::string text = Read(argv[3]);
    const auto start = std::chrono::steady_clock::now();
    int good = 0;
    for (int i = 0; i < count; ++i) good += Parse(text);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (good != count) return 1;
    std::printf("%.1f\n", text.size() * count / taken.count() / 1e6);
    return 0;
  }
  size_t good = 0, all = 0;
  for (const auto& model : std::filesystem::directory_iterator(argv[1])) {
    good += Parse(Read(model.path() / "config.pbtxt"));
    ++all;
  }
  std::printf("%zu of %zu\n", good, all);
}
