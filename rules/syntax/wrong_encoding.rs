use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::SyntaxErrorKind;

pub(super) static RULE: Rule = Rule {
    name: "wrong-encoding",
    category: Category::Syntax,
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("wrong_encoding.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for error in model.tree().errors() {
        let note = match &error.kind {
            SyntaxErrorKind::ByteOrderMark | SyntaxErrorKind::WideEncoding | SyntaxErrorKind::NulByte => {
                "the server's parser refuses the file here"
            }
            SyntaxErrorKind::InvalidUtf8 => {
                "the server takes the bytes as they are; what hands the config on as JSON or over the network drops \
                 or rejects them"
            }
            _ => continue,
        };
        let found = model.tree().source().slice(error.span);
        let finding = findings.add(error.span, error.kind.message(found)).note(note);
        let finding = match error.kind.help() {
            Some(help) => finding.help(help),
            None => finding,
        };
        match error.kind {
            SyntaxErrorKind::InvalidUtf8 => {
                finding.level(Level::Warning);
            }
            SyntaxErrorKind::ByteOrderMark => {
                finding.fix(Applicability::Safe, "delete the byte order mark", [(error.span, String::new())]);
            }
            _ => {}
        }
    }
}
