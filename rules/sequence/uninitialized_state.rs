use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ControlKind;

pub(super) static RULE: Rule = Rule {
    name: "uninitialized-state",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("uninitialized_state.md"),
    check,
};

/// See `SequenceStates::Initialize` of core's `sequence_state.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let controls = sequences.control_input.iter().flat_map(|input| input.control.iter());
    let tells_start = !sequences.control_input.is_intact()
        || controls.into_iter().any(|control| control.kind.get().is_none_or(|kind| kind == ControlKind::SequenceStart));
    if tells_start {
        return;
    }
    for state in
        sequences.state.iter().filter(|state| state.initial_state.is_empty() && state.initial_state.is_intact())
    {
        let name = state.output_name.written();
        findings
            .add(
                name.map_or(state.span, |name| name.span),
                format!("the state `{}` begins with whatever is in memory", name.map_or("", |name| name.as_str())),
            )
            .note(
                "without initial_state the first request of a sequence sees an uninitialized buffer, and without a \
                 start control the model cannot tell that it is the first",
            )
            .help("add `initial_state { … zero_data: true }`, or a control of CONTROL_SEQUENCE_START that the model heeds");
    }
}
