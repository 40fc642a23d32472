// What the PyTorch back-end does around a load and a call, and tch has no function for: inference mode and the
// switch of the profiling executor (pytorch_backend src/pt/model_state.cc, LoadModel, and
// src/pt/model_instance_state.cc, Execute).
//
// The linker has tch call these functions instead of its own of the same names (--wrap). How they are to run is in
// the environment, which the linter sets for each process: a process runs one variant.

#include <c10/core/InferenceMode.h>
#include <dlfcn.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool is(const char* name, const char* value) {
  const char* found = std::getenv(name);
  return found != nullptr && std::strcmp(found, value) == 0;
}

bool has_inference_mode() {
  return is("TRITONLINT_PROBE_INFERENCE_MODE", "on");
}

// Left out, the executor stays as libtorch has it.
void switch_executor() {
  if (is("TRITONLINT_PROBE_EXECUTOR", "on")) torch::jit::getExecutorMode() = true;
  if (is("TRITONLINT_PROBE_EXECUTOR", "off")) torch::jit::getExecutorMode() = false;
}

// The half of libtorch for CUDA registers itself when it is loaded, so the program need not be linked with it.
struct Cuda {
  Cuda() {
    if (!is("TRITONLINT_PROBE_CUDA", "on")) return;
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) std::fprintf(stderr, "%s\n", dlerror());
  }
} cuda;

}  // namespace

extern "C" {

void* __real_atm_load_on_device(char* path, int device);
void* __real_atm_forward_(void* module, void** arguments, int count);

void* __wrap_atm_load_on_device(char* path, int device) {
  c10::InferenceMode guard(has_inference_mode());
  return __real_atm_load_on_device(path, device);
}

void* __wrap_atm_forward_(void* module, void** arguments, int count) {
  c10::InferenceMode guard(has_inference_mode());
  switch_executor();
  return __real_atm_forward_(module, arguments, count);
}

}  // extern "C"
