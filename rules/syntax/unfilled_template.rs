use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::syntax::SyntaxErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "unfilled-template",
    category: Category::Syntax,
    level: Level::Error,
    fix: None,
    page: include_str!("unfilled_template.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.tree().errors().iter().filter(|error| error.kind == SyntaxErrorKind::Template) {
        let found = model.tree().source().slice(error.span);
        findings
            .add(error.span, format!("the placeholder `{found}` was never filled in"))
            .note("the server reads the file as it is and refuses it here")
            .help("run the script that fills the template in, or write the value in its place");
    }
}
