use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{ControlKind, SequenceControl};
use crate::schema::{Repeated, Spanned};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "invalid-control-values",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_control_values.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    for control in sequences.control_input.iter().flat_map(|input| input.control.iter()) {
        let (Some(kind), Some(lists)) = (control.kind.get(), lists_of(control)) else { continue };
        match kind {
            ControlKind::SequenceStart | ControlKind::SequenceReady | ControlKind::SequenceEnd => {
                check_signal(control, kind, &lists, findings);
            }
            ControlKind::SequenceCorrid => check_correlation_id(&lists, findings),
            // The server looks at the kinds that it knows only.
            ControlKind::Unknown(_) => {}
        }
    }
}

/// A list of values that a control has.
struct List {
    name: &'static str,
    /// The first value.
    span: Span,
    len: usize,
}

/// The lists that are not empty; none if one of them cannot be read.
fn lists_of(control: &SequenceControl) -> Option<Vec<List>> {
    let (int32, fp32, bool) = (&control.int32_false_true, &control.fp32_false_true, &control.bool_false_true);
    let is_intact = int32.is_intact() && fp32.is_intact() && bool.is_intact();
    let lists = [list("int32_false_true", int32), list("fp32_false_true", fp32), list("bool_false_true", bool)];
    is_intact.then(|| lists.into_iter().flatten().collect())
}

fn list<T>(name: &'static str, values: &Repeated<T>) -> Option<List> {
    values.first().map(|first| List { name, span: first.span, len: values.len() })
}

/// A signal is either off or on, and one list says by which two values.
fn check_signal(control: &Spanned<SequenceControl>, kind: ControlKind, lists: &[List], findings: &mut Findings<'_>) {
    match lists {
        [] => {
            let span = control.kind.written().map_or(control.span, |written| written.span);
            let finding = findings
                .add(span, format!("{kind} has no values for false and true"))
                .note("the server refuses a control when it cannot tell the model's values for off and on");
            let finding = match control.kind.written() {
                Some(_) => finding,
                None => finding.note("a control without a kind is CONTROL_SEQUENCE_START"),
            };
            finding.help("add int32_false_true, fp32_false_true or bool_false_true, after the type of the tensor");
        }
        [only] if only.len == 2 => {}
        [only] => {
            let values = if only.len == 1 { "value" } else { "values" };
            findings
                .add(only.span, format!("{} of {kind} has {} {values} instead of two", only.name, only.len))
                .note("the first value means false, the second means true")
                .help("write exactly these two, as in [ 0, 1 ]");
        }
        [first, others @ ..] => {
            for other in others {
                findings
                    .add(other.span, format!("{kind} has {} beside {}", other.name, first.name))
                    .label(first.span, "the other values")
                    .note("which list is written decides the type of the tensor, so the server refuses a second one")
                    .help("keep the list of the type that the tensor has");
            }
        }
    }
}

fn check_correlation_id(lists: &[List], findings: &mut Findings<'_>) {
    for list in lists {
        findings
            .add(list.span, format!("CONTROL_SEQUENCE_CORRID has {}", list.name))
            .note("the correlation id is passed on as it is, so the server refuses values for false and true")
            .help("delete the values; data_type says which type the tensor has");
    }
}
