use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::diagnostic::Findings;
use crate::edit::wrap_fields;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::MESSAGES;
use crate::schema::{FieldDescriptor, FieldType, Label, MessageDescriptor, SchemaErrorKind, fold, nearest};
use crate::syntax::{Field, FieldName, NodeId, Span, Tree, Value};

pub(super) static RULE: Rule = Rule {
    name: "unknown-field",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_field.md"),
    check,
};

/// A field that could stand in more places than this is not worth a list of them.
const MOST_PLACES: usize = 5;

/// So many fields are told each time.
const FEW: usize = 3;

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let mut listed = BTreeSet::new();
    // Made for the first that needs it.
    let (given, outermost) = (OnceCell::new(), OnceCell::new());
    for error in model.schema_errors() {
        let SchemaErrorKind::UnknownField { message, name } = &error.kind else { continue };
        let is_map_entry = message.name.contains(' ');
        let (article, most_places) = if is_map_entry { ("a ", 1) } else { ("", MOST_PLACES) };
        let finding = findings.add(error.span, format!("{article}{} has no field `{name}`", message.name));
        let places = places_of(name);
        if let Some((meant, applicability)) = meant(name, message, !places.is_empty()) {
            let meant_name = meant.name;
            if is_given(meant, given.get_or_init(|| Given::of(model.tree())), error.span) {
                finding.help(format!("did you mean `{meant_name}`? It is given already: keep one of the two"));
            } else {
                finding.did_you_mean(meant_name, applicability, (error.span, meant_name.to_owned()));
            }
        } else if (1..=most_places).contains(&places.len()) {
            let finding = finding.help(format!("`{name}` belongs {}", in_words(&places)));
            if let Some((around, edits)) =
                wrapped(model, outermost.get_or_init(|| Outermost::of(model.tree())), error.span)
            {
                finding.fix(Applicability::Unsafe, format!("put it into `{around}`"), edits);
            }
        } else if name.starts_with('[') {
            finding.help("a model configuration has no extensions: delete the field");
        } else if message.fields.len() > FEW && !listed.insert(message.name) {
            finding.help(format!("the fields of {} are told above", message.name));
        } else {
            let names: Vec<_> = message.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            finding.help(format!("its fields are {}", names.join(", ")));
        }
    }
}

/// The field of the message that was meant. Another spelling of the same words, or one slip, leaves no
/// doubt; a name that is merely similar does, and so does one that is a field of another message.
fn meant(
    name: &str,
    message: &MessageDescriptor,
    is_elsewhere: bool,
) -> Option<(&'static FieldDescriptor, Applicability)> {
    let mut synonyms = SYNONYMS.iter().filter(|(synonym, ..)| *synonym == name);
    let synonym = synonyms.find_map(|(_, field, applicability)| Some((message.field(field)?, *applicability)));
    if synonym.is_some() {
        return synonym;
    }
    let names = || message.fields.iter().map(|field| field.name);
    let field = message.field(nearest(name, names()).or_else(|| only_longer(name, names()))?)?;
    let is_slip = strsim::damerau_levenshtein(&fold(name), &fold(field.name)) <= 1;
    match (is_slip, is_elsewhere) {
        (true, false) => Some((field, Applicability::Safe)),
        (true, true) | (false, false) => Some((field, Applicability::Unsafe)),
        // A real field in the wrong place is not a misspelling of another one.
        (false, true) => None,
    }
}

/// The only name that goes on where this one ends, as `max_queue_delay_microseconds` does.
fn only_longer<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut longer = names.filter(|longer| longer.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')));
    longer.next().filter(|_| longer.next().is_none())
}

/// Names of other formats, such as the server's own REST interface, and of documents that are wrong. A
/// `shape` may hold the batch dimension, `dims` must not.
const SYNONYMS: [(&str, &str, Applicability); 9] = [
    ("inputs", "input", Applicability::Safe),
    ("outputs", "output", Applicability::Safe),
    ("dtype", "data_type", Applicability::Safe),
    ("type", "data_type", Applicability::Safe),
    ("dim", "dims", Applicability::Safe),
    ("shape", "dims", Applicability::Unsafe),
    ("instances", "count", Applicability::Safe),
    ("default_model_name", "default_model_filename", Applicability::Safe),
    ("cc_model_names", "cc_model_filenames", Applicability::Safe),
];

/// Whether the field stands beside the one whose name is there, so that it cannot stand there once more.
fn is_given(field: &FieldDescriptor, given: &Given<'_>, name: Span) -> bool {
    let is_appended = field.label != Label::Singular && message_of(&field.ty).is_some();
    let message = given.messages.get(&name.start).filter(|_| !is_appended);
    message.is_some_and(|message| given.names.contains(&(*message, field.name)))
}

/// Which fields stand in which messages of a config.
#[derive(Default)]
struct Given<'t> {
    /// By where the name of a field begins, the message that holds it.
    messages: HashMap<u32, NodeId>,
    names: HashSet<(NodeId, &'t str)>,
}

impl<'t> Given<'t> {
    fn of(tree: &'t Tree) -> Self {
        let mut given = Self::default();
        let mut pending = vec![tree.document()];
        while let Some(message) = pending.pop() {
            for field in message.fields() {
                given.messages.insert(field.name_span().start, message.id());
                if let FieldName::Plain(name) = field.name() {
                    given.names.insert((message.id(), name));
                }
                match field.value() {
                    Some(Value::Message(inner)) => pending.push(inner),
                    Some(Value::List(list)) => pending.extend(list.items().filter_map(|item| match item {
                        Value::Message(inner) => Some(inner),
                        Value::Scalar(_) | Value::List(_) => None,
                    })),
                    Some(Value::Scalar(_)) | None => {}
                }
            }
        }
        given
    }
}

/// The fields of the document, each with the one that it belongs into.
struct Outermost<'t> {
    fields: Vec<(Field<'t>, Option<&'static str>)>,
    names: HashSet<&'t str>,
    /// How many belong into each.
    counts: HashMap<&'static str, usize>,
}

impl<'t> Outermost<'t> {
    fn of(tree: &'t Tree) -> Self {
        let (mut names, mut counts, mut around) = (HashSet::new(), HashMap::new(), HashMap::new());
        let fields = tree.document().fields().map(|field| {
            let FieldName::Plain(name) = field.name() else { return (field, None) };
            names.insert(name);
            let around = around.entry(name).or_insert_with(|| message_for(name).map(|around| around.name));
            if let Some(around) = around {
                *counts.entry(*around).or_default() += 1;
            }
            (field, *around)
        });
        Self { fields: fields.collect(), names, counts }
    }
}

/// Puts fields that stand in the document, and belong into a field of it that is not there yet, into that. The first
/// of those that follow each other takes the others along.
fn wrapped(model: Model<'_>, outermost: &Outermost<'_>, name: Span) -> Option<(&'static str, Vec<(Span, String)>)> {
    let fields = &outermost.fields;
    let at = fields.binary_search_by_key(&name.start, |(field, _)| field.name_span().start).ok()?;
    let around = fields[at].1?;
    let is_alike = |(_, other): &&(Field<'_>, Option<&str>)| *other == Some(around);
    if outermost.names.contains(around) || at.checked_sub(1).is_some_and(|before| is_alike(&&fields[before])) {
        return None;
    }
    let together = fields[at..].iter().take_while(is_alike).count();
    let (last, _) = fields[at..].get(together.checked_sub(1)?)?;
    // Elsewhere there are more of them, which another message would have to take up.
    let is_all = outermost.counts.get(around) == Some(&together);
    is_all.then(|| (around, wrap_fields(model.tree(), fields[at].0, *last, around)))
}

/// The only field of a config whose message itself has a field like one of the document.
fn message_for(name: &str) -> Option<&'static FieldDescriptor> {
    let config = MESSAGES.iter().find(|message| message.name == "ModelConfig")?;
    let fields = config.fields.iter().filter(|field| field.label != Label::Map);
    let mut around =
        fields.filter(|around| message_of(&around.ty).is_some_and(|message| message.field(name).is_some()));
    let only = around.next().filter(|_| around.next().is_none());
    only.filter(|_| config.field(name).is_none())
}

/// Where in a config a field of that name can stand, in words.
fn places_of(name: &str) -> Vec<String> {
    let mut places = Vec::new();
    if let Some(config) = MESSAGES.iter().find(|message| message.name == "ModelConfig") {
        find_places(name, config, "", &mut places);
    }
    places
}

fn find_places(name: &str, message: &MessageDescriptor, path: &str, places: &mut Vec<String>) {
    if message.field(name).is_some() {
        places.push(if path.is_empty() { "at the top level".to_owned() } else { format!("in `{path}`") });
    }
    for field in message.fields {
        if let Some(inner) = message_of(&field.ty) {
            let dot = if path.is_empty() { "" } else { "." };
            let value = if field.label == Label::Map { ".value" } else { "" };
            let path = format!("{path}{dot}{}{value}", field.name);
            find_places(name, inner, &path, places);
        }
    }
}

fn in_words(places: &[String]) -> String {
    match places {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => places.concat(),
    }
}

/// The message that a field takes, or the values of a map.
fn message_of(ty: &FieldType) -> Option<&'static MessageDescriptor> {
    match ty {
        FieldType::Message(message) | FieldType::Map { value: FieldType::Message(message), .. } => Some(message),
        FieldType::Scalar(_) | FieldType::Enum(_) | FieldType::Map { .. } => None,
    }
}
