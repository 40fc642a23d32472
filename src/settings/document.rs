//! Reading one settings file: TOML, checked against the schema, with a place for every fault.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tree::{Entry, Origin, Table, Value};
use super::{schema, tree};
use crate::probe::Device;
use crate::schema::nearest;
use crate::server::{RELEASE, RateLimitResource, release_of};

/// Something wrong in a settings file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}:{}: {message}{}", path.display(), self.line(), help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct Fault {
    /// The file as people are told it.
    pub path: PathBuf,
    /// What is in it.
    pub text: Arc<str>,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A file that cannot be read at all.
    pub(super) fn unreadable(path: &Path, reason: &str) -> Self {
        Self { path: path.to_owned(), text: "".into(), span: 0..0, message: reason.to_owned(), help: None }
    }

    /// The line that it is in, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        line_of(&self.text, self.span.start)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..at.min(text.len())]).count() + 1
}

/// The name under which a file names the one that it goes on from.
const EXTEND: &str = "extend";

/// Where in a file the settings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole file.
    Own,
    /// The table `tool.tritonlint`.
    PyProject,
}

/// What a settings file says.
#[derive(Default)]
pub(super) struct Document {
    pub(super) table: Table,
    pub(super) extend: Option<Extend>,
}

/// The mention of the file that a settings file goes on from.
pub(super) struct Extend {
    pub(super) base: PathBuf,
    /// The file with the mention, as people are told it.
    path: PathBuf,
    text: Arc<str>,
    span: Range<usize>,
}

impl Extend {
    /// What is wrong with the file that is mentioned.
    pub(super) fn fault(&self, message: String) -> Fault {
        let Self { path, text, span, .. } = self;
        Fault { path: path.clone(), text: Arc::clone(text), span: span.clone(), message, help: None }
    }
}

/// Reads the text of a settings file; nothing if a `pyproject.toml` holds no settings. `path` is where
/// the file is, `shown` what people are told.
pub(super) fn read(path: &Path, shown: &Path, text: &str, kind: Kind) -> Result<Option<Document>, Vec<Fault>> {
    let mut reader = Reader {
        folder: path.parent().unwrap_or(path),
        path: shown.into(),
        text: text.into(),
        names: Vec::new(),
        faults: Vec::new(),
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        reader.fault(error.span().unwrap_or_default(), error.message(), None);
    }
    if !reader.faults.is_empty() {
        return Err(reader.faults);
    }
    let mut written = document.get_ref();
    if kind == Kind::PyProject {
        for name in ["tool", "tritonlint"] {
            let Some((key, value)) = written.iter().find(|(key, _)| key.get_ref() == name) else { return Ok(None) };
            match value.get_ref() {
                DeValue::Table(inner) => written = inner,
                // What else is under `tool` is none of ours.
                _ if name == "tool" => return Ok(None),
                other => {
                    let message = format!("`tool.tritonlint` takes a table, not {}", name_of(other));
                    reader.fault(key.span(), message, None);
                    return Err(reader.faults);
                }
            }
        }
    }
    let table = reader.table(written, schema::json_schema());
    reader.faults.sort_by_key(|fault| fault.span.start);
    if !reader.faults.is_empty() {
        return Err(reader.faults);
    }
    let extend = written.iter().find(|(key, _)| key.get_ref() == EXTEND).and_then(|(_, value)| {
        let base = table.get(EXTEND)?.to_json().as_str().map(PathBuf::from)?;
        Some(Extend { base, path: shown.to_owned(), text: Arc::clone(&reader.text), span: value.span() })
    });
    Ok(Some(Document { table, extend }))
}

struct Reader<'f> {
    /// What paths are relative to.
    folder: &'f Path,
    path: Arc<Path>,
    text: Arc<str>,
    /// The names of the tables around what is being read.
    names: Vec<String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let (path, text) = (self.path.to_path_buf(), Arc::clone(&self.text));
        self.faults.push(Fault { path, text, span, message: message.into(), help });
    }

    fn table(&mut self, table: &DeTable<'_>, schema: &'static Json) -> Table {
        let mut result = Table::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            // A table that takes any names has one schema for all of them.
            let any = Some(&schema["additionalProperties"]).filter(|schema| schema.is_object());
            let Some(schema) = schema["properties"].get(name).or(any) else {
                self.unknown(key.span(), name, schema);
                continue;
            };
            self.names.push(name.to_owned());
            let entry = self.entry(value, schema, key.span().start);
            self.names.pop();
            result.extend(entry.map(|entry| (name.to_owned(), entry)));
        }
        if self.names.last().is_some_and(|name| name == tree::RULES) {
            tree::spell_out(&mut result);
        }
        result
    }

    fn unknown(&mut self, span: Range<usize>, name: &str, schema: &Json) {
        let names: Vec<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(name, _)| &**name).collect();
        let is_rule = self.names.last().is_some_and(|name| name == tree::RULES);
        let message = match self.names.as_slice() {
            _ if is_rule => format!("there is no rule or category `{name}`"),
            [] => format!("there is no setting `{name}`"),
            around => format!("there is no setting `{name}` in `{}`", around.join(".")),
        };
        let help = match nearest(name, names.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if is_rule => "`tritonlint rules` lists the rules".into(),
            None => format!("there are {}", listed(&names)),
        };
        self.fault(span, message, Some(help));
    }

    /// A value, if it is as the schema says.
    fn entry(&mut self, value: &Spanned<DeValue<'_>>, schema: &'static Json, written_at: usize) -> Option<Entry> {
        let (path, line) = (Arc::clone(&self.path), line_of(&self.text, written_at));
        let name = match self.names.as_slice() {
            // The level of a rule is told by the name of the rule.
            [.., rules, rule, level] if rules == tree::RULES && level == tree::LEVEL => rule,
            [.., name] => name,
            [] => "",
        };
        let origin = Origin::File { path, line, name: name.into() };
        let schema = alternative(schema::resolved(schema), value.get_ref());
        let span = value.span();
        let value = match (value.get_ref(), expected(schema)) {
            (DeValue::Table(inner), Expected::Table) => {
                let table = self.table(inner, schema);
                self.refuse_idle(&table, span);
                Value::Table(table)
            }
            (DeValue::Array(items), Expected::Array(items_schema)) => Value::Array(
                items.iter().filter_map(|item| self.entry(item, items_schema, item.span().start)).collect(),
            ),
            (DeValue::String(text), Expected::OneOf(values)) if !values.contains(&text.as_ref()) => {
                let help = match nearest(text, values.iter().copied()) {
                    Some(value) => format!("did you mean `{value}`?"),
                    None => format!("it is one of {}", listed(&values)),
                };
                let message = format!("`{}` cannot be `{}`", self.name(), text.escape_debug());
                self.fault(span, message, Some(help));
                return None;
            }
            (DeValue::String(text), Expected::OneOf(_) | Expected::String) => {
                Value::Scalar(self.text(text, schema, &span)?.into())
            }
            (DeValue::Boolean(value), Expected::Boolean) => Value::Scalar((*value).into()),
            (DeValue::Integer(number), Expected::Integer) => match i64::from_str_radix(number.as_str(), number.radix())
            {
                Ok(number) if Self::is_in_range(number, schema) => Value::Scalar(number.into()),
                _ => {
                    self.fault(span, format!("`{}` is out of range", self.name()), None);
                    return None;
                }
            },
            (value, expected) => {
                let message = format!("`{}` takes {}, not {}", self.name(), expected.name(), name_of(value));
                self.fault(span, message, None);
                return None;
            }
        };
        Some(Entry { value, origin })
    }

    /// Complains of an override that holds for no model.
    fn refuse_idle(&mut self, table: &Table, span: Range<usize>) {
        let is_filled =
            |name| matches!(table.get(name).map(|entry| &entry.value), Some(Value::Array(items)) if !items.is_empty());
        let is_override = matches!(self.names.as_slice(), [name] if name == "overrides");
        if is_override && self.faults.is_empty() && !is_filled("models") && !is_filled("paths") {
            let help =
                "say for which in `models` or `paths`; what holds for all stands in `rules`, outside of any override";
            self.fault(span, "these overrides hold for no model", Some(help.into()));
        }
    }

    /// A text, if it has the format that the schema names.
    fn text(&mut self, text: &str, schema: &Json, span: &Range<usize>) -> Option<String> {
        let cannot_be = |help: String| (format!("`{}` cannot be `{}`", self.name(), text.escape_debug()), Some(help));
        let cannot_be_read = |reason: String| (format!("this pattern cannot be read: {reason}"), None);
        let fault = match schema["format"].as_str() {
            Some("path") => return Some(self.folder.join(text).to_string_lossy().into_owned()),
            Some("pattern") => super::discovery::pattern_fault(text).map(cannot_be_read),
            Some("glob") => super::discovery::glob_fault(text).map(cannot_be_read),
            Some("device") => text.parse::<Device>().err().map(cannot_be),
            Some("release") => release_of(text).is_none().then(|| cannot_be(format!("it is {RELEASE}"))),
            Some("rate-limit-resource") => {
                text.parse::<RateLimitResource>().err().map(|one| cannot_be(format!("it is {one}")))
            }
            _ => None,
        };
        let Some((message, help)) = fault else { return Some(text.to_owned()) };
        self.fault(span.clone(), message, help);
        None
    }

    /// Whether an integer is one that the schema allows, and that has room in its type.
    fn is_in_range(number: i64, schema: &Json) -> bool {
        let most = match schema["format"].as_str() {
            Some("uint32") => i64::from(u32::MAX),
            _ => i64::MAX,
        };
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        (least..=schema["maximum"].as_i64().unwrap_or(most)).contains(&number)
    }

    fn name(&self) -> String {
        self.names.join(".")
    }
}

/// What the schema wants in a place.
enum Expected {
    Table,
    Array(&'static Json),
    OneOf(Vec<&'static str>),
    String,
    Boolean,
    Integer,
}

impl Expected {
    fn name(&self) -> String {
        match self {
            Self::Table => "a table".into(),
            Self::Array(_) => "a list".into(),
            Self::OneOf(values) => listed(values),
            Self::String => "text in quotes".into(),
            Self::Boolean => "`true` or `false`".into(),
            Self::Integer => "an integer".into(),
        }
    }
}

/// Of a schema that takes one thing or another, the one for a value. An optional value is one that may be null,
/// which TOML does not have.
fn alternative(schema: &'static Json, value: &DeValue<'_>) -> &'static Json {
    let alternatives = || schema["anyOf"].as_array().into_iter().flatten().map(schema::resolved);
    let table = alternatives().find(|one| matches!(value, DeValue::Table(_)) && one["type"] == "object");
    table.or_else(|| alternatives().find(|one| one["type"] != "null")).unwrap_or(schema)
}

/// Reads as much of JSON schema as [`schema::json_schema`] uses.
fn expected(schema: &'static Json) -> Expected {
    let consts = schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["const"].as_str());
    let values: Vec<&str> =
        consts.chain(schema["enum"].as_array().into_iter().flatten().filter_map(Json::as_str)).collect();
    if !values.is_empty() {
        return Expected::OneOf(values);
    }
    let has = |name: &str| {
        schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.iter().any(|ty| ty == name))
    };
    if has("object") {
        Expected::Table
    } else if has("array") {
        Expected::Array(&schema["items"])
    } else if has("boolean") {
        Expected::Boolean
    } else if has("integer") {
        Expected::Integer
    } else {
        Expected::String
    }
}

fn name_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::{Completeness, LevelSetting, Settings};

    fn fault(text: &str) -> String {
        Settings::from_toml(text).expect_err("a fault").to_string()
    }

    #[test]
    fn every_fault_has_a_line_and_says_what_to_do() {
        for (text, expected) in [
            ("[rules\n", "tritonlint.toml:1: unclosed table, expected `]`"),
            ("\nexlude = []", "tritonlint.toml:2: there is no setting `exlude`; did you mean `exclude`?"),
            (
                "[repository]\nfull = true",
                "tritonlint.toml:2: there is no setting `full` in `repository`; there are `complete`",
            ),
            (
                "[rules]\nunknown-feild = 'off'",
                "tritonlint.toml:2: there is no rule or category `unknown-feild`; did you mean `unknown-field`?",
            ),
            (
                "[rules]\nschema = 'warn'",
                "tritonlint.toml:2: `rules.schema` cannot be `warn`; \
                 it is one of `off`, `info`, `warning`, `error`, `default`",
            ),
            (
                "[rules.long-queue-delay]\nlevel = 'info'\nthreshold = 5",
                "tritonlint.toml:3: there is no setting `threshold` in `rules.long-queue-delay`; \
                 there are `level`, `threshold-microseconds`",
            ),
            (
                "rules.many-instances = { max-instances = -1 }",
                "tritonlint.toml:1: `rules.many-instances.max-instances` is out of range",
            ),
            (
                "rules.many-instances.level = 'loud'",
                "tritonlint.toml:1: `rules.many-instances.level` cannot be `loud`; \
                 it is one of `off`, `info`, `warning`, `error`, `default`",
            ),
            (
                "[rules.unknown-field]\nlevel = 'off'\nlimit = 3",
                "tritonlint.toml:3: there is no setting `limit` in `rules.unknown-field`; there are `level`",
            ),
            (
                "[rules.schema]\nlevel = 'off'",
                "tritonlint.toml:1: `rules.schema` takes `off`, `info`, `warning`, `error`, `default`, not a table",
            ),
            (
                "[probe]\ndevice = 'gpu'",
                "tritonlint.toml:2: `probe.device` cannot be `gpu`; there are `cpu`, `cuda` and `cuda:1` and so on",
            ),
            ("[probe]\ntimeout = 0", "tritonlint.toml:2: `probe.timeout` is out of range"),
            ("[[probe.shapes]]\ninputs = { X = [0] }", "tritonlint.toml:2: `probe.shapes.inputs.X` is out of range"),
            (
                "[[probe.shapes]]\nmodel = []",
                "tritonlint.toml:2: there is no setting `model` in `probe.shapes`; did you mean `models`?",
            ),
            (
                "[server]\nversion = '24'",
                "tritonlint.toml:2: `server.version` cannot be `24`; it is a release of the container such as \
                 \"24.10\", or a version of the server such as \"2.51.0\"",
            ),
            (
                "[server]\nrate-limit-resource = ['a:1',\n'b']",
                "tritonlint.toml:3: `server.rate-limit-resource` cannot be `b`; it is `NAME:COUNT` or \
                 `NAME:COUNT:DEVICE`, as --rate-limit-resource has it, like \"gpu:4:0\"",
            ),
            ("\nserver.gpus = 4294967296", "tritonlint.toml:2: `server.gpus` is out of range"),
            ("exclude = 'a'", "tritonlint.toml:1: `exclude` takes a list, not text"),
            ("force-exclude = 1", "tritonlint.toml:1: `force-exclude` takes `true` or `false`, not an integer"),
            (
                "exclude = []\n[[overrides]]\nmodels = []\nrules = { all = 'off' }",
                "tritonlint.toml:2: these overrides hold for no model; say for which in `models` or `paths`; what holds \
                 for all stands in `rules`, outside of any override",
            ),
            (
                "[[overrides]]\nmodels = ['a[']",
                "tritonlint.toml:2: this pattern cannot be read: unclosed character class; missing ']'",
            ),
        ] {
            assert_eq!(fault(text), expected);
        }
    }

    #[test]
    fn the_narrower_name_is_right() {
        let text = "repository.complete = 'yes'\n[rules]\nall = 'off'\nunknown-field = 'info'\nschema = 'warning'";
        let settings = Settings::from_toml(text).expect("settings");
        assert_eq!(settings.repository.complete, Completeness::Yes);
        assert_eq!(settings.rules.get("unknown-field"), Some(&LevelSetting::Info));
        assert_eq!(settings.rules.get("duplicate-field"), Some(&LevelSetting::Warning));
        assert_eq!(settings.rules.get("missing-version"), Some(&LevelSetting::Off));
    }

    #[test]
    fn options_stand_beside_the_level() {
        let text = "[rules]\nperformance = 'info'\nmany-instances = { max-instances = 3 }\n\
                    [rules.long-queue-delay]\nlevel = 'error'\nthreshold-microseconds = 5";
        let settings = Settings::from_toml(text).expect("settings");
        assert_eq!(settings.rules.get("many-instances"), Some(&LevelSetting::Info));
        assert_eq!(settings.options.many_instances.max_instances, 3);
        assert_eq!(settings.rules.get("long-queue-delay"), Some(&LevelSetting::Error));
        assert_eq!(settings.options.long_queue_delay.threshold_microseconds, 5);
        assert_eq!(settings.options.oversubscribed_cpu.max_instances, 1, "nobody said anything else");
    }
}
