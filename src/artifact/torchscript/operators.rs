//! What libtorch's operators do, as far as it matters to a reader.
//!
//! The lists follow the schemas in `aten/src/ATen/native/native_functions.yaml` and `torch/csrc/jit/runtime/register_prim_ops.cpp`:
//! what returns an alias of an argument, what writes to one, and what takes sizes.

use super::Sharing;

/// The namespaces that libtorch itself registers, with whatever is built into some of its builds. Those that only Python's
/// `torch` registers are not here: the server's back-end does not load it for TorchScript.
const BUILT_IN: &[&str] = &[
    "_c10d_functional",
    "_c10d_functional_autograd",
    "_caffe2",
    "_native",
    "_quantized",
    "_test",
    "aten",
    "c10d",
    "cuda",
    "dist_c10d",
    "inductor",
    "metal",
    "metal_prepack",
    "mkl",
    "mkldnn",
    "mkldnn_prepacked",
    "onednn",
    "onnx",
    "prepacked",
    "prim",
    "profiler",
    "quantization",
    "quantized",
    "sparse",
    "static_runtime",
    "symm_mem",
    "tensorexpr",
    "vulkan",
    "vulkan_prepack",
    "xnnpack",
];

/// The namespaces of the classes that libtorch itself registers (`torch::class_`).
const BUILT_IN_CLASSES: &[&str] = &[
    "_nnapi",
    "c10d",
    "cuda",
    "dist_c10d",
    "dist_rpc",
    "metal",
    "mkldnn",
    "profiler",
    "quantized",
    "rnn",
    "sparse",
    "vulkan",
    "xnnpack",
];

/// Whether the operators of a namespace come with libtorch.
pub(super) fn is_built_in(namespace: &str) -> bool {
    BUILT_IN.binary_search(&namespace).is_ok()
}

/// Whether the classes of a namespace come with libtorch.
pub(super) fn is_built_in_class(namespace: &str) -> bool {
    BUILT_IN_CLASSES.binary_search(&namespace).is_ok()
}

/// How the result of an operator shares the memory of its first argument; none if it does not.
pub(super) fn sharing(operator: &str) -> Option<Sharing> {
    Some(match operator {
        "_unwrap_optional" | "alias" | "detach" | "identity" | "lift_fresh" | "lift" | "positive"
        // Of lists and dictionaries: the elements are the same ones.
        | "__getitem__" | "copy" | "dict" | "get" | "items" | "keys" | "list" | "pop" | "popitem" | "setdefault" | "sorted" => Sharing::Same,
        "T" | "H" | "mT" | "mH" | "adjoint" | "matrix_H" | "numpy_T" | "as_strided" | "atleast_1d" | "atleast_2d"
        | "atleast_3d" | "broadcast_tensors" | "broadcast_to" | "chunk" | "conj" | "diagonal" | "dsplit" | "expand"
        | "expand_as" | "hsplit" | "imag" | "indices" | "values" | "meshgrid" | "moveaxis" | "movedim" | "narrow"
        | "permute" | "real" | "select" | "slice" | "split" | "split_with_sizes" | "squeeze" | "swapaxes"
        | "swapdims" | "t" | "tensor_split" | "transpose" | "unbind" | "unflatten" | "unfold" | "unsqueeze"
        | "view" | "view_as" | "view_as_complex" | "view_as_real" | "vsplit" | "_reshape_alias" => Sharing::View,
        // These return their argument, or a view of it, where nothing has to be changed.
        "contiguous"
        | "cpu"
        | "cuda"
        | "dropout"
        | "feature_dropout"
        | "alpha_dropout"
        | "feature_alpha_dropout"
        | "flatten"
        | "ravel"
        | "reshape"
        | "reshape_as"
        | "resolve_conj"
        | "resolve_neg"
        | "pin_memory"
        | "to"
        | "type_as"
        | "_autocast_to_full_precision"
        | "_autocast_to_reduced_precision"
        | "as_tensor" => Sharing::Maybe,
        _ if changes_in_place(operator) => Sharing::Same,
        _ => return None,
    })
}

/// Whether an operator writes to its first argument: the ones with a last underscore do, and methods of lists and
/// dictionaries.
pub(super) fn changes_in_place(operator: &str) -> bool {
    matches!(
        operator,
        "_set_item"
            | "Delete"
            | "append"
            | "clear"
            | "extend"
            | "insert"
            | "pop"
            | "popitem"
            | "remove"
            | "reverse"
            | "set_data"
            | "setdefault"
            | "sort"
            | "update"
    ) || (operator.ends_with('_') && !operator.ends_with("__") && operator != "requires_grad_")
        || (operator.starts_with("__i")
            && matches!(operator, "__iadd__" | "__isub__" | "__imul__" | "__iand__" | "__ior__" | "__ixor__"))
}

/// Whether an operator puts its further arguments, not copies of them, into the list or dictionary that it changes.
pub(super) fn stores_arguments(operator: &str) -> bool {
    matches!(operator, "_set_item" | "append" | "extend" | "insert" | "setdefault" | "update" | "set_data" | "set_")
}

/// Which of its arguments, after the first `skip`, an operator takes as sizes, and how many.
pub(super) fn size_arguments(operator: &str) -> Option<std::ops::Range<usize>> {
    Some(match operator {
        "arange" => 0..2,
        "zeros" | "ones" | "empty" | "full" | "rand" | "randn" | "eye" | "triu_indices" | "tril_indices" => 0..1,
        "view"
        | "reshape"
        | "expand"
        | "broadcast_to"
        | "repeat"
        | "tile"
        | "new_zeros"
        | "new_ones"
        | "new_empty"
        | "new_full"
        | "as_strided"
        | "split_with_sizes"
        | "upsample_nearest1d"
        | "upsample_nearest2d"
        | "upsample_nearest3d"
        | "upsample_linear1d"
        | "upsample_bilinear2d"
        | "upsample_bicubic2d"
        | "upsample_trilinear3d" => 1..2,
        "unflatten" | "linspace" => 2..3,
        "narrow" => 3..4,
        "slice" => 2..4,
        _ => return None,
    })
}

/// Whether an operator makes a tensor of nothing but sizes.
pub(super) fn makes_tensor(operator: &str) -> bool {
    matches!(
        operator,
        "arange"
            | "zeros"
            | "ones"
            | "empty"
            | "full"
            | "rand"
            | "randn"
            | "eye"
            | "triu_indices"
            | "tril_indices"
            | "linspace"
    )
}

/// Which argument of an operator says whether it trains.
pub(super) fn training_argument(operator: &str) -> Option<usize> {
    Some(match operator {
        "dropout"
        | "dropout_"
        | "feature_dropout"
        | "feature_dropout_"
        | "alpha_dropout"
        | "alpha_dropout_"
        | "feature_alpha_dropout"
        | "feature_alpha_dropout_"
        | "native_dropout" => 2,
        "rrelu" | "rrelu_" => 3,
        "batch_norm" => 5,
        _ => return None,
    })
}

/// Whether libtorch's fusers take an operator up: those that work on each element by itself (`supported_eltwise_set` in
/// `torch/csrc/jit/passes/tensorexpr_fuser.cpp`, the ones that models use), and some that one fuser or the other adds.
pub(super) fn is_fusible(operator: &str) -> bool {
    matches!(
        operator.strip_suffix('_').unwrap_or(operator),
        "__and__"
            | "__or__"
            | "__xor__"
            | "abs"
            | "acos"
            | "add"
            | "asin"
            | "atan"
            | "atan2"
            | "batch_norm"
            | "cat"
            | "ceil"
            | "clamp"
            | "conv2d"
            | "cos"
            | "cosh"
            | "div"
            | "elu"
            | "eq"
            | "erf"
            | "erfc"
            | "exp"
            | "expm1"
            | "floor"
            | "fmod"
            | "frac"
            | "ge"
            | "gelu"
            | "gt"
            | "hardsigmoid"
            | "hardswish"
            | "hardtanh"
            | "layer_norm"
            | "le"
            | "leaky_relu"
            | "lerp"
            | "lgamma"
            | "log"
            | "log10"
            | "log1p"
            | "log2"
            | "lt"
            | "masked_fill"
            | "max"
            | "mean"
            | "min"
            | "mish"
            | "mul"
            | "ne"
            | "neg"
            | "pow"
            | "reciprocal"
            | "relu"
            | "relu6"
            | "remainder"
            | "round"
            | "rsqrt"
            | "rsub"
            | "sigmoid"
            | "silu"
            | "sin"
            | "sinh"
            | "softmax"
            | "softplus"
            | "sqrt"
            | "square"
            | "sub"
            | "sum"
            | "tan"
            | "tanh"
            | "threshold"
            | "trunc"
            | "where"
    )
}
