"""Makes the small models in this folder, and asks OpenVINO what those in its format are.

Run by hand after a change, in an environment with what is in requirements.txt. The files differ a little from run
to run and between versions of the libraries; what is committed is what tests use.
"""

import json
from pathlib import Path

import lightgbm
import numpy
import openvino
import treelite
import xgboost
from openvino import opset13 as op

FOLDER = Path(__file__).parent


def dynamic():
    x = op.parameter([-1, 3, 224, 224], numpy.float32, name="x")
    x.output(0).set_names({"images", "x"})
    ids = op.parameter(openvino.PartialShape([openvino.Dimension(1, 8), 4]), numpy.int64, name="ids")
    ids.output(0).set_names({"token,ids"})
    y = op.relu(x)
    y.output(0).set_names({"features"})
    z = op.abs(ids)
    z.output(0).set_names({"out"})
    return openvino.Model([op.result(y), op.result(z)], [x, ids], "dynamic")


def shapes():
    scalar = op.parameter([], numpy.float16, name="scalar")
    scalar.output(0).set_names({"scalar"})
    any_rank = op.parameter(openvino.PartialShape.dynamic(), numpy.bool_, name="any")
    any_rank.output(0).set_names({"any"})
    fixed = op.parameter([2], numpy.float64, name="fixed")
    fixed.output(0).set_names({"fixed"})
    return openvino.Model(
        [op.result(op.relu(scalar)), op.result(op.logical_not(any_rank)), op.result(op.relu(fixed))],
        [scalar, any_rank, fixed],
        "shapes",
    )


def with_body():
    """A condition, whose branches are models in the model."""
    x = op.parameter([2], numpy.float32, name="x")
    x.output(0).set_names({"x"})
    condition = op.parameter([], numpy.bool_, name="condition")
    condition.output(0).set_names({"condition"})
    inner = op.parameter([2], numpy.float32, name="inner")
    branch = openvino.Model([op.result(op.relu(inner))], [inner], "branch")
    other = op.parameter([2], numpy.float32, name="other")
    other_branch = openvino.Model([op.result(op.abs(other))], [other], "other_branch")
    made = op.if_op(condition.output(0))
    made.set_then_body(branch)
    made.set_else_body(other_branch)
    made.set_input(x.output(0), inner, other)
    output = made.set_output(branch.results[0], other_branch.results[0])
    output.set_names({"y"})
    return openvino.Model([op.result(output)], [x, condition], "with_body")


def describe(path):
    model = openvino.Core().read_model(path)
    return {"inputs": [describe_io(io) for io in model.inputs], "outputs": [describe_io(io) for io in model.outputs]}


def describe_io(io):
    shape = io.get_partial_shape()
    dims = None
    if shape.rank.is_static:
        dims = [dim.get_length() if dim.is_static else -1 for dim in shape]
    return {"names": sorted(io.get_names()), "type": io.get_element_type().get_type_name(), "dims": dims}


def trees():
    features = numpy.arange(40, dtype=numpy.float32).reshape(20, 2)
    labels = (numpy.arange(20) % 2).astype(numpy.float32)
    booster = xgboost.train({"max_depth": 1}, xgboost.DMatrix(features, labels), 1)
    booster.save_model(FOLDER / "xgboost.json")
    booster.save_model(FOLDER / "xgboost.ubj")
    parameters = {"min_data_in_leaf": 1, "num_leaves": 2, "verbose": -1}
    lightgbm.train(parameters, lightgbm.Dataset(features, labels), 1).save_model(FOLDER / "model.txt")
    treelite.frontend.from_xgboost(booster).serialize(FOLDER / "checkpoint.tl")


def engine_header(*version):
    """How an engine of TensorRT begins (its `printPlanVersion`). An engine itself takes a GPU to make."""
    return b"ftrt" + bytes(20) + bytes(version) + bytes(228)


def engines():
    (FOLDER / "tensorrt_8_6.plan").write_bytes(engine_header(8, 6, 1, 6))
    (FOLDER / "tensorrt_10_3.plan").write_bytes(engine_header(10, 3, 0, 26))


def main():
    for made in [dynamic(), shapes(), with_body()]:
        path = FOLDER / f"{made.get_friendly_name()}.xml"
        openvino.serialize(made, path, path.with_suffix(".bin"))
        path.with_suffix(".bin").unlink()
        path.with_suffix(".bin").touch()
        expected = json.dumps(describe(path), indent=1, sort_keys=True) + "\n"
        path.with_suffix(".expected.json").write_text(expected)
        path.with_suffix(".bin").unlink()
    trees()
    engines()


if __name__ == "__main__":
    main()
