use super::sources;
use crate::artifact::python::{MODEL_CLASS, ModelClass, Undecodable};
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "missing-python-model",
    category: Category::Python,
    backends: &["python"],
    level: Level::Error,
    fix: None,
    page: include_str!("missing_python_model.md"),
    check,
};

/// `python_backend` `src/pb_stub.cc`, `Stub::StubSetup` and `Stub::ProcessRequests`. The Python runtime of PyTorch
/// brings a class of its own.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::Python) {
        return;
    }
    for (file, python) in sources(model) {
        if let Some(undecodable) = python.undecodable {
            let (line, what) = match undecodable {
                Undecodable::Nul(line) => (line, "the line has a NUL character"),
                Undecodable::NoUtf8(line) => (line, "the line is not UTF-8, and no encoding is declared"),
            };
            findings
                .add_line(&file.path, line, format!("Python cannot read the file: {what}"))
                .note("the back-end imports the file when it loads the model, and that fails")
                .help("save the file as UTF-8");
            continue;
        }
        match &python.model {
            ModelClass::Missing => {
                let finding = findings.add_entry(&file.path, format!("the file defines no class `{MODEL_CLASS}`"))
                    .note("the back-end makes an instance of the class of that name, and fails to load the model without it");
                match python.classes_with_execute.iter().next() {
                    Some((name, line)) if python.classes_with_execute.len() == 1 => {
                        finding.help(format!("rename the class `{name}` in line {line}"));
                    }
                    _ => {
                        finding.help("define it, with a method `execute(self, requests)`");
                    }
                }
            }
            ModelClass::Defined(class) if class.has_method("execute") == Some(false) => {
                findings
                    .add_line(&file.path, class.line, format!("the class `{MODEL_CLASS}` has no method `execute`"))
                    .fails_requests()
                    .note("the model loads, and every request to it fails")
                    .help("define `execute(self, requests)`, which returns a response for each request");
            }
            ModelClass::Defined(_) | ModelClass::Unknown => {}
        }
    }
}
