use super::engine::{EngineFolder, built_for, engine_folder};
use crate::artifact::Unreadable;
use crate::diagnostic::{Finding, Findings};
use crate::model::{EntryKind, Model};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "missing-engine",
    category: Category::Backend,
    backends: &["tensorrtllm"],
    level: Level::Error,
    fix: None,
    page: include_str!("missing_engine.md"),
    check,
};

/// `inflight_batcher_llm/src/model_instance_state.cc`, the constructor of `ModelInstanceState`, and TensorRT-LLM's
/// `executor/executorImpl.cpp`, which reads `config.json` and `rankN.engine`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    /// As deep as files are listed.
    const LISTED: usize = 2;
    if !model.config().model_repository_agents.is_absent() {
        return;
    }
    let Some(folder) = engine_folder(model).filter(|folder| folder.path.matches('/').count() < LISTED) else { return };
    if let Some(reading) = folder.read(model) {
        match (reading.as_ref(), built_for(&reading).and_then(|engine| engine.world_size)) {
            (Err(fault), _) if !fault.is_placeholder() => unreadable(&folder, fault, findings),
            (_, Some(parts)) => check_parts(model, &folder, parts, findings),
            _ => {}
        }
        return;
    }
    if !model.repository().is_complete() {
        return;
    }
    let finding = match model.listing().get(&folder.path) {
        None | Some(EntryKind::BrokenLink) => findings
            .add(folder.span, format!("there is no `{}` in the model's folder", folder.path))
            .note("the back-end takes a path that is not there for none, and does not load a model without an engine"),
        _ => findings
            .add(folder.span, format!("there is no `{}`, which belongs to an engine", folder.config()))
            .note("the executor of TensorRT-LLM reads it before the engine, and the model does not load"),
    };
    finding.help("copy all that `trtllm-build` has written there, or correct the path");
}

fn unreadable(folder: &EngineFolder, fault: &Unreadable, findings: &mut Findings<'_>) {
    // Neither says that the server would fail.
    if let Unreadable::TooLarge(_) | Unreadable::Io(_) = fault {
        let message = format!("it is not known what the engine is: {fault}");
        findings.add_entry(&folder.config(), message).level(Level::Warning);
    } else {
        findings.add_entry(&folder.config(), format!("the engine cannot be loaded: {fault}"));
    }
}

/// Whether each process of the engine has its file. Without any of them, they may just not be in version control.
fn check_parts(model: Model<'_>, folder: &EngineFolder, parts: u64, findings: &mut Findings<'_>) {
    /// An engine has no more parts than a data centre has GPUs.
    const MOST: u64 = 100_000;
    let is_there = |part: &u64| model.listing().get(&format!("{}/rank{part}.engine", folder.path)).is_some();
    let parts = parts.min(MOST);
    let Some(lacking) = (0..parts).find(|part| !is_there(part)) else { return };
    let is_complete = model.repository().is_complete();
    if !is_complete && !(0..parts).any(|part| is_there(&part)) {
        return;
    }
    let of = if parts == 1 { "is one file".to_owned() } else { format!("is {parts} files, one a GPU") };
    let finding = findings
        .add_entry(
            &folder.config(),
            format!("the engine {of}, and `{}/rank{lacking}.engine` is not there", folder.path),
        )
        .help("copy all that `trtllm-build` has written there");
    certain(finding, is_complete);
}

fn certain(finding: Finding<'_>, is_complete: bool) {
    if is_complete {
        finding.note("each process of TensorRT-LLM loads its own, and the model does not load");
    } else {
        finding.level(Level::Warning).note(
            "nothing says that all that is deployed is here, so the file may come from elsewhere; with \
             `complete = \"yes\"` under `[repository]` in the settings this is an error",
        );
    }
}
