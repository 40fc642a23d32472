use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "short-sequence-idle",
    category: Category::Sequence,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("short_sequence_idle.md"),
    check,
};

/// A tenth of a second, in microseconds: less than many a client needs between two requests.
const SHORT: u64 = 100_000;

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(sequences) = model.config().sequence_batching.written() else { return };
    let Some(idle) = sequences.max_sequence_idle_microseconds.written() else { return };
    // Left out, or 0, it is a second (core `model_config_utils.cc`, `NormalizeModelConfig`).
    if idle.value == 0 || idle.value >= SHORT {
        return;
    }
    let milliseconds = format!("{}.{}", idle.value / 1000, idle.value % 1000 / 100);
    findings
        .add(idle.span, format!("a sequence ends when its client is silent for {milliseconds} ms"))
        .note(
            "the unit is the microsecond; the next request then fails with `must specify the START flag on the first \
             request of the sequence`",
        )
        .help("write the longest pause of a client in microseconds; left out, it is 1000000, a second");
}
