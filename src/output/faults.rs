//! What is wrong in settings files, drawn by miette.

use std::fmt::Write as _;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, NarratableReportHandler,
};

use super::{Graphics, text};
use crate::settings::Fault;

/// Writes faults of settings files, a paragraph each.
#[must_use]
pub fn faults(faults: &[Fault], graphics: Graphics) -> String {
    let mut output = String::new();
    for fault in faults {
        if fault.text.is_empty() {
            let _ = writeln!(output, "tritonlint: {}: {}", shown(fault), text::visible(&fault.message));
            continue;
        }
        let start = fault.span.start.min(fault.text.len());
        let length = fault.span.len().min(fault.text.len() - start);
        let mut picture = MietteDiagnostic::new(text::visible(&fault.message))
            .with_code("error[settings]")
            .with_label(LabeledSpan::new_primary_with_span(None, (start, length)));
        picture.help = fault.help.as_deref().map(text::visible);
        let source = NamedSource::new(shown(fault), text::visible_in_place(&fault.text));
        let report = miette::Report::new(picture).with_source_code(source);
        let drawn = match graphics {
            Graphics::Drawn { color, width } => {
                let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
                GraphicalReportHandler::new_themed(theme).with_width(width).render_report(&mut output, report.as_ref())
            }
            Graphics::Narrated => NarratableReportHandler::new().render_report(&mut output, report.as_ref()),
        };
        if drawn.is_err() {
            let _ = writeln!(output, "{fault}");
        }
        output.push('\n');
    }
    output
}

fn shown(fault: &Fault) -> String {
    text::visible_path(&fault.path)
}
