//! The TorchScript reader: it says what torch says, names what is no TorchScript, and bears any file.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use serde_json::{Map, Value, json};
use tritonlint::artifact::Unreadable;
use tritonlint::artifact::torchscript::{
    Branch, Certainty, Depends, Origin, Pt2, PtFile, Saved, Sharing, Size, Sized, TorchScript, Type, WriteKind, read,
};
use tritonlint::engine::lint;
use tritonlint::model::Workspace;
use tritonlint::rule::Level;
use tritonlint::settings::Settings;

use support::zip;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/artifacts/torchscript")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).expect("the file is there")
}

fn read_bytes(bytes: &[u8]) -> Result<PtFile, Unreadable> {
    read(Cursor::new(bytes))
}

fn model(name: &str) -> TorchScript {
    match read_bytes(&bytes(name)) {
        Ok(PtFile::TorchScript(model)) => *model,
        other => panic!("{name}: {other:?}"),
    }
}

// ---- What torch says -----------------------------------------------------------------------------

fn expected() -> Map<String, Value> {
    serde_json::from_slice(&bytes("expected.json")).expect("it is an object")
}

/// A default value as JSON.
fn literal(text: &str) -> Value {
    match text {
        "None" => Value::Null,
        "True" => json!(true),
        "False" => json!(false),
        _ => serde_json::from_str(&text.replace('(', "[").replace(')', "]")).expect("it is a literal"),
    }
}

#[test]
fn the_reader_says_what_torch_says() {
    let expected = expected();
    assert!(expected.len() >= 20);
    for (name, torch) in expected {
        let model = model(&name);
        assert!(model.gaps.is_empty(), "{name}: {:?}", model.gaps);
        assert_eq!(json!(model.class), torch["class"], "{name}");
        if torch["has_forward"] == false {
            assert!(model.forward.is_none(), "{name}");
            continue;
        }
        assert_eq!(json!(model.training), torch["training"], "{name}");
        let forward = model.forward.as_ref().expect("it has a forward");
        assert_eq!(json!(forward.result.to_string()), torch["result"], "{name}");
        let arguments: Vec<Value> = (forward.arguments.iter())
            .map(|argument| {
                json!({
                    "name": argument.name,
                    "type": argument.ty.to_string(),
                    "has_default": argument.default.is_some(),
                    "default": argument.default.as_deref().map(literal),
                })
            })
            .collect();
        assert_eq!(json!(arguments), torch["arguments"], "{name}");

        let assigned: BTreeSet<&str> = (model.writes.iter())
            .filter(|write| write.kind == WriteKind::Assigned)
            .filter_map(|write| write.attribute.rsplit('.').next())
            .collect();
        assert_eq!(json!(assigned), torch["assigned"], "{name}");
        let custom: Vec<String> =
            model.custom.iter().map(|custom| format!("{}::{}", custom.namespace, custom.name)).collect();
        assert_eq!(json!(custom), torch["custom"], "{name}");
        // What is packed for quantised layers is no tensor to torch.
        if !model.is_quantised() {
            let tensors = json!({
                "count": model.tensors.count,
                "bytes": model.tensors.bytes,
                "element_types": model.tensors.element_types.iter().map(|(ty, count)| (ty.name(), *count)).collect::<std::collections::BTreeMap<_, _>>(),
            });
            assert_eq!(tensors, torch["tensors"], "{name}");
        }
        if let Some(call) = torch.get("call") {
            let changed: BTreeSet<&str> = model.writes.iter().map(|write| write.attribute.as_str()).collect();
            assert_eq!(json!(changed), call["changed"], "{name}: what a call changes");
            let kept: BTreeSet<(usize, &str)> =
                model.kept_inputs.iter().map(|kept| (kept.argument, kept.attribute.as_str())).collect();
            assert_eq!(json!(kept), call["kept"], "{name}: which inputs stay");
        }
    }
}

/// Runs where `TRITONLINT_TORCH_PYTHON` names a Python that has torch.
#[test]
#[ignore = "needs torch, which is several gigabytes"]
fn torch_still_says_what_is_written_down() {
    let Some(python) = std::env::var_os("TRITONLINT_TORCH_PYTHON") else {
        println!("passes by itself: TRITONLINT_TORCH_PYTHON is not set");
        return;
    };
    let output = Command::new(python).arg(folder().join("make.py")).arg("--check").output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What libtorch does not load has an error, and what it loads has none.
#[test]
fn what_libtorch_refuses_has_an_error() {
    let refused: Map<String, Value> = serde_json::from_slice(&bytes("refused.json")).expect("it is an object");
    assert!(refused.len() >= 7 && refused.values().all(Value::is_string), "{refused:?}");
    let loaded = expected().into_iter().filter(|(_, torch)| torch["has_forward"] != false).map(|(name, _)| name);
    for (name, is_refused) in refused.into_iter().map(|(name, _)| (name, true)).chain(loaded.map(|name| (name, false)))
    {
        let mut workspace = Workspace::default();
        let file = bytes(&name);
        let files = [("m/config.pbtxt", b"backend: 'pytorch'".as_slice()), ("m/1/model.pt", &file)];
        workspace.add_in_memory(Path::new("models"), files);
        let report = lint(&workspace, &Settings::default());
        let errors = report.diagnostics.iter().filter(|found| found.level == Level::Error);
        let rules: Vec<_> = errors.map(|found| found.rule.name).collect();
        let is_error = rules.contains(&"unloadable-pytorch-file") || rules.contains(&"unreadable-model-file");
        assert_eq!(is_error, is_refused, "{name}");
    }
}

// ---- Facts that torch has no word for ------------------------------------------------------------

#[test]
fn tracing_compiling_and_freezing_are_told_apart() {
    let Origin::Traced(inputs) = model("traced.pt").origin else { panic!("it was traced") };
    let shapes: Vec<&[i64]> = inputs.iter().flatten().map(|input| input.shape.as_slice()).collect();
    assert_eq!(shapes, [&[2, 4][..]]);
    assert!(matches!(model("quantised.pt").origin, Origin::Traced(_)));
    assert_eq!(model("steps.pt").origin, Origin::Scripted);
    assert_eq!(model("arguments.pt").origin, Origin::Scripted);
    assert_eq!(model("local.pt").origin, Origin::Unknown);
    let frozen: BTreeSet<String> = expected().keys().filter(|name| model(name).frozen).cloned().collect();
    assert_eq!(frozen, ["frozen.pt", "frozen_keeps.pt", "frozen_traced.pt"].map(str::to_owned).into());
}

#[test]
fn a_kept_input_is_the_input_or_a_view_of_it() {
    let kept = |name: &str| {
        let model = model(name);
        let kept = model.kept_inputs.iter();
        kept.map(|kept| (kept.argument, kept.sharing, kept.certainty, kept.place.to_string())).collect::<Vec<_>>()
    };
    let code = |text: &str| format!("code/__torch__/models.py:{text}");
    assert_eq!(kept("keeps.pt"), [(0, Sharing::Same, Certainty::Always, code("11: self.previous = x"))]);
    assert_eq!(
        kept("keeps_view.pt"),
        [(0, Sharing::View, Certainty::Always, code("16: self.previous = torch.detach(_1)"))]
    );
    assert_eq!(kept("keeps_clone.pt"), []);
    assert_eq!(kept("frozen_keeps.pt").len(), 1);
    let sharing: Vec<Sharing> = kept("keeps_converted.pt").into_iter().map(|(_, sharing, ..)| sharing).collect();
    assert_eq!(sharing, [Sharing::Maybe, Sharing::View]);
    assert_eq!(kept("local.pt"), []);
    assert!(model("keeps_in_list.pt").changed_inputs.is_empty());
}

#[test]
fn a_model_in_training_changes_its_statistics() {
    let changed = |name: &str| model(name).writes.into_iter().map(|write| write.attribute).collect::<Vec<_>>();
    assert_eq!(changed("training.pt"), ["norm.num_batches_tracked", "norm.running_mean", "norm.running_var"]);
    assert!(changed("scripted.pt").is_empty());
}

#[test]
fn sizes_that_tracing_baked_in_are_numbers_in_the_code() {
    let model = model("traced_shapes.pt");
    let sizes: Vec<(&str, &[Size], Sized)> =
        model.traced_sizes().map(|size| (size.operator.as_str(), size.sizes.as_slice(), size.of)).collect();
    assert_eq!(
        sizes,
        [
            ("arange", &[Size::Constant(4)][..], Sized::New),
            ("view", &[Size::Constant(6), Size::Constant(2)][..], Sized::Input),
        ]
    );
    assert!(model.sizes.iter().all(tritonlint::artifact::torchscript::BakedSize::is_fixed));
}

#[test]
fn devices_branches_and_element_types_are_read() {
    let baked = model("baked_device.pt");
    assert_eq!(
        baked.devices.iter().map(|device| (device.is_gpu(), device.gpu())).collect::<Vec<_>>(),
        [(true, Some(0))]
    );
    let depends = |branch: &Branch| (branch.is_loop, branch.depends);
    let branches: Vec<(bool, Depends)> = model("steps.pt").branches.iter().map(depends).collect();
    let values = Depends { values: true, ..Depends::default() };
    let sizes = Depends { sizes: true, ..Depends::default() };
    assert_eq!(branches, [(true, values), (false, sizes)]);
    assert!(model("bfloat16.pt").tensors.element_types.keys().any(|ty| ty.name() == "bfloat16"));
    assert!(model("quantised.pt").is_quantised());
    let Some(Type::NamedTuple { fields, .. }) = model("named.pt").forward.map(|forward| forward.result) else {
        panic!("the result is a named tuple")
    };
    assert_eq!(fields, [("score".to_owned(), Type::Tensor), ("box".to_owned(), Type::Tensor)]);
}

#[test]
fn what_trains_and_what_is_fused_is_counted() {
    let trains = model("training.pt").trains;
    assert!(trains.iter().all(|place| place.text.contains("torch.batch_norm(")) && trains.len() == 1, "{trains:?}");
    for name in ["scripted.pt", "traced.pt", "frozen.pt", "traced_shapes.pt"] {
        assert_eq!(model(name).trains, [], "{name}");
    }
    // A batch norm and a relu; a lookup in a table, whose code compares numbers.
    assert_eq!(model("traced.pt").fusible, 2);
    assert_eq!(model("lookup.pt").fusible, 0);
}

// ---- What is no TorchScript ----------------------------------------------------------------------

#[test]
fn what_torch_save_wrote_is_named() {
    let saved = |name: &str| match read_bytes(&bytes(name)) {
        Ok(PtFile::Saved(saved)) => saved,
        other => panic!("{name}: {other:?}"),
    };
    let module = Saved::Module { class: "models.Small".to_owned() };
    assert_eq!(saved("module.saved.pt"), module);
    assert_eq!(saved("module_legacy.saved.pt"), module);
    assert_eq!(saved("state_dict.saved.pt"), Saved::StateDict { tensors: 7 });
    assert_eq!(saved("state_dict_legacy.saved.pt"), Saved::StateDict { tensors: 7 });
    assert_eq!(
        saved("checkpoint.saved.pt"),
        Saved::Checkpoint { entries: vec!["epoch".to_owned(), "model".to_owned()] }
    );
    assert_eq!(saved("tensor.saved.pt"), Saved::Tensor);
    assert_eq!(read_bytes(&bytes("exported.pt2")), Ok(PtFile::Pt2(Pt2::Exported)));
    let inductor = zip(&[("m/archive_format", b"pt2"), ("m/data/aotinductor/model/a.so", b"")]);
    assert_eq!(read_bytes(&inductor), Ok(PtFile::Pt2(Pt2::AotInductor)));
    assert_eq!(read_bytes(&zip(&[("m/model.json", b"{}"), ("m/version", b"1")])), Ok(PtFile::LegacyTorchScript));
}

#[test]
fn what_pytorch_did_not_write_is_named() {
    let error = |bytes: &[u8]| match read_bytes(bytes) {
        Err(error) => error.to_string(),
        Ok(file) => panic!("{file:?}"),
    };
    assert_eq!(read_bytes(b""), Err(Unreadable::Empty));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    assert_eq!(read_bytes(pointer), Err(Unreadable::LfsPointer));
    assert_eq!(error(b"\x08\x08\x12\x07pytorch\x1a\x052.1.0"), "the file is an ONNX model");
    assert_eq!(error(b"\x89HDF\r\n\x1a\n123"), "the file is an HDF5 file, as Keras writes it");
    assert_eq!(error(b"ptrt\0\0\0\0"), "the file is a TensorRT engine");
    assert_eq!(error(b"<!DOCTYPE html><html>"), "the file is a web page; a download failed");
    assert_eq!(error(b"\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":1}"), "the file is a safetensors file");
    assert_eq!(error(b"weights will come here\n"), "the file is text");
    assert_eq!(error(&[0; 4096]), "the file is damaged: it begins with nothing but zeros");
    assert_eq!(error(&zip(&[("a/b.txt", b"hello")])), "the file is a zip archive that PyTorch did not write");
    assert_eq!(error(b"PK"), "the file is cut off: it has not even a header");
}

#[test]
fn every_beginning_of_a_model_is_cut_off() {
    let whole = bytes("traced.pt");
    for length in 1..whole.len() {
        let result = read_bytes(&whole[..length]);
        assert!(matches!(result, Err(Unreadable::Truncated(_))), "{length} bytes of {}: {result:?}", whole.len());
    }
}

// ---- Hostile files -------------------------------------------------------------------------------

/// `data.pkl` of a module without attributes, of the class `__torch__.M`.
const EMPTY_MODULE: &[u8] = b"\x80\x02c__torch__\nM\n)\x81}b.";

/// A model with this code, and with these pickled attributes.
fn with(code: &str, data: &[u8]) -> Vec<u8> {
    zip(&[
        ("m/data.pkl", data),
        ("m/code/__torch__.py", code.as_bytes()),
        ("m/constants.pkl", b"\x80\x02)."),
        ("m/version", b"3\n"),
    ])
}

fn of_code(code: &str) -> TorchScript {
    match read_bytes(&with(code, EMPTY_MODULE)) {
        Ok(PtFile::TorchScript(model)) => *model,
        other => panic!("{other:?}"),
    }
}

fn method(body: &str) -> String {
    format!("class M(Module):\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n{body}")
}

#[test]
fn a_small_model_of_our_own_is_read() {
    let model = of_code(&method("    self.last = x\n    return x\n"));
    assert_eq!(model.kept_inputs.len(), 1);
    assert!(model.is_complete());
}

#[test]
fn bombs_are_not_inflated() {
    for bomb in ["m/data.pkl", "m/code/__torch__.py"] {
        let mut bytes = Vec::new();
        let mut archive = ZipArchiveWriter::new(&mut bytes);
        for (name, size) in [("m/data.pkl", 0), ("m/code/__torch__.py", 0), ("m/constants.pkl", 0), ("m/version", 0)]
            .map(|(name, size)| (name, if name == bomb { 256 << 20 } else { size }))
        {
            let method = CompressionMethod::DEFLATE;
            let (mut entry, config) = archive.new_file(name).compression_method(method).start().expect("a valid name");
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            let content = match name {
                "m/data.pkl" => EMPTY_MODULE,
                "m/constants.pkl" => b"\x80\x02).",
                "m/version" => b"3",
                _ => b"",
            };
            writer.write_all(content).expect("memory takes it");
            for _ in 0..size >> 20 {
                writer.write_all(&vec![b' '; 1 << 20]).expect("memory takes it");
            }
            let (encoder, descriptor) = writer.finish().expect("memory takes it");
            encoder.finish().expect("memory takes it");
            entry.finish(descriptor).expect("memory takes it");
        }
        archive.finish().expect("memory takes it");
        match (bomb, read_bytes(&bytes)) {
            ("m/data.pkl", Err(Unreadable::TooLarge(why))) => assert!(why.contains("data.pkl"), "{why}"),
            // The rest of the model says something without its code.
            ("m/code/__torch__.py", Ok(PtFile::TorchScript(model))) => assert!(!model.is_complete()),
            (_, other) => panic!("{bomb}: {other:?}"),
        }
    }
}

/// An archive whose directory has a million members, and whose end says that it has `declared`.
fn million(declared: u16) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.resize(64, 0);
    let start = bytes.len();
    let mut entry = b"PK\x01\x02".to_vec();
    entry.resize(46, 0);
    entry[28] = 3;
    entry.extend(b"m/a");
    for _ in 0..1_000_000 {
        bytes.extend(&entry);
    }
    let size = u32::try_from(bytes.len() - start).expect("it is some megabytes");
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(declared.to_le_bytes());
    bytes.extend(declared.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(64_u32.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn a_million_members_are_not_listed() {
    for declared in [3, u16::MAX] {
        let result = read_bytes(&million(declared));
        assert!(matches!(result, Err(Unreadable::TooLarge(_) | Unreadable::Malformed(_))), "{result:?}");
    }
}

#[test]
fn sizes_that_are_not_there_are_not_believed() {
    let mut bytes = with(&method("    return x\n"), EMPTY_MODULE);
    // The sizes of each member, in the directory.
    let entries: Vec<usize> = (0..bytes.len() - 4).filter(|at| &bytes[*at..*at + 4] == b"PK\x01\x02").collect();
    assert_eq!(entries.len(), 4);
    for entry in entries {
        bytes[entry + 20..entry + 28].fill(0xfe);
    }
    assert!(read_bytes(&bytes).is_err());
}

#[test]
fn pickles_that_hold_themselves_or_nest_without_end_are_read() {
    let attributes =
        |value: &[u8]| [b"\x80\x02c__torch__\nM\n)\x81}X\x01\0\0\0aq\0".as_slice(), value, b"sb."].concat();
    let code = method("    return x\n");
    let itself = attributes(b"]q\x01h\x01a");
    assert!(read_bytes(&with(&code, &itself)).is_ok());
    let module_in_itself = b"\x80\x02c__torch__\nM\n)\x81q\0}X\x01\0\0\0ah\0sb.";
    assert!(
        matches!(read_bytes(&with(&code, module_in_itself)), Ok(PtFile::TorchScript(model)) if !model.is_complete())
    );
    let itself_often =
        [b"\x80\x02c__torch__\nM\n)\x81q\0}(".as_slice(), &b"X\0\0\0\0h\0".repeat(60_000), b"ub."].concat();
    assert!(matches!(read_bytes(&with(&code, &itself_often)), Ok(PtFile::TorchScript(model)) if !model.is_complete()));
    let deep = attributes(&[b"]".repeat(100_000), b"a".repeat(99_999)].concat());
    assert!(read_bytes(&with(&code, &deep)).is_ok());
    // Each list holds the one before twice.
    let doubled = attributes(&[b"]q\x01".as_slice(), &b"0](h\x01h\x01eq\x01".repeat(1000)].concat());
    assert!(read_bytes(&with(&code, &doubled)).is_ok());
    let long = attributes(&b"N0".repeat(1_000_000));
    assert!(matches!(read_bytes(&with(&code, &long)), Err(Unreadable::TooLarge(_))));
    let unfinished = b"\x80\x02c__torch__\nM\n)";
    assert!(matches!(read_bytes(&with(&code, unfinished)), Err(Unreadable::Malformed(_))));
}

#[test]
fn code_that_nests_or_multiplies_without_end_is_read_in_part() {
    let nests =
        |open: &str, close: &str| method(&format!("    return {}x{}\n", open.repeat(100_000), close.repeat(100_000)));
    for code in [nests("(", ")"), nests("torch.add(", ", 1)"), nests("[", "]"), nests("-", ""), nests("not ", "")] {
        assert!(!of_code(&code).is_complete());
    }
    // What only is long is not deep.
    for code in [nests("1 + ", ""), nests("", ".a")] {
        of_code(&code);
    }
    for suffix in ["()", "[0]", "[0].a"] {
        assert!(!of_code(&nests("", suffix)).is_complete());
    }
    let mut blocks = String::new();
    for depth in 0..1000 {
        writeln!(blocks, "{}if x:", " ".repeat(depth + 4)).expect("memory takes it");
    }
    assert!(!of_code(&method(&blocks)).is_complete());

    // Each method calls the next one twice.
    let mut doubling = method("    _0 = (self).f0(x, )\n    return _0\n");
    for index in 0..60 {
        let next = index + 1;
        write!(
            doubling,
            "  def f{index}(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    _0 = (self).f{next}(x, )\n    return (self).f{next}(_0, )\n"
        )
        .expect("memory takes it");
    }
    assert!(!of_code(&doubling).is_complete());
    let recursive = method("    return (self).forward(x, )\n");
    assert!(!of_code(&recursive).is_complete());

    let tuple = "class T(NamedTuple):\n  a : __torch__.T\n  b : __torch__.T\nclass M(Module):\n  def forward(self: __torch__.M,\n    x: __torch__.T) -> __torch__.T:\n    return x\n";
    assert!(of_code(tuple).forward.is_some());
}

#[test]
fn more_code_than_is_looked_at_is_a_gap() {
    let line = "    _0 = torch.add(x, 1)\n";
    assert!(!of_code(&method(&line.repeat(200_000))).is_complete());
}

// ---- Anything ------------------------------------------------------------------------------------

fn fixtures() -> Vec<Vec<u8>> {
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder()).expect("it is there").map(|entry| entry.expect("it is there").path()).collect();
    names.sort();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "pt" || extension == "pt2"));
    names.iter().map(|path| fs::read(path).expect("it is a file")).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(4), cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_change_to_a_file_is_borne(index in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let fixtures = fixtures();
        let mut bytes = index.get(&fixtures).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn any_change_to_code_and_pickle_is_borne(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(b'('), Just(b'\n'), Just(b'.'), Just(b' '), Just(b'"')]), 1..12),
        in_code in any::<bool>(),
    ) {
        const CODE: &str = "class M(Module):\n  __parameters__ = [\"w\", ]\n  w : Tensor\n  n : Final[int] = 3\n  def forward(self: __torch__.M,\n    x: Tensor,\n    y: Optional[Tensor]=None) -> Dict[str, Tensor]:\n    w = self.w\n    if torch.__isnot__(y, None):\n      a = torch.add_(w, unchecked_cast(Tensor, y))\n    else:\n      a = x\n    for i in range(torch.len([1, 2])):\n      self.w = torch.view(a, [-1, 4])\n    b, c, = (a, x)\n    return {\"x\": (self).f(b, device=torch.device(\"cuda:0\")), \"y\": ops.a.b(c[1:2])}\n  def f(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    return x\n";
        const DATA: &[u8] = b"\x80\x02c__torch__\nM\nq\0)\x81}(X\x08\0\0\0trainingq\x01\x89X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQK\0K\x04\x85K\x01\x85\x88ccollections\nOrderedDict\n)RtRub.";
        let mut code = CODE.as_bytes().to_vec();
        let mut data = DATA.to_vec();
        prop_assert!(matches!(read_bytes(&with(CODE, DATA)), Ok(PtFile::TorchScript(model)) if model.is_complete()));
        let target = if in_code { &mut code } else { &mut data };
        for (at, value) in changes {
            let at = at.index(target.len());
            target[at] = value;
        }
        let _ = read_bytes(&with(&String::from_utf8_lossy(&code), &data));
    }
}
