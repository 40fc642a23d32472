use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ControlKind, ModelSequenceBatching};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "repeated-sequence-control",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("repeated_sequence_control.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    check_tensors(sequences, findings);
    check_kinds(sequences, findings);
}

fn check_tensors(sequences: &ModelSequenceBatching, findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in sequences.control_input.iter().filter_map(|input| input.name.written()) {
        // One without a name is refused for that.
        if name.value.is_empty() {
            continue;
        }
        let Some(first) = seen.get(name.value.as_str()) else {
            seen.insert(&name.value, name.span);
            continue;
        };
        findings
            .add(name.span, format!("the control tensor `{}` has more than one entry in control_input", name.value))
            .label(*first, "the first one")
            .note("the server refuses a second entry for the same tensor")
            .help("put all controls of the tensor into one entry, or name another tensor");
    }
}

fn check_kinds(sequences: &ModelSequenceBatching, findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<i32, Span> = BTreeMap::new();
    for control in sequences.control_input.iter().flat_map(|input| input.control.iter()) {
        // The server looks for the kinds that it knows and passes over any other number.
        let Some(kind) = control.kind.get().filter(|kind| !matches!(kind, ControlKind::Unknown(_))) else { continue };
        let span = control.kind.written().map_or(control.span, |written| written.span);
        let Some(first) = seen.get(&kind.number()) else {
            seen.insert(kind.number(), span);
            continue;
        };
        let mut finding = findings
            .add(span, format!("{kind} is given a second time"))
            .label(*first, "the first time")
            .note("the server refuses a control that would go to more than one place");
        if control.kind.is_absent() {
            finding = finding.note(format!("a control without a kind is {kind}"));
        }
        finding.help("keep one of the two, or correct the kind of the other");
    }
}
