//! What can be wrong with a text, whatever its schema.

use super::source::Span;

/// One syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// The bytes that are wrong; empty where something is missing.
    pub span: Span,
}

/// The ways in which a text is not the protocol buffer text format.
///
/// Except where said, the server's parser (`google::protobuf::TextFormat`, called by `ReadTextProto`
/// of core's `filesystem/api.cc`) refuses the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// The file begins with the UTF-8 byte order mark.
    ByteOrderMark,
    /// The file is UTF-16 or UTF-32.
    WideEncoding,
    /// The file is no text at all.
    Binary,
    /// A NUL byte, also inside a comment or a string.
    NulByte,
    /// Bytes that are not UTF-8. The server takes them, and hands a damaged text to the back-end.
    InvalidUtf8,
    /// A no-break space or the like.
    InvisibleCharacter,
    /// A `//` or `/* */` comment.
    ForeignComment,
    /// A line that a version control system left in the file.
    ConflictMarker,
    /// A placeholder that a template engine should have replaced.
    Template,
    /// A string whose line ends before it does.
    UnterminatedString,
    /// A string between typographic quotes.
    TypographicQuotes,
    /// A backslash followed by something that is no escape; the text is the escape.
    InvalidEscape(String),
    /// A digit followed by something that makes no number.
    MalformedNumber,
    /// `+1`.
    PlusSign,
    /// A value that is text but not in quotes, such as a path or a dotted name.
    UnquotedText,
    /// A text with a quote behind it and none before.
    MissingOpeningQuote,
    /// A field name with a dash or a dot.
    MalformedFieldName,
    /// A field name in quotes, as in JSON.
    QuotedFieldName,
    /// Something other than a single colon between name and value; holds what is there.
    WrongAssignment(String),
    /// No colon between the named field and its value.
    MissingColon(String),
    /// The named field has no value.
    MissingValue(String),
    /// Braces that belong to no field, as around a JSON document.
    AnonymousMessage,
    /// Fields stand right in a list, without the braces of the list item.
    MissingBraces,
    /// A bracket that is never closed; holds the bracket that is missing.
    Unclosed(char),
    /// A bracket closed by one of another kind.
    MismatchedClose {
        /// The bracket that was opened.
        open: Span,
        /// The one that would close it.
        expected: char,
    },
    /// A closing bracket that nothing opened.
    StrayClose,
    /// A comma or semicolon without a field or value before it.
    StraySeparator,
    /// A comma behind the last item of a list.
    TrailingComma,
    /// No comma between two items of a list.
    MissingComma,
    /// A semicolon between two items of a list.
    SemicolonInList,
    /// A list inside a list.
    NestedList,
    /// A list of both scalars and messages.
    MixedList,
    /// Something that cannot stand here; holds what could.
    Unexpected(&'static str),
    /// The error after which no more are reported.
    TooManyErrors,
}

impl SyntaxErrorKind {
    /// Whether the server refuses a file for it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        *self != Self::InvalidUtf8
    }

    /// Whether it is about how the pieces of the text go together, and not about one piece alone.
    #[must_use]
    pub(super) fn is_of_structure(&self) -> bool {
        matches!(
            self,
            Self::UnquotedText
                | Self::MissingOpeningQuote
                | Self::MissingColon(_)
                | Self::MissingValue(_)
                | Self::MissingComma
                | Self::Unexpected(_)
                | Self::StrayClose
                | Self::StraySeparator
        )
    }

    /// What is wrong; `found` is the text of the error's span.
    #[must_use]
    pub fn message(&self, found: &str) -> String {
        let found = excerpt(found);
        match self {
            Self::ByteOrderMark => "the file begins with a byte order mark".into(),
            Self::WideEncoding => "the file is not UTF-8 but UTF-16 or UTF-32".into(),
            Self::Binary => "this file is not text".into(),
            Self::NulByte => "the file contains a NUL byte".into(),
            Self::InvalidUtf8 => "these bytes are not UTF-8".into(),
            Self::InvisibleCharacter => {
                let names: Vec<_> = found.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
                format!("invisible character {} is not white space to the server", names.join(" "))
            }
            Self::ForeignComment => "this is not a comment in the text format".into(),
            Self::ConflictMarker => "a merge conflict is left in the file".into(),
            Self::Template => format!("the placeholder {found} was never filled in"),
            Self::UnterminatedString => "the string does not end on its line".into(),
            Self::TypographicQuotes => "typographic quotes do not make a string".into(),
            Self::InvalidEscape(escape) => format!("`{escape}` is not an escape sequence"),
            Self::MalformedNumber => format!("`{found}` is not a number"),
            Self::PlusSign => "a number takes no plus sign".into(),
            Self::UnquotedText => format!("`{found}` needs quotes"),
            Self::MissingOpeningQuote => format!("no quote before `{found}`"),
            Self::MalformedFieldName => format!("`{found}` is not a field name"),
            Self::QuotedFieldName => format!("the field name {found} is in quotes"),
            Self::WrongAssignment(_) => format!("`{found}` does not assign a value"),
            Self::MissingColon(field) => format!("no colon between `{field}` and its value"),
            Self::MissingValue(field) => format!("`{field}` has no value"),
            Self::AnonymousMessage => "these braces belong to no field".into(),
            Self::MissingBraces => "fields in a list without the braces of an item".into(),
            Self::Unclosed(close) => format!("`{found}` is never closed by `{close}`"),
            Self::MismatchedClose { expected, .. } => format!("`{found}` closes what only `{expected}` can close"),
            Self::StrayClose => format!("`{found}` closes nothing"),
            Self::StraySeparator => format!("`{found}` separates nothing"),
            Self::TrailingComma => "a comma behind the last item of a list".into(),
            Self::MissingComma => "no comma between two items of a list".into(),
            Self::SemicolonInList => "a semicolon between items of a list".into(),
            Self::NestedList => "a list inside a list".into(),
            Self::MixedList => "a list of both messages and scalars".into(),
            Self::Unexpected(expected) => format!("`{found}` where {expected} should be"),
            Self::TooManyErrors => "too many syntax errors; the rest is not reported".into(),
        }
    }

    /// What to do about it, where the message alone does not say so.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
            Self::Binary => "a config is text that one can read: another file may have been put in its place",
            Self::NulByte => "a text file holds none: check how the file was made or copied",
            Self::WideEncoding | Self::InvalidUtf8 => "save the file as UTF-8",
            Self::InvisibleCharacter => "type a plain space instead, or nothing",
            Self::ForeignComment => "write comments with `#`",
            Self::ConflictMarker => "resolve the conflict: choose one side and delete the marker lines",
            Self::Template => "run the script that fills the template in, or write the value",
            Self::UnterminatedString => {
                "close the string on the same line; adjacent strings on several lines are joined into one"
            }
            Self::TypographicQuotes => "use plain double quotes",
            Self::InvalidEscape(_) => "write a backslash as `\\\\`",
            Self::MalformedNumber => {
                "numbers are decimal, hexadecimal (`0x10`) or, with a leading 0, octal, without unit or separators"
            }
            Self::MalformedFieldName => "field names consist of letters, digits and underscores",
            Self::QuotedFieldName => "write the field name without quotes; this is not JSON",
            Self::WrongAssignment(_) | Self::MissingColon(_) => "write a single colon between field and value",
            Self::AnonymousMessage => "the fields stand at the top of the file, without braces around them",
            Self::MissingBraces => "put `{ }` around the fields of each item",
            Self::TrailingComma => "delete the comma",
            Self::SemicolonInList => "separate list items by commas",
            Self::NestedList => "write all items into one list",
            Self::StrayClose => "delete it, or write the bracket that it should close",
            _ => return None,
        })
    }
}

/// Keeps a quotation on one short line.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    // Bytes that are not UTF-8 have no character of their own.
    let text = text.replace(super::source::INVALID, "\u{FFFD}");
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LONGEST && line.len() == text.len() {
        return line.to_owned();
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}
