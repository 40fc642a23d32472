use super::sources;
use crate::artifact::python::Method;
use crate::diagnostic::Findings;
use crate::model::{Backend, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "uncallable-python-method",
    category: Category::Python,
    backends: &["python"],
    level: Level::Error,
    fix: None,
    page: include_str!("uncallable_python_method.md"),
    check,
};

/// How the back-end calls a method (`python_backend` `src/pb_stub.cc`, `Stub::AutoCompleteModelConfig`,
/// `Stub::Initialize`, `Stub::ProcessRequests`).
struct Called {
    method: &'static str,
    on_class: bool,
    arguments: usize,
    definition: &'static str,
    effect: &'static str,
}

const CALLS: [Called; 3] = [
    Called {
        method: "auto_complete_config",
        on_class: true,
        arguments: 1,
        definition: "@staticmethod\ndef auto_complete_config(auto_complete_model_config)",
        effect: "the model does not load",
    },
    Called {
        method: "initialize",
        on_class: false,
        arguments: 1,
        definition: "def initialize(self, args)",
        effect: "the model does not load",
    },
    Called {
        method: "execute",
        on_class: false,
        arguments: 1,
        definition: "def execute(self, requests)",
        effect: "every request to the model fails",
    },
];

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if model.resolution().backend() != Some(&Backend::Python) {
        return;
    }
    for (file, python) in sources(model) {
        let Some(class) = python.class() else { continue };
        for called in CALLS {
            // An attribute of that name may have taken the method's place.
            let method = class.methods.get(called.method).filter(|_| !class.attributes.contains(called.method));
            let Some(method) = method else { continue };
            let is_called = !called.on_class || model.server().auto_complete_config;
            if is_called && accepts(method, &called) == Some(false) {
                let definition = called.definition.replace('\n', " ");
                let finding = findings
                    .add_line(
                        &file.path,
                        method.line,
                        format!("`{}` cannot be called as the back-end does", called.method),
                    )
                    .note(format!("it is called with one argument; what is there takes others, and {}", called.effect))
                    .help(format!("write `{definition}`"));
                if called.method == "execute" {
                    finding.fails_requests();
                }
            }
        }
    }
}

fn accepts(method: &Method, called: &Called) -> Option<bool> {
    if called.on_class {
        method.accepts_on_class(called.arguments)
    } else {
        method.accepts_on_instance(called.arguments)
    }
}
