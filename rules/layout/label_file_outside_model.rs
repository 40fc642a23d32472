use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "label-file-outside-model",
    category: Category::Layout,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("label_file_outside_model.md"),
    check,
};

/// The first release that looks where the file is.
const SINCE: &str = "26.02";

/// The server asks in `Model::Init`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let server = model.server();
    if server.version.is_some() && !server.is_since(SINCE) {
        return;
    }
    for filename in model.config().output.iter().filter_map(|output| output.label_filename.written()) {
        if !leads_out(&filename.value, model.directory_name().unwrap_or_default()) {
            continue;
        }
        let finding = findings
            .add(filename.span, format!("the label file `{}` is not in the model's folder", filename.value))
            .note(format!("from release {SINCE} on the server reads label files from there only"))
            .help("copy the file into the model's folder, and write its name");
        if !server.is_since(SINCE) {
            finding.level(Level::Warning).note("earlier releases load the model; `version` under `[server]` decides");
        }
    }
}

/// Whether a path leads out of the model's folder and not back into it.
fn leads_out(path: &str, model: &str) -> bool {
    let mut depth = 0_usize;
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    while let Some(part) = parts.next() {
        match (part, depth) {
            ("..", 0) => return parts.all(|part| part != model),
            ("..", _) => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}
