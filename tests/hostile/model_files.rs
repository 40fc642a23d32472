//! Model files of every format that is read, to be changed at random.

use std::fs;
use std::io::{Cursor, Read as _};

use fastrand::Rng;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};
use tritonlint::artifact::{Format, read};

use crate::mutation::{Samples, any_of};
use crate::support::{self, zip};

/// Model files of one format.
pub(crate) struct Kind {
    pub(crate) format: Format,
    pub(crate) backend: &'static str,
    /// What the back-end calls them.
    pub(crate) name: &'static str,
    pub(crate) files: Samples,
    /// Those that are archives, with the contents of all as samples.
    archives: Vec<Archive>,
    members: Samples,
}

/// The members of a zip with their paths, without those of which only the size is asked.
type Archive = Vec<(String, Vec<u8>)>;

impl Kind {
    fn new(
        format: Format,
        backend: &'static str,
        name: &'static str,
        samples: Vec<Vec<u8>>,
        words: &[&'static [u8]],
    ) -> Self {
        let archives: Vec<_> = samples.iter().filter_map(|file| unpacked(file)).collect();
        let contents = archives.iter().flatten().map(|(_, content)| content.clone()).collect();
        let members = Samples { samples: contents, words: words.to_vec() };
        Self { format, backend, name, files: Samples { samples, words: words.to_vec() }, archives, members }
    }

    /// A file of this kind that is changed somewhere.
    pub(crate) fn changed(&self, rng: &mut Rng) -> Vec<u8> {
        // Few changes to a zip reach its members: some are compressed, and the directory says where they begin.
        if self.archives.is_empty() || rng.u8(0..4) == 0 {
            return self.files.changed(rng);
        }
        let mut archive = any_of(&self.archives, rng).clone();
        for _ in 0..rng.usize(1..3) {
            let at = rng.usize(0..archive.len());
            self.members.change(&mut archive[at].1, rng);
        }
        packed(&archive)
    }
}

/// All kinds.
pub(crate) fn kinds() -> Vec<Kind> {
    let vllm = br#"{"model": "facebook/opt-125m", "gpu_memory_utilization": 0.5, "enable_lora": "true",
        "tensor_parallel_size": 2, "pipeline_parallel_size": 1, "dtype": null}"#;
    let engine = br#"{"version": "0.17.0", "pretrained_config": {"architecture": "LlamaForCausalLM",
        "mapping": {"world_size": 2, "tp_size": 2, "pp_size": 1}},
        "build_config": {"max_batch_size": 8, "max_beam_width": 1, "max_input_len": 1024, "max_seq_len": 2048,
        "max_num_tokens": 8192, "plugin_config": {"paged_kv_cache": true}, "gather_context_logits": false}}"#;
    let old_engine = br#"{"builder_config": {"max_batch_size": 8, "tensor_parallel": 2, "name": "llama"},
        "plugin_config": {"tokens_per_block": 64}}"#;
    let (onnx, torchscript) = (models("onnx", &["onnx"]), models("torchscript", &["pt", "pt2"]));
    let trees = models("others", &["json", "ubj", "tl", "txt"]);
    let kinds = vec![
        Kind::new(Format::Onnx, "onnxruntime", "model.onnx", onnx, PROTOBUF),
        Kind::new(Format::TorchScript, "pytorch", "model.pt", torchscript, TORCHSCRIPT),
        Kind::new(Format::Python, "python", "model.py", models("python", &["py"]), PYTHON),
        Kind::new(Format::OpenVino, "openvino", "model.xml", models("others", &["xml"]), XML),
        Kind::new(Format::TreeModel, "fil", "xgboost.json", trees, JSON),
        Kind::new(Format::Vllm, "vllm", "model.json", vec![vllm.to_vec()], JSON),
        Kind::new(Format::Dali, "dali", "model.dali", models("dali", &["dali"]), PROTOBUF),
        Kind::new(Format::TensorRt, "tensorrt", "model.plan", models("others", &["plan"]), NUMBERS),
        Kind::new(Format::TensorRtLlm, "tensorrtllm", "config.json", vec![engine.to_vec(), old_engine.to_vec()], JSON),
        Kind::new(Format::Strings, "python", "names.strings", models("others", &["strings"]), NUMBERS),
    ];
    for kind in &kinds {
        let is_good = |bytes: &Vec<u8>| read(kind.format, Cursor::new(bytes)).is_ok();
        assert!(kind.files.samples.iter().any(is_good), "no sample of {:?} can be read", kind.format);
        for file in kind.files.samples.iter().filter(|file| is_good(file)) {
            assert!(unpacked(file).is_none_or(|archive| is_good(&packed(&archive))), "packed anew it cannot be read");
        }
    }
    kinds
}

/// The test models with one of these endings.
fn models(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = support::project().join("testdata/artifacts").join(folder);
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is there").path());
    let mut paths: Vec<_> = entries
        .filter(|path| endings.iter().any(|ending| path.extension().is_some_and(|other| other == *ending)))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

fn unpacked(file: &[u8]) -> Option<Archive> {
    let archive = ZipArchive::from_slice(file).ok()?;
    let mut members = Vec::new();
    for entry in archive.entries() {
        let entry = entry.ok()?;
        let path = std::str::from_utf8(entry.file_path().as_ref()).ok()?.to_owned();
        let stored = archive.get_entry(entry.wayfinder()).ok()?.data();
        let mut content = Vec::new();
        match entry.compression_method() {
            CompressionMethod::STORE => content.extend(stored),
            _ => drop(DeflateDecoder::new(stored).read_to_end(&mut content).ok()?),
        }
        if !path.contains("/data/") {
            members.push((path, content));
        }
    }
    Some(members).filter(|members| !members.is_empty())
}

fn packed(archive: &Archive) -> Vec<u8> {
    let members: Vec<_> = archive.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
    zip(&members)
}

/// Keys with the length of what follows, also a false one, and groups, which open and close.
const PROTOBUF: &[&[u8]] = &[
    b"\x0a\x00",
    b"\x0a\x02\x0a\x00",
    b"\x12\xFF\xFF\xFF\xFF\x0F",
    b"\x3a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
    b"\x0b",
    b"\x0c",
    b"\x0d\0\0\x80\x7F",
    b"\xF8\xFF\xFF\xFF\x0F\x01",
    b"\xFF\xFF\xFF\x7F",
    b"\x00\x00\x00\x00",
];

/// The lengths of strings, and of engines the mark.
const NUMBERS: &[&[u8]] = &[
    b"\x00\x00\x00\x00",
    b"\x01\x00\x00\x00a",
    b"\xFF\xFF\xFF\x7F",
    b"\xFF\xFF\xFF\xFF",
    b"\x00\x00\x00\x00\x01\x00\x00\x00",
    b"ftrt",
];

/// Of the code first, then of pickles.
const TORCHSCRIPT: &[&[u8]] = &[
    b"class M(Module):\n  __parameters__ = []\n",
    b"  def forward(self: __torch__.models.Scripted,\n    x: Tensor) -> Tensor:\n",
    b"    if torch.gt(torch.size(x, 0), 1):\n",
    b"    else:\n",
    b"    for i in range(9223372036854775807):\n",
    b"    while True:\n",
    b"    return ",
    b"    _0 = ",
    b"self.",
    b"torch.",
    b"ops.prim.",
    b"__torch__.",
    b"annotate(List[Tuple[Optional[Tensor], Dict[str, int]]], ",
    b"uninitialized(",
    b"CONSTANTS.c0",
    b"torch.to(x, dtype=5, device=torch.device(\"cuda:1\"))",
    b"torch.append(self.kept, x)",
    b"(",
    b")",
    b"[",
    b"]",
    b", ",
    b" = ",
    b": ",
    b" -> ",
    b"\"\\x",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"\n",
    b"\n      ",
    b"\x80\x02",
    b"c__torch__.models\nScripted\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ccollections\nOrderedDict\n",
    b"X\xFF\xFF\xFF\xFF",
    b"\x8d\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\x8a\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
    b"q\x00",
    b"h\x00",
    b"r\xFF\xFF\xFF\xFF",
    b"(((((((((((((((((",
    b"]]]]]]]]",
    b"}(",
    b"Q",
    b"\x81",
    b"R",
    b"b",
    b"t",
    b"u",
    b"e",
    b"0",
    b"2",
    b".",
];

const PYTHON: &[&[u8]] = &[
    b"class TritonPythonModel:\n",
    b"    def execute(self, requests):\n",
    b"    @staticmethod\n    def auto_complete_config(auto_complete_model_config):\n",
    b"        ",
    b"import triton_python_backend_utils as pb_utils\n",
    b"from x import *\n",
    b"TritonPythonModel = ",
    b"# -*- coding: latin-1 -*-\n",
    b"async ",
    b"lambda *a, **k: ",
    b"match x:\n    case _:\n",
    b"if True:\n",
    b"'''",
    b"\"\"\"",
    b"f\"{",
    b"\\\n",
    b"\t",
    b"\x0c",
    b"(",
    b")",
    b"[[[[[[[[",
    b"{",
    b"}",
    b"\0",
    b"\xFF",
    b"\r",
];

const XML: &[&[u8]] = &[
    b"<net name=\"m\" version=\"11\">",
    b"<layers>",
    b"<layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\">",
    b"<data shape=\"-1,?,1..99999999999999999999\" element_type=\"f32\"/>",
    b"<port id=\"0\" precision=\"FP32\" names=\"a,b\">",
    b"<dim>-1</dim>",
    b"<edge from-layer=\"0\" from-port=\"0\" to-layer=\"0\" to-port=\"0\"/>",
    b"</",
    b"/>",
    b"<",
    b">",
    b"=\"",
    b"<!-- ",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    b"<!DOCTYPE x [<!ENTITY a \"&a;&a;\">]>",
    b"&a;",
    b"&#x1b;",
    b"&#99999999999;",
    b"\xFF\xFE",
    b"\0",
];

const JSON: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":",
    b":",
    b",",
    b"\"",
    b"\\u0000",
    b"\\uD800",
    b"\\",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"1e-999",
    b"18446744073709551616",
    b"0.1e",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\0",
    b"\n",
];
