use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model, ModelFile};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{InstanceGroupKind, ModelInput};

pub(super) static RULE: Rule = Rule {
    name: "exhaustive-convolution-search",
    category: Category::Pedantic,
    backends: &["onnxruntime"],
    level: Level::Info,
    fix: None,
    page: include_str!("exhaustive_convolution_search.md"),
    check,
};

/// `onnxruntime_backend` `src/onnxruntime.cc`: the default is the exhaustive search.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    if model.resolution().backend() != Some(&Backend::OnnxRuntime)
        || !config.parameters.is_intact()
        || config.parameters.get("cudnn_conv_algo_search").is_some()
    {
        return;
    }
    // A model at hand says whether there is anything to search for.
    let convolves = |file: &ModelFile| match file.artifact() {
        Some(Artifact::Onnx(onnx)) => Some(onnx.convolves),
        _ => None,
    };
    let known: Vec<_> = model.model_files().iter().map(convolves).collect();
    if !known.is_empty() && known.iter().all(|convolves| *convolves == Some(false)) {
        return;
    }
    let is_certain = known.contains(&Some(true));
    let mut groups = config.instance_group.iter();
    let Some(kind) = groups.find_map(|group| group.kind.written().filter(|kind| kind.value == InstanceGroupKind::Gpu))
    else {
        return;
    };
    // A picture or a signal, whose size varies.
    let varies =
        |input: &ModelInput| input.dims.len() >= 3 && input.dims.iter().filter(|dim| dim.value == -1).count() >= 2;
    if let Some(input) = config.input.iter().find(|input| varies(input)) {
        let name = input.name.text().unwrap_or_default();
        findings
            .add(kind.span, "for each new shape of an input cuDNN tries all its convolutions")
            .label(input.span, format!("`{name}` may have any size"))
            .note("that is the default of ONNX Runtime on a GPU; a request of a new shape then takes seconds")
            .help(if is_certain {
                "set the parameter cudnn_conv_algo_search to 1"
            } else {
                "set the parameter cudnn_conv_algo_search to 1, if the model has convolutions"
            });
    }
}
