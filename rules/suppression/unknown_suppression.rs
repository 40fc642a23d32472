use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::nearest;
use crate::settings::Selector;
use crate::suppression::{Content, Name, removal};

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
    for comment in model.suppressions() {
        let Content::Ignore { names, list, .. } = &comment.content else {
            findings
                .add(comment.span, "this comment for tritonlint says nothing that it understands")
                .help("write `# tritonlint: ignore[rule] reason`, or `file-ignore` for the whole file");
            continue;
        };
        for name in names.iter().filter(|name| name.selector.is_none()) {
            let known = Selector::names();
            let finding = findings.add(name.span, format!("there is no rule or category `{}`", name.text));
            if let Some(meant) = nearest(&name.text, known.iter().map(String::as_str)) {
                finding.help(format!("did you mean `{meant}`?")).fix(
                    Applicability::Safe,
                    format!("write `{meant}`"),
                    [(name.span, meant.to_owned())],
                );
                continue;
            }
            let others: Vec<&Name> = names.iter().filter(|other| other.span != name.span).collect();
            let edit = if others.is_empty() {
                (removal(model.tree(), comment.span), String::new())
            } else {
                let others: Vec<_> = others.iter().map(|other| other.text.as_str()).collect();
                (*list, others.join(", "))
            };
            finding.help("`tritonlint rules` lists them").fix(Applicability::Safe, "take it out", [edit]);
        }
    }
}
