use crate::artifact::Artifact;
use crate::artifact::torchscript::{Pt2, PtFile, Saved};
use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "unloadable-pytorch-file",
    category: Category::Pytorch,
    backends: &["pytorch"],
    level: Level::Error,
    fix: None,
    page: include_str!("unloadable_pytorch_file.md"),
    check,
};

/// `torch::jit::load` asks for `constants.pkl` (`torch/csrc/jit/serialization/import.cpp`), `AOTIModelPackageLoader` for
/// compiled code (`torch/csrc/inductor/aoti_package/model_package_loader.cpp`).
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(Backend::PyTorch(runtime)) = model.resolution().backend() else { return };
    if !model.config().cc_model_filenames.entries().is_empty() {
        return;
    }
    for file in model.model_files() {
        let Some(Artifact::TorchScript(found)) = file.artifact() else { continue };
        match runtime {
            PyTorchRuntime::TorchScript => check_torchscript(&file.path, found, findings),
            PyTorchRuntime::Aoti => check_aoti(&file.path, found, findings),
            // It loads weights with Python.
            PyTorchRuntime::Python => {}
        }
    }
}

fn check_torchscript(path: &str, found: &PtFile, findings: &mut Findings<'_>) {
    let (what, help) = match found {
        PtFile::TorchScript(_) | PtFile::LegacyTorchScript => return,
        PtFile::Saved(saved) => (saved.to_string(), export(saved)),
        PtFile::Pt2(Pt2::AotInductor) => (
            Pt2::AotInductor.to_string(),
            "with release 26.03 or later, name it `model.pt2` and write `platform: \"torch_aoti\"`; else save the module as \
             TorchScript"
                .to_owned(),
        ),
        PtFile::Pt2(Pt2::Exported) => (
            Pt2::Exported.to_string(),
            "save the module as TorchScript with `torch.jit.save`, or compile the program with \
             `torch._inductor.aoti_compile_and_package` for the platform `torch_aoti`"
                .to_owned(),
        ),
    };
    findings
        .add_entry(path, format!("this is no TorchScript model but {what}"))
        .note("the PyTorch back-end loads what `torch.jit.save` writes, which brings its code along")
        .help(help);
}

/// How to come from what was saved to TorchScript.
fn export(saved: &Saved) -> String {
    const SAVE: &str = "save `torch.jit.script(module)`, or `torch.jit.trace(module, example)`, with `torch.jit.save`";
    match saved {
        Saved::Module { .. } => format!("load the module in Python, call `eval()`, and {SAVE}"),
        Saved::StateDict { .. } | Saved::Checkpoint { .. } => {
            format!("make the module in Python, load these weights into it, call `eval()`, and {SAVE}")
        }
        Saved::Tensor | Saved::Object { .. } | Saved::Package => format!("for a module, {SAVE}"),
    }
}

fn check_aoti(path: &str, found: &PtFile, findings: &mut Findings<'_>) {
    let (what, help) = match found {
        PtFile::Pt2(Pt2::AotInductor) => return,
        PtFile::Pt2(Pt2::Exported) => (
            Pt2::Exported.to_string(),
            "compile the program with `torch._inductor.aoti_compile_and_package`, which writes such a package",
        ),
        PtFile::TorchScript(_) | PtFile::LegacyTorchScript => {
            ("a TorchScript model".to_owned(), "name it `model.pt` and write `platform: \"pytorch_libtorch\"`")
        }
        PtFile::Saved(saved) => (
            saved.to_string(),
            "export the module with `torch.export` and compile that with `torch._inductor.aoti_compile_and_package`",
        ),
    };
    findings
        .add_entry(path, format!("this is no package of AOTInductor but {what}"))
        .note("with the platform `torch_aoti` the back-end runs compiled code, and there is none in the file")
        .help(help);
}
