// protoc's generator of C++ classes, as the plugin that protoc starts where it has none built in.
#include <google/protobuf/compiler/cpp/generator.h>
#include <google/protobuf/compiler/plugin.h>

int main(int argc, char** argv) {
  const google::protobuf::compiler::cpp::CppGenerator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
