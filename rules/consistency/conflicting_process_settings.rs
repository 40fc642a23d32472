use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::edit::set_parameter;
use crate::model::{Model, Survey};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::parameter::Spelling;
use crate::schema::vocabulary::ModelConfig;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "conflicting-process-settings",
    category: Category::Consistency,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("conflicting_process_settings.md"),
    check,
};

/// Parameters of a TorchScript model that change libtorch for the whole process (`pytorch_backend`
/// `src/pt/model_instance_state.cc`, `Execute`; `src/pt/model_state.cc`, `ParseParameters`).
const SETTINGS: [Setting; 6] = [
    Setting { key: "DISABLE_CUDNN", holds: Holds::DuringRequests },
    Setting { key: "ENABLE_JIT_EXECUTOR", holds: Holds::FromFirstRequest },
    Setting { key: "ENABLE_JIT_PROFILING", holds: Holds::FromFirstRequest },
    Setting { key: "ENABLE_TENSOR_FUSER", holds: Holds::FromFirstRequest },
    Setting { key: "INTER_OP_THREAD_COUNT", holds: Holds::FromFirstLoad },
    Setting { key: "INTRA_OP_THREAD_COUNT", holds: Holds::FromFirstLoad },
];

struct Setting {
    key: &'static str,
    holds: Holds,
}

/// When a value takes hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Each model sets it before each request, off where it is not written.
    DuringRequests,
    /// A model that has it sets it before each request; the others run with what was set last.
    FromFirstRequest,
    /// The first model that has it sets it once.
    FromFirstLoad,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Switch(bool),
    Count(i32),
}

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.is_torchscript() {
        return;
    }
    for setting in &SETTINGS {
        let Some((span, value)) = written(model.config(), setting) else { continue };
        let key = setting.key;
        let survey = model.repository().survey::<Values>();
        let Some(others) = survey.0.get(key) else { continue };
        if let Some((_, other)) = others.written.iter().find(|(its, other)| *its != value && other != model.name()) {
            let finding = findings
                .add(span, format!("`{key}` has another value in the model `{other}`, and holds for both"))
                .note(match setting.holds {
                    Holds::DuringRequests | Holds::FromFirstRequest => {
                        "it is one switch of the whole process: each of them sets it before a request, also while the other runs"
                    }
                    Holds::FromFirstLoad => {
                        "it is set once for the whole process, by the model that is loaded first; which one is that, is not certain"
                    }
                })
                .help("give it the same value in all TorchScript models of the server");
            // All but the first by name follow it, so that they agree in the end.
            let first = others.written.first().filter(|(its, _)| *its != value);
            let text = first.and_then(|(_, first)| model.repository().model(first)?.parameter(key));
            let edits =
                text.and_then(|text| Some((text, set_parameter(model.tree(), &model.config().parameters, key, text)?)));
            if let Some((text, edits)) = edits {
                finding.fix(Applicability::Unsafe, format!("write `{text}`, as the first of them has it"), edits);
            }
        } else if let Some(other) = &others.left_open
            && is_felt(setting, value)
        {
            findings
                .add(span, format!("`{key}` also changes how the model `{other}` runs, which does not set it"))
                .level(Level::Info)
                .note(match setting.holds {
                    Holds::FromFirstLoad => "it is set once for the whole process, with all TorchScript models in it",
                    Holds::DuringRequests => {
                        "it is one switch of the whole process, and each model sets it before a request, also while another runs"
                    }
                    Holds::FromFirstRequest => {
                        "it is one switch of the whole process, and stays as it is once this model has run"
                    }
                })
                .help("write it in all TorchScript models of the server, so that each says how it runs");
        }
    }
}

/// What the TorchScript models of a repository say of each setting, by its key.
#[derive(Default)]
struct Values(BTreeMap<&'static str, Others>);

#[derive(Default)]
struct Others {
    /// The first two values, each with the first model that has it: one of them is another than any third.
    written: Vec<(Value, String)>,
    /// The first model that leaves it out.
    left_open: Option<String>,
}

impl Survey for Values {
    /// For each setting its value; none inside if it is left out.
    type Answer = Vec<(&'static str, Option<Value>)>;
    const WORD: &'static str = "";

    fn ask(model: Model<'_>) -> Option<Self::Answer> {
        let config = model.config();
        let is_left_out = |key: &str| config.parameters.is_intact() && config.parameters.get(key).is_none();
        let said = SETTINGS.iter().filter_map(|setting| match written(config, setting) {
            Some((_, value)) => Some((setting.key, Some(value))),
            None => is_left_out(setting.key).then_some((setting.key, None)),
        });
        model.is_torchscript().then(|| said.collect())
    }

    fn note(&mut self, name: &str, said: Self::Answer) {
        for (key, value) in said {
            let others = self.0.entry(key).or_default();
            match value {
                Some(value) if others.written.len() < 2 && others.written.iter().all(|(other, _)| *other != value) => {
                    others.written.push((value, name.to_owned()));
                }
                Some(_) => {}
                None => others.left_open = others.left_open.take().or_else(|| Some(name.to_owned())),
            }
        }
    }
}

/// Whether a value is another than what there is without it.
fn is_felt(setting: &Setting, value: Value) -> bool {
    match value {
        Value::Switch(on) => on == (setting.holds == Holds::DuringRequests),
        Value::Count(_) => true,
    }
}

/// The value of a setting, and its key's place. None if it is not there, cannot be read, or has no effect.
fn written(config: &ModelConfig, setting: &Setting) -> Option<(Span, Value)> {
    let entry = config.parameters.get(setting.key)?;
    let text = entry.value.written()?.value.string_value.text()?;
    let value = match setting.holds {
        Holds::DuringRequests | Holds::FromFirstRequest => Value::Switch(Spelling::COMMON.read(text)?),
        Holds::FromFirstLoad => Value::Count(text.parse().ok().filter(|count| *count > 0)?),
    };
    Some((entry.key.written()?.span, value))
}
