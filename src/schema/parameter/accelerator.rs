//! Execution accelerators: what `optimization.execution_accelerators` may name, and their parameters.

use super::{Domain, Parameter, Release, Spelling};

/// An accelerator of a back-end.
#[derive(Debug)]
pub struct AcceleratorDescriptor {
    /// The back-end that knows it.
    pub backend: &'static str,
    /// Which list it goes into.
    pub list: List,
    /// Its name.
    pub name: &'static str,
    /// What becomes of a key that is not among the parameters.
    pub unknown: Unknown,
    /// The keys that it reads.
    pub parameters: &'static [Parameter],
    /// What it does.
    pub doc: &'static str,
}

/// One of the two lists of accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `gpu_execution_accelerator`, which is read for instances on a GPU only.
    Gpu,
    /// `cpu_execution_accelerator`.
    Cpu,
}

impl List {
    /// The field's name.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Gpu => "gpu_execution_accelerator",
            Self::Cpu => "cpu_execution_accelerator",
        }
    }
}

/// What becomes of a key that an accelerator does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The back-end fails to load the model.
    Refused,
    /// The framework is handed it and fails; a newer one may know more keys than are listed here.
    RefusedByFramework,
    /// Nothing.
    Ignored,
}

impl AcceleratorDescriptor {
    /// The parameter of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.key == key)
    }
}

/// The accelerator of that name, in that list of that back-end.
#[must_use]
pub fn find(backend: &str, list: List, name: &str) -> Option<&'static AcceleratorDescriptor> {
    of(backend, list).find(|accelerator| accelerator.name == name)
}

/// The accelerators in one list of a back-end.
pub fn of(backend: &str, list: List) -> impl Iterator<Item = &'static AcceleratorDescriptor> {
    ACCELERATORS.iter().filter(move |accelerator| accelerator.backend == backend && accelerator.list == list)
}

/// Whether a back-end reads accelerators at all.
#[must_use]
pub fn is_read(backend: &str) -> bool {
    ACCELERATORS.iter().any(|accelerator| accelerator.backend == backend)
}

const fn switch(key: &'static str, doc: &'static str) -> Parameter {
    // The back-end checks the text and hands it on to ONNX Runtime, which knows fewer spellings.
    Parameter::new(key, Domain::Boolean(PASSED_ON), doc).default("false").since("24.04")
}

const fn integer(key: &'static str, doc: &'static str) -> Parameter {
    Parameter::new(key, Domain::INTEGER, doc).since("24.04")
}

const fn text(key: &'static str, domain: Domain, doc: &'static str) -> Parameter {
    Parameter::new(key, domain, doc).since("24.04")
}

const PASSED_ON: &Spelling = &Spelling { on: &["true", "True", "1"], off: &["false", "False", "0"], any_case: false };

const BYTES: Domain = Domain::Integer { least: 0, most: i64::MAX };

/// Every accelerator (`onnxruntime_backend` `src/onnxruntime.cc`, `LoadModel`; `tensorflow_backend`
/// `src/tensorflow.cc`, `CreateModel`).
pub static ACCELERATORS: [AcceleratorDescriptor; 6] = [
    AcceleratorDescriptor {
        backend: "onnxruntime",
        list: List::Gpu,
        name: "tensorrt",
        unknown: Unknown::Refused,
        parameters: &[
            Parameter::new(
                "precision_mode",
                Domain::Choice { values: &["FP32", "FP16", "INT8", "BF16"], any_case: false },
                "The lowest precision that TensorRT may compute in. BF16 from 26.02.",
            )
            .newer_values(&[("BF16", Release::constant("26.02"))])
            .default("FP32")
            .since("21.06"),
            Parameter::new("max_workspace_size_bytes", BYTES, "Bytes that TensorRT may use while it builds.")
                .since("21.06"),
            Parameter::new("int8_calibration_table_name", Domain::Text, "The calibration table for INT8.")
                .since("21.06"),
            switch("int8_use_native_calibration_table", "Whether that table is TensorRT's own.").since("21.09"),
            integer("trt_max_partition_iterations", "Attempts to split the graph into parts for TensorRT."),
            integer("trt_min_subgraph_size", "Nodes from which on a part goes to TensorRT."),
            switch("trt_dla_enable", "Runs on the deep-learning accelerator."),
            integer("trt_dla_core", "Which deep-learning accelerator."),
            switch("trt_engine_cache_enable", "Keeps built engines, so that the next start is fast.").since("21.06"),
            text("trt_engine_cache_path", Domain::Path, "The folder of kept engines.").since("21.06"),
            text("trt_engine_cache_prefix", Domain::Text, "The beginning of kept engines' file names."),
            switch("trt_dump_subgraphs", "Writes the parts that went to TensorRT to files."),
            switch("trt_force_sequential_engine_build", "Builds one engine at a time."),
            switch("trt_context_memory_sharing_enable", "Shares memory between the parts."),
            switch("trt_layer_norm_fp32_fallback", "Computes layer norms in FP32."),
            switch("trt_timing_cache_enable", "Keeps the timings of a build for the next one."),
            text("trt_timing_cache_path", Domain::Path, "The folder of kept timings."),
            switch("trt_force_timing_cache", "Uses kept timings also of another device."),
            switch("trt_detailed_build_log", "Logs each step of a build."),
            switch("trt_build_heuristics_enable", "Builds faster, by heuristics."),
            switch("trt_sparsity_enable", "Uses sparse weights."),
            integer("trt_builder_optimization_level", "How hard a build tries, 0 to 5."),
            integer("trt_auxiliary_streams", "Streams beside the main one; -1 leaves it to TensorRT."),
            text("trt_tactic_sources", Domain::Text, "Libraries that tactics may come from, as `-CUDNN,+CUBLAS`."),
            text("trt_extra_plugin_lib_paths", Domain::Path, "Libraries of plugins."),
            text("trt_profile_min_shapes", Domain::Text, "Smallest shapes, as `input:1x3x224x224`."),
            text("trt_profile_max_shapes", Domain::Text, "Largest shapes, as `input:8x3x224x224`."),
            text("trt_profile_opt_shapes", Domain::Text, "Shapes to optimise for, as `input:4x3x224x224`."),
            switch("trt_cuda_graph_enable", "Captures CUDA graphs."),
            switch("trt_dump_ep_context_model", "Writes a model that holds the built engine."),
            text("trt_ep_context_file_path", Domain::Path, "Where that model is written to."),
            integer("trt_ep_context_embed_mode", "Whether the engine lies in that model (1) or beside it (0)."),
        ],
        doc: "Hands the parts of the graph that TensorRT knows to TensorRT. Engines are built on the first requests.",
    },
    AcceleratorDescriptor {
        backend: "onnxruntime",
        list: List::Gpu,
        name: "cuda",
        unknown: Unknown::RefusedByFramework,
        parameters: &[
            // Four that are always overridden by `parameters`, or by their defaults there.
            Parameter::new("cudnn_conv_algo_search", Domain::Text, "Without effect: `parameters` overrides it.")
                .since("24.06"),
            Parameter::new("gpu_mem_limit", Domain::Text, "Without effect: `parameters` overrides it.").since("24.06"),
            Parameter::new("arena_extend_strategy", Domain::Text, "Without effect: `parameters` overrides it.")
                .since("24.06"),
            Parameter::new("do_copy_in_default_stream", Domain::BOOLEAN, "Without effect: `parameters` overrides it.")
                .since("24.06"),
            Parameter::new("use_ep_level_unified_stream", Domain::BOOLEAN, "Uses one stream for everything.")
                .since("24.06"),
            Parameter::new("device_id", Domain::Text, "Without effect: the back-end sets that of the instance.")
                .since("24.06"),
            Parameter::new(
                "cudnn_conv_use_max_workspace",
                Domain::Text,
                "Whether cuDNN may use as much workspace as it likes (1) or 32 MB (0).",
            )
            .since("24.06"),
            Parameter::new(
                "cudnn_conv1d_pad_to_nc1d",
                Domain::Text,
                "Whether a 1-D convolution is padded as `[N,C,1,D]` (1).",
            )
            .since("24.06"),
            Parameter::new("enable_cuda_graph", Domain::Text, "Captures CUDA graphs.").since("24.06"),
            Parameter::new(
                "enable_skip_layer_norm_strict_mode",
                Domain::Text,
                "Computes skipped layer norms more exactly.",
            )
            .since("24.06"),
            Parameter::new("tunable_op_enable", Domain::Text, "Uses tuned operators.").since("24.06"),
            Parameter::new("tunable_op_tuning_enable", Domain::Text, "Tunes operators while running.").since("24.06"),
            Parameter::new(
                "tunable_op_max_tuning_duration_ms",
                Domain::Text,
                "Milliseconds that tuning an operator may take.",
            )
            .since("24.06"),
            Parameter::new("prefer_nhwc", Domain::Text, "Computes in the layout NHWC where it can.").since("24.06"),
            Parameter::new("use_tf32", Domain::Text, "Computes FP32 in TF32.").since("24.06"),
            Parameter::new("sdpa_kernel", Domain::Text, "Which attention kernels may be used.").since("24.06"),
            Parameter::new("fuse_conv_bias", Domain::Text, "Fuses convolutions with their bias.").since("24.06"),
        ],
        doc: "Options of the CUDA execution provider, which GPU instances use in any case.",
    },
    AcceleratorDescriptor {
        backend: "onnxruntime",
        list: List::Cpu,
        name: "openvino",
        unknown: Unknown::Ignored,
        parameters: &[],
        doc: "Hands the graph to OpenVINO, on the CPU also for GPU instances. Only if the back-end was built with it.",
    },
    AcceleratorDescriptor {
        backend: "tensorflow",
        list: List::Gpu,
        name: "tensorrt",
        unknown: Unknown::Refused,
        parameters: &[
            Parameter::new(
                "precision_mode",
                Domain::Choice { values: &["FP32", "FP16"], any_case: false },
                "The lowest precision that TensorRT may compute in.",
            )
            .default("FP32"),
            Parameter::new(
                "minimum_segment_size",
                Domain::Integer { least: i64::MIN, most: i64::MAX },
                "Nodes from which on a part goes to TensorRT.",
            )
            .default("3"),
            Parameter::new(
                "max_workspace_size_bytes",
                Domain::Integer { least: i64::MIN, most: i64::MAX },
                "Bytes that TensorRT may use while it builds.",
            ),
            Parameter::new(
                "max_cached_engines",
                Domain::Integer { least: i64::MIN, most: i64::MAX },
                "Engines that are kept.",
            ),
        ],
        doc: "Hands the parts of the graph that TensorRT knows to TensorRT.",
    },
    AcceleratorDescriptor {
        backend: "tensorflow",
        list: List::Gpu,
        name: "gpu_io",
        unknown: Unknown::Ignored,
        parameters: &[],
        doc: "Keeps inputs and outputs on the GPU.",
    },
    AcceleratorDescriptor {
        backend: "tensorflow",
        list: List::Gpu,
        name: "auto_mixed_precision",
        unknown: Unknown::Ignored,
        parameters: &[],
        doc: "Computes in FP16 where that is safe. Not together with `tensorrt`.",
    },
];
