//! Edits on bytes.

use crate::diagnostic::Edit;

/// The bytes with edits applied. Of two that overlap the first one stands.
pub(super) fn edited<'d>(bytes: &[u8], edits: impl Iterator<Item = &'d Edit>) -> Vec<u8> {
    let mut edits: Vec<&Edit> = edits.collect();
    edits.sort();
    let mut result = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.span.range();
        if range.start < done {
            continue;
        }
        result.extend_from_slice(&bytes[done..range.start]);
        result.extend_from_slice(edit.text.as_bytes());
        done = range.end;
    }
    result.extend_from_slice(&bytes[done..]);
    result
}
