//! The vocabulary: every message, field and enum value of `inference.ModelConfig`.
//!
//! Descriptors, the typed view and the field reference are all generated from these two lists.
//! Names, numbers and types follow `protobuf/model_config.proto` of Triton's `common` repository;
//! the texts are our own.

use crate::schema::{Map, Optional, Repeated, Singular, enums, messages};

enums! {
    /// Element type of a tensor.
    enum DataType("DataType") {
        /// Not a type; what an omitted `data_type` reads as.
        Invalid = TYPE_INVALID = 0;
        /// Boolean, one byte per element.
        Bool = TYPE_BOOL = 1;
        /// Unsigned 8-bit integer.
        Uint8 = TYPE_UINT8 = 2;
        /// Unsigned 16-bit integer.
        Uint16 = TYPE_UINT16 = 3;
        /// Unsigned 32-bit integer.
        Uint32 = TYPE_UINT32 = 4;
        /// Unsigned 64-bit integer.
        Uint64 = TYPE_UINT64 = 5;
        /// Signed 8-bit integer.
        Int8 = TYPE_INT8 = 6;
        /// Signed 16-bit integer.
        Int16 = TYPE_INT16 = 7;
        /// Signed 32-bit integer.
        Int32 = TYPE_INT32 = 8;
        /// Signed 64-bit integer.
        Int64 = TYPE_INT64 = 9;
        /// IEEE half precision, 2 bytes. Over HTTP it travels as binary data only, not as JSON.
        Fp16 = TYPE_FP16 = 10;
        /// IEEE single precision, 4 bytes.
        Fp32 = TYPE_FP32 = 11;
        /// IEEE double precision, 8 bytes.
        Fp64 = TYPE_FP64 = 12;
        /// Byte strings of any length, one per element. In data files each element is preceded
        /// by its length in 4 bytes.
        String = TYPE_STRING = 13;
        /// Brain floating point, 2 bytes. Over HTTP it travels as binary data only, not as JSON.
        Bf16 = TYPE_BF16 = 14, since 22.05;
    }

    /// Kind of device that the instances of a group run on.
    enum InstanceGroupKind("ModelInstanceGroup.Kind") {
        /// Decided at load time, and the default: GPU if the host has a usable one and every id
        /// in `gpus` exists. Otherwise CPU, where any `gpus` are an error.
        Auto = KIND_AUTO = 0;
        /// GPU instances: `count` of them on each GPU in `gpus`, or on every usable GPU when
        /// `gpus` is left out.
        Gpu = KIND_GPU = 1;
        /// CPU instances; `gpus` has to stay empty.
        Cpu = KIND_CPU = 2;
        /// Device placement is left to the model or its backend; `gpus` has to stay empty.
        Model = KIND_MODEL = 3;
    }

    /// Kind of an auxiliary device next to the GPU.
    enum SecondaryDeviceKind("ModelInstanceGroup.SecondaryDevice.SecondaryDeviceKind") {
        /// NVIDIA deep learning accelerator (DLA) core, and the default. TensorRT only.
        Nvdla = KIND_NVDLA = 0;
    }

    /// Memory layout that an image input claims to have. It only makes Triton check the number
    /// of dimensions; no data is ever transposed.
    enum InputFormat("ModelInput.Format") {
        /// No particular layout, and no check. The default.
        None = FORMAT_NONE = 0;
        /// Height, width, channels: `dims` must have exactly 3 entries (batch not counted).
        Nhwc = FORMAT_NHWC = 1;
        /// Channels, height, width: `dims` must have exactly 3 entries (batch not counted).
        Nchw = FORMAT_NCHW = 2;
    }

    /// What a generated batch input tells the backend about the requests of a batch.
    enum BatchInputKind("BatchInput.Kind") {
        /// One value per request: how many elements its source input has. The default.
        ElementCount = BATCH_ELEMENT_COUNT = 0;
        /// One value per request: the running total of elements up to and including it.
        AccumulatedElementCount = BATCH_ACCUMULATED_ELEMENT_COUNT = 1;
        /// The running totals with a 0 put in front, hence one value more than there are
        /// requests: consecutive values are the start and end of a request.
        AccumulatedElementCountWithZero = BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO = 2;
        /// A tensor whose shape, not contents, carries the information: it is as long as the
        /// largest element count among the requests.
        MaxElementCountAsShape = BATCH_MAX_ELEMENT_COUNT_AS_SHAPE = 3;
        /// One row per batch item holding the shape of that item (batch dimension excluded).
        ItemShape = BATCH_ITEM_SHAPE = 4, since 22.03;
        /// The item shapes as for `BATCH_ITEM_SHAPE`, strung together into one dimension.
        ItemShapeFlatten = BATCH_ITEM_SHAPE_FLATTEN = 5, since 22.03;
    }

    /// How an output computed for a whole batch is cut up into responses.
    enum BatchOutputKind("BatchOutput.Kind") {
        /// Each request gets the stretch of the output that corresponds to the shape of its
        /// source input. The default.
        ScatterWithInputShape = BATCH_SCATTER_WITH_INPUT_SHAPE = 0;
    }

    /// Relative importance of a model's work on the device.
    enum ModelPriority("ModelOptimizationPolicy.ModelPriority") {
        /// No preference. What an omitted `priority` reads as.
        Default = PRIORITY_DEFAULT = 0;
        /// Ahead of other models.
        Max = PRIORITY_MAX = 1;
        /// Behind other models.
        Min = PRIORITY_MIN = 2;
    }

    /// What happens to a request whose queue timeout runs out.
    enum TimeoutAction("ModelQueuePolicy.TimeoutAction") {
        /// The request fails with a timeout error. The default.
        Reject = REJECT = 0;
        /// The request stays queued but is served after those that have not timed out. Rejected
        /// in combination with a non-zero timeout and `preserve_ordering`.
        Delay = DELAY = 1;
    }

    /// Signal that a control tensor gives to a stateful model.
    enum ControlKind("ModelSequenceBatching.Control.Kind") {
        /// True on the first request of a sequence. What an omitted `kind` reads as.
        SequenceStart = CONTROL_SEQUENCE_START = 0;
        /// True where a batch slot holds a real request, false where it is only padding.
        SequenceReady = CONTROL_SEQUENCE_READY = 1;
        /// True on the last request of a sequence.
        SequenceEnd = CONTROL_SEQUENCE_END = 2;
        /// Tells sequences apart by their correlation id. Needs `data_type` and no false/true list.
        SequenceCorrid = CONTROL_SEQUENCE_CORRID = 3;
    }
}

messages! {
    /// A whole `config.pbtxt`: how Triton loads one model and schedules its requests.
    message ModelConfig("ModelConfig") {
        /// Name of the model. Best left out: it is taken from the model directory, and a written
        /// name that differs from the directory name stops the model from loading.
        name: Singular<String> = 1;
        /// Older way to select a backend, such as `tensorrt_plan` or `onnxruntime_onnx`. Seldom
        /// needed today, but `ensemble` and `torch_aoti` have to be written here.
        platform: Singular<String> = 2;
        /// Which version directories are loaded. Omitted, only the highest-numbered one is.
        version_policy: Optional<ModelVersionPolicy> = 3;
        /// Largest batch that one execution may receive; must not be negative. 0 or omitted turns
        /// batching off, above 0 every tensor gets a leading batch dimension not listed in `dims`.
        max_batch_size: Singular<i32> = 4;
        /// Input tensors. May be left out where the backend completes them from the model file.
        input: Repeated<ModelInput> = 5;
        /// Output tensors. May be left out where the backend completes them from the model file.
        output: Repeated<ModelOutput> = 6;
        /// How many instances run on which devices. Omitted, the backend chooses, usually one
        /// instance per GPU. Not allowed in an ensemble.
        instance_group: Repeated<ModelInstanceGroup> = 7;
        /// Model file or directory inside each version directory. Omitted, the customary name of
        /// the backend is used, such as `model.onnx` or `model.py`.
        default_model_filename: Singular<String> = 8;
        /// Model file per CUDA compute capability, with keys like `"7.5"`. Only looked up for GPU
        /// instances; a capability that is missing here uses `default_model_filename`.
        cc_model_filenames: Map<String, String> = 9;
        /// Labels added to the metrics of this model; every key gets a `_` put in front.
        metric_tags: Map<String, String> = 10;
        /// Merges requests of different clients into batches. Excludes `sequence_batching` and
        /// `ensemble_scheduling`. Pointless unless `max_batch_size` is above 1.
        dynamic_batching: Optional<ModelDynamicBatching> = 11, oneof scheduling_choice;
        /// Tuning of the runtime. Omitted, pinned host memory is used and the rest is left to the
        /// backend. Not allowed in an ensemble, even when empty.
        optimization: Optional<ModelOptimizationPolicy> = 12;
        /// Keeps the requests of a sequence together for a stateful model. Excludes
        /// `dynamic_batching`, `ensemble_scheduling` and an enabled `response_cache`.
        sequence_batching: Optional<ModelSequenceBatching> = 13, oneof scheduling_choice;
        /// Settings for the backend. Keys are case-sensitive and no backend reports one that it
        /// does not know, so a misspelt key has no effect.
        parameters: Map<String, ModelParameter> = 14;
        /// Steps of an ensemble. Requires `platform: "ensemble"` and excludes `dynamic_batching`
        /// and `sequence_batching`.
        ensemble_scheduling: Optional<ModelEnsembling> = 15, oneof scheduling_choice;
        /// Sample requests that each instance runs before the model becomes ready. Not allowed in
        /// an ensemble.
        model_warmup: Repeated<ModelWarmup> = 16;
        /// Backend that executes the model, such as `onnxruntime`, `pytorch` or `python`. Omitted,
        /// it is guessed from `platform` or the files present. Stays empty in an ensemble.
        backend: Singular<String> = 17;
        /// Custom operator libraries for the framework. Without effect outside ONNX Runtime and
        /// TensorFlow.
        model_operations: Optional<ModelOperations> = 18;
        /// Declares how responses relate to requests. In an ensemble the value is worked out from
        /// its steps and whatever is written here is replaced.
        model_transaction_policy: Optional<ModelTransactionPolicy> = 19;
        /// Extra tensors that describe a ragged batch to the backend, made up by Triton and
        /// not sent by clients.
        batch_input: Repeated<BatchInput> = 20;
        /// Outputs that are split over the requests of a batch by another rule than the batch
        /// dimension. Needed for ragged outputs.
        batch_output: Repeated<BatchOutput> = 21;
        /// Repository agents that process the model files while the repository is polled, before
        /// this file is validated.
        model_repository_agents: Optional<ModelRepositoryAgents> = 23;
        /// Reuse of earlier responses for equal requests. The server has to be started with
        /// `--cache-config` as well.
        response_cache: Optional<ModelResponseCache> = 24, since 21.10;
        /// File name of the backend library to use in place of the usual one, or `model.py` for
        /// the Python runtime of PyTorch. Omitted, `libtriton_<backend>.so` is looked for.
        runtime: Singular<String> = 25, since 24.01;
        /// Adjusts individual metrics of this model. A change needs an unload and a load.
        model_metrics: Optional<ModelMetrics> = 26, since 24.11;
    }

    /// One input tensor of the model.
    message ModelInput("ModelInput") {
        /// Name of the tensor, required and unique. Some backends give the spelling a meaning,
        /// such as `INPUT__0` for PyTorch.
        name: Singular<String> = 1;
        /// Element type, required unless the backend fills it in.
        data_type: Singular<DataType> = 2;
        /// Image layout. Only checked against the number of dimensions, otherwise without effect.
        format: Singular<InputFormat> = 3;
        /// Shape, required unless the backend fills it in. Each entry is at least 1, or -1 for any
        /// size. Leave out the batch dimension if `max_batch_size` is above 0.
        dims: Repeated<i64> = 4;
        /// Shape in which the backend receives the tensor, if not `dims`. Both need the same
        /// number of elements and of -1 entries.
        reshape: Optional<ModelTensorReshape> = 5;
        /// The values of this tensor are a shape that TensorRT needs before execution. Allowed with
        /// platform `tensorrt_plan` only; all requests of a batch have to agree on the values.
        is_shape_tensor: Singular<bool> = 6;
        /// Lets requests with different shapes share a batch. The backend gets the data joined
        /// without padding and usually needs a `batch_input` to find the boundaries.
        allow_ragged_batch: Singular<bool> = 7;
        /// Requests may omit this input. Accepted by onnxruntime, python, identity and custom
        /// backends that support it; the others refuse to load the model.
        optional: Singular<bool> = 8, since 22.01;
        /// The engine expects this tensor in a non-linear (vectorised) format. Needs 3 entries in
        /// `dims` and the platform `tensorrt_plan`.
        is_non_linear_format_io: Singular<bool> = 9, since 24.08;
    }

    /// One output tensor of the model.
    message ModelOutput("ModelOutput") {
        /// Name of the tensor, required. It should be unique.
        name: Singular<String> = 1;
        /// Element type, required unless the backend fills it in.
        data_type: Singular<DataType> = 2;
        /// Shape, required unless the backend fills it in. Each entry is at least 1, or -1 for any
        /// size. Leave out the batch dimension if `max_batch_size` is above 0.
        dims: Repeated<i64> = 3;
        /// Text file with one class label per line, inside the model directory (not the version
        /// directory). Used when clients ask for a classification.
        label_filename: Singular<String> = 4;
        /// Shape in which the backend produces the tensor, if not `dims`. Both need the same
        /// number of elements and of -1 entries.
        reshape: Optional<ModelTensorReshape> = 5;
        /// The values of this tensor are a shape computed by TensorRT. Allowed with platform
        /// `tensorrt_plan` only.
        is_shape_tensor: Singular<bool> = 6;
        /// The engine writes this tensor in a non-linear (vectorised) format. Needs 3 entries in
        /// `dims` and the platform `tensorrt_plan`.
        is_non_linear_format_io: Singular<bool> = 7, since 24.08;
    }

    /// Shape of a tensor on the backend's side, where that differs from the client's side.
    message ModelTensorReshape("ModelTensorReshape") {
        /// The backend's shape, entries at least 1 or -1, batch dimension left out. Empty makes
        /// each batch item a scalar; this needs batching and `dims` with exactly one element.
        shape: Repeated<i64> = 1;
    }

    /// A tensor that Triton computes from the requests of a batch and adds for the backend.
    message BatchInput("BatchInput") {
        /// What the tensor holds. Omitted, the element count of each request.
        kind: Singular<BatchInputKind> = 1;
        /// Name or names under which the backend sees the tensor. Triton does not check them, so
        /// avoid empty, repeated and already used names.
        target_name: Repeated<String> = 2;
        /// Element type: `TYPE_INT32` or `TYPE_FP32`, nothing else. Must be written.
        data_type: Singular<DataType> = 3;
        /// The declared input that is measured. Exactly one entry.
        source_input: Repeated<String> = 4;
    }

    /// A rule for splitting outputs over the requests of a batch.
    message BatchOutput("BatchOutput") {
        /// Declared outputs to which the rule applies, each at most once.
        target_name: Repeated<String> = 1;
        /// How the outputs are split. There is only one way so far.
        kind: Singular<BatchOutputKind> = 2;
        /// The declared input that governs the split. Exactly one entry.
        source_input: Repeated<String> = 3;
    }

    /// Choice of the versions to load. A block without any of its members loads all of them.
    message ModelVersionPolicy("ModelVersionPolicy") {
        /// Load the versions with the highest numbers.
        latest: Optional<VersionPolicyLatest> = 1, oneof policy_choice;
        /// Load every version; each one takes memory.
        all: Optional<VersionPolicyAll> = 2, oneof policy_choice;
        /// Load the listed versions.
        specific: Optional<VersionPolicySpecific> = 3, oneof policy_choice;
    }

    /// Policy that loads the newest versions.
    message VersionPolicyLatest("ModelVersionPolicy.Latest") {
        /// How many versions to load. Write at least 1: with 0 or nothing here no version is
        /// selected and the model fails to load.
        num_versions: Singular<u32> = 1;
    }

    /// Policy that loads every version present; written as `all { }`.
    message VersionPolicyAll("ModelVersionPolicy.All") {}

    /// Policy that loads chosen versions.
    message VersionPolicySpecific("ModelVersionPolicy.Specific") {
        /// Version numbers. One without a directory is only logged, but at least one has to exist.
        versions: Repeated<i64> = 1;
    }

    /// A set of equal instances of the model, placed on the same kind of device.
    message ModelInstanceGroup("ModelInstanceGroup") {
        /// Name of the group, from which the instances are named. Omitted, `<model>_<index>`.
        name: Singular<String> = 1;
        /// Number of instances, per GPU where they run on GPUs. Below 1 or omitted means the
        /// default: 1, but 2 for onnxruntime on CPU.
        count: Singular<i32> = 2;
        /// Ids of the GPUs to use. Omitted, GPU instances are put on every usable GPU. Must be
        /// empty for `KIND_CPU` and `KIND_MODEL`.
        gpus: Repeated<i32> = 3;
        /// Kind of device. Omitted, `KIND_AUTO` is resolved on the host when the model loads.
        kind: Singular<InstanceGroupKind> = 4;
        /// TensorRT optimization profiles to load, as quoted indexes such as `"0"`. Omitted, only
        /// profile 0. Other backends do not accept it.
        profile: Repeated<String> = 5;
        /// Resources and priority of these instances. Only used when the server runs with
        /// `--rate-limit=execution_count`.
        rate_limiter: Optional<ModelRateLimiter> = 6;
        /// Loads the instances but never gives them requests or warm-up samples. At least one
        /// group of a model should be active.
        passive: Singular<bool> = 7, since 21.06;
        /// Auxiliary devices of the instances. TensorRT takes at most one; other backends ignore
        /// the list.
        secondary_devices: Repeated<SecondaryDevice> = 8, since 21.06;
        /// Name of a `--host-policy` of the server. Omitted, `cpu`, `gpu_<id>` or `model`; a name
        /// that the server does not define has no effect.
        host_policy: Singular<String> = 9, since 21.06;
    }

    /// An auxiliary device used by the instances of a group.
    message SecondaryDevice("ModelInstanceGroup.SecondaryDevice") {
        /// Kind of device; a DLA core is the only one.
        kind: Singular<SecondaryDeviceKind> = 1;
        /// Number of the device among those of its kind. Omitted, 0.
        device_id: Singular<i64> = 2;
    }

    /// What an instance has to hold, and how often it gets a turn, under rate limiting.
    message ModelRateLimiter("ModelRateLimiter") {
        /// Resources that an instance must obtain before each execution.
        resources: Repeated<RateLimiterResource> = 1;
        /// Weight among competing instances: one with priority N gets 1/N as many turns as one
        /// with priority 1. 0 or omitted counts as 1.
        priority: Singular<u32> = 2;
    }

    /// A resource in the sense of the rate limiter: a named number of units, nothing physical.
    message RateLimiterResource("ModelRateLimiter.Resource") {
        /// Name of the resource. Models that use the same name compete for the same units.
        name: Singular<String> = 1;
        /// Shared by the whole server rather than counted per device. Omitted, per device. All
        /// loaded models must agree on this for a given name.
        global: Singular<bool> = 2;
        /// Units taken during an execution. 0 or omitted takes none.
        count: Singular<u32> = 3;
    }

    /// Settings of the dynamic batcher. `dynamic_batching { }` with the defaults is a good start.
    message ModelDynamicBatching("ModelDynamicBatching") {
        /// Batch sizes to aim for, each in 1..=`max_batch_size`. Omitted, the maximum alone, which
        /// suits most models.
        preferred_batch_size: Repeated<i32> = 1;
        /// Longest time in microseconds that a request is held back in the hope of a larger batch.
        /// 0 or omitted sends off whatever is queued once an instance is free.
        max_queue_delay_microseconds: Singular<u64> = 2;
        /// Returns responses in the order of the requests. Cannot be combined with more than one
        /// priority level or with timeouts whose action is `DELAY`.
        preserve_ordering: Singular<bool> = 3;
        /// Number of priority levels, 1 being the most urgent. 0 or omitted: no priorities.
        priority_levels: Singular<u64> = 4;
        /// Level of requests that name none, in 1..=`priority_levels`. Must be written when
        /// there are priority levels, and is unused otherwise.
        default_priority_level: Singular<u64> = 5;
        /// Queue limits of all levels that have no entry of their own. Omitted: no timeout and a
        /// queue of any length.
        default_queue_policy: Optional<ModelQueuePolicy> = 6;
        /// Queue limits per priority level, keys in 1..=`priority_levels`. Has no effect without
        /// priority levels.
        priority_queue_policy: Map<u64, ModelQueuePolicy> = 7;
    }

    /// Limits of a request queue of the dynamic batcher.
    message ModelQueuePolicy("ModelQueuePolicy") {
        /// What becomes of a request that has waited too long. Omitted, it is rejected.
        timeout_action: Singular<TimeoutAction> = 1;
        /// Longest wait in the queue, in microseconds. 0 or omitted: requests never time out.
        default_timeout_microseconds: Singular<u64> = 2;
        /// Clients may ask for a shorter timeout than the default one. Without a non-zero default
        /// this has no effect, since there is nothing to shorten.
        allow_timeout_override: Singular<bool> = 3;
        /// Number of waiting requests beyond which new ones are refused. 0 or omitted: no limit.
        max_queue_size: Singular<u32> = 4;
    }

    /// Settings of the sequence batcher, which sends all requests of a sequence to one instance.
    message ModelSequenceBatching("ModelSequenceBatching") {
        /// Microseconds without a request after which a sequence is dropped and its slot freed.
        /// 0 or omitted: 1000000, that is one second.
        max_sequence_idle_microseconds: Singular<u64> = 1;
        /// Tensors through which the model learns about start, end, readiness and correlation id.
        /// Clients do not send them, so they must not be listed in `input` too.
        control_input: Repeated<ControlInput> = 2;
        /// Gives each sequence a fixed slot of an instance. Used when no strategy is written.
        direct: Optional<StrategyDirect> = 3, oneof strategy_choice;
        /// Batches requests of different sequences, oldest first, with no fixed slot.
        oldest: Optional<StrategyOldest> = 4, oneof strategy_choice;
        /// State tensors that Triton keeps between the requests of a sequence for the model.
        state: Repeated<SequenceState> = 5, since 21.11;
        /// Lets the backend put a request back into the queue, so that one client request is
        /// executed as a sequence of steps. Provisional; may change.
        iterative_sequence: Singular<bool> = 6, since 23.11;
    }

    /// A control tensor and the signals it carries.
    message ControlInput("ModelSequenceBatching.ControlInput") {
        /// Name of the tensor in the model. Required, and no two entries may share it.
        name: Singular<String> = 1;
        /// Signals carried by the tensor. A kind may occur only once over all control inputs.
        control: Repeated<SequenceControl> = 2;
    }

    /// One signal of a control tensor. Start, end and ready need exactly one false/true list.
    message SequenceControl("ModelSequenceBatching.Control") {
        /// Which signal it is. Omitted, `CONTROL_SEQUENCE_START`.
        kind: Singular<ControlKind> = 1;
        /// The value for false and the value for true, in this order, of an INT32 tensor. Not for
        /// the correlation id.
        int32_false_true: Repeated<i32> = 2;
        /// The value for false and the value for true, in this order, of an FP32 tensor. Not for
        /// the correlation id.
        fp32_false_true: Repeated<f32> = 3;
        /// Type of the correlation id, required for it: `TYPE_UINT64`, `TYPE_INT64`, `TYPE_UINT32`,
        /// `TYPE_INT32` or `TYPE_STRING`. Ignored for the other kinds.
        data_type: Singular<DataType> = 4;
        /// The value for false and the value for true, in this order, of a BOOL tensor. Not for
        /// the correlation id.
        bool_false_true: Repeated<bool> = 5, since 21.09;
    }

    /// Strategy with a fixed slot per sequence. There are max(1, `max_batch_size`) slots on each
    /// instance; further sequences wait.
    message StrategyDirect("ModelSequenceBatching.StrategyDirect") {
        /// Longest time in microseconds to wait for more slots to have a request. Only effective
        /// together with `minimum_slot_utilization`.
        max_queue_delay_microseconds: Singular<u64> = 1;
        /// Fraction of slots, in 0..=1, that must have a request before the batch is sent off
        /// ahead of the delay. 0 or omitted disables the waiting.
        minimum_slot_utilization: Singular<f32> = 2;
    }

    /// Strategy that batches the oldest waiting requests over many sequences.
    message StrategyOldest("ModelSequenceBatching.StrategyOldest") {
        /// Number of sequences that may be active on an instance. 0, negative or omitted:
        /// max(1, `max_batch_size`). A smaller value than the batch size leaves batches unfilled.
        max_candidate_sequences: Singular<i32> = 1;
        /// Batch sizes to aim for, each in 1..=`max_batch_size`. Omitted, the maximum alone.
        preferred_batch_size: Repeated<i32> = 2;
        /// Longest time in microseconds that a request is held back in the hope of a larger batch.
        /// 0 or omitted: no waiting.
        max_queue_delay_microseconds: Singular<u64> = 3;
        /// Returns responses in the order of the requests.
        preserve_ordering: Singular<bool> = 4, since 23.08;
    }

    /// A state tensor: what the model writes to its output comes back at its input on the next
    /// request of the sequence.
    message SequenceState("ModelSequenceBatching.State") {
        /// Model input that receives the state. Should not be listed in `input`.
        input_name: Singular<String> = 1;
        /// Model output that delivers the new state; unique among the states. List it in `output`
        /// only to have it returned to clients for debugging.
        output_name: Singular<String> = 2;
        /// Element type. Should always be written; its absence is not noticed at load.
        data_type: Singular<DataType> = 3;
        /// Shape, batch dimension left out; -1 for any size. On the first request of a sequence
        /// every -1 appears as 1.
        dims: Repeated<i64> = 4;
        /// Contents at the start of a sequence: at most one entry. Omitted, the contents are
        /// undefined and the model has to rely on the start signal.
        initial_state: Repeated<InitialState> = 5, since 22.01;
        /// Keeps one buffer for both the old and the new state instead of two.
        use_same_buffer_for_input_output: Singular<bool> = 6, since 23.11;
        /// Uses memory that can be enlarged in place as the state gets bigger. Needs
        /// `use_same_buffer_for_input_output` and `KIND_GPU`; else it fails at the first request.
        use_growable_memory: Singular<bool> = 7, since 23.11;
    }

    /// Contents of a state tensor at the start of a sequence: zeros or data from a file.
    message InitialState("ModelSequenceBatching.InitialState") {
        /// Element type; has to equal that of the state.
        data_type: Singular<DataType> = 1;
        /// Shape without -1 entries. As many entries as the state has, and equal to them wherever
        /// those are fixed.
        dims: Repeated<i64> = 2;
        /// Start from zeros. Being written is what counts: `false` selects zeros as well.
        zero_data: Singular<bool> = 3, oneof state_data;
        /// File with the raw contents, in `initial_state/` of the model directory. It must be large
        /// enough; surplus bytes are dropped.
        data_file: Singular<String> = 4, oneof state_data;
        /// A name of your choice for these contents. Required.
        name: Singular<String> = 5;
    }

    /// The steps of an ensemble and the tensors that flow between them.
    message ModelEnsembling("ModelEnsembling") {
        /// The models to run; at least one. Each runs as soon as its inputs are ready, whatever
        /// the order here.
        step: Repeated<EnsembleStep> = 1;
        /// Most requests that a step may have in flight, over all requests to the ensemble. Bounds
        /// memory where a decoupled step outruns the next one. 0 or omitted: no limit.
        max_inflight_requests: Singular<u32> = 2, since 25.11;
    }

    /// One model of an ensemble with the wiring of its tensors.
    message EnsembleStep("ModelEnsembling.Step") {
        /// Name of the model to run. Required.
        model_name: Singular<String> = 1;
        /// Version to run; -1 is the latest. Always write it: omitted it reads as 0, which demands
        /// a version 0.
        model_version: Singular<i64> = 2;
        /// From the model's input names to ensemble tensor names. At least one entry, and every
        /// input of the model that is not optional.
        input_map: Map<String, String> = 3;
        /// From the model's output names to ensemble tensor names. At least one entry; leave out
        /// outputs that nothing uses. A tensor may be written by one step only.
        output_map: Map<String, String> = 4;
        /// Set by the server when models are kept apart by repository; leave it out.
        model_namespace: Singular<String> = 5, since 23.03;
    }

    /// Tuning of how the model is executed. Most members are read by particular backends only.
    message ModelOptimizationPolicy("ModelOptimizationPolicy") {
        /// Graph optimization of the framework. Without effect outside ONNX Runtime and TensorFlow.
        graph: Optional<OptimizationGraph> = 1;
        /// Importance relative to other models. Sets the CUDA stream priority for TensorRT and the
        /// thread priority of the `oldest` sequence batcher.
        priority: Singular<ModelPriority> = 2;
        /// CUDA settings. Without effect outside TensorRT.
        cuda: Optional<OptimizationCuda> = 3;
        /// Accelerators inside the framework. Without effect outside ONNX Runtime and TensorFlow.
        execution_accelerators: Optional<ExecutionAccelerators> = 4;
        /// Pinned host memory for inputs on their way to the GPU. Omitted, it is used.
        input_pinned_memory: Optional<PinnedMemoryBuffer> = 5;
        /// Pinned host memory for outputs on their way from the GPU. Omitted, it is used.
        output_pinned_memory: Optional<PinnedMemoryBuffer> = 6;
        /// Number of buffers of an input from which on a GPU kernel collects them rather than one
        /// copy each. 0 or omitted: no such kernel. Without effect outside TensorRT.
        gather_kernel_buffer_threshold: Singular<u32> = 7;
        /// Prepares the next batch while the instance is still busy: less latency per batch but
        /// smaller batches. Without effect outside TensorRT.
        eager_batching: Singular<bool> = 8;
    }

    /// Graph optimization by the framework.
    message OptimizationGraph("ModelOptimizationPolicy.Graph") {
        /// For ONNX Runtime: -1 basic, 1 extended, 2 none at all; 0, omitted and any other number
        /// mean all optimizations.
        level: Singular<i32> = 1;
    }

    /// CUDA settings of the TensorRT backend.
    message OptimizationCuda("ModelOptimizationPolicy.Cuda") {
        /// Captures CUDA graphs and replays them, which saves launch time. Batch sizes and shapes
        /// that were not captured run without.
        graphs: Singular<bool> = 1;
        /// Waits for the GPU by spinning instead of sleeping: lower latency for more CPU load.
        busy_wait_events: Singular<bool> = 2;
        /// Batch sizes and shapes to capture. Omitted, some batch sizes are chosen, but with
        /// dynamic batching just 1, the preferred sizes and the maximum.
        graph_spec: Repeated<GraphSpec> = 3;
        /// Copies outputs on a CUDA stream of their own, overlapping with the next execution. Takes
        /// double the GPU memory for input and output buffers.
        output_copy_stream: Singular<bool> = 4;
    }

    /// One CUDA graph to capture.
    message GraphSpec("ModelOptimizationPolicy.Cuda.GraphSpec") {
        /// Batch size of the graph, in 1..=`max_batch_size`; 0 if the model does not batch.
        batch_size: Singular<i32> = 1;
        /// Shape per input name. Every input with variable dimensions needs an entry.
        input: Map<String, GraphSpecShape> = 2;
        /// Smallest batch and shapes that the graph may serve too; the part then left unfilled
        /// holds undefined data. Omitted, only the exact batch size and shapes.
        graph_lower_bound: Optional<GraphSpecLowerBound> = 3;
    }

    /// Shape of an input in a graph specification.
    message GraphSpecShape("ModelOptimizationPolicy.Cuda.GraphSpec.Shape") {
        /// Sizes of the dimensions, batch left out; none may be negative.
        dim: Repeated<i64> = 1;
    }

    /// Lower end of the range in which a captured graph is used.
    message GraphSpecLowerBound("ModelOptimizationPolicy.Cuda.GraphSpec.LowerBound") {
        /// Smallest batch size; not above that of the graph, and 0 if the model does not batch.
        batch_size: Singular<i32> = 1;
        /// Smallest shape per input name; no size above that of the graph.
        input: Map<String, GraphSpecShape> = 2;
    }

    /// Accelerators to enable inside the framework, in order of preference.
    message ExecutionAccelerators("ModelOptimizationPolicy.ExecutionAccelerators") {
        /// For GPU instances; not even parsed for others. ONNX Runtime knows `tensorrt` and `cuda`.
        gpu_execution_accelerator: Repeated<Accelerator> = 1;
        /// For the CPU. ONNX Runtime knows `openvino`, if built with it.
        cpu_execution_accelerator: Repeated<Accelerator> = 2;
    }

    /// One accelerator and its settings.
    message Accelerator("ModelOptimizationPolicy.ExecutionAccelerators.Accelerator") {
        /// Name of the accelerator, in lower case. Where the list is read, an unknown one fails
        /// the load.
        name: Singular<String> = 1;
        /// Settings as text. Unlike the model's `parameters`, unknown keys are refused by
        /// `tensorrt` and `cuda`; `openvino` reads none.
        parameters: Map<String, String> = 2;
    }

    /// Switch for pinned host memory.
    message PinnedMemoryBuffer("ModelOptimizationPolicy.PinnedMemoryBuffer") {
        /// Whether pinned memory is used. Beware: an empty block turns it off, while leaving the
        /// whole block out keeps it on.
        enable: Singular<bool> = 1;
    }

    /// A sample request executed when the model loads. A sample that fails blocks the model.
    message ModelWarmup("ModelWarmup") {
        /// Name of the sample, used in log messages.
        name: Singular<String> = 1;
        /// How many batch-1 requests are run together. At least 1: with 0 or nothing here the
        /// sample is silently skipped. Should not exceed `max_batch_size`.
        batch_size: Singular<u32> = 2;
        /// Contents per input name. All required inputs are needed, and any control tensors.
        inputs: Map<String, WarmupInput> = 3;
        /// How many times the sample is run. 0 or omitted counts as 1.
        count: Singular<u32> = 4, since 22.07;
    }

    /// Contents of one input of a warm-up sample; exactly one source of data must be chosen.
    message WarmupInput("ModelWarmup.Input") {
        /// Element type; has to match the model's input.
        data_type: Singular<DataType> = 1;
        /// Shape without -1 entries and without the batch dimension.
        dims: Repeated<i64> = 2;
        /// Fill with zeros. Being written is what counts: `false` selects zeros as well.
        zero_data: Singular<bool> = 3, oneof input_data_type;
        /// Fill with random bytes (empty strings for `TYPE_STRING`), even if `false` is written.
        /// Risky for index inputs, which may come out of range.
        random_data: Singular<bool> = 4, oneof input_data_type;
        /// File with the raw contents, in `warmup/` of the model directory. It must be large
        /// enough; surplus bytes are dropped.
        input_data_file: Singular<String> = 5, oneof input_data_type;
    }

    /// A value in the model's `parameters`.
    message ModelParameter("ModelParameter") {
        /// The value, always as text: numbers and booleans have to be quoted. Omitted, it is empty.
        string_value: Singular<String> = 1;
    }

    /// Custom operators for the framework.
    message ModelOperations("ModelOperations") {
        /// Shared libraries to load. The paths reach the framework unchanged, hence relative ones
        /// depend on the server's working directory.
        op_library_filename: Repeated<String> = 1;
    }

    /// How the responses of a model relate to its requests.
    message ModelTransactionPolicy("ModelTransactionPolicy") {
        /// A request may get no, one or many responses; clients then have to use streaming.
        /// Omitted, exactly one. Cannot be combined with an enabled `response_cache`.
        decoupled: Singular<bool> = 1;
    }

    /// Repository agents of the model.
    message ModelRepositoryAgents("ModelRepositoryAgents") {
        /// Agents to call, in this order.
        agents: Repeated<RepositoryAgent> = 1;
    }

    /// One repository agent, for instance one that verifies checksums.
    message RepositoryAgent("ModelRepositoryAgents.Agent") {
        /// Name of the agent; `libtritonrepoagent_<name>.so` must be installed.
        name: Singular<String> = 1;
        /// Settings of the agent, as text.
        parameters: Map<String, String> = 2;
    }

    /// Use of the response cache by this model.
    message ModelResponseCache("ModelResponseCache") {
        /// Answers a request from the cache if an equal one was seen before. Off when omitted.
        /// Not possible for sequence or decoupled models, and wrong for non-deterministic ones.
        enable: Singular<bool> = 1;
    }

    /// Adjustments to the metrics of this model.
    message ModelMetrics("ModelMetrics") {
        /// One entry per metric family to adjust.
        metric_control: Repeated<MetricControl> = 1;
    }

    /// Adjustment of one metric family.
    message MetricControl("ModelMetrics.MetricControl") {
        /// Which metric is meant. Required.
        metric_identifier: Optional<MetricIdentifier> = 1;
        /// Settings of a histogram. Required, as there is no other kind of options yet.
        histogram_options: Optional<HistogramOptions> = 2, oneof metric_options;
    }

    /// Selects a metric.
    message MetricIdentifier("ModelMetrics.MetricControl.MetricIdentifier") {
        /// Name of the metric family, required. Only `nv_inference_first_response_histogram_ms` can
        /// be adjusted; other names are warned about and ignored.
        family: Singular<String> = 1;
    }

    /// Settings of a histogram metric.
    message HistogramOptions("ModelMetrics.MetricControl.HistogramOptions") {
        /// Upper bounds of the buckets, in the unit of the metric (milliseconds for `..._ms`). At
        /// least one; keep them strictly ascending, which Triton does not check.
        buckets: Repeated<f64> = 1;
    }
}
