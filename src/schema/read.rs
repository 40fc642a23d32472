//! Reading typed values from a tree, and saying where it does not follow the schema.
//!
//! The judgement is that of protobuf's C++ `text_format.cc` (`ParserImpl::ConsumeField` and below) on
//! the compiled classes of `inference.ModelConfig`.

use std::hash::Hash;

use super::descriptor::{FieldDescriptor, FieldType, Label, MessageDescriptor, ScalarType};
use super::error::{Found, SchemaError, SchemaErrorKind};
use super::value::{Map, MapEntry, Optional, Repeated, Singular, Spanned, State};
use super::vocabulary::ModelConfig;
use crate::syntax::{Field, FieldName, Message, NodeId, Number, Scalar, ScalarKind, Span, Tree, Value};

/// More schema errors than this are not reported for one file, of those that the server refuses it for
/// and of the others each.
const MOST_ERRORS: usize = 1000;

/// Reads a whole configuration. What does not follow the schema is left off and reported.
#[must_use]
pub fn read_config(tree: &Tree) -> (ModelConfig, Vec<SchemaError>) {
    let mut config = ModelConfig::default();
    let mut errors = Vec::new();
    let mut reader = Reader { field: None, errors: &mut errors, refused: 0, taken: 0 };
    reader.fields(tree.document(), &mut config);
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    (config, errors)
}

/// A type whose values stand behind a field's name or in a list.
pub trait Element: Sized {
    /// The type as the vocabulary names it.
    const TYPE: FieldType;

    /// Reads one value; reports what is wrong and returns none if it is no value of the type.
    fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self>;
}

/// A message of the vocabulary.
pub trait MessageType {
    /// What the vocabulary says of it.
    fn descriptor(&self) -> &'static MessageDescriptor;

    /// Reads the value of one of its fields.
    fn read_field(&mut self, field: &'static FieldDescriptor, value: Value<'_>, reader: &mut Reader<'_>);
}

/// The value of a field in a typed message.
pub(crate) trait Slot {
    const TYPE: FieldType;
    const LABEL: Label;

    /// Takes one value; a list is taken apart before.
    fn read(&mut self, value: Value<'_>, reader: &mut Reader<'_>);
}

/// Reads values and collects what is wrong with them.
pub struct Reader<'e> {
    /// The field that is being read.
    field: Option<&'static FieldDescriptor>,
    errors: &'e mut Vec<SchemaError>,
    /// How many errors there were that the server refuses the file for.
    refused: usize,
    /// How many others.
    taken: usize,
}

/// A singular field that was met in a message.
struct Seen<'t> {
    field: &'static FieldDescriptor,
    /// Where it was met last.
    last: Field<'t>,
    /// Whether the server could tell before that it was given.
    was_set: bool,
}

impl Reader<'_> {
    fn report(&mut self, kind: SchemaErrorKind, span: Span) {
        let count = if kind.is_refused() { &mut self.refused } else { &mut self.taken };
        *count += 1;
        if *count <= MOST_ERRORS {
            self.errors.push(SchemaError { kind, span });
        }
    }

    /// Reads the fields of a message.
    fn fields(&mut self, message: Message<'_>, into: &mut dyn MessageType) {
        let descriptor = into.descriptor();
        let mut seen = Vec::new();
        for field in message.fields() {
            if let Some(found) = self.lookup(message, field, descriptor) {
                self.field(field, found, &mut seen, into);
            }
        }
    }

    fn lookup(
        &mut self,
        message: Message<'_>,
        field: Field<'_>,
        descriptor: &'static MessageDescriptor,
    ) -> Option<&'static FieldDescriptor> {
        let name = match field.name() {
            FieldName::Plain(name) | FieldName::Extension(name) => name,
            // Braces without a name were reported as a syntax error.
            FieldName::Missing => return None,
        };
        if let Some(found) = descriptor.field(name) {
            return Some(found);
        }
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_word && matches!(field.name(), FieldName::Plain(_)) {
            // A name with dashes was reported as a syntax error; its value is still of interest.
            return descriptor.field(&name.replace('-', "_"));
        }
        // In a message whose end is missing stand fields that belong to an outer one.
        if message.is_closed() {
            let kind = SchemaErrorKind::UnknownField { message: descriptor, name: name.to_owned() };
            self.report(kind, field.name_span());
        }
        None
    }

    fn field<'t>(
        &mut self,
        field: Field<'t>,
        found: &'static FieldDescriptor,
        seen: &mut Vec<Seen<'t>>,
        into: &mut dyn MessageType,
    ) {
        if found.label == Label::Singular {
            self.check_presence(field, found, seen);
        }
        let outer = self.field.replace(found);
        match field.value() {
            Some(Value::List(list)) if found.label != Label::Singular => {
                if !field.has_colon() && list.items().next().is_none() && !takes_messages(found) {
                    self.report(SchemaErrorKind::ListWithoutColon { field: found }, Span::empty(field.name_span().end));
                }
                for item in list.items() {
                    into.read_field(found, item, self);
                }
            }
            Some(value) => into.read_field(found, value, self),
            None => {}
        }
        self.field = outer;
    }

    /// Reports a singular field that was given before, or another member of its oneof.
    fn check_presence<'t>(&mut self, field: Field<'t>, found: &'static FieldDescriptor, seen: &mut Vec<Seen<'t>>) {
        if let Some(before) = seen.iter_mut().find(|before| before.field.number == found.number) {
            let is_refused = before.was_set || has_presence(before.last, found);
            let (first, second) = (before.last.id(), field.id());
            (before.last, before.was_set) = (field, is_refused);
            self.report(SchemaErrorKind::Duplicate { field: found, first, second, is_refused }, field.name_span());
            return;
        }
        let rival = seen.iter().find(|before| found.oneof.is_some() && before.field.oneof == found.oneof);
        if let Some(before) = rival {
            let first = before.last.name_span();
            let kind = SchemaErrorKind::OneofConflict { field: found, other: before.field, first };
            self.report(kind, field.name_span());
        }
        seen.push(Seen { field: found, last: field, was_set: false });
    }

    /// Reads a value that should be a message; whether it is one.
    pub(crate) fn message(&mut self, value: Value<'_>, into: &mut dyn MessageType) -> bool {
        let Value::Message(message) = value else {
            self.wrong_type(value);
            return false;
        };
        self.fields(message, into);
        true
    }

    /// Reads a value that should be a name or number of an enum: the value, or the number.
    pub(crate) fn enumeration<T>(
        &mut self,
        value: Value<'_>,
        descriptor: &'static super::EnumDescriptor,
        from_name: fn(&str) -> Option<T>,
    ) -> Option<Result<T, i32>> {
        let scalar = self.scalar(value)?;
        match scalar.kind() {
            ScalarKind::Identifier { negative: false, text } => {
                let found = from_name(text);
                if found.is_none() {
                    let kind = SchemaErrorKind::UnknownEnumValue { descriptor, name: text.to_owned() };
                    self.report(kind, scalar.span());
                }
                found.map(Ok)
            }
            ScalarKind::Number(number) if number.integer_base().is_some() => {
                let number = self.integer(number, scalar, ScalarType::Int32)?;
                let number = i32::try_from(number).ok()?;
                if descriptor.values.iter().all(|value| value.number != number) {
                    self.report(SchemaErrorKind::UnknownEnumNumber { descriptor, number }, scalar.span());
                }
                Some(Err(number))
            }
            ScalarKind::String(literal) => {
                // In quotes: the name may still be right, and then the quotes are all that is wrong.
                let kind = SchemaErrorKind::UnknownEnumValue { descriptor, name: format!("{:?}", literal.text()) };
                self.report(kind, scalar.span());
                from_name(&literal.text()).map(Ok)
            }
            _ => {
                self.wrong_type(value);
                None
            }
        }
    }

    fn scalar<'t>(&mut self, value: Value<'t>) -> Option<Scalar<'t>> {
        match value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Message(_) | Value::List(_) => {
                self.wrong_type(value);
                None
            }
        }
    }

    fn integer(&mut self, number: Number<'_>, scalar: Scalar<'_>, ty: ScalarType) -> Option<i128> {
        let (least, most) = ty.range()?;
        // The parser takes no minus sign at all for an unsigned field, not even that of `-0`.
        let is_in_range = |value: &i128| (least..=most).contains(value) && !(number.negative && least == 0);
        let magnitude = number.magnitude().map(i128::from);
        let value = magnitude.map(|value| if number.negative { -value } else { value }).filter(is_in_range);
        if value.is_none()
            && let Some(field) = self.field
        {
            self.report(SchemaErrorKind::OutOfRange { field, ty }, scalar.span());
        }
        value
    }

    fn wrong_type(&mut self, value: Value<'_>) {
        let found = match value {
            Value::Message(_) => Found::Message,
            Value::List(_) => Found::List,
            Value::Scalar(scalar) => match scalar.kind() {
                ScalarKind::Number(number) if number.integer_base().is_none() => Found::Float,
                ScalarKind::Number(number) if number.negative => Found::NegativeInteger,
                ScalarKind::Number(_) => Found::Integer,
                ScalarKind::String(_) => Found::String,
                ScalarKind::Identifier { .. } => Found::Word,
                // A syntax error was reported.
                ScalarKind::Malformed => return,
            },
        };
        if let Some(field) = self.field {
            self.report(SchemaErrorKind::WrongType { field, found }, value.span());
        }
    }
}

fn takes_messages(field: &FieldDescriptor) -> bool {
    matches!(field.ty, FieldType::Message(_) | FieldType::Map { .. })
}

/// Whether the server can tell that this field is given: a scalar outside a oneof that has the
/// default of its type looks as if it were left out.
fn has_presence(field: Field<'_>, found: &FieldDescriptor) -> bool {
    let (Some(Value::Scalar(scalar)), None) = (field.value(), found.oneof) else { return true };
    match (scalar.kind(), found.ty) {
        (ScalarKind::String(literal), FieldType::Scalar(ScalarType::String)) => !literal.bytes.is_empty(),
        (ScalarKind::Number(number), FieldType::Scalar(ScalarType::Float | ScalarType::Double)) => {
            number.float().is_none_or(|value| value.to_bits() != 0)
        }
        (ScalarKind::Number(number), _) => number.magnitude() != Some(0),
        (ScalarKind::Identifier { negative: false, text }, FieldType::Scalar(ScalarType::Bool)) => {
            !matches!(text, "false" | "False" | "f")
        }
        (ScalarKind::Identifier { text, .. }, FieldType::Enum(descriptor)) => {
            descriptor.values.iter().all(|value| value.name != text || value.number != 0)
        }
        _ => true,
    }
}

// ---- Scalars ------------------------------------------------------------------------------------

macro_rules! integers {
    ($($ty:ty => $name:ident),+) => {$(
        impl Element for $ty {
            const TYPE: FieldType = FieldType::Scalar(ScalarType::$name);

            fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let scalar = reader.scalar(value)?;
                match scalar.kind() {
                    ScalarKind::Number(number) if number.integer_base().is_some() => {
                        reader.integer(number, scalar, ScalarType::$name)?.try_into().ok()
                    }
                    _ => {
                        reader.wrong_type(value);
                        None
                    }
                }
            }
        }
    )+};
}

integers!(i32 => Int32, i64 => Int64, u32 => Uint32, u64 => Uint64);

impl Element for bool {
    const TYPE: FieldType = FieldType::Scalar(ScalarType::Bool);

    fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(value)?;
        let read = match scalar.kind() {
            ScalarKind::Identifier { negative: false, text: "true" | "True" | "t" } => Some(true),
            ScalarKind::Identifier { negative: false, text: "false" | "False" | "f" } => Some(false),
            ScalarKind::Number(number) if !number.negative => match number.magnitude() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            _ => None,
        };
        if read.is_none() {
            reader.wrong_type(value);
        }
        read
    }
}

impl Element for f64 {
    const TYPE: FieldType = FieldType::Scalar(ScalarType::Double);

    fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(value)?;
        let read = match scalar.kind() {
            ScalarKind::Number(number) => number.float(),
            ScalarKind::Identifier { negative, text } => {
                let magnitude = match text.to_ascii_lowercase().as_str() {
                    "inf" | "infinity" => Some(Self::INFINITY),
                    "nan" => Some(Self::NAN),
                    _ => None,
                };
                magnitude.map(|magnitude| if negative { -magnitude } else { magnitude })
            }
            ScalarKind::String(_) | ScalarKind::Malformed => None,
        };
        if read.is_none() {
            reader.wrong_type(value);
        }
        read
    }
}

impl Element for f32 {
    const TYPE: FieldType = FieldType::Scalar(ScalarType::Float);

    #[expect(clippy::cast_possible_truncation, reason = "protobuf reads a double and narrows it too")]
    fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        f64::read(value, reader).map(|value| value as Self)
    }
}

impl Element for String {
    const TYPE: FieldType = FieldType::Scalar(ScalarType::String);

    fn read(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(value)?;
        let ScalarKind::String(literal) = scalar.kind() else {
            reader.wrong_type(value);
            return None;
        };
        for problem in &literal.problems {
            reader.report(SchemaErrorKind::OddString(problem.kind), problem.span);
        }
        Some(literal.text())
    }
}

// ---- Fields -------------------------------------------------------------------------------------

fn spanned<T: Element>(value: Value<'_>, reader: &mut Reader<'_>) -> Option<Spanned<T>> {
    T::read(value, reader).map(|read| Spanned { value: read, span: value.span(), node: value.id() })
}

impl<T: Element> Slot for Singular<T> {
    const TYPE: FieldType = T::TYPE;
    const LABEL: Label = Label::Singular;

    fn read(&mut self, value: Value<'_>, reader: &mut Reader<'_>) {
        self.state = spanned(value, reader).map_or(State::Invalid, State::Written);
    }
}

impl<M: Element> Slot for Optional<M> {
    const TYPE: FieldType = M::TYPE;
    const LABEL: Label = Label::Singular;

    fn read(&mut self, value: Value<'_>, reader: &mut Reader<'_>) {
        self.message = spanned(value, reader);
        self.is_invalid |= self.message.is_none();
    }
}

impl<T: Element> Slot for Repeated<T> {
    const TYPE: FieldType = T::TYPE;
    const LABEL: Label = Label::Repeated;

    fn read(&mut self, value: Value<'_>, reader: &mut Reader<'_>) {
        match spanned(value, reader) {
            Some(item) => self.items.push(item),
            None => self.is_invalid = true,
        }
    }
}

/// A map entry is a message of two fields. Unlike other scalars its key has presence, which is what
/// membership in a oneof of its own says.
macro_rules! entry_descriptor {
    ($key:ty, $value:ty) => {
        &MessageDescriptor {
            name: "map entry",
            doc: "One entry of a map.",
            fields: &[
                FieldDescriptor {
                    name: "key",
                    number: 1,
                    ty: <$key>::TYPE,
                    label: Label::Singular,
                    oneof: Some("key"),
                    since: None,
                    doc: "The key.",
                },
                FieldDescriptor {
                    name: "value",
                    number: 2,
                    ty: <$value>::TYPE,
                    label: Label::Singular,
                    oneof: Some("value"),
                    since: None,
                    doc: "The value.",
                },
            ],
        }
    };
}

impl<K: Element, V: Element> MapEntry<K, V> {
    const DESCRIPTOR: &'static MessageDescriptor = entry_descriptor!(K, V);
    const VALUE_TYPE: &'static FieldType = &V::TYPE;
}

impl<K: Element, V: Element> MessageType for MapEntry<K, V> {
    fn descriptor(&self) -> &'static MessageDescriptor {
        Self::DESCRIPTOR
    }

    fn read_field(&mut self, field: &'static FieldDescriptor, value: Value<'_>, reader: &mut Reader<'_>) {
        if field.number == 1 {
            Slot::read(&mut self.key, value, reader);
        } else {
            Slot::read(&mut self.value, value, reader);
        }
    }
}

impl<K, V> Slot for Map<K, V>
where
    K: Element + Default + Eq + Hash + Clone + ToString,
    V: Element,
{
    const TYPE: FieldType = FieldType::Map { key: scalar_type(&K::TYPE), value: MapEntry::<K, V>::VALUE_TYPE };
    const LABEL: Label = Label::Map;

    fn read(&mut self, value: Value<'_>, reader: &mut Reader<'_>) {
        let (span, node): (Span, NodeId) = (value.span(), value.id());
        let refused = reader.refused;
        let mut entry = MapEntry { key: Singular::default(), value: Optional::default(), span, node };
        if !reader.message(value, &mut entry) {
            self.is_invalid = true;
            return;
        }
        // Entries without a key are malformed rather than alike.
        if let (Some(key), Some(field)) = (entry.key.written(), reader.field)
            && let Some(twin) = self.get(&key.value)
            && let Some(first) = twin.key.written()
        {
            let (first, first_entry) = (first.span, twin.node);
            let kind = SchemaErrorKind::DuplicateMapKey { field, key: key.to_string(), first, first_entry };
            reader.report(kind, key.span);
        }
        // Half an entry is not one that could be told from what was meant.
        self.is_invalid |= reader.refused > refused;
        self.push(entry);
    }
}

const fn scalar_type(ty: &FieldType) -> ScalarType {
    match ty {
        FieldType::Scalar(scalar) => *scalar,
        // The keys of a protobuf map are scalars; the vocabulary could not be compiled with others.
        FieldType::Enum(_) | FieldType::Message(_) | FieldType::Map { .. } => panic!("a map key is a scalar"),
    }
}
