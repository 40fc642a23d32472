use crate::artifact::Artifact;
use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::{Backend, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-tree-model",
    category: Category::Backend,
    backends: &["fil"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("mismatched_tree_model.md"),
    check,
};

/// `fil_backend` `src/tl_model.hpp`, `load_tl_base_model`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let is_fil = matches!(model.resolution().backend(), Some(Backend::Other(name)) if name == "fil");
    if !is_fil || !config.parameters.is_intact() {
        return;
    }
    let entry = config.parameters.get("model_type");
    let model_type = match entry {
        Some(_) => model.parameter("model_type"),
        None => Some("xgboost"),
    };
    let Some(model_type) = model_type else { return };
    for file in model.model_files() {
        let Some(Artifact::TreeModel(Some(format))) = file.artifact() else { continue };
        if format.model_type() == model_type {
            continue;
        }
        let selecting = model.selecting();
        let place = entry.map(|entry| entry.span).or(selecting.map(|field| field.span));
        let means = format.model_type();
        let finding = findings
            .add(place.unwrap_or(Span::empty(0)), format!("`{}` is no model of the type `{model_type}`", file.path))
            .note("the back-end reads the file by the parameter `model_type`, and fails to load another format");
        if config.default_model_filename.written().is_none() {
            finding.help(format!(
                "set `model_type` to \"{means}\", which also looks for the file by the name `{}`",
                format.default_file()
            ));
            continue;
        }
        let finding = finding.help(format!("set `model_type` to \"{means}\""));
        if let Some(edit) = set_parameter(model.tree(), &config.parameters, "model_type", means) {
            finding.fix(Applicability::Safe, format!("set `model_type` to \"{means}\""), edit);
        }
        break;
    }
}
