use crate::diagnostic::Findings;
use crate::edit::quoted;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::Spanned;

pub(super) static RULE: Rule = Rule {
    name: "invalid-execution-environment",
    category: Category::Python,
    backends: &["python", "pytorch"],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("invalid_execution_environment.md"),
    check,
};

/// What the back-end puts the model's folder in the place of.
const FOLDER: &str = "$$TRITON_MODEL_DIRECTORY";

/// `python_backend` `src/python_be.cc`, constructor of `ModelState`, and `src/pb_env.cc`,
/// `EnvironmentManager::ExtractIfNotExtracted`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let is_python = model.runs_python();
    let entry = model.config().parameters.get("EXECUTION_ENV_PATH").filter(|_| is_python);
    let value = entry.and_then(|entry| entry.value.written());
    let Some(path) = value.and_then(|value| value.value.string_value.written()) else { return };
    if path.value.is_empty() || path.value.starts_with('/') || path.value.contains("${") {
        return;
    }
    match path.value.split_once(FOLDER) {
        Some((_, inside)) => in_folder(model, path, inside, findings),
        None => relative(model, path, findings),
    }
}

fn in_folder(model: Model<'_>, path: &Spanned<String>, inside: &str, findings: &mut Findings<'_>) {
    let parts = parts(inside);
    if parts.contains(&"..") {
        findings
            .add(path.span, format!("the environment `{}` is outside the model's folder", path.value))
            .level(Level::Warning)
            .note("newer releases of the back-end refuse an environment that leads out of the folder it is named by")
            .help("name it by its path from the root, or put it into the model's folder");
        return;
    }
    // Archives are often left out of version control: only what is deployed can lack them.
    let is_listed = (1..=3).contains(&parts.len()) && model.repository().is_complete();
    if is_listed && model.listing().get(&parts.join("/")).is_none() {
        findings
            .add(path.span, format!("the environment `{}` is not in the model's folder", parts.join("/")))
            .note("the back-end unpacks it when it loads the model, which fails without it")
            .help("put it there, as an archive of conda-pack or unpacked");
    }
}

fn relative(model: Model<'_>, path: &Spanned<String>, findings: &mut Findings<'_>) {
    let meant = meant(model, &path.value);
    let finding = findings
        .add(
            path.span,
            format!("the environment `{}` is looked for in the working directory of the server", path.value),
        )
        .level(Level::Warning)
        .note(format!("the back-end knows the folder of the model by `{FOLDER}` only, with two `$`"));
    match meant {
        Some(meant) => {
            let replacement = quoted(&meant, model.tree().source().slice(path.span));
            // Without the variable the working directory may be meant.
            let has_variable = path.value.contains("TRITON_MODEL_DIRECTORY");
            let applicability = if has_variable { Applicability::Safe } else { Applicability::Unsafe };
            finding.did_you_mean(&meant, applicability, (path.span, replacement));
        }
        None => {
            finding.help(format!("begin the path with `/`, or with `{FOLDER}/`"));
        }
    }
}

/// The path by the model's folder, if that leads to a file that is there.
fn meant(model: Model<'_>, path: &str) -> Option<String> {
    let bare = path.trim_start_matches('$').strip_prefix("TRITON_MODEL_DIRECTORY").unwrap_or(path);
    let parts = parts(bare);
    let inside = parts.join("/");
    let is_there = !parts.contains(&"..") && model.listing().get(&inside).is_some();
    is_there.then(|| format!("{FOLDER}/{inside}"))
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect()
}
