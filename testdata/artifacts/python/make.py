"""Asks Python what the modules in this folder are.

    make.py            writes NAME.expected.json beside each NAME.py
    make.py --check    fails unless they are what would be written

A module is imported with a stand-in for the back-end's module, so that Python itself tells whether it has the
model's class, and the class its methods. Names in calls are read from its abstract syntax tree.
"""

import ast
import json
import sys
import types
from pathlib import Path

FOLDER = Path(__file__).parent
METHODS = ["auto_complete_config", "initialize", "execute", "finalize"]
FUNCTIONS = {
    "get_input_tensor_by_name": ("inputs", 1),
    "Tensor": ("tensors", 0),
    "from_dlpack": ("tensors", 0),
    "get_input_config_by_name": ("input_configs", 1),
    "get_output_config_by_name": ("output_configs", 1),
}


class Anything:
    """Stands in for what the back-end's module has."""

    def __init__(self, *_, **__):
        pass


def stand_in():
    module = types.ModuleType("triton_python_backend_utils")
    for name in [*FUNCTIONS, "InferenceRequest", "InferenceResponse"]:
        setattr(module, name, Anything)
    return module


def describe(path):
    sys.modules["triton_python_backend_utils"] = stand_in()
    contents = path.read_bytes()
    module = types.ModuleType("model")
    described = {"is_importable": True, "has_model": False, "has_method": {}}
    try:
        exec(compile(contents, path.name, "exec"), module.__dict__)
    except (SyntaxError, ValueError):
        described["is_importable"] = False
        return described
    model = getattr(module, "TritonPythonModel", None)
    described["has_model"] = model is not None
    if model is not None:
        instance = model()
        described["has_method"] = {name: hasattr(instance, name) for name in METHODS}
    described.update(names(ast.parse(contents)))
    return described


def names(tree):
    """The names that are written as constants, by what they are of, and the modules that are imported."""
    found = {role: set() for role, _ in FUNCTIONS.values()}
    found["imports"] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found["imports"] |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found["imports"].add(node.module.split(".")[0])
        elif isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            role, position = FUNCTIONS.get(function, (None, None))
            arguments = node.args[position : position + 1] if role else []
            arguments += [keyword.value for keyword in node.keywords if role and keyword.arg == "name"]
            strings = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if role:
                found[role].update(strings)
    return {role: sorted(values) for role, values in found.items()}


def main():
    is_check = sys.argv[1:] == ["--check"]
    stale = []
    for path in sorted(FOLDER.glob("*.py")):
        if path == Path(__file__):
            continue
        contents = json.dumps(describe(path), indent=1, sort_keys=True) + "\n"
        expected = path.with_suffix(".expected.json")
        if not is_check:
            expected.write_text(contents)
        elif not expected.exists() or expected.read_text() != contents:
            stale.append(path.name)
    if stale:
        sys.exit(f"not what Python says: {', '.join(stale)}")


if __name__ == "__main__":
    main()
