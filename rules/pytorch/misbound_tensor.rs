use std::collections::{BTreeSet, HashMap};

use super::forward::{
    Bound, Convention, bind_inputs, bind_outputs, index, last_index, numbered, scripts, takes_dictionary,
};
use crate::artifact::torchscript::{Signature, Type};
use crate::diagnostic::{Finding, Findings};
use crate::edit::quoted;
use crate::model::{Model, ModelFile};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::vocabulary::DataType;
use crate::syntax::Span;

pub(super) static RULE: Rule = Rule {
    name: "misbound-tensor",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Warning,
    fix: Some(Applicability::Unsafe),
    page: include_str!("misbound_tensor.md"),
    check,
};

/// `pytorch_backend` `src/pt/model_instance_state.cc`, `GetNamingConvention`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    if !model.is_torchscript() || model.tree().refusals() > 0 {
        return;
    }
    let mut has_file = false;
    for (file, script) in scripts(model) {
        let Some(forward) = &script.forward else { continue };
        let is_first = !std::mem::replace(&mut has_file, true);
        if takes_dictionary(forward) {
            continue;
        }
        if let Some((convention, bound)) = bind_inputs(model.config(), forward) {
            if is_first {
                check_indexes(model, "input", "argument", convention, &bound, findings);
            }
            check_names(model, file, forward, convention, &bound, findings);
        }
    }
    if !has_file {
        // Without the file it is not known what the arguments are called; no argument is called like `INPUT__0`.
        let none = Signature { arguments: Vec::new(), result: Type::None };
        if let Some((convention, bound)) = bind_inputs(model.config(), &none) {
            check_indexes(model, "input", "argument", convention, &bound, findings);
        }
    }
    if let Some((convention, bound)) = bind_outputs(model.config()) {
        check_indexes(model, "output", "result", convention, &bound, findings);
    }
}

/// Reports the tensors that have an index, and go by their order because another one has none.
fn check_indexes(
    model: Model<'_>,
    role: &str,
    end: &str,
    convention: Convention,
    bound: &[Bound<'_>],
    findings: &mut Findings<'_>,
) {
    if convention != Convention::Order {
        return;
    }
    let Some(culprit) = bound.iter().find(|tensor| index(&tensor.name.value).is_none()) else { return };
    let names: Vec<_> = bound.iter().map(|tensor| tensor.name.value.as_str()).collect();
    let mut renamed = numbered(&names).map(|names| renames(model, bound, names));
    for tensor in bound {
        let name = &tensor.name.value;
        let Some(meant) = last_index(name).filter(|meant| *meant != tensor.position) else { continue };
        let mut finding =
            findings.add(tensor.name.span, format!("`{name}` is {end} {} and not {meant}", tensor.position));
        if culprit.name.span != tensor.name.span {
            finding = finding.label(culprit.name.span, "has no index");
        }
        let finding = finding
            .note(format!(
                "indexes count only if every {role} has one behind the first `__` of its name; otherwise the back-end goes by \
                 the order in the config, counted from 0"
            ))
            .help(format!("give each {role} a name like `{}__0`, or put them in order", role.to_uppercase()));
        fix(finding, format!("give each {role} an index"), renamed.take());
    }
}

/// Reports the inputs that are called like another argument than theirs.
fn check_names(
    model: Model<'_>,
    file: &ModelFile,
    forward: &Signature,
    convention: Convention,
    bound: &[Bound<'_>],
    findings: &mut Findings<'_>,
) {
    let mut inputs: HashMap<String, usize> = HashMap::new();
    for input in bound {
        *inputs.entry(base(&input.name.value)).or_default() += 1;
    }
    let misbound = bound.iter().filter_map(|input| {
        let base = base(&input.name.value);
        // `INPUT__0` and `INPUT__1` say nothing of `input`.
        let called = forward.arguments.iter().position(|argument| argument.name.to_ascii_lowercase() == base);
        Some((input, called.filter(|called| *called != input.position && inputs[&base] == 1)?))
    });
    let misbound: Vec<_> = misbound.collect();
    let mut edits = match convention {
        Convention::Arguments => None,
        Convention::Indexes => renumbered(model, bound, &misbound),
        Convention::Order => reordered(model, &misbound),
    };
    for (input, called) in misbound {
        let Some(argument) = forward.arguments.get(input.position) else { continue };
        // An argument that cannot take strings, or nothing else, is an error of its own.
        let mut own = model.config().input.iter().filter(|own| own.name.text() == Some(input.name.value.as_str()));
        let gives_strings = own.any(|own| own.data_type.get() == Some(DataType::String));
        if gives_strings != matches!(argument.ty, Type::List(_)) {
            continue;
        }
        let (name, other) = (&input.name.value, &forward.arguments[called].name);
        let finding = findings
            .add(input.name.span, format!("`{name}` goes to the argument `{}` and not to `{other}`", argument.name))
            .note(format!("`forward` in {} takes ({})", file.path, names(forward)))
            .note("the model gets the wrong tensor in each of the two places; if their types fit, there is no error")
            .help(format!(
                "number the inputs in the order of the arguments, so that this one ends in `__{called}`, or name each exactly \
                 like its argument"
            ));
        fix(finding, "let each input go to the argument that it is called like".to_owned(), edits.take());
    }
}

/// All edits are one fix: half of them would give two tensors one place.
fn fix(finding: Finding<'_>, title: String, edits: Option<Vec<(Span, String)>>) {
    if let Some(edits) = edits.filter(|edits| !edits.is_empty()) {
        finding.fix(Applicability::Unsafe, title, edits);
    }
}

/// The edits that give tensors other names.
fn renames(model: Model<'_>, bound: &[Bound<'_>], names: Vec<String>) -> Vec<(Span, String)> {
    let renamed = bound.iter().zip(names).filter(|(tensor, name)| tensor.name.value != *name);
    renamed
        .map(|(tensor, name)| (tensor.name.span, quoted(&name, model.tree().source().slice(tensor.name.span))))
        .collect()
}

/// Gives inputs the indexes of the arguments that they are called like. None where two inputs would then have one.
fn renumbered(model: Model<'_>, bound: &[Bound<'_>], misbound: &[(&Bound<'_>, usize)]) -> Option<Vec<(Span, String)>> {
    let position = |input: &Bound<'_>| {
        let other = misbound.iter().find(|(other, _)| other.name.span == input.name.span);
        other.map_or(input.position, |(_, called)| *called)
    };
    let distinct: BTreeSet<usize> = bound.iter().map(position).collect();
    let names = bound.iter().map(|input| match input.name.value.split_once("__") {
        Some((base, _)) if position(input) != input.position => format!("{base}__{}", position(input)),
        _ => input.name.value.clone(),
    });
    (distinct.len() == bound.len()).then(|| renames(model, bound, names.collect()))
}

/// Lets inputs change places. None where another input would have to move for them, or a comment.
fn reordered(model: Model<'_>, misbound: &[(&Bound<'_>, usize)]) -> Option<Vec<(Span, String)>> {
    let (tree, inputs) = (model.tree(), &model.config().input);
    let places: BTreeSet<usize> = misbound.iter().map(|(input, _)| input.position).collect();
    let wanted: BTreeSet<usize> = misbound.iter().map(|(_, called)| *called).collect();
    if places != wanted {
        return None;
    }
    let moved = misbound.iter().map(|(input, called)| {
        let (from, to) = (inputs.get(input.position)?.span, inputs.get(*called)?.span);
        tree.comments_in(from).next().is_none().then(|| (to, tree.source().slice(from).to_owned()))
    });
    moved.collect()
}

/// A name without its index, in lower case.
fn base(name: &str) -> String {
    let base = match name.rsplit_once("__") {
        Some((base, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => base,
        _ => name,
    };
    base.to_ascii_lowercase()
}

fn names(forward: &Signature) -> String {
    forward.arguments.iter().map(|argument| argument.name.as_str()).collect::<Vec<_>>().join(", ")
}
