"""Writes what ONNX Runtime makes of the models in this folder: runtime.json, with its message for each that it refuses.

    runtime.py            writes the file
    runtime.py --check    fails unless the file is what would be written
"""

import json
import re
import sys
from pathlib import Path

import onnxruntime

FOLDER = Path(__file__).parent
FILE = FOLDER / "runtime.json"


def said(path):
    """The message without where in its source it is from, and where the model lies; none if the model loads."""
    try:
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        message = re.sub(r"/onnxruntime_src/\S+|\b\w+(::\w+)*\(.*\) (?=[A-Z])", "", str(error))
        return " ".join(message.replace(f"{FOLDER}/", "").split())
    return None


def main():
    onnxruntime.set_default_logger_severity(4)
    models = {path.name: said(path) for path in sorted(FOLDER.glob("*.onnx"))}
    text = json.dumps({"version": onnxruntime.__version__, "models": models}, indent=1) + "\n"
    if sys.argv[1:] != ["--check"]:
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.exit("runtime.json is not what ONNX Runtime says")


if __name__ == "__main__":
    main()
