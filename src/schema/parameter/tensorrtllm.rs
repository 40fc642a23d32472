//! TensorRT-LLM, the C++ back-end (`inflight_batcher_llm` `src/model_state.cc` and
//! `src/model_instance_state.cc`). What it cannot read it replaces by the default, with a line in its log.

use super::{Domain, Otherwise, Parameter, Spelling, Table};

const BOOLEAN: Domain = Domain::Boolean(&Spelling {
    on: &["true", "True", "TRUE", "1"],
    off: &["false", "False", "FALSE", "0"],
    any_case: false,
});

const BYTES: Domain = Domain::Integer { least: 0, most: i64::MAX };

const fn lenient(key: &'static str, domain: Domain, doc: &'static str) -> Parameter {
    Parameter::new(key, domain, doc).otherwise(Otherwise::Default).unless_empty()
}

pub(super) static TABLE: Table = Table {
    backend: "tensorrtllm",
    reader: "the TensorRT-LLM back-end",
    // Its releases differ in what they read, and its templates list keys for the models around it.
    is_closed: false,
    parameters: &[
        Parameter::new(
            "gpt_model_type",
            Domain::Choice { values: &["inflight_fused_batching", "inflight_batching", "V1", "v1"], any_case: false },
            "How requests are batched: in flight, or (`V1`) a batch at a time. Required.",
        ),
        lenient("gpt_model_path", Domain::Path, "The folder of the engine. One that is not there counts as not set."),
        lenient(
            "encoder_model_path",
            Domain::Path,
            "The folder of the encoder's engine. One that is not there counts as not set.",
        ),
        lenient("tokenizer_dir", Domain::Path, "Required, though this back-end does nothing with it; may be empty."),
        lenient(
            "xgrammar_tokenizer_info_path",
            Domain::Path,
            "What xgrammar has to know of the tokenizer. Required, may be empty.",
        ),
        lenient("guided_decoding_backend", Domain::Text, "`xgrammar`, for guided decoding. Required, may be empty."),
        lenient("max_beam_width", Domain::INTEGER, "The widest beam that a request may ask for.").default("1"),
        lenient(
            "batch_scheduler_policy",
            Domain::Choice { values: &["guaranteed_no_evict", "max_utilization"], any_case: false },
            "Whether a request, once started, keeps its place, or may be evicted for the sake of full batches.",
        )
        .default("guaranteed_no_evict"),
        lenient(
            "decoding_mode",
            Domain::Choice {
                values: &["top_k", "top_p", "top_k_top_p", "beam_search", "medusa", "redrafter", "lookahead", "eagle"],
                any_case: false,
            },
            "How tokens are chosen. Left out: `top_k_top_p` with a beam width of 1, else `beam_search`.",
        ),
        lenient("lookahead_window_size", Domain::INTEGER, "Required for the decoding mode `lookahead`."),
        lenient("lookahead_ngram_size", Domain::INTEGER, "Required for the decoding mode `lookahead`."),
        lenient("lookahead_verification_set_size", Domain::INTEGER, "Required for the decoding mode `lookahead`."),
        lenient("medusa_choices", Domain::Text, "The tree of Medusa's choices, as nested lists."),
        lenient("eagle_choices", Domain::Text, "The tree of Eagle's choices, as nested lists."),
        lenient("max_tokens_in_paged_kv_cache", Domain::INTEGER, "Tokens that the paged KV cache holds."),
        lenient(
            "kv_cache_free_gpu_mem_fraction",
            Domain::Number,
            "The share of the free GPU memory that the KV cache takes.",
        )
        .default("0.9"),
        lenient(
            "cross_kv_cache_fraction",
            Domain::Number,
            "The share of the KV cache for cross attention; for encoder-decoder models.",
        ),
        lenient("kv_cache_host_memory_bytes", BYTES, "Host memory that the KV cache may move to, in bytes.")
            .default("0"),
        lenient("kv_cache_onboard_blocks", BOOLEAN, "Brings blocks back from host memory before they are used.")
            .default("true"),
        lenient(
            "max_attention_window_size",
            Domain::List { separator: ',', of: "numbers of tokens, one a layer" },
            "Tokens that attention looks back at. Left out, all of the sequence.",
        ),
        lenient("sink_token_length", Domain::INTEGER, "First tokens that stay in the attention window."),
        lenient("enable_kv_cache_reuse", BOOLEAN, "Shares the KV cache of equal beginnings.").default("true"),
        lenient("enable_chunked_context", BOOLEAN, "Splits long prompts. The engine has to be built for it.")
            .default("false"),
        lenient("normalize_log_probs", BOOLEAN, "Normalizes log probabilities.").default("true"),
        lenient("multi_block_mode", BOOLEAN, "Spreads one sequence over several blocks of threads.").default("true"),
        lenient("enable_context_fmha_fp32_acc", BOOLEAN, "Accumulates attention of the prompt in FP32.")
            .default("false"),
        lenient("cuda_graph_mode", BOOLEAN, "Captures CUDA graphs.").default("false"),
        lenient("cuda_graph_cache_size", Domain::INTEGER, "CUDA graphs that are kept.").default("0"),
        lenient("gpu_weights_percent", Domain::Number, "The share of the weights that stays on the GPU.")
            .default("1.0"),
        lenient("iter_stats_max_iterations", Domain::INTEGER, "Iterations whose statistics are kept."),
        lenient("request_stats_max_iterations", Domain::INTEGER, "Iterations whose statistics of requests are kept."),
        lenient("recv_poll_period_ms", Domain::INTEGER, "Milliseconds between polls for requests; 0 never rests.")
            .default("0"),
        lenient(
            "speculative_decoding_fast_logits",
            BOOLEAN,
            "Hands the draft model's logits over directly. Only where models are started as separate processes.",
        )
        .default("false"),
        lenient("lora_cache_max_adapter_size", Domain::INTEGER, "The largest adapter that the cache takes.")
            .default("64"),
        lenient("lora_cache_optimal_adapter_size", Domain::INTEGER, "The usual size of an adapter.").default("8"),
        lenient("lora_cache_gpu_memory_fraction", Domain::Number, "The share of GPU memory for adapters.")
            .default("0.05"),
        lenient("lora_cache_host_memory_bytes", BYTES, "Host memory for adapters, in bytes.").default("1000000000"),
        lenient("lora_prefetch_dir", Domain::Path, "A folder of adapters to load in advance."),
        lenient(
            "gpu_device_ids",
            Domain::List { separator: ';', of: "lists of GPUs with commas, one an instance" },
            "The GPUs of each instance.",
        ),
        lenient(
            "participant_ids",
            Domain::List { separator: ';', of: "lists of ranks with commas, one an instance" },
            "The MPI ranks of each instance.",
        ),
        lenient("num_nodes", Domain::INTEGER, "Machines that the model runs on.").default("1"),
        lenient("executor_worker_path", Domain::Path, "The program of a worker, where the server starts one a rank.")
            .default("/opt/tritonserver/backends/tensorrtllm/trtllmExecutorWorker"),
        lenient("exclude_input_in_output", BOOLEAN, "Leaves the prompt out of the answer.").default("false"),
        lenient("cancellation_check_period_ms", Domain::INTEGER, "Milliseconds between looks for cancelled requests.")
            .default("100"),
        lenient("stats_check_period_ms", Domain::INTEGER, "Milliseconds between looks for statistics.").default("100"),
        lenient("enable_trt_overlap", BOOLEAN, "Overlapped batches of older releases.").obsolete(),
        lenient("worker_path", Domain::Path, "The program of a worker, in older releases.").obsolete(),
        // In the templates that come with it, and read by the Python back-end alone: not worth a word.
        lenient(
            "FORCE_CPU_ONLY_INPUT_TENSORS",
            Domain::Text,
            "Without effect here: a parameter of the Python back-end that the shipped templates carry along.",
        ),
    ],
    command_line: &[],
};
