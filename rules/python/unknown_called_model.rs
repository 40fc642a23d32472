use super::sources;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::nearest;

pub(super) static RULE: Rule = Rule {
    name: "unknown-called-model",
    category: Category::Python,
    backends: &["python", "pytorch"],
    level: Level::Warning,
    fix: None,
    page: include_str!("unknown_called_model.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let repository = model.repository();
    for (file, python) in sources(model) {
        for call in &python.calls {
            let Some(name) = &call.model else { continue };
            if Some(name.as_str()) == model.directory_name() {
                findings
                    .add_line(&file.path, call.line, format!("the code calls the model that it is of, `{name}`"))
                    .note(
                        "an instance that calls its own model waits for another instance; where all wait, none answers, \
                         and with one instance that is at once",
                    )
                    .help("call a function in place of the model");
                continue;
            }
            if repository.model(name).is_some() || model.is_elsewhere(name) {
                continue;
            }
            let Some(other) = nearest(name, repository.model_names()) else {
                if repository.is_complete() {
                    findings
                        .add_line(
                            &file.path,
                            call.line,
                            format!("the code calls a model `{name}`, which is not in the repository"),
                        )
                        .note("the call fails when it is made; the model loads all the same")
                        .help("add the model, or correct the name: it is that of the model's folder");
                }
                continue;
            };
            findings
                .add_line(
                    &file.path,
                    call.line,
                    format!("the code calls a model `{name}`, which is not in the repository"),
                )
                .note("the call fails when it is made; the model loads all the same")
                .help(format!("did you mean `{other}`?"));
        }
    }
}
