use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::suppression::{Content, Name, removal};

pub(super) static RULE: Rule = Rule {
    name: "unused-suppression",
    category: Category::Suppression,
    backends: &[],
    level: Level::Warning,
    fix: Some(Applicability::Safe),
    page: include_str!("unused_suppression.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for comment in model.suppressions() {
        let Content::Ignore { names, list, .. } = &comment.content else { continue };
        let (unused, kept): (Vec<&Name>, Vec<&Name>) =
            names.iter().partition(|name| findings.silenced_nothing(name.span));
        let Some(first) = unused.first() else { continue };
        let named: Vec<_> = unused.iter().map(|name| format!("`{}`", name.text)).collect();
        let (title, edit) = if kept.is_empty() {
            ("delete the comment".to_owned(), (removal(model.tree(), comment.span), String::new()))
        } else {
            let kept: Vec<_> = kept.iter().map(|name| name.text.as_str()).collect();
            (format!("take {} out", named.join(", ")), (*list, kept.join(", ")))
        };
        findings
            .add(first.span, format!("there is no finding of {} to ignore here", named.join(", ")))
            .help("a comment that silences nothing would hide the next finding")
            .fix(Applicability::Safe, title, [edit]);
    }
}
