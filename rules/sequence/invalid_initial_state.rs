use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::Spanned;
use crate::schema::vocabulary::{InitialState, SequenceState};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "invalid-initial-state",
    category: Category::Sequence,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_initial_state.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let mut seen = BTreeMap::new();
    for state in sequences.state.iter().filter(|state| state.initial_state.is_intact()) {
        match &*state.initial_state {
            [] => {}
            [initial] => {
                check_repeated(state, initial, &mut seen, findings);
                check_source(state, initial, findings);
                check_type(state, initial, findings);
                check_dims(state, initial, findings);
            }
            [first, others @ ..] => {
                let message = format!("the state `{}` has {} initial states", name_of(state), others.len() + 1);
                for other in others {
                    findings
                        .add(other.span, message.as_str())
                        .label(first.span, "the first one")
                        .note("a state begins with one value; the server refuses a second")
                        .help("keep one of them");
                }
            }
        }
    }
}

fn name_of(state: &SequenceState) -> &str {
    state.input_name.text().unwrap_or_default()
}

/// Initial states are kept by the input that they go to.
fn check_repeated<'c>(
    state: &'c SequenceState,
    initial: &'c Spanned<InitialState>,
    seen: &mut BTreeMap<&'c str, Span>,
    findings: &mut Findings<'_>,
) {
    let Some(name) = state.input_name.text() else { return };
    let span = state.input_name.written().map_or(initial.span, |written| written.span);
    let Some(first) = seen.get(name) else {
        seen.insert(name, span);
        return;
    };
    findings
        .add(span, format!("two states with an initial state have the input_name `{name}`"))
        .label(*first, "the first one")
        .note("the server keeps initial states by input_name and refuses a second one")
        .help("give each state an input of its own");
}

/// What it is called, and where its contents come from.
fn check_source(state: &SequenceState, initial: &Spanned<InitialState>, findings: &mut Findings<'_>) {
    if initial.name.text() == Some("") {
        findings
            .add(
                initial.name.written().map_or(initial.span, |written| written.span),
                format!("the initial state of `{}` has no name", name_of(state)),
            )
            .note("the server wants one, though any will do")
            .help("add a name");
    }
    if initial.zero_data.is_absent() && initial.data_file.is_absent() {
        findings
            .add(initial.span, format!("the initial state of `{}` has no contents", name_of(state)))
            .note("the server does not take zeros by itself")
            .help("add `zero_data: true`, or data_file with the name of a file in the folder initial_state");
    }
}

fn check_type(state: &SequenceState, initial: &Spanned<InitialState>, findings: &mut Findings<'_>) {
    let (Some(of_state), Some(of_initial)) = (state.data_type.get(), initial.data_type.get()) else { return };
    if of_state == of_initial {
        return;
    }
    let written = initial.data_type.written();
    let message = match written {
        Some(_) => format!("the initial state of `{}` is {of_initial}, but the state is {of_state}", name_of(state)),
        None => format!("the initial state of `{}` has no data_type, but the state is {of_state}", name_of(state)),
    };
    let mut finding = findings
        .add(written.map_or(initial.span, |written| written.span), message)
        .note("the server wants the same data_type in both places");
    if let Some(written) = state.data_type.written() {
        finding = finding.label(written.span, "the type of the state");
    }
    finding.help("write the type that the model's tensor has in both");
}

fn check_dims(state: &SequenceState, initial: &Spanned<InitialState>, findings: &mut Findings<'_>) {
    if !state.dims.is_intact() || !initial.dims.is_intact() {
        return;
    }
    let name = name_of(state);
    let (wanted, given) = (state.dims.len(), initial.dims.len());
    if wanted != given {
        findings
            .add(
                initial.dims.first().map_or(initial.span, |dim| dim.span),
                format!("the number of dims differs: {given} in the initial state of `{name}`, {wanted} in the state"),
            )
            .note("the server wants one for each dimension of the state, and no batch dimension in either")
            .help("give the initial state the dims of the state, with a size in place of each -1");
        return;
    }
    for (of_state, of_initial) in state.dims.iter().zip(initial.dims.iter()) {
        if of_initial.value == -1 {
            findings
                .add(of_initial.span, format!("a dimension of the initial state of `{name}` is -1"))
                .note("the server makes the initial state when the model loads, and has to know its size then")
                .help("write a size, even if the state has -1 there");
        } else if of_initial.value < -1 && matches!(of_state.value, value if value == -1 || value == of_initial.value) {
            findings
                .add(of_initial.span, format!("a dimension of the initial state of `{name}` is {}", of_initial.value))
                .note("the server makes a tensor of that size when it loads the model, and ends at once, with all of its models")
                .help("write a size, even if the state has -1 there");
        } else if of_state.value != -1 && of_state.value != of_initial.value {
            findings
                .add(
                    of_initial.span,
                    format!(
                        "a dimension of the initial state of `{name}` is {}, not {}",
                        of_initial.value, of_state.value
                    ),
                )
                .label(of_state.span, "the dimension of the state")
                .note("only where the state has -1 may the initial state choose a size")
                .help("write the size that the state has");
        }
    }
}
