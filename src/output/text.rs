//! Text of strangers, made safe for a terminal.

use std::path::Path;

/// The text with control characters and the like made visible, so that a file cannot move the cursor
/// or turn the direction of writing.
#[must_use]
pub fn visible(text: &str) -> String {
    replaced(text, |_| "\u{FFFD}")
}

/// A path, safe for a terminal and on one line.
pub(super) fn visible_path(path: &Path) -> String {
    visible(&path.to_string_lossy()).replace(['\n', '\r', '\t'], "\u{FFFD}")
}

/// The same at the same length in bytes, so that spans stay right.
pub(super) fn visible_in_place(text: &str) -> String {
    replaced(text, |c| &"????"[..c.len_utf8()])
}

fn replaced(text: &str, replacement: impl Fn(char) -> &'static str) -> String {
    if !text.chars().any(|c| c == '\r' || is_unsafe(c)) {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        // A carriage return goes back to where the line begins, which is harmless only at its end.
        if is_unsafe(c) || (c == '\r' && !rest.as_str().starts_with('\n')) {
            result.push_str(replacement(c));
        } else {
            result.push(c);
        }
    }
    result
}

/// JSON in which what a terminal might act on is escaped. Outside of texts JSON has no such characters.
#[must_use]
pub fn escaped(json: String) -> String {
    let is_escaped = |c: char| is_unsafe(c) && c != '\r';
    if !json.chars().any(is_escaped) {
        return json;
    }
    let escape = |c: char| if is_escaped(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    json.chars().map(escape).collect()
}

fn is_unsafe(c: char) -> bool {
    let is_plain = matches!(c, '\n' | '\r' | '\t');
    let turns_direction =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns_direction || (c.is_control() && !is_plain)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{escaped, visible, visible_in_place, visible_path};

    #[test]
    fn escaped_json_means_the_same() {
        let text = "a\u{7F}b\u{9B}c\u{202E}d\ne\u{1B}ü";
        let plain = serde_json::json!({ "text": text });
        let json = escaped(format!("{plain:#}\n"));
        assert!(json.contains("a\\u007fb\\u009bc\\u202ed\\ne\\u001bü"), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).ok(), Some(plain));
    }

    #[test]
    fn no_escape_sequence_gets_through() {
        assert_eq!(visible("a\x1B[31mb\u{9B}c\u{202E}"), "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}");
        assert_eq!(visible_path(Path::new("a\nb\x1B/c")), "a\u{FFFD}b\u{FFFD}/c");
        assert_eq!(visible_in_place("a\x1B\u{9B}\u{202E}\tb\r\n"), "a??????\tb\r\n");
        assert_eq!(visible("error: bad\rfine \r\n"), "error: bad\u{FFFD}fine \r\n");
    }
}
