use std::collections::BTreeMap;
use std::io::Cursor;

use proptest::prelude::*;
use serde_json::Value as Json;
use tritonlint::artifact::Unreadable;
use tritonlint::artifact::python::{Call, ModelClass, Names, Parameter, Python, Undecodable, read};

use super::{damaged, files, folder};

fn module(name: &str) -> Python {
    let bytes = std::fs::read(folder("python").join(name)).expect("it is there");
    read(Cursor::new(bytes)).expect("it reads")
}

fn of(source: &str) -> Python {
    read(Cursor::new(source.as_bytes())).expect("it reads")
}

/// Python says no for sure, and we must not say yes, and the other way round.
#[test]
fn what_it_says_of_the_model_is_true() {
    for path in files(&folder("python"), ".expected.json") {
        let name = path.to_string_lossy().replace(".expected.json", ".py");
        let expected: Json = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
        let python = module(&name);
        if expected["is_importable"] == false {
            let is_suspect = python.suspect_syntax.is_some() || python.undecodable.is_some();
            assert!(is_suspect, "{name} cannot be imported");
            continue;
        }
        assert_eq!((python.suspect_syntax, python.undecodable), (None, None), "{name}");
        match &python.model {
            ModelClass::Missing => assert_eq!(expected["has_model"], false, "{name}"),
            ModelClass::Defined(_) => assert_eq!(expected["has_model"], true, "{name}"),
            ModelClass::Unknown => {}
        }
        for (method, has) in expected["has_method"].as_object().expect("methods") {
            let said = python.has_method(method);
            assert!(said.is_none_or(|said| said == *has), "{name} {method}: {said:?}");
        }
    }
}

#[test]
fn the_names_are_those_that_python_sees() {
    let names = |names: &Names| names.constant.keys().cloned().collect::<Vec<_>>();
    for path in files(&folder("python"), ".expected.json") {
        let name = path.to_string_lossy().replace(".expected.json", ".py");
        let expected: Json = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
        // What it has in constants and strings is tested below.
        if expected["is_importable"] == false || name.ends_with("/names.py") {
            continue;
        }
        let python = module(&name);
        assert_eq!(Json::from(names(&python.inputs)), expected["inputs"], "{name}");
        assert_eq!(Json::from(names(&python.tensors)), expected["tensors"], "{name}");
        assert_eq!(Json::from(names(&python.input_configs)), expected["input_configs"], "{name}");
        assert_eq!(Json::from(names(&python.output_configs)), expected["output_configs"], "{name}");
        let imports: Vec<_> = python.imports.keys().cloned().collect();
        assert_eq!(Json::from(imports), expected["imports"], "{name}");
    }
}

#[test]
#[ignore = "needs the Python environment that scripts/test makes"]
fn python_says_what_is_expected() {
    super::check_made(&folder("python").join("make.py"));
}

#[test]
fn where_it_can_be_certain_it_is() {
    assert_eq!(module("misnamed.py").model, ModelClass::Missing);
    assert_eq!(module("misnamed.py").classes_with_execute, BTreeMap::from([("TritonModel".to_owned(), 2)]));
    assert_eq!(module("without_execute.py").has_method("execute"), Some(false));
    for name in ["complete.py", "names.py", "decoupled.py", "calls.py", "methods.py", "new_syntax.py", "latin_1.py"] {
        assert_eq!(module(name).has_method("execute"), Some(true), "{name}");
    }
    assert_eq!(module("complete.py").completes_config(), Some(true));
    assert_eq!(module("decoupled.py").completes_config(), Some(false));
    assert_eq!(module("byte_order_mark.py").completes_config(), Some(false));
}

fn line_of(names: &Names, name: &str) -> Option<usize> {
    names.constant.get(name).copied()
}

#[test]
fn the_uses_of_names_are_found() {
    let python = module("complete.py");
    assert_eq!((line_of(&python.inputs, "A"), line_of(&python.inputs, "B")), (Some(34), Some(35)));
    assert_eq!((line_of(&python.tensors, "SUM"), line_of(&python.tensors, "SHIFTED")), (Some(36), Some(37)));
    assert_eq!((line_of(&python.input_configs, "A"), line_of(&python.output_configs, "SUM")), (Some(24), Some(22)));
    assert!(python.inputs.are_all_known() && python.tensors.are_all_known());
    let parameter = |line, is_indexed| Parameter { line, is_indexed };
    let expected =
        [("both", parameter(28, false)), ("needed", parameter(26, true)), ("optional", parameter(27, false))];
    assert_eq!(python.parameters, expected.map(|(name, of)| (name.to_owned(), of)).into());
    let arguments: Vec<_> = python.arguments.iter().collect();
    assert_eq!(arguments, ["model_config", "model_instance_device_id", "model_repository"]);
    assert_eq!(python.decoupled_policy, Some(16));
    assert_eq!(python.response_sender, None);
}

#[test]
fn names_need_not_be_constants() {
    let python = module("names.py");
    assert_eq!(python.inputs.constant.keys().collect::<Vec<_>>(), ["FIRST", "SECOND"]);
    assert_eq!(python.inputs.computed, Some(17));
    assert_eq!(python.tensors.constant.keys().collect::<Vec<_>>(), ["RAW"]);
    assert_eq!(python.tensors.computed, Some(18));
    assert_eq!(python.output_configs.computed, Some(19));
    assert!(python.output_configs.constant.is_empty());
}

#[test]
fn calls_of_other_models_are_found() {
    let python = module("calls.py");
    let owned = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    let known =
        Call { line: 9, model: Some("other".to_owned()), outputs: owned(&["Y", "Z"]), inputs: owned(&["X", "W"]) };
    let unknown = Call { line: 14, model: None, outputs: None, inputs: None };
    assert_eq!(python.calls, [known, unknown]);
    assert_eq!(python.decoupled_call, Some(17));
    assert_eq!(python.inputs.computed, Some(16), "all inputs are asked for");
    assert_eq!(python.devices, BTreeMap::from([("cuda".to_owned(), 8), ("cuda:1".to_owned(), 7)]));
    assert_eq!(python.response_sender, None);
    assert_eq!(module("decoupled.py").response_sender, Some(10));
}

#[test]
fn the_shapes_of_methods_are_known() {
    let python = module("methods.py");
    let class = python.class().expect("there is one");
    let method = |name: &str| &class.methods[name];
    let arguments = |name: &str| (method(name).fewest_arguments, method(name).most_arguments);
    assert_eq!(arguments("auto_complete_config"), (2, Some(2)));
    assert_eq!(arguments("of_class"), (2, Some(3)));
    assert_eq!(arguments("initialize"), (2, None));
    assert_eq!(arguments("execute"), (2, Some(3)));
    // It is called on the class, which `self` would need an argument for.
    assert_eq!(method("auto_complete_config").accepts_on_class(1), Some(false));
    assert_eq!(method("of_class").accepts_on_class(1), Some(true));
    assert_eq!(method("execute").accepts_on_instance(1), Some(true));
    assert_eq!(method("execute").accepts_on_instance(3), Some(false));
    assert_eq!(method("cached").accepts_on_instance(0), None);
    assert!(method("execute").is_async && method("execute").returns_value);
    assert!(!method("initialize").returns_value && !method("initialize").is_async);
    let complete = module("complete.py");
    let complete = complete.class().expect("there is one");
    assert_eq!(complete.methods["auto_complete_config"].accepts_on_class(1), Some(true));
    assert!(!module("names.py").class().expect("there is one").methods["execute"].returns_value);
}

/// What is called, or chosen, may be `None`.
#[test]
fn what_is_returned_may_be_none() {
    let returns_value = |body: &str| {
        let python = of(&format!("class TritonPythonModel:\n  async def execute(self, requests):\n    {body}\n"));
        python.class().expect("there is one").methods["execute"].returns_value
    };
    for body in ["return", "return None", "return (None)", "return f()", "return await f()", "return x or None", "pass"]
    {
        assert!(!returns_value(body), "{body}");
    }
    for body in
        ["return x", "return []", "return [r for r in x]", "return a, b", "yield", "if a: return None\n    return [x]"]
    {
        assert!(returns_value(body), "{body}");
    }
}

#[test]
fn it_is_known_how_tensors_are_taken() {
    let python = of("a = x.as_numpy()\nb = torch.from_dlpack(x)\nif x.is_cpu(): pass\n");
    assert_eq!((python.as_numpy, python.as_dlpack, python.asks_for_device), (Some(1), Some(2), Some(3)));
    assert_eq!(of("x.to_dlpack()\n").as_dlpack, Some(1));
    // This makes one of the server's tensors, and takes none.
    let python = of("import triton_python_backend_utils as pb_utils\npb_utils.Tensor.from_dlpack('y', y)\n");
    assert_eq!(python.as_dlpack, None);
}

#[test]
fn what_python_cannot_decode_is_known() {
    assert_eq!(module("nul.py").undecodable, Some(Undecodable::Nul(3)));
    assert_eq!(module("latin_1_undeclared.py").undecodable, Some(Undecodable::NoUtf8(2)));
    assert_eq!(module("latin_1.py").undecodable, None);
    assert_eq!(module("syntax_error.py").suspect_syntax, Some(1));
}

fn error(bytes: &[u8]) -> Unreadable {
    read(Cursor::new(bytes)).map(|_| ()).expect_err("it is refused")
}

#[test]
fn what_is_no_module_is_named() {
    assert_eq!(error(b""), Unreadable::Empty);
    assert_eq!(error(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"), Unreadable::LfsPointer);
    assert_eq!(error(b"PK\x03\x04rest"), Unreadable::Other("a zip archive".to_owned()));
    assert!(matches!(error(&b"#".repeat(1 << 20)), Unreadable::TooLarge(_)));
    assert_eq!(of("\n").model, ModelClass::Missing);
}

#[test]
fn nesting_costs_no_stack() {
    let length = 48 * 1024;
    let bombs = [
        "(",
        "[",
        "a.",
        "1+",
        "not ",
        "-",
        "a[",
        "f(",
        "lambda: ",
        "{1:",
        "f'{",
        "if a:\n ",
        "x=",
        "class A:\n def f():\n  ",
    ];
    for bomb in bombs {
        let source = bomb.repeat(length / bomb.len());
        let read =
            std::thread::Builder::new().stack_size(256 * 1024).spawn(move || of(&source).suspect_syntax.is_some());
        read.expect("a thread starts").join().expect("it does not end early");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever happens to a module, reading it does not panic, and its lines are lines of it.
    #[test]
    fn any_bytes_are_read(bytes in damaged("python", ".py")) {
        let lines = bytes.split(|&byte| byte == b'\n').count();
        if let Ok(python) = read(Cursor::new(bytes)) {
            prop_assert!(python.suspect_syntax.is_none_or(|line| line <= lines));
            prop_assert!(python.imports.values().all(|&line| line <= lines));
        }
    }
}
