"""Makes the model files beside it, `expected.json`: what torch itself says of each of them, and `refused.json`: why it
does not load those that are no TorchScript.

    pip install -r requirements.txt
    python make.py            # makes everything again
    python make.py --check    # fails unless the files here are what would be made
    python make.py --old      # with torch 2.0.1: makes the two files whose names end in `_2_0`
    python make.py --ask DIR  # only prints what torch says of the files in DIR

The files hold no path of the machine that made them, and nothing that is another one in each run: the debug
information is left out, and the number that torch gives each archive. Only those in the old format of `torch.save`
differ: they name tensors by their addresses.
"""

import io
import json
import os
import re
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import torch

import models

HERE = Path(__file__).parent
warnings.simplefilter("ignore")


def rewrite(data: bytes) -> bytes:
    """The same archive without debug information, and with the same dates and number every time."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w") as new:
        for member in old.infolist():
            if member.filename.endswith(".debug_pkl"):
                continue
            content = old.read(member)
            if member.filename.endswith(".json"):
                content = re.sub(rb'"stack_trace": "(\\.|[^"\\])*"', b'"stack_trace": ""', content)
            if member.filename.endswith(".data/serialization_id"):
                content = b"0" * len(content)
            copy = zipfile.ZipInfo(member.filename)
            copy.compress_type = member.compress_type
            new.writestr(copy, content)
    return result.getvalue()


def script_bytes(module) -> bytes:
    """An archive as if it had been saved as `model.pt`."""
    return rewrite(module.save_to_buffer())


def torch_save_bytes(value, **options) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    data = buffer.getvalue()
    return rewrite(data) if zipfile.is_zipfile(io.BytesIO(data)) else data


def no_source(*_):
    raise OSError


def make_all(folder: Path):
    # The old format would hold the source of the classes, and where that is.
    torch.serialization.get_source_lines_and_file = no_source

    def write(name, data):
        (folder / name).write_bytes(data)

    for name, module, _ in models.SCRIPTED:
        torch.manual_seed(0)
        write(f"{name}.pt", script_bytes(torch.jit.script(module().eval())))
    write("scripted.pt", script_bytes(torch.jit.script(models.small())))
    write("no_forward.pt", script_bytes(torch.jit.script(models.NoForward().eval())))
    write("training.pt", script_bytes(torch.jit.script(models.small().train())))
    write("bfloat16.pt", script_bytes(torch.jit.script(models.small().to(torch.bfloat16))))
    write("traced.pt", script_bytes(torch.jit.trace(models.small(), torch.ones(2, 4))))
    write("traced_shapes.pt", script_bytes(torch.jit.trace(models.Reshapes(), torch.ones(3, 4))))
    write("frozen.pt", script_bytes(torch.jit.freeze(torch.jit.script(models.small()))))
    write("frozen_traced.pt", script_bytes(torch.jit.freeze(torch.jit.trace(models.small(), torch.ones(2, 4)))))
    write("frozen_keeps.pt", script_bytes(torch.jit.freeze(torch.jit.script(models.Keeps().eval()))))
    write("quantised.pt", script_bytes(models.quantised()))

    write("module.saved.pt", torch_save_bytes(models.small()))
    write("state_dict.saved.pt", torch_save_bytes(models.small().state_dict()))
    write("checkpoint.saved.pt", torch_save_bytes({"epoch": 3, "model": models.small().state_dict()}))
    write("tensor.saved.pt", torch_save_bytes(torch.ones(3)))
    write("module_legacy.saved.pt", torch_save_bytes(models.small(), _use_new_zipfile_serialization=False))
    write("state_dict_legacy.saved.pt", torch_save_bytes(models.small().state_dict(), _use_new_zipfile_serialization=False))
    exported = io.BytesIO()
    torch.export.save(torch.export.export(models.small(), (torch.ones(2, 4),)), exported)
    write("exported.pt2", rewrite(exported.getvalue()))


def make_old(folder: Path):
    assert torch.__version__.startswith("2.0."), torch.__version__
    (folder / "traced_2_0.pt").write_bytes(script_bytes(torch.jit.trace(models.small(), torch.ones(2, 4))))
    (folder / "memory_2_0.pt").write_bytes(script_bytes(torch.jit.script(models.Memory().eval())))


def attributes(module):
    """The names of a module's own attributes, as torch prints them."""
    text = module._c.dump_to_str(False, True, True)
    return re.findall(r"^    (\w+) = ", text.split("\n  methods {")[0], re.M)


def values(module):
    """All attributes of a module and of those in it, by path."""
    for path, inner in module.named_modules():
        for name in attributes(inner):
            value = inner._c.getattr(name) if inner._c.hasattr(name) else None
            if not isinstance(value, torch._C.ScriptModule | torch._C.ScriptObject):
                yield f"{path}.{name}".lstrip("."), value


def tensors_of(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [tensor for element in value.values() for tensor in tensors_of(element)]
    if isinstance(value, (list, tuple)):
        return [tensor for element in value for tensor in tensors_of(element)]
    return []


def snapshot(value):
    if isinstance(value, torch.Tensor):
        return value.dequantize().tolist() if value.is_quantized else value.tolist()
    if isinstance(value, dict):
        return {key: snapshot(element) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [snapshot(element) for element in value]
    return repr(value)


def what_a_call_does(module, schema):
    """Which attributes a call changes, and which inputs stay in them: found by calling."""
    inputs = [torch.arange(6.0).reshape(2, 3) + index for index, _ in enumerate(schema.arguments[1:])]
    before = {path: snapshot(value) for path, value in values(module)}
    module(*inputs)
    after = dict(values(module))
    changed = [path for path, value in after.items() if snapshot(value) != before[path]]
    kept = [
        [index, path]
        for path, value in after.items()
        for index, given in enumerate(inputs)
        if any(tensor.untyped_storage().data_ptr() == given.untyped_storage().data_ptr() for tensor in tensors_of(value))
    ]
    return {"changed": sorted(changed), "kept": sorted(kept)}


def ask(path: Path):
    module = torch.jit.load(str(path), map_location="cpu")
    if not hasattr(module, "forward"):
        return {"class": module._c.qualified_name, "has_forward": False}
    schema = module.forward.schema
    graph = module.inlined_graph
    constants = module.code_with_constants[1].const_mapping.values()
    tensors = {id(tensor): tensor for _, value in values(module) for tensor in tensors_of(value)}
    tensors.update((id(tensor), tensor) for tensor in constants if isinstance(tensor, torch.Tensor))
    types = [str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()]
    kinds = {node.kind() for node in graph.nodes()}
    answer = {
        "class": module._c.qualified_name,
        "training": module.training if module._c.hasattr("training") else None,
        "arguments": [
            {
                "name": argument.name,
                "type": argument.type.annotation_str,
                "has_default": argument.has_default_value(),
                "default": argument.default_value,
            }
            for argument in schema.arguments[1:]
        ],
        "result": schema.returns[0].type.annotation_str,
        "assigned": sorted(
            {
                node.s("name")
                for node in graph.findAllNodes("prim::SetAttr")
                # What the code itself makes is gone after the call.
                if node.inputsAt(0).node().kind() != "prim::CreateObject"
            }
        ),
        "custom": sorted(kind for kind in kinds if kind.split("::")[0] not in ("aten", "prim", "quantized")),
        "loops": len(graph.findAllNodes("prim::Loop")),
        "tensors": {
            "count": len(tensors),
            "bytes": sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()),
            "element_types": {name: types.count(name) for name in sorted(set(types))},
        },
    }
    callable_with = {name: count for name, _, count in models.SCRIPTED}.get(path.stem.removesuffix("_2_0"))
    if callable_with:
        answer["call"] = what_a_call_does(module, schema)
    return answer


def ask_all(folder: Path):
    files = sorted(path for path in folder.glob("*.pt") if not path.name.endswith(".saved.pt"))
    return json.dumps({path.name: ask(path) for path in files}, indent=2) + "\n"


def refused(folder: Path):
    """What libtorch says of files that are no TorchScript, without its own call stack; none if it loads one."""

    def said(path):
        try:
            torch.jit.load(str(path))
        except Exception as error:
            return str(error).split("\n")[0].split(". This is an internal")[0]
        return None

    files = sorted(path for path in folder.iterdir() if path.name.endswith((".saved.pt", ".pt2")))
    return json.dumps({path.name: said(path) for path in files}, indent=2) + "\n"


def check():
    """Makes everything a second time, elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_all(folder)
        made = [path for path in folder.iterdir() if "_legacy." not in path.name]
        stale = sorted(path.name for path in made if path.read_bytes() != (HERE / path.name).read_bytes())
    if (HERE / "expected.json").read_text() != ask_all(HERE):
        stale.append("expected.json")
    if (HERE / "refused.json").read_text() != refused(HERE):
        stale.append("refused.json")
    if stale:
        sys.exit(f"not what make.py makes: {', '.join(stale)}")


if __name__ == "__main__":
    # The constants of a module are written in the order of a set.
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    if sys.argv[1:] == ["--check"]:
        check()
    elif sys.argv[1:2] == ["--ask"]:
        print(ask_all(Path(sys.argv[2])), end="")
    elif sys.argv[1:] == ["--old"]:
        make_old(HERE)
    else:
        make_all(HERE)
        (HERE / "expected.json").write_text(ask_all(HERE))
        (HERE / "refused.json").write_text(refused(HERE))
