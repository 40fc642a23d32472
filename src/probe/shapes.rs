//! Which shapes to call a model with: a walk along its variable dims.

use super::protocol::{Input, Sample};
use super::subject::{Argument, Subject};

/// More elements than this in one input only cost time and memory.
const MOST_ELEMENTS: i64 = 1 << 24;

/// Sizes that variable dims begin with, until the model takes one: most take the first, sound wants many
/// samples, images want pixels.
const BASES: [i64; 5] = [8, 64, 512, 4000, 16000];

/// How many different values a shape gets.
const VALUES: u64 = 2;

/// The shapes of one call: one for each argument, with the batch dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shapes(pub Vec<Vec<i64>>);

impl Shapes {
    /// As people read it: `[1, 8] [1, 4]`.
    #[must_use]
    pub fn described(&self) -> String {
        let shapes: Vec<String> = self
            .0
            .iter()
            .map(|shape| format!("[{}]", shape.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")))
            .collect();
        shapes.join(" ")
    }

    fn is_small(&self) -> bool {
        self.0.iter().all(|shape| {
            let elements = shape.iter().try_fold(1_i64, |count, dim| count.checked_mul(*dim));
            elements.is_some_and(|elements| elements <= MOST_ELEMENTS)
        })
    }

    /// These shapes with different values.
    pub(super) fn samples(&self, arguments: &[Argument]) -> Vec<Sample> {
        (0..VALUES).map(|values| self.sample(arguments, values)).collect()
    }

    fn sample(&self, arguments: &[Argument], values: u64) -> Sample {
        let input = |(at, (argument, shape)): (u64, (&Argument, &Vec<i64>))| Input {
            name: argument.name.clone(),
            element: argument.element,
            shape: shape.clone(),
            seed: values << 32 | at,
        };
        (0..).zip(arguments.iter().zip(&self.0)).map(input).collect()
    }
}

/// A dimension that varies: the places that vary together.
#[derive(Clone, Debug)]
struct Slot {
    /// Arguments and axes of their shapes.
    places: Vec<(usize, usize)>,
    is_batch: bool,
}

/// The variable dims of a model.
pub(super) struct Walk<'s> {
    subject: &'s Subject,
    slots: Vec<Slot>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(subject: &'s Subject) -> Self {
        let mut slots = Vec::new();
        let arguments = &subject.arguments;
        let batches = subject.max_batch_size > 0;
        if batches {
            let places = (0..arguments.len()).map(|argument| (argument, 0)).collect();
            slots.push(Slot { places, is_batch: true });
        }
        // Inputs of one request mostly agree in the lengths of the same axis.
        let rank = arguments.iter().map(|argument| argument.dims.len()).max().unwrap_or_default();
        for axis in 0..rank {
            let varies = |argument: &Argument| argument.dims.get(axis) == Some(&-1);
            let places: Vec<_> = (0..arguments.len())
                .filter(|at| varies(&arguments[*at]))
                .map(|at| (at, axis + usize::from(batches)))
                .collect();
            if !places.is_empty() {
                slots.push(Slot { places, is_batch: false });
            }
        }
        Self { subject, slots }
    }

    /// Shapes to begin with, of which one that the model takes is wanted.
    pub(super) fn bases(&self) -> Vec<Shapes> {
        let warmup = self.subject.warmup.iter().cloned().map(Shapes);
        let sizes: &[i64] = if self.slots.iter().any(|slot| !slot.is_batch) { &BASES } else { &BASES[..1] };
        let generated = sizes.iter().map(|size| self.uniform(*size));
        distinct(warmup.chain(generated))
    }

    fn uniform(&self, size: i64) -> Shapes {
        let batch = (self.subject.max_batch_size > 0).then_some(1);
        let shape = |argument: &Argument| {
            let dims = argument.dims.iter().map(|dim| if *dim == -1 { size } else { *dim });
            batch.into_iter().chain(dims).collect()
        };
        Shapes(self.subject.arguments.iter().map(shape).collect())
    }

    /// The base, and shapes that differ from it in one dimension or in all; `most` at most.
    pub(super) fn around(&self, base: &Shapes, most: usize) -> Vec<Shapes> {
        let mut all = vec![base.clone()];
        // First one change of each dimension, so that the limit cuts off no dimension. The batch comes last:
        // what surprises a plan that is made for one shape is a dimension that shrinks to 1.
        let (batch, dims): (Vec<&Slot>, Vec<_>) = self.slots.iter().partition(|slot| slot.is_batch);
        for round in 0..3 {
            for slot in dims.iter().chain(&batch) {
                let size = base.0[slot.places[0].0][slot.places[0].1];
                if let Some(other) = self.sizes(slot, size).get(round) {
                    all.push(changed(base, &slot.places, *other));
                }
            }
        }
        for slot in self.slots.iter().filter(|slot| !slot.is_batch && slot.places.len() > 1) {
            let (argument, axis) = slot.places[0];
            all.push(changed(base, &slot.places[..1], base.0[argument][axis] + 5));
        }
        let mut shapes = distinct(all.into_iter());
        shapes.truncate(most);
        shapes
    }

    fn sizes(&self, slot: &Slot, base: i64) -> Vec<i64> {
        let most = self.subject.max_batch_size;
        let sizes: &[i64] = if slot.is_batch { &[2, most.min(8), 3] } else { &[1, base + 5, 2 * base] };
        sizes.iter().copied().filter(|size| *size != base && (!slot.is_batch || *size <= most)).collect()
    }

    /// The variable dims of which the model takes one size only, of at least three that were tried: what
    /// tracing has made a constant.
    pub(super) fn baked(&self, base: &Shapes, accepted: &[&Shapes], rejected: &[&Shapes]) -> Vec<(String, usize, i64)> {
        let size = |shapes: &Shapes, slot: &Slot| shapes.0[slot.places[0].0][slot.places[0].1];
        let baked = self.slots.iter().filter(|slot| {
            let own = size(base, slot);
            // Only shapes that differ nowhere else tell something of this dimension.
            let is_about = |shapes: &&&Shapes| {
                let other = size(shapes, slot);
                other != own && **shapes == &changed(base, &slot.places, other)
            };
            accepted.iter().filter(is_about).count() == 0 && rejected.iter().filter(is_about).count() >= 2
        });
        baked
            .map(|slot| {
                let (argument, axis) = slot.places[0];
                (self.subject.arguments[argument].name.clone(), axis, size(base, slot))
            })
            .collect()
    }
}

fn changed(base: &Shapes, places: &[(usize, usize)], size: i64) -> Shapes {
    let mut shapes = base.clone();
    for (argument, axis) in places {
        shapes.0[*argument][*axis] = size;
    }
    shapes
}

fn distinct(shapes: impl Iterator<Item = Shapes>) -> Vec<Shapes> {
    let mut kept: Vec<Shapes> = Vec::new();
    for shapes in shapes.filter(Shapes::is_small) {
        if !kept.contains(&shapes) {
            kept.push(shapes);
        }
    }
    kept
}

/// The order of calls: shapes interleaved, `each` calls a shape at least, values changing from call to call.
/// Samples are numbered shape by shape.
pub(super) fn schedule(shapes: usize, each: usize) -> Vec<usize> {
    let values = usize::try_from(VALUES).unwrap_or(1);
    let mut order = Vec::new();
    for shape in 0..shapes {
        // A A A, then B B B A, C C C B, …: specialised on one, surprised by the next, and back.
        order.extend([shape; 3]);
        order.extend(shape.checked_sub(1));
    }
    while let Some(shape) = (0..shapes).find(|shape| order.iter().filter(|other| *other == shape).count() < each) {
        order.extend((0..shapes).cycle().skip(shape).take(shapes));
    }
    let mut uses = vec![0; shapes];
    order
        .into_iter()
        .map(|shape| {
            uses[shape] += 1;
            shape * values + (uses[shape] - 1) % values
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Shapes, Walk, schedule};
    use crate::probe::protocol::{Element, Switches};
    use crate::probe::subject::{Argument, Placement, Subject};

    fn subject(max_batch_size: i64, dims: &[&[i64]]) -> Subject {
        let argument = |(at, dims): (usize, &&[i64])| Argument {
            name: format!("X__{at}"),
            element: Element::Fp32,
            dims: dims.to_vec(),
        };
        Subject {
            name: "m".into(),
            file: "m.pt".into(),
            arguments: dims.iter().enumerate().map(argument).collect(),
            max_batch_size,
            switches: Switches::default(),
            placement: Placement::Cpu,
            warmup: Vec::new(),
            outputs: None,
        }
    }

    fn described(shapes: &[Shapes]) -> Vec<String> {
        shapes.iter().map(Shapes::described).collect()
    }

    #[test]
    fn a_walk_changes_one_dimension_at_a_time() {
        let subject = subject(4, &[&[-1, 80], &[-1]]);
        let walk = Walk::new(&subject);
        let bases = walk.bases();
        assert_eq!(described(&bases[..2]), ["[1, 8, 80] [1, 8]", "[1, 64, 80] [1, 64]"]);
        assert_eq!(
            described(&walk.around(&bases[0], 8)),
            [
                "[1, 8, 80] [1, 8]",
                "[1, 1, 80] [1, 1]",
                "[2, 8, 80] [2, 8]",
                "[1, 13, 80] [1, 13]",
                "[4, 8, 80] [4, 8]",
                "[1, 16, 80] [1, 16]",
                "[3, 8, 80] [3, 8]",
                "[1, 13, 80] [1, 8]",
            ]
        );
    }

    #[test]
    fn nothing_varies_without_variable_dims() {
        let subject = subject(0, &[&[3, 4]]);
        let walk = Walk::new(&subject);
        assert_eq!(described(&walk.bases()), ["[3, 4]"]);
        assert_eq!(described(&walk.around(&walk.bases()[0], 8)), ["[3, 4]"]);
    }

    #[test]
    fn a_size_that_is_the_only_one_is_baked() {
        let subject = subject(0, &[&[-1, -1]]);
        let walk = Walk::new(&subject);
        let all = walk.around(&walk.bases()[0], 8);
        let (accepted, rejected): (Vec<_>, Vec<_>) = all.iter().partition(|shapes| shapes.0[0][1] == 8);
        assert_eq!(walk.baked(&all[0], &accepted, &rejected), [("X__0".to_owned(), 1, 8)]);
    }

    #[test]
    fn shapes_are_interleaved_and_values_change() {
        // Two samples a shape: 0 and 1 have the first shape.
        assert_eq!(schedule(2, 4), [0, 1, 0, 2, 3, 2, 1, 3, 0]);
        assert!((0..4).all(|shape| schedule(4, 20).iter().filter(|sample| *sample / 2 == shape).count() >= 20));
    }
}
