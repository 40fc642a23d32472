use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::TimeoutAction;

/// One second, in microseconds: longer than most replies are worth waiting for a fuller batch.
const LONG: u64 = 1_000_000;

pub(super) static RULE: Rule = Rule {
    name: "long-queue-delay",
    category: Category::Performance,
    backends: &[],
    level: Level::Warning,
    fix: None,
    page: include_str!("long_queue_delay.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(batching) = model.config().dynamic_batching.written() else { return };
    let Some(delay) = batching.max_queue_delay_microseconds.written() else { return };
    // Where a request by itself is of a preferred size, it is run at once (core `dynamic_batch_scheduler.cc`,
    // `GetDynamicBatch`).
    if batching.preferred_batch_size.iter().any(|size| size.value == 1) {
        return;
    }
    let policy = batching.default_queue_policy.written();
    let rejects = policy.filter(|policy| policy.timeout_action.get() == Some(TimeoutAction::Reject));
    let timeout = rejects.and_then(|policy| policy.default_timeout_microseconds.written());
    if let Some(timeout) = timeout.filter(|timeout| timeout.value > 0 && timeout.value <= delay.value) {
        findings
            .add(delay.span, "requests time out before the batch that they wait for is formed".to_owned())
            .label(timeout.span, "a request is rejected after this time")
            .note("a request may wait for others for as long as max_queue_delay_microseconds, and is rejected then")
            .help("make the delay a small part of the timeout");
        return;
    }
    let is_endless = delay.value >= findings.options().long_queue_delay.threshold_microseconds;
    if is_endless || delay.value >= LONG {
        // A second or some may be meant, where many requests come and few may be late.
        findings
            .add(delay.span, format!("a request may wait {} for others", duration(delay.value)))
            .level(if is_endless { Level::Warning } else { Level::Info })
            .note("the delay is in microseconds; the scheduler holds a batch that is not full for that long")
            .help("try some hundred to some thousand microseconds, well below the time of an inference");
    }
}

/// Seconds with one decimal; what is shorter in microseconds.
fn duration(microseconds: u64) -> String {
    match microseconds / LONG {
        0 => format!("{microseconds} µs"),
        seconds => format!("{seconds}.{} s", microseconds % LONG / (LONG / 10)),
    }
}
