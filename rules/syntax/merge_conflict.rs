use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::SyntaxErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "merge-conflict",
    category: Category::Syntax,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("merge_conflict.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let markers = model.tree().errors().iter().filter(|error| error.kind == SyntaxErrorKind::ConflictMarker);
    for marker in markers {
        findings
            .add(marker.span, "a merge conflict is left in the file")
            .note("the server's parser refuses the file here")
            .help("keep one of the two sides and delete the marker lines");
    }
}
