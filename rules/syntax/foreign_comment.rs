use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::{Span, SyntaxErrorKind};

pub(super) static RULE: Rule = Rule {
    name: "foreign-comment",
    category: Category::Syntax,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("foreign_comment.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let source = model.tree().source();
    for error in model.tree().errors().iter().filter(|error| error.kind == SyntaxErrorKind::ForeignComment) {
        let found = source.slice(error.span);
        let style = if found.starts_with("//") { "`//`" } else { "`/* */`" };
        let finding = findings
            .add(error.span, format!("{style} does not begin a comment in the text format"))
            .note("the server's parser knows `#` comments only, and refuses the file here")
            .help("write the comment with `#`");
        // The rest of the line must be free: what follows a one-line `/* */` would become a comment too.
        let line_end = source.line_span(source.line(error.span.end)).end;
        let behind = source.slice(Span::new(error.span.end, line_end));
        if behind.trim().is_empty() {
            finding.fix(Applicability::Safe, "write the comment with `#`", [(error.span, hash_comment(found))]);
        }
    }
}

/// The same comment with `#` before each line.
fn hash_comment(found: &str) -> String {
    if let Some(text) = found.strip_prefix("//") {
        return format!("#{}", text.trim_start_matches('/'));
    }
    let text = found.trim_start_matches("/*").trim_end_matches("*/");
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        let body = line.trim_end();
        let ending = if line.ends_with('\r') { "\r" } else { "" };
        let words = body.trim_start();
        let indentation = &body[..body.len() - words.len()];
        let words = words.trim_start_matches('*');
        match (number, words.trim().is_empty()) {
            (_, true) => format!("{}#{ending}", if number == 0 { "" } else { indentation }),
            (0, false) => format!("#{}{ending}", &body[body.len() - body.trim_start_matches('*').len()..]),
            (_, false) => format!("{indentation}#{}{ending}", spaced(words)),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn spaced(words: &str) -> String {
    if words.starts_with(' ') { words.to_owned() } else { format!(" {words}") }
}
