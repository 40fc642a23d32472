//! What the probe found, as one page with pictures that needs nothing else.

use std::fmt::Write as _;

use super::probe::{cell, confinement, heading};
use crate::probe::{Evidence, Outcome, VariantRun};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}\
code{font-family:ui-monospace,monospace}svg{width:100%;height:auto}.bad{background:#fbd9d3}\
text{font:12px system-ui,sans-serif;fill:#444}";

/// Colours that people tell apart, also those who see few: one a variant.
const COLORS: [&str; 6] = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// The picture's size, and the margin that its labels need.
const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 260.0;
const MARGIN: f64 = 60.0;

/// The whole page.
#[must_use]
pub fn probe_html(outcomes: &[Outcome]) -> String {
    let models: String = outcomes.iter().map(model).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>tritonlint probe</title>\n\
         <style>{STYLE}</style>\n<h1>tritonlint probe</h1>\n{models}</html>\n"
    )
}

fn model(outcome: &Outcome) -> String {
    let (name, word) = (escaped(&outcome.model), outcome.word());
    let mut text = format!("<h2>{name}: {word}</h2>\n<p>{}</p>\n", escaped(&outcome.explanation()));
    let Some(evidence) = &outcome.evidence else { return text };
    if !evidence.runs.is_empty() {
        text.push_str(&table(evidence));
        text.push_str(&plot(&evidence.runs));
    }
    if !evidence.rejected.is_empty() {
        text.push_str("<p>What the freshly loaded model does not take:</p>\n<ul>\n");
        for rejected in &evidence.rejected {
            let (shapes, symptom) = (escaped(&rejected.shapes), escaped(&rejected.symptom.to_string()));
            let _ = writeln!(text, "<li><code>{shapes}</code>: {symptom}</li>");
        }
        text.push_str("</ul>\n");
    }
    let confinement = confinement(evidence.confinement);
    if !confinement.is_empty() {
        let _ = writeln!(text, "<p>{confinement}</p>");
    }
    text
}

fn table(evidence: &Evidence) -> String {
    let heads: Vec<_> = evidence.runs.iter().map(|run| heading(run.variant)).collect();
    let mut text = format!("<table>\n<tr><th></th><th>{}</th></tr>\n", heads.join("</th><th>"));
    for (at, shapes) in evidence.shapes.iter().enumerate() {
        let cells = evidence.runs.iter().map(|run| {
            let is_bad = run.failures.iter().any(|failure| failure.shapes == *shapes);
            let class = if is_bad { " class=\"bad\"" } else { "" };
            format!("<td{class}>{}</td>", escaped(&cell(run, at, shapes)))
        });
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "<tr><td><code>{}</code></td>{}</tr>", escaped(shapes), cells.join(""));
    }
    text + "</table>\n"
}

/// Time over calls: a line a variant, on a scale where each step up is ten times as long.
fn plot(runs: &[VariantRun]) -> String {
    let calls = runs.iter().map(|run| run.calls.len()).max().unwrap_or_default();
    let times = || runs.iter().flat_map(|run| run.calls.iter().map(|(_, micros)| decades(*micros)));
    let (low, high) = (times().fold(f64::INFINITY, f64::min).floor(), times().fold(0.0, f64::max).ceil());
    if calls == 0 {
        return String::new();
    }
    let high = high.max(low + 1.0);
    let x = |call: usize| MARGIN + (WIDTH - 2.0 * MARGIN) * ratio(call, calls.max(2) - 1);
    let y = |decades: f64| HEIGHT - MARGIN + (low - decades) / (high - low) * (HEIGHT - 2.0 * MARGIN);
    let mut text = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Time of each call\">\n\
         <text x=\"{}\" y=\"{}\">call</text>\n",
        WIDTH / 2.0,
        HEIGHT - 15.0
    );
    let mut decade = low;
    while decade <= high {
        let (at, label) = (y(decade), duration(decade));
        let right = WIDTH - MARGIN;
        let _ = writeln!(
            text,
            "<path d=\"M{MARGIN} {at:.1}H{right}\" stroke=\"#ddd\"/><text x=\"5\" y=\"{:.1}\">{label}</text>",
            at + 4.0
        );
        decade += 1.0;
    }
    for (at, run) in runs.iter().enumerate() {
        let color = COLORS[at % COLORS.len()];
        let points = run.calls.iter().enumerate();
        let points: Vec<_> =
            points.map(|(call, (_, micros))| format!("{:.1},{:.1}", x(call), y(decades(*micros)))).collect();
        let left = MARGIN + 120.0 * ratio(at, 1);
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\
             <path d=\"M{left} 20h20\" stroke=\"{color}\" stroke-width=\"3\"/><text x=\"{}\" y=\"24\">{}</text>",
            points.join(" "),
            left + 25.0,
            heading(run.variant)
        );
    }
    text + "</svg>\n"
}

/// The decimal logarithm of microseconds.
fn decades(micros: u64) -> f64 {
    f64::from(u32::try_from(micros.max(1)).unwrap_or(u32::MAX)).log10()
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    number(part) / number(whole)
}

fn duration(decades: f64) -> String {
    match decades {
        ..3.0 => format!("{} µs", 10_f64.powf(decades)),
        ..6.0 => format!("{} ms", 10_f64.powf(decades - 3.0)),
        _ => format!("{} s", 10_f64.powf(decades - 6.0)),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{plot, probe_html};
    use crate::probe::{Outcome, Variant, VariantRun, Verdict};

    fn run(variant: Variant, micros: &[u64]) -> VariantRun {
        VariantRun { variant, calls: micros.iter().map(|micros| (0, *micros)).collect(), failures: Vec::new() }
    }

    #[test]
    fn a_line_a_variant_and_a_point_a_call() {
        let svg = plot(&[run(Variant::Configured, &[10, 1000]), run(Variant::OptimizedOff, &[10])]);
        assert!(svg.contains("<polyline points=\"60.0,200.0 740.0,60.0\""), "{svg}");
        assert!(svg.contains("<polyline points=\"60.0,200.0\""), "{svg}");
        assert!(svg.contains(">10 µs<") && svg.contains(">100 µs<") && svg.contains(">1 ms<"), "{svg}");
        assert_eq!(plot(&[run(Variant::Configured, &[])]), "");
    }

    #[test]
    fn what_a_model_is_called_is_no_markup() {
        let verdict = Verdict::Inconclusive { reason: "<script>".into() };
        let html = probe_html(&[Outcome { model: "a<b".into(), verdict, evidence: None, is_from_cache: false }]);
        assert!(html.contains("<h2>a&lt;b: inconclusive</h2>\n<p>&lt;script&gt;</p>"), "{html}");
    }
}
