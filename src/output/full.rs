//! For people: the lines of the file, drawn by miette.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler, Severity, SourceCode};

use super::excerpt::Excerpt;
use super::{Run, Sources, clamped, text};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::FileId;
use crate::rule::{Applicability, Level};
use crate::syntax::{Source, Span};

/// How much of a drawing the reader gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graphics {
    /// Lines, and colours if wanted; the text is wrapped at that many columns.
    Drawn {
        /// Whether to use colours.
        color: bool,
        /// Columns.
        width: usize,
    },
    /// Sentences only, for screen readers.
    Narrated,
}

pub(super) fn render(run: &Run<'_>, sources: &Sources<'_>, graphics: Graphics) -> String {
    let mut files = Files { sources, excerpts: BTreeMap::new() };
    let mut output = String::new();
    for found in &run.report.diagnostics {
        let picture = Picture::new(found, &mut files, graphics);
        // Writing to a string fails only if the drawing itself does; the message is then still told.
        let drawn = match graphics {
            Graphics::Drawn { color, width } => {
                let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
                let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
                handler.render_report(&mut output, &picture)
            }
            Graphics::Narrated => NarratableReportHandler::new().render_report(&mut output, &picture),
        };
        if drawn.is_err() {
            let _ = writeln!(output, "{picture}");
        }
        if let Graphics::Drawn { color, width } = graphics {
            output.push_str(&footer(found, color, width));
        }
        output.push('\n');
    }
    output
}

/// The notes, the help and the fix of a finding, a paragraph each.
fn footer(found: &Diagnostic, color: bool, width: usize) -> String {
    let style = anstyle::AnsiColor::Cyan.on_default();
    remarks(found)
        .into_iter()
        .map(|(name, words)| {
            let name = format!("{name}: ");
            let indentation = " ".repeat(2 + name.len());
            let options = textwrap::Options::new(width).initial_indent(&indentation).subsequent_indent(&indentation);
            let paragraph = textwrap::fill(&text::visible(&words), options);
            let words = paragraph.trim_start();
            if color { format!("  {style}{name}{style:#}{words}\n") } else { format!("  {name}{words}\n") }
        })
        .collect()
}

fn remarks(found: &Diagnostic) -> Vec<(&'static str, String)> {
    let notes = found.notes.iter().map(|note| ("note", note.clone()));
    let help = found.help.iter().map(|help| ("help", help.clone()));
    let fix = found.fix.iter().map(|fix| {
        let option = match fix.applicability {
            Applicability::Safe => "--fix",
            Applicability::Unsafe => "--fix --unsafe-fixes",
        };
        ("fix", format!("{} ({option})", fix.title))
    });
    notes.chain(help).chain(fix).collect()
}

/// The files that were quoted before, ready to be quoted again.
struct Files<'s> {
    sources: &'s Sources<'s>,
    excerpts: BTreeMap<FileId, Excerpt>,
}

impl Files<'_> {
    fn get(&mut self, file: FileId) -> (&Source, &Excerpt) {
        let source = self.sources.source(file);
        let excerpt = self.excerpts.entry(file).or_insert_with(|| Excerpt::of(&self.sources.path(file), source));
        (source, excerpt)
    }
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Picture {
    level: Level,
    code: String,
    message: String,
    labels: Vec<LabeledSpan>,
    source: Option<Excerpt>,
    /// What the drawing leaves to the footer.
    help: Option<String>,
}

impl Picture {
    fn new(found: &Diagnostic, files: &mut Files<'_>, graphics: Graphics) -> Self {
        let mut labels = Vec::new();
        let mut source = None;
        let mut message = text::visible(&found.message);
        match &found.place {
            Place::Text { file, span } => {
                let (text, whole) = files.get(*file);
                let part = whole.around(*span, text);
                let caption = found.caption.as_deref().map(text::visible);
                let excerpt = part.as_ref().unwrap_or(whole).clone();
                labels.push(LabeledSpan::new_primary_with_span(caption, excerpt.locate(visible_span(*span, text))));
                // Of a very long line other places are out of sight.
                for label in found.labels.iter().filter(|label| label.file == *file && part.is_none()) {
                    let words = Some(text::visible(&label.message));
                    labels.push(LabeledSpan::new_with_span(words, excerpt.locate(visible_span(label.span, text))));
                }
                source = Some(excerpt);
            }
            Place::Entry(path) => {
                message = format!("{}: {message}", text::visible_path(path));
            }
            Place::Line { path, line } => {
                message = format!("{}:{line}: {message}", text::visible(&path.to_string_lossy()));
            }
        }
        let remarks = remarks(found).into_iter().map(|(name, words)| format!("{name}: {words}"));
        let help = matches!(graphics, Graphics::Narrated).then(|| remarks.collect::<Vec<_>>().join("\n"));
        let code = format!("{}[{}]", found.level, found.rule.name);
        Self { level: found.level, code, message, labels, source, help: help.filter(|help| !help.is_empty()) }
    }
}

/// The span of at most one line: what runs over many would hide the rest of the picture.
fn visible_span(span: Span, source: &Source) -> Span {
    let span = clamped(span, source);
    let line_end = source.line_span(source.line(span.start)).end;
    let end = if source.slice(span).lines().count() > 3 { span.end.min(line_end) } else { span.end };
    Span::new(span.start, end)
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Picture {}

impl miette::Diagnostic for Picture {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
