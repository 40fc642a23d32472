"""Makes the small ONNX models in this folder, and asks ONNX what they are.

    make.py            writes the files
    make.py --check    fails unless the files here are what would be written

Beside each NAME.onnx lies a NAME.expected.json: what ONNX's own loader reads out of the model.
"""

import json
import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

FOLDER = Path(__file__).parent
FLOAT = TensorProto.FLOAT

STANDARD_DOMAINS = {"", "ai.onnx"}
CONVOLUTIONS = {"Conv", "ConvTranspose", "ConvInteger", "QLinearConv"}


def tensor(name, element=FLOAT, shape=("batch", 4)):
    return helper.make_tensor_value_info(name, element, shape)


def weights(name, shape=(4,)):
    count = 1
    for length in shape:
        count *= length
    return helper.make_tensor(name, FLOAT, shape, [float(number) for number in range(count)])


def external(name, location, offset=None, length=None):
    """A tensor whose bytes are in a file of their own, which need not exist."""
    proto = TensorProto(name=name, data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    entries = {"location": location, "offset": offset, "length": length}
    for key, value in entries.items():
        if value is not None:
            proto.external_data.add(key=key, value=str(value))
    return proto


def model(nodes, inputs, outputs, initializers=(), ir=9, opsets=(("", 17),), functions=(), **graph):
    return helper.make_model(
        helper.make_graph(list(nodes), "graph", inputs, outputs, list(initializers), **graph),
        ir_version=ir,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in opsets],
        functions=list(functions),
        producer_name="make.py",
        producer_version="1",
    )


def copy(source="x", target="y"):
    return helper.make_node("Identity", [source], [target])


def symbolic_batch():
    made = model([copy()], [tensor("x")], [tensor("y")])
    helper.set_model_props(made, {"classes": "cat,dog", "": "no name"})
    made.doc_string = "Documentation. " * 1000
    made.graph.node[0].doc_string = "A stack trace.\n" * 1000
    return made


def fixed_batch():
    shape = (1, 3, 224, 224)
    return model([copy()], [tensor("x", shape=shape)], [tensor("y", shape=shape)])


def shapes():
    """No dimensions, any dimensions, one of unknown length, one that is empty, one that is negative."""
    given = {"scalar": (), "any": None, "unknown": (None, 2), "empty": (0,), "negative": (-1, 3), "unnamed": ("", 3)}
    names = list(given)
    return model(
        [copy(name, f"{name}_out") for name in names],
        [tensor(name, shape=given[name]) for name in names],
        [tensor(f"{name}_out", shape=given[name]) for name in names],
    )


def elements():
    """Every type of element that this version of ONNX knows."""
    types = {name: number for name, number in TensorProto.DataType.items() if number}
    return model(
        [copy(name.lower(), f"{name.lower()}_out") for name in types],
        [tensor(name.lower(), number) for name, number in types.items()],
        [tensor(f"{name.lower()}_out", number) for name, number in types.items()],
    )


def not_tensors():
    """A list, a map, a value that may be none, a sparse tensor, something opaque, and an output without a type."""
    contents = helper.make_tensor_type_proto(FLOAT, ("batch",))
    kinds = {
        "list": helper.make_sequence_type_proto(contents),
        "map": helper.make_map_type_proto(TensorProto.STRING, contents),
        "maybe": helper.make_optional_type_proto(helper.make_sequence_type_proto(contents)),
        "sparse": helper.make_sparse_tensor_type_proto(FLOAT, (3,)),
    }
    opaque = onnx.TypeProto()
    opaque.opaque_type.domain = "example"
    opaque.opaque_type.name = "thing"
    inputs = [helper.make_value_info(name, kind) for name, kind in {**kinds, "opaque": opaque}.items()]
    return model([copy("list", "y")], inputs, [onnx.ValueInfoProto(name="y")])


def initializers_as_inputs(ir):
    """An input with a value in the model: a constant before version 4 of the format, replaceable from then on."""
    return model(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        [tensor("x"), tensor("w", shape=(4,))],
        [tensor("y")],
        [weights("w")],
        ir=ir,
        opsets=(("", 8),),
    )


def sparse_initializer():
    values = helper.make_tensor("w", FLOAT, (1,), [1.0])
    indices = helper.make_tensor("w_indices", TensorProto.INT64, (1,), [2])
    return model(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        [tensor("x"), tensor("w", shape=(4,))],
        [tensor("y")],
        sparse_initializer=[helper.make_sparse_tensor(values, indices, (4,))],
    )


def external_data():
    """Weights in files of their own, also in an attribute and in the branch of a condition."""
    branch = helper.make_graph([copy("deep", "inner")], "branch", [], [tensor("inner", shape=(4,))])
    branch.initializer.append(external("deep", "folder/deep.bin", 0, 16))
    inside = TensorProto(name="inside", data_type=FLOAT, dims=[1], raw_data=b"\0\0\0\0")
    inside.external_data.add(key="location", value="left over.bin")
    return model(
        [
            helper.make_node("Constant", [], ["c"], value=external("", "constant.bin", 8, 16)),
            helper.make_node("If", ["condition"], ["z"], then_branch=branch, else_branch=branch),
            helper.make_node("Sum", ["x", "a", "b", "c", "z", "whole"], ["y"]),
        ],
        [tensor("x"), tensor("condition", TensorProto.BOOL, ())],
        [tensor("y")],
        [
            external("a", "weights.bin", 0, 16),
            external("b", "weights.bin", 4096, 16),
            external("whole", "whole.bin"),
            external("up", "../up.bin", 0, 16),
            external("rooted", "/etc/passwd"),
            inside,
        ],
    )


def custom_operators():
    """Operators of other domains: in the graph, in a branch, in a function, and those of the function itself."""
    branch = helper.make_graph(
        [helper.make_node("Deep", [], ["inner"], domain="example.deep")], "branch", [], [tensor("inner")]
    )
    function = helper.make_function(
        "example.local",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Within", ["a"], ["b"], domain="example.within")],
        [helper.make_opsetid("example.within", 1)],
    )
    return model(
        [
            helper.make_node("Outer", ["x"], ["a"], domain="example"),
            helper.make_node("Other", ["a"], ["b"], domain="example"),
            helper.make_node("Outer", ["b"], ["c"], domain="example"),
            helper.make_node("Twice", ["c"], ["d"], domain="example.local"),
            helper.make_node("Missing", ["c"], ["d2"], domain="example.local"),
            helper.make_node("Gelu", ["d"], ["e"], domain="com.microsoft"),
            helper.make_node("Identity", ["e"], ["f"], domain="ai.onnx"),
            helper.make_node("Scaler", ["f"], ["g"], domain="ai.onnx.ml"),
            helper.make_node("If", ["condition"], ["y"], then_branch=branch, else_branch=branch),
        ],
        [tensor("x"), tensor("condition", TensorProto.BOOL, ())],
        [tensor("y")],
        opsets=(("", 17), ("example", 1), ("ai.onnx.ml", 3), ("com.microsoft", 1)),
        functions=[function],
    )


def of_version(ir, opset, ml=None):
    """A model for a certain version of the format and of its operators."""
    opsets = [("", opset), *([("ai.onnx.ml", ml)] if ml else [])]
    return model([copy()], [tensor("x")], [tensor("y")], ir=ir, opsets=opsets)


def convolution():
    shape = ("batch", 1, "height", "width")
    convolve = helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])
    return model(
        [convolve], [tensor("x", shape=shape)], [tensor("y", shape=shape)], [weights("w", (1, 1, 3, 3))], opsets=(("", 13),)
    )


def bare():
    """Neither versions nor operator sets: ONNX reads it, ONNX Runtime does not."""
    made = onnx.ModelProto()
    made.ir_version = 9
    made.graph.output.append(tensor("y"))
    return made


MODELS = {
    "symbolic_batch": symbolic_batch(),
    "fixed_batch": fixed_batch(),
    "shapes": shapes(),
    "elements": elements(),
    "not_tensors": not_tensors(),
    "initializers_as_inputs_ir3": initializers_as_inputs(3),
    "initializers_as_inputs_ir8": initializers_as_inputs(8),
    "sparse_initializer": sparse_initializer(),
    "external_data": external_data(),
    "custom_operators": custom_operators(),
    "bare": bare(),
    "convolution": convolution(),
    "ir_11": of_version(11, 17),
    "opset_22": of_version(10, 22),
    "ml_opset_5": of_version(9, 17, 5),
    "opset_99": of_version(9, 99),
}


def describe(path):
    """What ONNX's loader says of a model, in the terms of our reader."""
    loaded = onnx.load(path, load_external_data=False)
    graph = loaded.graph
    initialized = {one.name for one in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
    external_files = {}
    operators = {}
    functions = {(function.domain, function.name) for function in loaded.functions}
    for proto in tensors(graph):
        note_external(proto, external_files)
    every_node = [*nodes(graph), *(node for function in loaded.functions for node in function.node)]
    for node in every_node:
        if node.domain not in STANDARD_DOMAINS and (node.domain, node.op_type) not in functions:
            operators.setdefault(node.domain, set()).add(node.op_type)
    overridable = [value for value in graph.input if value.name in initialized] if loaded.ir_version >= 4 else []
    return {
        "ir_version": loaded.ir_version,
        "producer": [loaded.producer_name, loaded.producer_version],
        "opset_imports": {one.domain: one.version for one in loaded.opset_import},
        "inputs": [describe_value(value) for value in graph.input if value.name not in initialized],
        "overridable_initializers": [describe_value(value) for value in overridable],
        "outputs": [describe_value(value) for value in graph.output],
        "foreign_operators": {domain: sorted(names) for domain, names in operators.items()},
        "convolves": any(node.op_type in CONVOLUTIONS for node in every_node),
        "external_data": external_files,
        "metadata": {one.key: one.value for one in loaded.metadata_props},
    }


def describe_value(value):
    kind = value.type.WhichOneof("value")
    described = {"name": value.name, "kind": kind}
    if kind == "tensor_type":
        of = value.type.tensor_type
        described["element"] = TensorProto.DataType.Name(of.elem_type)
        described["dims"] = [describe_dim(dim) for dim in of.shape.dim] if of.HasField("shape") else None
    return described


def describe_dim(dim):
    """A length, a name, or none. Of what has no meaning, ONNX Runtime makes none."""
    which = dim.WhichOneof("value")
    if which == "dim_value" and dim.dim_value >= 0:
        return dim.dim_value
    return dim.dim_param or None if which == "dim_param" else None


def nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                yield from nodes(inner)


def tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from [*attribute.tensors, *([attribute.t] if attribute.HasField("t") else [])]
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                yield from tensors(inner)


def note_external(proto, files):
    if onnx.external_data_helper.uses_external_data(proto):
        info = onnx.external_data_helper.ExternalDataInfo(proto)
        files[info.location] = max(files.get(info.location, 0), (info.offset or 0) + (info.length or 0))


def spoiled(whole):
    """Files that are no models, by name."""
    return {
        "empty.onnx": b"",
        "lfs_pointer.onnx": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 97652\n",
        "truncated.onnx": whole[: len(whole) * 2 // 3],
        "zip.onnx": b"PK\x03\x04" + bytes(60),
        "text.onnx": b"import torch\nprint('this is no model')\n",
        "web_page.onnx": b"<!DOCTYPE html>\n<html><body>404</body></html>\n",
        "no_graph.onnx": onnx.ModelProto(ir_version=9, producer_name="make.py").SerializeToString(),
    }


def files(folder):
    for name, made in MODELS.items():
        whole = made.SerializeToString(deterministic=True)
        path = folder / f"{name}.onnx"
        yield path, whole
    yield from ((folder / name, contents) for name, contents in spoiled(MODELS["fixed_batch"].SerializeToString()).items())


def expected(path):
    return (json.dumps(describe(path), indent=1, sort_keys=True) + "\n").encode()


def main():
    is_check = sys.argv[1:] == ["--check"]
    stale = []

    def settle(path, contents):
        if not is_check:
            path.write_bytes(contents)
        elif not path.exists() or path.read_bytes() != contents:
            stale.append(path.name)

    for path, contents in files(FOLDER):
        settle(path, contents)
    for name in MODELS:
        path = FOLDER / f"{name}.onnx"
        settle(path.with_suffix(".expected.json"), expected(path))
    if stale:
        sys.exit(f"not what make.py makes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
