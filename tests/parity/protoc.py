"""Has protoc judge texts: for each one a line of JSON, in the same order.

Usage: protoc.py MODEL_CONFIG.proto DESCRIPTORS. Standard input holds the texts, each after a line with its
length in bytes. DESCRIPTORS is a file to write.
"""

import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from grpc_tools import _protoc_compiler


def run(*arguments):
    return _protoc_compiler.run_main([b"protoc", *(os.fsencode(argument) for argument in arguments)])


def texts(stream):
    while length := stream.readline():
        yield stream.read(int(length))


def main():
    schema, descriptors = Path(sys.argv[1]), sys.argv[2]
    if run(f"-I{schema.parent}", f"--descriptor_set_out={descriptors}", schema.name) != 0:
        sys.exit(1)
    judge(io.BytesIO(sys.stdin.buffer.read()), descriptors)


def given_as(text):
    """Makes a text what is on standard input."""
    if len(text) <= 1 << 16:
        hold, fill = os.pipe()
        os.write(fill, text)
        os.close(fill)
        os.dup2(hold, 0)
        os.close(hold)
    else:
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            os.dup2(file.fileno(), 0)


def judge(given, descriptors):
    # The compiler reads and writes the standard streams; a process for each text would be slow.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    hear, complain = os.pipe()
    os.set_blocking(hear, False)
    os.dup2(complain, 2)
    for text in texts(given):
        given_as(text)
        refused = run(f"--descriptor_set_in={descriptors}", "--encode=inference.ModelConfig") != 0
        try:
            said = os.read(hear, 1 << 16).decode(errors="replace")
        except BlockingIOError:
            said = ""
        first = re.search(r"^input:(\d+):(\d+): (.*)", said)
        place = {"line": int(first[1]), "column": int(first[2]), "message": first[3]} if first else {}
        answers.write(json.dumps({"refused": refused, **place}) + "\n")
    answers.close()


main()
