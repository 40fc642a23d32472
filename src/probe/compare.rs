//! Whether two runs of a model give the same.

use super::protocol::Output;

/// Differences up to these are rounding, relative to the largest magnitude: operators that are fused round
/// less often.
fn tolerance(element: &str) -> f64 {
    match element {
        "FP64" => 1e-6,
        "FP32" => 1e-3,
        "FP16" => 1e-2,
        "BF16" => 2e-2,
        _ => 0.0,
    }
}

/// Magnitudes below this are compared as if they were this large.
const SMALLEST: f64 = 1e-4;

/// In what outputs are not as expected; none if they are. In words, for people.
pub(super) fn deviation(expected: &[Output], found: &[Output]) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!("{} outputs instead of {}", found.len(), expected.len()));
    }
    let pairs = expected.iter().zip(found).enumerate();
    pairs.map(|(at, (expected, found))| (at, of_output(expected, found))).find_map(|(at, deviation)| {
        deviation.map(|deviation| if found.len() > 1 { format!("output {at}: {deviation}") } else { deviation })
    })
}

fn of_output(expected: &Output, found: &Output) -> Option<String> {
    if expected.element != found.element {
        return Some(format!("type {} instead of {}", found.element, expected.element));
    }
    if expected.shape != found.shape {
        return Some(format!("shape {:?} instead of {:?}", found.shape, expected.shape));
    }
    if expected.digest != found.digest {
        return Some("other strings".into());
    }
    let largest = expected.values.iter().flatten().fold(SMALLEST, |largest, value| largest.max(value.abs()));
    let sampled = expected.values.iter().zip(&found.values).map(|(expected, found)| difference(*expected, *found));
    // The mean notices what lies between the values that travel.
    let mean = difference(expected.magnitude, found.magnitude);
    let worst = sampled.chain([mean]).fold(0.0, f64::max) / largest;
    if worst.is_infinite() {
        return Some("values that are not finite, or no longer".into());
    }
    (worst > tolerance(&found.element)).then(|| format!("values that differ by {}", percentage(worst)))
}

fn difference(expected: Option<f64>, found: Option<f64>) -> f64 {
    match (expected, found) {
        (Some(expected), Some(found)) => (expected - found).abs(),
        (None, None) => 0.0,
        _ => f64::INFINITY,
    }
}

fn percentage(relative: f64) -> String {
    if relative < 0.1 { format!("{:.2} %", relative * 100.0) } else { format!("{:.0} %", relative * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::deviation;
    use crate::probe::protocol::Output;

    fn output(element: &str, values: &[Option<f64>]) -> Output {
        Output { element: element.into(), shape: vec![1], values: values.to_vec(), magnitude: Some(1.0), digest: None }
    }

    #[test]
    fn rounding_depends_on_the_type() {
        let differ = |element: &str, by: f64| {
            deviation(&[output(element, &[Some(2.0), Some(1.0)])], &[output(element, &[Some(2.0), Some(1.0 + by)])])
        };
        assert_eq!(differ("BF16", 0.03), None);
        assert_eq!(differ("FP32", 0.001), None);
        assert_eq!(differ("FP32", 0.03).as_deref(), Some("values that differ by 1.50 %"));
        assert!(differ("INT64", 1.0).is_some());
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert_eq!(deviation(&[output("FP32", &[None])], &[output("FP32", &[None])]), None);
        assert!(deviation(&[output("FP32", &[None])], &[output("FP32", &[Some(0.0)])]).is_some());
    }

    #[test]
    fn what_lies_between_is_in_the_mean() {
        let other = Output { magnitude: Some(1.5), ..output("FP32", &[Some(1.0)]) };
        assert!(deviation(&[output("FP32", &[Some(1.0)])], &[other]).is_some());
        let shape = Output { shape: vec![2], ..output("FP32", &[Some(1.0)]) };
        assert_eq!(deviation(&[output("FP32", &[])], &[shape]).as_deref(), Some("shape [2] instead of [1]"));
    }
}
