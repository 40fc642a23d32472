//! Makes a repository on which the two sides disagree smaller, while they still do.

use tritonlint::syntax::{Message, Span, Tree, Value};

use crate::repository::Repository;

/// Something that can be left out.
#[derive(Clone)]
enum Part {
    Model(String),
    File(String),
    Link(String),
    Text { config: String, span: Span },
}

/// The smallest repository that can be reached by leaving things out. `holds` says of each of several
/// repositories whether it still shows what the first one showed.
pub(crate) fn shrink(mut repository: Repository, holds: impl Fn(&[&Repository]) -> Vec<bool>) -> Repository {
    loop {
        let alone: Vec<_> = parts_of(&repository).into_iter().map(|part| vec![part]).collect();
        let dispensable: Vec<_> = those_that_hold(&repository, &alone, &holds).into_iter().flatten().collect();
        // What can go alone need not be able to go together with the rest of it.
        let together: Vec<_> = (1..=dispensable.len()).rev().map(|length| dispensable[..length].to_vec()).collect();
        match those_that_hold(&repository, &together, &holds).first() {
            Some(parts) => repository = without(&repository, parts),
            None => return repository,
        }
    }
}

/// The sets of parts that can be left out.
fn those_that_hold(
    repository: &Repository,
    sets: &[Vec<Part>],
    holds: impl Fn(&[&Repository]) -> Vec<bool>,
) -> Vec<Vec<Part>> {
    let candidates: Vec<_> = sets.iter().map(|parts| without(repository, parts)).collect();
    // Both sides must see a model, and what is left out must have been there.
    let is_smaller = |candidate: &Repository| !candidate.files.is_empty() && candidate != repository;
    let (sets, candidates): (Vec<_>, Vec<_>) =
        sets.iter().zip(&candidates).filter(|(_, candidate)| is_smaller(candidate)).unzip();
    let verdicts = holds(&candidates);
    sets.into_iter().zip(verdicts).filter(|(_, holds)| *holds).map(|(parts, _)| parts.clone()).collect()
}

/// Everything that can be left out, the largest things first.
fn parts_of(repository: &Repository) -> Vec<Part> {
    let mut parts: Vec<_> = repository.models().into_iter().map(Part::Model).collect();
    parts.extend(repository.links.iter().cloned().map(Part::Link));
    for (path, text) in &repository.files {
        if path.ends_with("/config.pbtxt") {
            parts.extend(spans_of(text).into_iter().map(|span| Part::Text { config: path.clone(), span }));
        } else {
            parts.push(Part::File(path.clone()));
        }
    }
    parts
}

fn without(repository: &Repository, parts: &[Part]) -> Repository {
    let mut smaller = repository.clone();
    for part in parts {
        match part {
            Part::Model(model) => {
                let own = format!("{model}/");
                smaller.files.retain(|path, _| !path.starts_with(&own));
                smaller.links.retain(|path| !path.starts_with(&own));
            }
            Part::File(file) => _ = smaller.files.remove(file),
            Part::Link(link) => _ = smaller.links.remove(link),
            Part::Text { .. } => {}
        }
    }
    for (path, text) in &mut smaller.files {
        let mut is_left = vec![true; text.len()];
        for part in parts {
            if let Part::Text { config, span } = part
                && config == path
            {
                is_left[span.range()].fill(false);
            }
        }
        let mut left = is_left.into_iter();
        text.retain(|_| left.next().unwrap_or(true));
    }
    smaller
}

/// Fields and list items; where the text is not in order, its lines and tokens; the longest first.
fn spans_of(text: &[u8]) -> Vec<Span> {
    let tree = Tree::parse(text.to_vec());
    let mut parts: Vec<Span> = tree.comments().map(|comment| comment.span).collect();
    if tree.refusals() == 0 {
        spans_in(tree.document(), &mut parts);
    } else {
        let source = tree.source();
        let lines = source.line(source.span().end) + 1;
        parts.extend((0..lines).map(|line| source.line_span(line)));
        parts.extend(tree.tokens().iter().map(|token| token.span));
    }
    parts.retain(|span| !span.is_empty());
    parts.sort_by_key(|span| std::cmp::Reverse(span.len()));
    parts
}

fn spans_in(message: Message<'_>, parts: &mut Vec<Span>) {
    for field in message.fields() {
        parts.push(field.span());
        match field.value() {
            Some(Value::Message(inner)) => spans_in(inner, parts),
            Some(Value::List(list)) => {
                for item in list.items() {
                    parts.extend(message.tree().list_item(item.id()).map(|item| item.span_with_separator));
                    if let Value::Message(inner) = item {
                        spans_in(inner, parts);
                    }
                }
            }
            Some(Value::Scalar(_)) | None => {}
        }
    }
}
