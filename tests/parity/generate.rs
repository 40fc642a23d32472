//! Makes repositories: takes one that is given and changes a few things in it, field by field.

use tritonlint::edit::field_removal;
use tritonlint::schema::backend;
use tritonlint::schema::vocabulary::ModelConfig;
use tritonlint::schema::{EnumDescriptor, FieldDescriptor, FieldType, Label, MessageDescriptor, ScalarType};
use tritonlint::syntax::{Field, FieldName, Message, Span, Tree, Value};

use crate::repository::Repository;

/// Integers at and around the places where verdicts turn.
const INTEGERS: [&str; 14] =
    ["0", "1", "2", "3", "4", "5", "8", "16", "-1", "-2", "2147483647", "4294967295", "9223372036854775807", "7"];

const FLOATS: [&str; 8] = ["0", "0.5", "1", "1.5", "-0.5", "nan", "inf", "1e-3"];

/// Strings that mean something to the server in one place or another.
const STRINGS: [&str; 15] = [
    "",
    "0",
    "1",
    "-1",
    "x",
    "true",
    "model.pt",
    "model.onnx",
    "labels.txt",
    "state.bin",
    "warmup.bin",
    "7.5",
    "../model.pt",
    "a/../../b",
    "TRITON_BATCH_STRATEGY_PATH",
];

/// Names of folders that the server takes for versions, and of some that it does not. One that is too
/// large a number is not among them: it ends the server, and the page of its rule has it.
const FOLDERS: [&str; 13] =
    ["1", "2", "3", "0", "01", "10", "v1", "1.bak", "+2", "-1", "3 (copy)", "latest", ".ipynb_checkpoints"];

const FILES: [&str; 9] = [
    "model.pt",
    "model.onnx",
    "model.plan",
    "model.py",
    "model.xml",
    "model.graphdef",
    "model.savedmodel/saved_model.pb",
    "model.bin",
    "model.dali",
];

/// Pieces of text that damage a config.
const PIECES: [&str; 22] =
    ["", "{", "}", "[", "]", ":", ",", ";", "\"", "'", "#", "-", "=", " ", "\n", "0", "x", "//", "\\", "<", ">", "{ }"];

/// A source of repositories, the same for the same seed.
pub(crate) struct Generator<'b> {
    random: fastrand::Rng,
    bases: &'b [Repository],
}

/// What the fields in some braces are fields of.
#[derive(Clone, Copy)]
enum Shape {
    Message(&'static MessageDescriptor),
    Entry { key: ScalarType, value: &'static FieldType },
}

/// A place in a config where something can be changed.
enum Spot {
    /// A field or an item of a list, with the bytes that go if it goes and the text between two of it.
    Element { span: Span, removal: Span, separator: &'static str },
    /// A number, word or string.
    Scalar { span: Span, ty: FieldType },
    /// Where a further field could be.
    Gap { at: u32, shape: Shape },
}

impl<'b> Generator<'b> {
    pub(crate) fn new(seed: u64, bases: &'b [Repository]) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), bases }
    }

    /// The next repository.
    pub(crate) fn repository(&mut self) -> Repository {
        loop {
            let mut repository = self.pick(self.bases).clone();
            for _ in 0..self.random.usize(1..=3) {
                match self.random.u8(0..20) {
                    0..=1 => {
                        self.change_layout(&mut repository);
                        Self::drop_covered_links(&mut repository);
                    }
                    2 => self.damage(&mut repository),
                    _ => self.change_config(&mut repository),
                }
            }
            if !is_trouble(&repository) {
                return repository;
            }
        }
    }

    /// The text of a config with some damage done to it.
    pub(crate) fn damaged_text(&mut self) -> Vec<u8> {
        let mut repository = self.pick(self.bases).clone();
        for _ in 0..self.random.usize(1..=2) {
            if self.random.u8(0..3) == 0 {
                self.change_config(&mut repository);
            } else {
                self.damage(&mut repository);
            }
        }
        let path = self.pick_config(&repository);
        path.and_then(|path| repository.files.remove(&path)).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.random.usize(0..from.len())]
    }

    fn pick_config(&mut self, repository: &Repository) -> Option<String> {
        let configs: Vec<_> = repository.files.keys().filter(|path| path.ends_with("/config.pbtxt")).collect();
        (!configs.is_empty()).then(|| (*self.pick(&configs)).clone())
    }

    /// Changes one place of one config, if its text is in order.
    fn change_config(&mut self, repository: &mut Repository) {
        let Some(path) = self.pick_config(repository) else { return };
        let tree = Tree::parse(repository.files[&path].clone());
        let mut spots = Vec::new();
        spots_of(tree.document(), Shape::Message(ModelConfig::DESCRIPTOR), &mut spots);
        if tree.refusals() > 0 || spots.is_empty() {
            return;
        }
        let strings = Self::strings_of(repository);
        let source = tree.source();
        let spots: Vec<_> = match self.random.u8(0..10) {
            0..=4 => spots.into_iter().filter(|spot| matches!(spot, Spot::Scalar { .. })).collect(),
            5..=7 => spots.into_iter().filter(|spot| matches!(spot, Spot::Element { .. })).collect(),
            _ => spots.into_iter().filter(|spot| matches!(spot, Spot::Gap { .. })).collect(),
        };
        if spots.is_empty() {
            return;
        }
        let (span, text) = match self.pick(&spots) {
            Spot::Scalar { span, ty } => (*span, self.scalar(ty, source.slice(*span), &strings)),
            Spot::Gap { at, shape } => {
                let text = self.field_of(*shape, 0, &strings);
                (Span::new(*at, *at), format!("\n{text}\n"))
            }
            Spot::Element { span, removal, separator } => match self.random.u8(0..4) {
                0 => {
                    let text = source.slice(*span);
                    (*span, format!("{text}{separator}{text}"))
                }
                // Two elements change places, also across braces.
                1 => match self.pick(&spots) {
                    Spot::Element { span: other, .. } if other.start >= span.end || other.end <= span.start => {
                        let (first, second) = if span.start < other.start { (span, other) } else { (other, span) };
                        let between = source.slice(Span::new(first.end, second.start));
                        let text = format!("{}{between}{}", source.slice(*second), source.slice(*first));
                        (Span::new(first.start, second.end), text)
                    }
                    _ => (*removal, String::new()),
                },
                _ => (*removal, String::new()),
            },
        };
        let mut bytes = source.bytes().to_vec();
        bytes.splice(span.range(), text.into_bytes());
        repository.files.insert(path, bytes);
    }

    /// The strings that the configs of a repository hold: names to be crossed.
    fn strings_of(repository: &Repository) -> Vec<String> {
        let mut strings: Vec<String> = repository.models();
        for (_, text) in repository.configs() {
            let text = String::from_utf8_lossy(text);
            strings.extend(text.split('"').skip(1).step_by(2).map(ToOwned::to_owned));
        }
        strings.retain(|string| !string.contains(['\n', '\\', '\'']));
        strings
    }

    /// Another scalar of a type, near the one that is there.
    fn scalar(&mut self, ty: &FieldType, now: &str, strings: &[String]) -> String {
        match ty {
            FieldType::Enum(descriptor) => self.enum_value(descriptor),
            FieldType::Scalar(ScalarType::Bool) => self.pick(&["true", "false"]).to_string(),
            FieldType::Scalar(ScalarType::Float | ScalarType::Double) => self.pick(&FLOATS).to_string(),
            FieldType::Scalar(ScalarType::String) => {
                let text = match self.random.u8(0..8) {
                    0 => self.pick(&backend::names().collect::<Vec<_>>()).to_string(),
                    1 => self.pick(&backend::platforms().collect::<Vec<_>>()).to_string(),
                    2..=3 => self.pick(&STRINGS).to_string(),
                    4 => format!("{}_", now.trim_matches('"')),
                    _ if strings.is_empty() => String::new(),
                    _ => self.pick(strings).clone(),
                };
                format!("\"{text}\"")
            }
            FieldType::Scalar(_) => match (self.random.bool(), now.parse::<i64>()) {
                (true, Ok(now)) => (now.saturating_add(if self.random.bool() { 1 } else { -1 })).to_string(),
                _ => self.pick(&INTEGERS).to_string(),
            },
            FieldType::Message(_) | FieldType::Map { .. } => "{ }".to_owned(),
        }
    }

    fn enum_value(&mut self, descriptor: &EnumDescriptor) -> String {
        if self.random.u8(0..20) == 0 { "99".to_owned() } else { self.pick(descriptor.values).name.to_owned() }
    }

    /// A field that could be in some braces, with something in it.
    fn field_of(&mut self, shape: Shape, depth: usize, strings: &[String]) -> String {
        match shape {
            Shape::Message(descriptor) if descriptor.fields.is_empty() => String::new(),
            Shape::Message(descriptor) => {
                let field = self.pick(descriptor.fields);
                self.field(field, depth, strings)
            }
            Shape::Entry { key, value } => {
                let (name, ty) = if self.random.bool() { ("key", FieldType::Scalar(key)) } else { ("value", *value) };
                format!("{name}: {}", self.value(&ty, depth, strings))
            }
        }
    }

    fn field(&mut self, field: &FieldDescriptor, depth: usize, strings: &[String]) -> String {
        let value = self.value(&field.ty, depth, strings);
        match (field.label, field.ty) {
            (Label::Repeated, FieldType::Scalar(_)) if self.random.bool() => {
                let other = self.value(&field.ty, depth, strings);
                format!("{}: [ {value}, {other} ]", field.name)
            }
            _ => format!("{}: {value}", field.name),
        }
    }

    fn value(&mut self, ty: &FieldType, depth: usize, strings: &[String]) -> String {
        /// Deeper than the vocabulary goes, apart from what is at the top.
        const DEEPEST: usize = 4;
        let shapes: Vec<_> = match ty {
            FieldType::Message(descriptor) => descriptor.fields.iter().collect(),
            FieldType::Map { key, value } => {
                let key = self.scalar(&FieldType::Scalar(*key), "", strings);
                let value = self.value(value, depth + 1, strings);
                return format!("{{ key: {key} value: {value} }}");
            }
            FieldType::Scalar(_) | FieldType::Enum(_) => return self.scalar(ty, "", strings),
        };
        let mut fields = Vec::new();
        let mut oneofs = Vec::new();
        for field in shapes {
            let is_free = field.oneof.is_none_or(|oneof| !oneofs.contains(&oneof));
            if depth < DEEPEST && is_free && self.random.u8(0..10) < 6 {
                oneofs.extend(field.oneof);
                fields.push(self.field(field, depth + 1, strings));
            }
        }
        format!("{{ {} }}", fields.join(" "))
    }

    /// Renames, adds or removes a file, folder or link.
    fn change_layout(&mut self, repository: &mut Repository) {
        let models = repository.models();
        let Some(model) = models.get(self.random.usize(0..models.len().max(1))).cloned() else { return };
        let own = format!("{model}/");
        let inside: Vec<_> = repository
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(&own))
            .filter(|path| *path != "config.pbtxt")
            .map(ToOwned::to_owned)
            .collect();
        let folder = *self.pick(&FOLDERS);
        match self.random.u8(0..24) {
            0 => {
                let link = self.pick(&["1", "2", "weights", "warmup", "labels.txt", "1/model.pt", "1/weights.bin"]);
                repository.links.insert(format!("{own}{link}"));
            }
            1..=4 => {
                repository.files.insert(format!("{own}{folder}/"), Vec::new());
            }
            5..=8 => {
                let file = self.pick(&FILES);
                repository.files.insert(format!("{own}{folder}/{file}"), b"weights".repeat(1024));
            }
            9..=12 if !inside.is_empty() => {
                let file = self.pick(&inside);
                repository.files.remove(&format!("{own}{file}"));
            }
            13..=16 if !inside.is_empty() => {
                let file = self.pick(&inside).clone();
                let bytes = repository.files.remove(&format!("{own}{file}")).unwrap_or_default();
                let rest = file.split_once('/').map_or(file.as_str(), |(_, rest)| rest);
                repository.files.insert(format!("{own}{folder}/{rest}"), bytes);
            }
            17..=20 if !inside.is_empty() => {
                let file = format!("{own}{}", self.pick(&inside));
                if let Some(bytes) = repository.files.get_mut(&file) {
                    bytes.truncate(1);
                }
            }
            _ => {
                let name = *self.pick(&["other", "other.onnxruntime", "classify"]);
                if !models.iter().any(|model| model == name) {
                    let files = std::mem::take(&mut repository.files);
                    let renamed = files.into_iter().map(|(path, bytes)| match path.strip_prefix(&own) {
                        Some(inside) => (format!("{name}/{inside}"), bytes),
                        None => (path, bytes),
                    });
                    repository.files = renamed.collect();
                    repository.links.retain(|link| !link.starts_with(&own));
                }
            }
        }
    }

    /// Takes away the links in whose place there is a file or folder.
    fn drop_covered_links(repository: &mut Repository) {
        let paths: Vec<_> = repository.files.keys().chain(&repository.links).cloned().collect();
        let is_below = |path: &str, link: &str| path.strip_prefix(link).is_some_and(|rest| rest.starts_with('/'));
        let Repository { files, links } = repository;
        links.retain(|link| !files.contains_key(link) && !paths.iter().any(|path| is_below(path, link)));
    }

    /// Changes the text of a config without regard to what it says.
    fn damage(&mut self, repository: &mut Repository) {
        let Some(path) = self.pick_config(repository) else { return };
        let tree = Tree::parse(repository.files[&path].clone());
        if tree.tokens().is_empty() {
            return;
        }
        let span = self.pick(tree.tokens()).span;
        let piece = *self.pick(&PIECES);
        let mut bytes = tree.source().bytes().to_vec();
        let span = if self.random.bool() { span } else { Span::new(span.start, span.start) };
        bytes.splice(span.range(), piece.bytes());
        repository.files.insert(path, bytes);
    }
}

impl Shape {
    fn field(self, name: &str) -> Option<FieldType> {
        match (self, name) {
            (Self::Message(descriptor), _) => descriptor.field(name).map(|field| field.ty),
            (Self::Entry { key, .. }, "key") => Some(FieldType::Scalar(key)),
            (Self::Entry { value, .. }, "value") => Some(*value),
            (Self::Entry { .. }, _) => None,
        }
    }

    fn of(ty: &FieldType) -> Option<Self> {
        match ty {
            FieldType::Message(descriptor) => Some(Self::Message(descriptor)),
            FieldType::Map { key, value } => Some(Self::Entry { key: *key, value }),
            FieldType::Scalar(_) | FieldType::Enum(_) => None,
        }
    }
}

/// The places in a message where something can be changed.
fn spots_of(message: Message<'_>, shape: Shape, spots: &mut Vec<Spot>) {
    let span = message.span();
    let closing = u32::from(!message.is_document());
    spots.push(Spot::Gap { at: span.end - closing, shape });
    for field in message.fields() {
        let removal = field_removal(message.tree(), field).unwrap_or(field.span());
        spots.push(Spot::Element { span: field.span(), removal, separator: "\n" });
        let FieldName::Plain(name) = field.name() else { continue };
        let Some(ty) = shape.field(name) else { continue };
        match field.value() {
            Some(Value::List(list)) => {
                for item in list.items() {
                    if let Some(of_list) = message.tree().list_item(item.id()) {
                        let removal = of_list.span_with_separator;
                        spots.push(Spot::Element { span: item.span(), removal, separator: ", " });
                    }
                    spots_of_value(item, &ty, spots);
                }
            }
            Some(value) => spots_of_value(value, &ty, spots),
            None => {}
        }
    }
}

fn spots_of_value(value: Value<'_>, ty: &FieldType, spots: &mut Vec<Spot>) {
    match (value, Shape::of(ty)) {
        (Value::Message(message), Some(shape)) => spots_of(message, shape, spots),
        (Value::Scalar(scalar), None) => spots.push(Spot::Scalar { span: scalar.span(), ty: *ty }),
        _ => {}
    }
}

/// Whether the server would end at it without a word, or take very long, so that asking about many such would
/// take longer still. The pages of the rules have those that it ends at.
fn is_trouble(repository: &Repository) -> bool {
    repository.configs().any(|(_, text)| {
        let tree = Tree::parse(text.to_vec());
        has_trouble(tree.document(), "")
    })
}

fn has_trouble(message: Message<'_>, within: &str) -> bool {
    /// Instances, samples and sequences that are made at once when the model loads.
    const COSTLY: [&str; 4] = ["count", "batch_size", "max_batch_size", "max_candidate_sequences"];
    /// Tensors that are made then.
    const MADE: [&str; 3] = ["inputs", "value", "initial_state"];
    const MOST: i128 = 1000;
    /// Of one tensor, which lies in memory: how much of it there is the repository does not decide.
    const MOST_ELEMENTS: f64 = 1e7;
    let is_bad = |name: &str, value: Value<'_>| match value {
        Value::Scalar(scalar) => scalar.text().parse::<i128>().is_ok_and(|number| {
            (COSTLY.contains(&name) && number > MOST)
                || (name == "dims" && MADE.contains(&within) && !(-1..=MOST).contains(&number))
        }),
        Value::Message(inner) => has_trouble(inner, name),
        Value::List(_) => false,
    };
    if MADE.contains(&within) && elements(message) > MOST_ELEMENTS {
        return true;
    }
    message.fields().any(|field| {
        let (FieldName::Plain(name), Some(value)) = (field.name(), field.value()) else { return false };
        match value {
            Value::List(list) => list.items().any(|item| is_bad(name, item)),
            _ => is_bad(name, value),
        }
    })
}

/// How many elements a tensor with the dims in these braces has.
fn elements(message: Message<'_>) -> f64 {
    let size = |value: Value<'_>| match value {
        Value::Scalar(scalar) => scalar.text().parse().unwrap_or(1.0),
        _ => 1.0,
    };
    let dims = message.fields().filter(|field| field.name() == FieldName::Plain("dims"));
    let sizes = dims.filter_map(Field::value).map(|value| match value {
        Value::List(list) => list.items().map(size).product(),
        other => size(other),
    });
    sizes.product()
}
