use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tritonlint::artifact::Unreadable;
use tritonlint::artifact::dali::{Pipeline, Tensor, read};

use super::{damaged, files, folder};

fn of(bytes: &[u8]) -> Result<Pipeline, Unreadable> {
    read(Cursor::new(bytes))
}

fn describe(tensor: &Tensor) -> Json {
    json!({ "data_type": tensor.data_type.map(|of| of.to_string()), "rank": tensor.rank })
}

#[test]
fn what_it_says_is_what_dali_says() {
    for path in files(&folder("dali"), ".expected.json") {
        let bytes = std::fs::read(path.to_string_lossy().replace(".expected.json", ".dali")).expect("it is there");
        let pipeline = of(&bytes).expect("it reads");
        let expected: Json = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
        let inputs: serde_json::Map<_, _> =
            pipeline.inputs.iter().map(|(name, tensor)| (name.clone(), describe(tensor))).collect();
        let outputs: Vec<_> = pipeline.outputs.iter().map(describe).collect();
        let said = json!({ "batch_size": pipeline.batch_size, "inputs": inputs, "outputs": outputs });
        assert_eq!(said, expected, "{}", path.display());
        assert!(pipeline.inputs.keys().all(|name| pipeline.operators.contains(name)), "{}", path.display());
    }
}

#[test]
fn what_is_no_pipeline_is_named() {
    let whole = std::fs::read(folder("dali").join("images.dali")).expect("it is there");
    let other = |kind: &str| Err(Unreadable::Other(kind.to_owned()));
    assert_eq!(of(b""), Err(Unreadable::Empty));
    assert_eq!(of(b"PK\x03\x04"), other("a zip archive"));
    assert_eq!(of(b"import nvidia.dali as dali"), other("no serialized DALI pipeline"));
    assert!(matches!(of(&whole[..whole.len() * 2 / 3]), Err(Unreadable::Truncated(_))));
    // Neither a batch size nor an operator.
    assert_eq!(of(&[8, 1]), other("no serialized DALI pipeline"));
}

#[test]
fn operators_without_end_are_too_many() {
    let operator = [0x2a, 3, 0x0a, 1, b'a'];
    let bytes = [&[0x10, 4][..], &operator.repeat(1_000_000)].concat();
    assert!(matches!(of(&bytes), Err(Unreadable::TooLarge(_))));
    let outputs = [&[0x10, 4][..], &operator, &[0x3a, 0].repeat(1_000_000)].concat();
    assert!(matches!(of(&outputs), Err(Unreadable::TooLarge(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever happens to a pipeline, reading it neither panics nor finds more than there is.
    #[test]
    fn any_bytes_are_read(bytes in damaged("dali", ".dali")) {
        let size = bytes.len();
        if let Ok(pipeline) = of(&bytes) {
            prop_assert!(pipeline.operators.len() + pipeline.outputs.len() <= size);
        }
    }
}
