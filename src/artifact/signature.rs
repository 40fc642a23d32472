//! What a file is by its first bytes, for messages about files that are not what their names say.

/// The kind of an XML document.
pub(super) const XML: &str = "an XML document";

/// What a file that begins with these bytes is, in words that go after "the file is"; none if that is unknown.
///
/// Only signatures that nothing else begins with.
#[must_use]
pub(super) fn kind(head: &[u8]) -> Option<&'static str> {
    const AT_START: [(&[u8], &str); 11] = [
        (b"PK\x03\x04", "a zip archive"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        (b"BZh", "compressed with bzip2"),
        (b"\xfd7zXZ\0", "compressed with xz"),
        (b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
        (b"\x89HDF\r\n\x1a\n", "in HDF5"),
        (b"GGUF", "a GGUF model"),
        (b"\x7fELF", "a program or shared library"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"ftrt", "a TensorRT engine"),
    ];
    let starts = |signature: &[u8]| head.starts_with(signature);
    if let Some((_, kind)) = AT_START.iter().find(|(signature, _)| starts(signature)) {
        return Some(kind);
    }
    // FlatBuffers have their identifier after the first offset.
    match head.get(4..8) {
        Some(b"ORTM") => return Some("a model in ONNX Runtime's own format"),
        Some(b"TFL3") => return Some("a TensorFlow Lite model"),
        _ => {}
    }
    let is_pickle = matches!(head, [0x80, 2..=5, ..]);
    let text = head.trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag));
    match () {
        () if is_pickle => Some("a pickle"),
        () if begins(b"<!doctype html") || begins(b"<html") => Some("a web page"),
        () if begins(b"<?xml") => Some(XML),
        () => None,
    }
}
