use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "file-outside-model",
    category: Category::Security,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("file_outside_model.md"),
    check,
};

/// The back-ends join the name to the version's folder and open what is there; the core does not look.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    let names = config.cc_model_filenames.in_force().filter_map(|entry| entry.value.written());
    for name in config.default_model_filename.written().into_iter().chain(names) {
        if leads_out(&name.value) {
            findings
                .add(name.span, format!("`{}` leads out of the model's folder", name.value))
                .note(
                    "the back-end opens whatever is there: who may write that file decides what the server runs, and \
                     a copy of the model's folder lacks it",
                )
                .help("put the file into the version's folder, and write its name");
        }
    }
}

/// Whether a path from a version's folder leads out of the model's. One that begins with a slash is joined
/// like any other.
fn leads_out(path: &str) -> bool {
    let mut depth = 1_usize;
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, depth) {
            ("..", 0) => return true,
            ("..", _) => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}
