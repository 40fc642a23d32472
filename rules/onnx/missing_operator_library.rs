use super::{loaded, names};
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "missing-operator-library",
    category: Category::Onnx,
    backends: &["onnxruntime"],
    level: Level::Error,
    fix: None,
    page: include_str!("missing_operator_library.md"),
    check,
};

/// Domains whose operators builds of ONNX Runtime, and what runs models for it, may bring along.
const PERHAPS_BUILT_IN: [&str; 6] = [
    "trt.plugins",
    "com.microsoft.extensions",
    "com.microsoft.mlfeaturizers",
    "com.nvidia",
    "com.intel.ai",
    "com.qti.aisw",
];

/// ONNX Runtime's `graph.cc`, `VerifyNodeAndOpMatch`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let operations = &model.config().model_operations;
    let has_library = operations.written().is_some_and(|operations| {
        !operations.op_library_filename.is_empty() || !operations.op_library_filename.is_intact()
    });
    if has_library || (operations.written().is_none() && !operations.is_absent()) {
        return;
    }
    for loaded in loaded(model) {
        for (domain, operators) in loaded.onnx.custom_operators() {
            let built_in = &findings.options().missing_operator_library.built_in_domains;
            if PERHAPS_BUILT_IN.contains(&domain) || built_in.iter().any(|other| other == domain) {
                continue;
            }
            let place =
                [&model.config().backend, &model.config().platform].into_iter().find_map(|field| field.written());
            let place = place.map_or(Span::empty(0), |written| written.span);
            let names = names(operators.iter().map(String::as_str));
            findings
                .add(place, format!("{} uses operators that ONNX Runtime does not have: {names} of `{domain}`", loaded.which()))
                .note("the config names no library that has them, and ONNX Runtime fails to load the model")
                .help("name the library in `model_operations { op_library_filename: … }`, or export the model without them");
        }
    }
}
