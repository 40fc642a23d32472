//! Following the schema into a text.

use super::descriptor::{EnumDescriptor, FieldDescriptor, FieldType, MessageDescriptor};
use crate::syntax::{Field, FieldName, Message, Scalar, Value};

/// What is shown of a text along the way.
pub trait Visitor {
    /// A field that the schema knows. Returns whether to go into it.
    fn field(&mut self, field: Field<'_>, known: &'static FieldDescriptor) -> bool;

    /// What stands where the schema has a value of an enum.
    fn enum_value(&mut self, value: Scalar<'_>, known: &'static EnumDescriptor);
}

/// Shows each field of a message that the schema knows, and each value of an enum. The schema is nowhere
/// recursive, and so neither is the way through it.
pub fn walk(message: Message<'_>, descriptor: &'static MessageDescriptor, visitor: &mut impl Visitor) {
    for field in message.fields() {
        let FieldName::Plain(name) = field.name() else { continue };
        let Some(known) = descriptor.field(name) else { continue };
        if visitor.field(field, known)
            && let Some(value) = field.value()
        {
            each(value, &known.ty, visitor);
        }
    }
}

fn each(value: Value<'_>, ty: &'static FieldType, visitor: &mut impl Visitor) {
    match value {
        Value::List(list) => {
            for item in list.items().filter(|item| !matches!(item, Value::List(_))) {
                single(item, ty, visitor);
            }
        }
        other => single(other, ty, visitor),
    }
}

fn single(value: Value<'_>, ty: &'static FieldType, visitor: &mut impl Visitor) {
    match (value, ty) {
        (Value::Message(message), FieldType::Message(descriptor)) => walk(message, descriptor, visitor),
        (Value::Message(entry), FieldType::Map { value: ty, .. }) => {
            let values = entry.fields().filter(|field| field.name() == FieldName::Plain("value"));
            for value in values.filter_map(Field::value).filter(|value| !matches!(value, Value::List(_))) {
                single(value, ty, visitor);
            }
        }
        (Value::Scalar(scalar), FieldType::Enum(descriptor)) => visitor.enum_value(scalar, descriptor),
        _ => {}
    }
}
