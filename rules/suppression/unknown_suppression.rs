use std::cell::LazyCell;

use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;
use crate::settings::Selector;
use crate::suppression::{Content, removal};
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "unknown-suppression",
    category: Category::Suppression,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_suppression.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let known = LazyCell::new(Selector::names);
    for comment in model.suppressions() {
        let Content::Ignore { names, .. } = &comment.content else {
            findings
                .add(comment.span, "this comment for tritonlint says nothing that it understands")
                .help("write `# tritonlint: ignore[rule] reason`, or `file-ignore` for the whole file");
            continue;
        };
        for (at, name) in names.iter().enumerate().filter(|(_, name)| name.selector.is_none()) {
            if !findings.has_room() {
                return;
            }
            let finding = findings.add(name.span, format!("there is no rule or category `{}`", name.text));
            if let Some(meant) = nearest(&name.text, known.iter().map(String::as_str)) {
                finding.help(format!("did you mean `{meant}`?")).fix(
                    Applicability::Safe,
                    format!("write `{meant}`"),
                    [(name.span, meant.to_owned())],
                );
                continue;
            }
            // With the comma behind it, or before the last one.
            let span = match (names.get(at + 1), at.checked_sub(1).and_then(|before| names.get(before))) {
                (Some(next), _) => Span::new(name.span.start, next.span.start),
                (None, Some(before)) => Span::new(before.span.end, name.span.end),
                (None, None) => removal(model.tree(), comment.span),
            };
            let edit = (span, String::new());
            finding.help("`tritonlint rules` lists them").fix(Applicability::Safe, "take it out", [edit]);
        }
    }
}
