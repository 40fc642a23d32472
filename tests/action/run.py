"""Runs the steps of a composite action as GitHub does: run.py ACTION_YML INPUT=VALUE …"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

path = pathlib.Path(sys.argv[1]).resolve()
action = yaml.safe_load(path.read_text(encoding="utf-8"))
assert action["runs"]["using"] == "composite"
given = dict(argument.split("=", 1) for argument in sys.argv[2:])
assert given.keys() <= action["inputs"].keys(), given
inputs = {name: given.get(name, entry.get("default", "")) for name, entry in action["inputs"].items()}


def evaluate(text):
    """What stands in `${{ }}`: inputs, and the folder of the action."""
    known = {f"inputs.{name}": value for name, value in inputs.items()} | {"github.action_path": str(path.parent)}
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: known[match[1]], text)


for step in action["runs"]["steps"]:
    assert step["shell"] == "bash", step
    # What is put into a script is run as a part of it: inputs go by way of the environment.
    assert "${{" not in step["run"], step
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(step["run"])
        script.flush()
        environment = {name: evaluate(value) for name, value in step.get("env", {}).items()}
        environment = os.environ | environment | {"GITHUB_ACTIONS": "true"}
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script.name]
        status = subprocess.run(shell, env=environment, check=False).returncode
    if status:
        sys.exit(status)
