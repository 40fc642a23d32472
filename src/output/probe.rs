//! What the probe found, for people.

use std::fmt::Write as _;

use super::text::visible;
use crate::probe::{Confinement, Evidence, Outcome, Symptom, Variant, VariantRun, Verdict};

/// What was found about each model: the verdict, a table of shapes and variants, and what failed.
#[must_use]
pub fn probe_text(outcomes: &[Outcome]) -> String {
    outcomes.iter().map(outcome_text).collect::<Vec<_>>().join("\n")
}

/// The same for programs.
#[must_use]
pub fn probe_json(outcomes: &[Outcome]) -> String {
    // Only a map with keys that are no strings could fail, and there is none.
    serde_json::to_string_pretty(&serde_json::json!({ "version": 1, "models": outcomes })).unwrap_or_default() + "\n"
}

fn outcome_text(outcome: &Outcome) -> String {
    let mut text = format!("{}: {}\n", visible(&outcome.model), outcome.word());
    let options = textwrap::Options::new(96).initial_indent("  ").subsequent_indent("  ");
    text.push_str(&textwrap::fill(&visible(&outcome.explanation()), options));
    text.push('\n');
    let Some(evidence) = &outcome.evidence else { return text };
    if let Verdict::Confirmed { cures, .. } = &outcome.verdict
        && let Some(key) = cures.iter().find(|cure| cure.is_server_wide()).and_then(|cure| cure.parameter())
        && !cures.contains(&Variant::OptimizedOff)
    {
        let _ = writeln!(text, "  {} holds for all TorchScript models of the server.", key.0);
    }
    if !evidence.runs.is_empty() {
        text.push('\n');
        text.push_str(&table(evidence));
    }
    if !evidence.rejected.is_empty() {
        text.push_str("\n  What the freshly loaded model does not take, whatever the executor does:\n");
        for rejected in &evidence.rejected {
            let _ = writeln!(text, "    {}: {}", visible(&rejected.shapes), visible(&rejected.symptom.to_string()));
        }
    }
    if evidence.confinement != Confinement::FilesAndNetwork {
        let _ = writeln!(text, "\n  {}", confinement(evidence.confinement));
    }
    text
}

pub(super) fn confinement(confinement: Confinement) -> &'static str {
    match confinement {
        Confinement::FilesAndNetwork => "",
        Confinement::Files => "This system kept the model from writing files, not from the network.",
        Confinement::FileSize => "This system kept the model from writing to files, and from nothing else.",
        Confinement::None => "This system kept the model from nothing.",
    }
}

/// A row a shape, a column a variant; in each cell the first call that failed.
fn table(evidence: &Evidence) -> String {
    let head = std::iter::once(String::new()).chain(evidence.runs.iter().map(|run| heading(run.variant).to_owned()));
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for (at, shapes) in evidence.shapes.iter().enumerate() {
        let cells = evidence.runs.iter().map(|run| cell(run, at, shapes));
        rows.push(std::iter::once(visible(shapes)).chain(cells).collect());
    }
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default()).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    text
}

pub(super) fn heading(variant: Variant) -> &'static str {
    match variant {
        Variant::Configured => "as configured",
        Variant::OptimizedOff => "optimized off",
        Variant::OwnInputs => "off, own inputs",
        Variant::TensorFuserOff => "fuser off",
        Variant::ProfilingOff => "profiling off",
        Variant::ExecutorOff => "executor off",
    }
}

pub(super) fn cell(run: &VariantRun, shape: usize, described: &str) -> String {
    if let Some(failure) = run.failures.iter().find(|failure| failure.shapes == described) {
        let kind = match &failure.symptom {
            Symptom::Error { .. } => "error",
            Symptom::Crash { .. } => "crash",
            Symptom::Hang => "hang",
            Symptom::OutOfMemory => "out of memory",
            Symptom::Deviation { .. } => "wrong",
            Symptom::Unsupported { .. } => "unsupported",
            Symptom::Stall { .. } => "stall",
        };
        return format!("call {}: {kind}", failure.call);
    }
    let calls = run.calls.iter().filter(|(other, _)| *other == shape).count();
    if calls == 0 { "not reached".into() } else { "ok".into() }
}
