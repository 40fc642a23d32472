"""Parses configs with Python's protobuf.

`parse.py FOLDER` every config in it; `--repeat N FILE` says MB/s of parsing alone; `--descriptors FILE`
writes what `protoc` needs to make the C++ classes.
"""

import importlib.util
import os
import sys
import time
from pathlib import Path

from google.protobuf import descriptor_pb2, text_format


def load():
    """Loads the generated module alone: its package wants gRPC, which is not needed here."""
    for folder in sys.path:
        file = Path(folder) / "tritonclient" / "grpc" / "model_config_pb2.py"
        if file.is_file():
            spec = importlib.util.spec_from_file_location("model_config_pb2", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    sys.exit("tritonclient is not installed; see requirements.txt beside this file")


def is_parsed(text, message):
    try:
        text_format.Parse(text, message)
    except text_format.ParseError:
        return False
    return True


def main(arguments):
    module = load()
    match arguments:
        case ["--descriptors", target]:
            described = descriptor_pb2.FileDescriptorSet()
            module.DESCRIPTOR.CopyToProto(described.file.add())
            Path(target).write_bytes(described.SerializeToString())
        case ["--repeat", count, file]:
            text = Path(file).read_bytes()
            start = time.perf_counter()
            for _ in range(int(count)):
                text_format.Parse(text, module.ModelConfig())
            print(f"{len(text) * int(count) / (time.perf_counter() - start) / 1e6:.1f}")
        case [folder]:
            models = sorted(entry.path for entry in os.scandir(folder))
            texts = (Path(model, "config.pbtxt").read_bytes() for model in models)
            print(sum(is_parsed(text, module.ModelConfig()) for text in texts), "of", len(models))


main(sys.argv[1:])
