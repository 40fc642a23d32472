use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::{Span, SyntaxErrorKind, TokenKind, Tree};

pub(super) static RULE: Rule = Rule {
    name: "wrong-encoding",
    category: Category::Syntax,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("wrong_encoding.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let tree = model.tree();
    // Characters that are UTF-8 beside bytes that are not: nobody knows what the bytes are.
    let invalid = tree.source().invalid_utf8();
    let is_mixed = !invalid.is_empty() && {
        let foreign = tree.source().bytes().iter().filter(|byte| !byte.is_ascii()).count();
        foreign > invalid.iter().map(|span| span.range().len()).sum()
    };
    for error in tree.errors() {
        let (level, note) = match &error.kind {
            SyntaxErrorKind::ByteOrderMark
            | SyntaxErrorKind::WideEncoding
            | SyntaxErrorKind::Binary
            | SyntaxErrorKind::NulByte => (Level::Error, "the server's parser refuses the file here"),
            SyntaxErrorKind::InvalidUtf8 => match place(tree, error.span) {
                Place::Text => (Level::Error, "the server's parser refuses the file here"),
                Place::String => (
                    Level::Warning,
                    "the server takes the bytes as they are; what hands the config on as JSON or over the network \
                     drops or rejects them",
                ),
                Place::Comment => (
                    Level::Info,
                    "the server skips comments whatever their bytes; other tools may refuse to read the file",
                ),
            },
            _ => continue,
        };
        let found = tree.source().slice(error.span);
        let mut finding = findings.add(error.span, error.kind.message(found)).note(note);
        if level != Level::Error {
            finding = finding.level(level);
        }
        if let Some(help) = error.kind.help() {
            finding = finding.help(help);
        }
        match error.kind {
            SyntaxErrorKind::ByteOrderMark => {
                finding.fix(Applicability::Safe, "delete the byte order mark", [(error.span, String::new())]);
            }
            SyntaxErrorKind::WideEncoding => {
                if let Some(text) = from_utf16(tree.source().bytes()) {
                    finding.fix(Applicability::Safe, "write the file as UTF-8", [(tree.source().span(), text)]);
                }
            }
            SyntaxErrorKind::InvalidUtf8 if !is_mixed => {
                let bytes = &tree.source().bytes()[error.span.range()];
                let text = match place(tree, error.span) {
                    // A no-break space; letters cannot stand there in any encoding.
                    Place::Text => bytes.iter().all(|byte| *byte == 0xA0).then(|| " ".repeat(bytes.len())),
                    Place::String | Place::Comment => from_windows_1252(bytes),
                };
                if let Some(text) = text {
                    let title = "take it for Windows-1252, and write it as UTF-8";
                    finding.fix(Applicability::Unsafe, title, [(error.span, text)]);
                }
            }
            _ => {}
        }
    }
}

/// The text of a file in UTF-16, without its byte order mark. None if it is something else.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let units = |bytes: &[u8], read: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes.chunks_exact(2).map(|unit| read([unit[0], unit[1]])).collect()
    };
    let units = match bytes {
        _ if bytes.len() % 2 == 1 => return None,
        [0xFF, 0xFE, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => units(rest, u16::from_be_bytes),
        [0, ..] => units(bytes, u16::from_be_bytes),
        _ => units(bytes, u16::from_le_bytes),
    };
    // UTF-32 is every other unit a NUL.
    String::from_utf16(&units).ok().filter(|text| !text.contains('\0'))
}

/// Bytes as the code page of Western Europe has them, which agrees with Latin-1 wherever that has characters. None
/// for bytes that it does not use.
fn from_windows_1252(bytes: &[u8]) -> Option<String> {
    const FROM_80: [Option<char>; 32] = [
        Some('€'),
        None,
        Some('‚'),
        Some('ƒ'),
        Some('„'),
        Some('…'),
        Some('†'),
        Some('‡'),
        Some('ˆ'),
        Some('‰'),
        Some('Š'),
        Some('‹'),
        Some('Œ'),
        None,
        Some('Ž'),
        None,
        None,
        Some('‘'),
        Some('’'),
        Some('“'),
        Some('”'),
        Some('•'),
        Some('–'),
        Some('—'),
        Some('˜'),
        Some('™'),
        Some('š'),
        Some('›'),
        Some('œ'),
        None,
        Some('ž'),
        Some('Ÿ'),
    ];
    let read = |byte: &u8| match byte {
        0x80..=0x9F => FROM_80[usize::from(byte - 0x80)],
        byte => Some(char::from(*byte)),
    };
    bytes.iter().map(read).collect()
}

/// Where bytes are that are not UTF-8.
enum Place {
    Text,
    String,
    Comment,
}

fn place(tree: &Tree, bytes: Span) -> Place {
    let holds = |span: Span| span.start <= bytes.start && bytes.end <= span.end;
    if tree.tokens().iter().any(|token| token.kind == TokenKind::String && holds(token.span)) {
        Place::String
    } else if tree.comments().any(|comment| holds(comment.span)) {
        Place::Comment
    } else {
        Place::Text
    }
}
