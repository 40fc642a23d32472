//! What a file is that PyTorch did not write, by its first bytes.

use crate::artifact::Unreadable;

/// First bytes and what begins with them.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a shared library or a program"),
    (b"ptrt", "a TensorRT engine"),
    (b"ftrt", "a TensorRT engine"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it"),
    (b"GGUF", "a GGUF file"),
    (b"<!DOCTYPE", "a web page; a download failed"),
    (b"<!doctype", "a web page; a download failed"),
    (b"<html", "a web page; a download failed"),
    (b"<?xml", "XML, as OpenVINO writes it"),
    (b"{", "JSON"),
    (b"\x80\x03", "a pickle that `torch.save` did not write"),
    (b"\x80\x04", "a pickle that `torch.save` did not write"),
    (b"\x80\x05", "a pickle that `torch.save` did not write"),
];

/// The error that says what a file with this beginning is.
pub(super) fn kind(head: &[u8]) -> Unreadable {
    let other = |kind: &str| Unreadable::Other(kind.to_owned());
    if let Some((_, kind)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return other(kind);
    }
    if head.get(257..262) == Some(b"ustar") {
        return other("a tar archive");
    }
    if head.get(4..8) == Some(b"TFL3") {
        return other("a TensorFlow Lite model");
    }
    // A header of JSON, whose length comes first.
    if head.get(8) == Some(&b'{') && head.get(5..8) == Some(&[0, 0, 0]) {
        return other("a safetensors file");
    }
    // ModelProto begins with `ir_version`, which is a small number, and then names who wrote it.
    if let [0x08, 1..=20, 0x12, length, name @ ..] = head
        && name.get(..usize::from(*length)).is_some_and(|name| name.iter().all(u8::is_ascii_graphic))
    {
        return other("an ONNX model");
    }
    if head.iter().all(|byte| *byte == 0) {
        return Unreadable::Malformed("it begins with nothing but zeros".to_owned());
    }
    if b"PK\x03\x04".starts_with(head) {
        return Unreadable::Truncated("it has not even a header".to_owned());
    }
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~') || !byte.is_ascii();
    if std::str::from_utf8(&head[..head.len().min(256)]).is_ok() && head.iter().all(is_text) {
        return other("text");
    }
    other("no file that PyTorch writes")
}
