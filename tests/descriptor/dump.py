"""Prints the descriptor of inference.ModelConfig, as the Triton client carries it, as JSON."""

import importlib.util
import json
import sys
from pathlib import Path

from google.protobuf.descriptor import FieldDescriptor


def load():
    """Loads the generated module alone: its package wants gRPC, which is not needed here."""
    for folder in sys.path:
        file = Path(folder) / "tritonclient" / "grpc" / "model_config_pb2.py"
        if file.is_file():
            spec = importlib.util.spec_from_file_location("model_config_pb2", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module.DESCRIPTOR
    sys.exit("tritonclient is not installed; see requirements.txt beside this file")


def short(name):
    return name.removeprefix("inference.")


def type_name(field):
    if field.message_type:
        return short(field.message_type.full_name)
    if field.enum_type:
        return short(field.enum_type.full_name)
    names = {number: name for name, number in vars(FieldDescriptor).items() if name.startswith("TYPE_")}
    return names[field.type].removeprefix("TYPE_").lower()


def is_map(field):
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def describe(field):
    described = {"name": field.name, "number": field.number, "label": "singular", "type": type_name(field)}
    if is_map(field):
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        described |= {"label": "map", "type": f"map<{type_name(key)}, {type_name(value)}>"}
    elif field.is_repeated:
        described["label"] = "repeated"
    if field.containing_oneof:
        described["oneof"] = field.containing_oneof.name
    return described


def walk(messages, enums):
    for enum in enums:
        yield short(enum.full_name), {value.name: value.number for value in enum.values}
    for message in messages:
        if message.GetOptions().map_entry:
            continue
        fields = sorted(message.fields, key=lambda field: field.number)
        yield short(message.full_name), [describe(field) for field in fields]
        yield from walk(message.nested_types, message.enum_types)


descriptor = load()
found = dict(walk(descriptor.message_types_by_name.values(), descriptor.enum_types_by_name.values()))
json.dump(found, sys.stdout, indent=1, sort_keys=True)
