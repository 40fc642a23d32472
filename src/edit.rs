//! Edits on the source that look as if the file's author had made them.

use std::fmt::Write as _;

use crate::schema::vocabulary::ModelParameter;
use crate::schema::{Map, MapEntry};
use crate::syntax::{Field, Message, NodeId, Span, Tree, Value};

/// Text as a string literal of the format, between the quotes of `like` if that is one.
#[must_use]
pub fn quoted(text: &str, like: &str) -> String {
    let quote = if like.starts_with('\'') { '\'' } else { '"' };
    let mut literal = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c == quote => literal.extend(['\\', c]),
            // Octal escapes always take three digits here, so that a digit may follow.
            c if c.is_ascii_control() => {
                let _ = write!(literal, "\\{:03o}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// The bytes to delete so that a value, or the only value of a field with the field, is gone: with its
/// separator, and with its lines if nothing else is on them. None if a comment would go with it.
#[must_use]
pub fn removal(tree: &Tree, value: NodeId) -> Option<Span> {
    match tree.list_item(value).filter(|item| !item.is_only) {
        Some(item) => without_comments(tree, item.span_with_separator),
        None => field_removal(tree, tree.field_of(value)?),
    }
}

/// The bytes to delete so that a field is gone. None if a comment would go with it.
#[must_use]
pub fn field_removal(tree: &Tree, field: Field<'_>) -> Option<Span> {
    without_comments(tree, field.span())
}

fn without_comments(tree: &Tree, span: Span) -> Option<Span> {
    tree.comments_in(span).next().is_none().then(|| whole_lines(tree, span))
}

/// Widens a span to whole lines if nothing else is on them; else takes the blanks behind it along.
fn whole_lines(tree: &Tree, span: Span) -> Span {
    let source = tree.source();
    let line_end = source.line_span(source.line(span.end.max(1) - 1)).end;
    let behind = source.slice(Span::new(span.end, line_end));
    let is_last = behind.trim_end_matches(['\r', ' ', '\t']).is_empty();
    if is_last && source.is_first_on_line(span.start) {
        let start = source.line_span(source.line(span.start)).start;
        return Span::new(start, (line_end + 1).min(source.span().end));
    }
    // One blank stays before a closing bracket, also where nothing else is left between the brackets.
    let rest = behind.trim_start_matches([' ', '\t']);
    let is_alone = source.slice(Span::new(0, span.start)).ends_with(['{', '<', '[', ' ']);
    let blanks = if rest.starts_with(['}', '>', ']']) && !is_alone { 0 } else { behind.len() - rest.len() };
    if is_last {
        // The last thing on its line: the blanks before it would be left at the end of the line.
        let line = source.line_span(source.line(span.start));
        let before = source.slice(Span::new(line.start, span.start));
        let kept = line.start + crate::syntax::offset(before.trim_end_matches([' ', '\t']).len());
        return Span::new(kept, span.end);
    }
    Span::new(span.start, span.end + crate::syntax::offset(blanks))
}

/// The edit that writes a field behind another one, or before it if a comment stands there.
#[must_use]
pub fn beside_field(tree: &Tree, field: Field<'_>, text: &str) -> (Span, String) {
    let source = tree.source();
    let (start, end) = (field.span().start, field.span().end);
    let separator = source.slice(Span::new(field.span_without_separator().end, end)).trim();
    let text = format!("{text}{separator}");
    if !source.is_first_on_line(start) {
        return (Span::empty(end), format!(" {text}"));
    }
    let (newline, indentation) = (newline(tree), source.indentation(start));
    let rest = source.slice(Span::new(end, source.line_span(source.line(end.max(1) - 1)).end));
    if rest.trim().is_empty() {
        return (Span::empty(end), format!("{newline}{indentation}{text}"));
    }
    (Span::empty(start), format!("{text}{newline}{indentation}"))
}

/// The edit that gives a back-end parameter a value: in place if it is there, else behind the others in
/// their style, else at the end of the file. None if the text around it is too broken.
#[must_use]
pub fn set_parameter(
    tree: &Tree,
    parameters: &Map<String, ModelParameter>,
    key: &str,
    value: &str,
) -> Option<(Span, String)> {
    if let Some(written) = parameters.get(key) {
        let old = written.value.written()?.value.string_value.written()?;
        return Some((old.span, quoted(value, tree.source().slice(old.span))));
    }
    match parameters.entries().last() {
        Some(last) => beside(tree, last, key, value),
        None => Some(in_empty_list(tree, key, value).unwrap_or_else(|| at_the_end(tree, key, value))),
    }
}

/// Repeats an entry with another key and value, so that it is written the way the others are.
fn beside(tree: &Tree, last: &MapEntry<String, ModelParameter>, key: &str, value: &str) -> Option<(Span, String)> {
    let source = tree.source();
    let item = tree.list_item(last.node);
    // In a list the entry is repeated, else the whole field.
    let whole = if item.is_some() { last.span } else { tree.field_of(last.node)?.span_without_separator() };
    let is_usable = tree.message(last.node).is_some_and(Message::is_closed);
    let replaced = (last.key.written(), last.value.written().and_then(|value| value.value.string_value.written()));
    let copy = match replaced {
        (Some(old_key), Some(old_value)) if is_usable => {
            let mut edits = [
                (old_key.span, quoted(key, source.slice(old_key.span))),
                (old_value.span, quoted(value, source.slice(old_value.span))),
            ];
            edits.sort_by_key(|(span, _)| span.start);
            let comments = tree.comments_in(whole).map(|comment| (comment.span, String::new()));
            let mut all: Vec<_> = edits.into_iter().chain(comments).collect();
            all.sort_by_key(|(span, _)| span.start);
            without_blank_ends(&replace_in(source.slice(whole), whole.start, &all))
        }
        _ => return Some(at_the_end(tree, key, value)),
    };
    let is_own_line = source.is_first_on_line(whole.start);
    let gap =
        if is_own_line { format!("{}{}", newline(tree), source.indentation(whole.start)) } else { " ".to_owned() };
    if item.is_some() {
        return Some((Span::empty(whole.end), format!(",{gap}{copy}")));
    }
    // Behind the separator, and behind a comment on the same line, which belongs to the old entry.
    let field_end = tree.field_of(last.node)?.span().end;
    let line_end = source.line_span(source.line(field_end.max(1) - 1)).end;
    let rest = source.slice(Span::new(field_end, line_end)).trim_end_matches('\r');
    let is_comment = rest.trim_start().starts_with('#');
    let at = if is_own_line && is_comment { field_end + crate::syntax::offset(rest.len()) } else { field_end };
    let separator = source.slice(Span::new(whole.end, field_end)).trim();
    Some((Span::empty(at), format!("{gap}{copy}{separator}")))
}

/// Applies edits to a text that begins at `start` in its file.
fn replace_in(text: &str, start: u32, edits: &[(Span, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (span, replacement) in edits {
        let (from, to) = ((span.start - start) as usize, (span.end - start) as usize);
        result.push_str(&text[done..from]);
        result.push_str(replacement);
        done = to;
    }
    result.push_str(&text[done..]);
    result
}

/// Drops the blanks at line ends, and the lines, that a deleted comment leaves behind.
fn without_blank_ends(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let body = line.trim_end_matches('\r');
        let ending = &line[body.len()..];
        format!("{}{ending}", body.trim_end_matches([' ', '\t']))
    });
    lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// Fills `parameters [ ]`.
fn in_empty_list(tree: &Tree, key: &str, value: &str) -> Option<(Span, String)> {
    let empty = tree.document().fields().find_map(|field| match (field.name(), field.value()) {
        (crate::syntax::FieldName::Plain("parameters"), Some(Value::List(list))) if list.is_closed() => Some(list),
        _ => None,
    })?;
    let at = Span::empty(empty.span().end - 1);
    let item = format!("{{ key: {} value {{ string_value: {} }} }}", quoted(key, ""), quoted(value, ""));
    let is_spaced = tree.source().slice(empty.span()).contains([' ', '\n']);
    Some((at, if is_spaced { format!("{item} ") } else { format!(" {item} ") }))
}

fn at_the_end(tree: &Tree, key: &str, value: &str) -> (Span, String) {
    let source = tree.source();
    let newline = newline(tree);
    let step = indentation_step(tree);
    let text = source.text();
    let ends_line = text.is_empty() || text.ends_with('\n');
    // A file that ends without a line feed keeps doing so.
    let (mut before, behind) = if ends_line { (String::new(), newline) } else { (newline.to_owned(), "") };
    if separates_blocks(tree) {
        before.push_str(newline);
    }
    let lines = [
        "parameters {".to_owned(),
        format!("{step}key: {}", quoted(key, "")),
        format!("{step}value {{ string_value: {} }}", quoted(value, "")),
        "}".to_owned(),
    ];
    (Span::empty(source.span().end), format!("{before}{}{behind}", lines.join(newline)))
}

/// Whether the file sets its last block off by an empty line.
fn separates_blocks(tree: &Tree) -> bool {
    let source = tree.source();
    let Some(last) = tree.document().fields().last() else { return false };
    let above = source.line(last.span().start).checked_sub(1);
    above.is_some_and(|line| source.slice(source.line_span(line)).trim().is_empty())
}

/// The line end that the file uses.
fn newline(tree: &Tree) -> &'static str {
    let first = tree.source().line_span(0);
    if tree.source().slice(first).ends_with('\r') { "\r\n" } else { "\n" }
}

/// What the file indents by: the indentation of its first indented field.
fn indentation_step(tree: &Tree) -> String {
    let source = tree.source();
    let mut starts = tree.tokens().iter().map(|token| token.span.start).filter(|&at| source.is_first_on_line(at));
    let step = starts.find_map(|at| Some(source.indentation(at)).filter(|blanks| !blanks.is_empty()));
    step.unwrap_or("  ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{quoted, removal, set_parameter};
    use crate::schema::read_config;
    use crate::syntax::{Span, Tree};

    fn applied(text: &str, (span, replacement): &(Span, String)) -> String {
        format!("{}{replacement}{}", &text[..span.start as usize], &text[span.end as usize..])
    }

    fn with_parameter(text: &str) -> String {
        let tree = Tree::parse(text.into());
        let (config, _) = read_config(&tree);
        let edit = set_parameter(&tree, &config.parameters, "KEY", "true").expect("an edit");
        let result = applied(text, &edit);
        let (config, errors) = read_config(&Tree::parse(result.clone().into_bytes()));
        assert!(errors.is_empty(), "{result}\n{errors:?}");
        let value = config.parameters.get("KEY").and_then(|entry| entry.value.written()).expect("the parameter");
        assert_eq!(value.value.string_value.text(), Some("true"), "{result}");
        result
    }

    #[test]
    fn a_parameter_joins_the_style_of_the_others() {
        for (before, after) in [
            ("name: 'm'\n", "name: 'm'\nparameters {\n  key: \"KEY\"\n  value { string_value: \"true\" }\n}\n"),
            ("name: 'm'", "name: 'm'\nparameters {\n  key: \"KEY\"\n  value { string_value: \"true\" }\n}"),
            (
                "name: 'm'\n\ninput { }\n",
                "name: 'm'\n\ninput { }\n\nparameters {\n  key: \"KEY\"\n  value { string_value: \"true\" }\n}\n",
            ),
            ("", "parameters {\n  key: \"KEY\"\n  value { string_value: \"true\" }\n}\n"),
            (
                "input {\r\n    name: 'x'\r\n}\r\n",
                "input {\r\n    name: 'x'\r\n}\r\nparameters {\r\n    key: \"KEY\"\r\n    value { string_value: \"true\" }\r\n}\r\n",
            ),
            (
                "parameters: { key: 'A', value: { string_value: 'x' } }, # why\nname: 'm'",
                "parameters: { key: 'A', value: { string_value: 'x' } }, # why\nparameters: { key: 'KEY', value: { string_value: 'true' } },\nname: 'm'",
            ),
            (
                "parameters [\n  {\n    key: \"A\" # a comment\n    value: <string_value: \"x\">\n  }\n]\n",
                "parameters [\n  {\n    key: \"A\" # a comment\n    value: <string_value: \"x\">\n  },\n  {\n    key: \"KEY\"\n    value: <string_value: \"true\">\n  }\n]\n",
            ),
            ("parameters [ ]", "parameters [ { key: \"KEY\" value { string_value: \"true\" } } ]"),
            (
                "parameters { key: 'KEY' value { string_value: 'false' } }",
                "parameters { key: 'KEY' value { string_value: 'true' } }",
            ),
        ] {
            assert_eq!(with_parameter(before), after);
        }
    }

    #[test]
    fn a_removal_leaves_no_trace_and_no_comment_goes() {
        let removed = |text: &str, key: &str| {
            let tree = Tree::parse(text.into());
            let (config, _) = read_config(&tree);
            let entry = config.parameters.get(key).expect("the parameter");
            removal(&tree, entry.node).map(|span| applied(text, &(span, String::new())))
        };
        let two = "parameters { key: 'A' }\nparameters { key: 'B' }\n";
        assert_eq!(removed(two, "A").as_deref(), Some("parameters { key: 'B' }\n"));
        let list = "parameters [ { key: 'A' }, { key: 'B' } ]";
        assert_eq!(removed(list, "A").as_deref(), Some("parameters [ { key: 'B' } ]"));
        assert_eq!(removed(list, "B").as_deref(), Some("parameters [ { key: 'A' } ]"));
        let lines = "parameters [\n  { key: 'A' },\n  { key: 'B' }\n]\n";
        assert_eq!(removed(lines, "A").as_deref(), Some("parameters [\n  { key: 'B' }\n]\n"));
        assert_eq!(removed(lines, "B").as_deref(), Some("parameters [\n  { key: 'A' }\n]\n"));
        assert_eq!(removed("parameters {\n  key: 'A' # why\n}\n", "A"), None);
        assert_eq!(removed("parameters { key: 'A' } # why\n", "A").as_deref(), Some("# why\n"));
    }

    #[test]
    fn quoting_can_be_undone() {
        for text in ["plain", "it's \"so\"", "back\\slash\n\t\r\x01\x7F1", "ümläut"] {
            for like in ["'", "\""] {
                let tree = Tree::parse(format!("name: {}", quoted(text, like)).into_bytes());
                assert!(tree.errors().is_empty(), "{:?}", tree.errors());
                assert_eq!(read_config(&tree).0.name.text(), Some(text));
            }
        }
    }
}
