//! Edits on the source that look as if the file's author had made them.
//!
//! What is new is written the way its neighbours are: their indentation and line ends, their quotes,
//! their colons and separators, one line or several. A comment stays with what it belongs to: one at
//! the end of a line with what is on the line, and nothing is deleted together with a comment.
//! An edit is a span and what to put there.

mod insert;
mod parameter;
mod remove;
mod separate;
mod style;
mod wrap;

use std::fmt::Write as _;

use crate::syntax::{Span, Tree};

pub use insert::{NewValue, add_field, add_field_behind, add_item, rename, set_field};
pub use parameter::{add_map_entry, set_parameter};
pub use remove::{field_removal, removal};
pub use separate::separated;
pub use wrap::wrap_fields;

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

/// Whether what is replaced has a comment that what replaces it has not, such as one between the literals of a string.
#[must_use]
pub fn loses_comment(tree: &Tree, edits: &[(Span, String)]) -> bool {
    let is_written = |comment: &str| edits.iter().any(|(_, text)| text.contains(comment));
    let mut comments = edits.iter().flat_map(|(span, _)| tree.comments_in(*span));
    comments.any(|comment| !is_written(tree.source().slice(comment.span)))
}

#[cfg(test)]
mod tests {
    use super::{NewValue, add_field, add_item, quoted, removal, set_field, set_parameter, wrap_fields};
    use crate::schema::read_config;
    use crate::syntax::{FieldName, Span, Tree, Value};

    fn applied(text: &str, edits: &[(Span, String)]) -> String {
        let mut result = text.to_owned();
        let mut edits = edits.to_vec();
        edits.sort();
        for (span, replacement) in edits.into_iter().rev() {
            result.replace_range(span.range(), &replacement);
        }
        assert!(Tree::parse(result.clone().into_bytes()).errors().is_empty(), "{result}");
        result
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
            (
                "parameters [\n  { key: 'A' value { string_value: 'x' } } # why\n]\n",
                "parameters [\n  { key: 'A' value { string_value: 'x' } }, # why\n  { key: 'KEY' value { string_value: 'true' } }\n]\n",
            ),
            (
                "parameters {\r\n  key: 'A' # a comment\r\n  value { string_value: 'x' }\r\n} # why\r\n",
                "parameters {\r\n  key: 'A' # a comment\r\n  value { string_value: 'x' }\r\n} # why\r\nparameters {\r\n  key: 'KEY'\r\n  value { string_value: 'true' }\r\n}\r\n",
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
            removal(&tree, entry.node).map(|span| applied(text, &[(span, String::new())]))
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

    /// The message of the first field that has one.
    fn with_message(text: &str, edit: impl Fn(&Tree, crate::syntax::Message<'_>) -> Vec<(Span, String)>) -> String {
        let tree = Tree::parse(text.into());
        let message = tree.document().fields().find_map(|field| match field.value() {
            Some(Value::Message(message)) => Some(message),
            _ => None,
        });
        applied(text, &edit(&tree, message.unwrap_or(tree.document())))
    }

    #[test]
    fn a_field_joins_the_others() {
        let count = |text: &str| {
            with_message(text, |_, message| vec![add_field(message, "count", &NewValue::Scalar("2")).expect("an edit")])
        };
        for (before, after) in [
            ("a { b: 1 }", "a { b: 1 count: 2 }"),
            ("a { b: 1, }", "a { b: 1, count: 2, }"),
            ("a { }", "a { count: 2 }"),
            ("a {}", "a { count: 2 }"),
            ("a: <\r\n\tb: 1; # why\r\n>", "a: <\r\n\tb: 1; # why\r\n\tcount: 2;\r\n>"),
            ("a {\n    # nothing\n}\n", "a {\n    # nothing\n  count: 2\n}\n"),
            ("a {\n  b { c: 1 } # of b\n  # of a\n}\n", "a {\n  b { c: 1 } # of b\n  count: 2\n  # of a\n}\n"),
            ("b: 1", "b: 1\ncount: 2"),
            ("b: 1 # why\n", "b: 1 # why\ncount: 2\n"),
            ("", "count: 2\n"),
        ] {
            assert_eq!(count(before), after);
        }
    }

    #[test]
    fn a_field_takes_another_value() {
        let latest = |text: &str| {
            let tree = Tree::parse(text.into());
            let latest = NewValue::Message(vec![("num_versions", NewValue::Scalar("1"))]);
            let value = NewValue::Message(vec![("latest", latest)]);
            set_field(tree.document(), "version_policy", &value).map(|edit| applied(text, &[edit]))
        };
        let written = "version_policy {\n  latest { num_versions: 1 }\n}";
        assert_eq!(latest("version_policy { all { } }\n"), Some(format!("{written}\n")));
        assert_eq!(latest("version_policy { all { } # why\n}\n"), None);
        assert_eq!(latest("name: 'm'\n"), Some(format!("name: 'm'\n{written}\n")));
        assert_eq!(
            latest("input: { }\nname: 'm'"),
            Some(format!("input: {{ }}\nname: 'm'\n{}", "version_policy: {\n  latest: { num_versions: 1 }\n}"))
        );
        let tree = Tree::parse("max_batch_size: 8 # measured".into());
        let edit = set_field(tree.document(), "max_batch_size", &NewValue::Scalar("16")).expect("an edit");
        assert_eq!(applied("max_batch_size: 8 # measured", &[edit]), "max_batch_size: 16 # measured");
    }

    #[test]
    fn an_item_joins_the_others() {
        for (before, after) in [
            ("a: [ 1 ]", "a: [ 1, 2 ]"),
            ("a: []", "a: [ 2 ]"),
            ("a: [\n  1, # one\n  3 # three\n]", "a: [\n  1, # one\n  3, # three\n  2\n]"),
            ("a: [\r\n  1\r\n]", "a: [\r\n  1,\r\n  2\r\n]"),
        ] {
            let tree = Tree::parse(before.into());
            let Some(Some(Value::List(list))) = tree.document().fields().next().map(crate::syntax::Field::value) else {
                panic!("no list in {before}");
            };
            assert_eq!(applied(before, &add_item(&tree, list, "2").expect("an edit")), after);
        }
    }

    #[test]
    fn what_is_there_goes_into_brackets() {
        let wrapped = |text: &str| {
            let tree = Tree::parse(text.into());
            let own = |field: &crate::syntax::Field<'_>| matches!(field.name(), FieldName::Plain("count" | "kind"));
            let (first, last) = (tree.document().fields().find(own), tree.document().fields().filter(own).last());
            applied(text, &wrap_fields(&tree, first.expect("a field"), last.expect("a field"), "instance_group"))
        };
        assert_eq!(wrapped("a: 1 count: 2 kind: KIND_CPU"), "a: 1 instance_group { count: 2 kind: KIND_CPU }");
        assert_eq!(
            wrapped("a: 1\r\ncount: 2 # two\r\n# which\r\nkind: KIND_CPU # this\r\nb: 1"),
            "a: 1\r\ninstance_group {\r\n  count: 2 # two\r\n  # which\r\n  kind: KIND_CPU # this\r\n}\r\nb: 1"
        );
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
