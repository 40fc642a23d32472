"""Has protoc judge texts: for each file named on standard input one line of JSON, in the same order.

Usage: protoc.py MODEL_CONFIG.proto FOLDER. FOLDER is for what this writes itself.
"""

import json
import os
import re
import sys
from pathlib import Path

from grpc_tools import _protoc_compiler


def run(*arguments):
    return _protoc_compiler.run_main([b"protoc", *(os.fsencode(argument) for argument in arguments)])


def main():
    schema, folder = Path(sys.argv[1]), Path(sys.argv[2])
    descriptors = folder / "descriptors"
    if run(f"-I{schema.parent}", f"--descriptor_set_out={descriptors}", schema.name) != 0:
        sys.exit(1)
    files = sys.stdin.buffer.read().split(b"\n")[:-1]
    answers = os.fdopen(os.dup(1), "w")
    complaints = os.open(folder / "complaints", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    # The compiler reads and writes the standard streams; a process for each text would be slow.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(complaints, 2)
    for file in files:
        text = os.open(file, os.O_RDONLY)
        os.dup2(text, 0)
        os.close(text)
        os.lseek(complaints, 0, os.SEEK_SET)
        os.ftruncate(complaints, 0)
        refused = run(f"--descriptor_set_in={descriptors}", "--encode=inference.ModelConfig") != 0
        said = Path(folder / "complaints").read_bytes().decode(errors="replace")
        first = re.search(r"^input:(\d+):(\d+): (.*)", said)
        place = {"line": int(first[1]), "column": int(first[2]), "message": first[3]} if first else {}
        answers.write(json.dumps({"refused": refused, **place}) + "\n")


main()
