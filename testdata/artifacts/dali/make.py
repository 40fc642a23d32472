"""Makes the serialized pipelines in this folder. Beside each lies a NAME.expected.json: what DALI itself says of it.

    pip install --no-deps -r requirements.txt
    make.py            writes the files
    make.py --check    fails unless the files here are what would be written

Needs no GPU.
"""

import ctypes
import json
import sys
from pathlib import Path

import nvidia.dali
from nvidia.dali import fn, pipeline_def, types

FOLDER = Path(__file__).parent
NAMES = {types.UINT8: "TYPE_UINT8", types.FLOAT: "TYPE_FP32", types.FLOAT16: "TYPE_FP16", types.BOOL: "TYPE_BOOL"}


@pipeline_def(batch_size=4, num_threads=1, device_id=None)
def images():
    """Pictures that are brought to size, and a number that is passed on."""
    image = fn.external_source(name="IMAGE", dtype=types.UINT8, ndim=3, layout="HWC")
    return fn.resize(image, size=[8, 8]), fn.external_source(name="SCALE") * 2


@pipeline_def(batch_size=1, num_threads=1, device_id=None, output_dtype=types.FLOAT16, output_ndim=2)
def typed():
    """An output whose type and dimensions are said."""
    return fn.cast(fn.external_source(name="FEATURES", dtype=types.FLOAT, ndim=2), dtype=types.FLOAT16)


PIPELINES = {"images": images, "typed": typed}


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def fields(data):
    """The fields of a message as number, contents, and all their bytes."""
    at = 0
    while at < len(data):
        start = at
        key, at = varint(data, at)
        if key & 7 == 0:
            contents, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            contents, at = data[at : at + length], at + length
        else:
            contents, at = None, at + (8 if key & 7 == 1 else 4)
        yield key >> 3, contents, data[start:at]


def written(number, contents):
    length, head = len(contents), bytes([number << 3 | 2])
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + contents


def without_origins(pipeline):
    """The same pipeline, but operators do not say which line of which file they are from."""
    result = b""
    for number, contents, whole in fields(pipeline):
        if number == 5:
            kept = [part for of, inner, part in fields(contents) if of != 4 or b"_origin_stack" not in inner]
            whole = written(5, b"".join(kept))
        result += whole
    return result


def describe(pipeline):
    """What the back-end is told of a pipeline: it asks the same functions (`dali_executor/dali_pipeline.h`)."""
    library = ctypes.CDLL(str(Path(nvidia.dali.__file__).parent / "libdali.so"))
    library.daliGetExternalInputName.restype = ctypes.c_char_p
    library.daliInitialize()
    handle = ctypes.c_void_p()
    of = ctypes.byref(handle)
    on_cpu = -99999
    library.daliCreatePipeline2(of, pipeline, len(pipeline), -1, 1, on_cpu, 0, 0, 0, 1, 1, 1, 0)
    names = [library.daliGetExternalInputName(of, at) for at in range(library.daliGetNumExternalInput(of))]
    outputs = range(library.daliGetNumOutput(of))
    return {
        "batch_size": library.daliGetMaxBatchSize(of),
        "inputs": {
            name.decode(): tensor(library.daliGetExternalInputType(of, name), library.daliGetExternalInputNdim(of, name))
            for name in names
        },
        "outputs": [
            tensor(library.daliGetDeclaredOutputDtype(of, at), library.daliGetDeclaredOutputNdim(of, at))
            for at in outputs
        ],
    }


def tensor(data_type, rank):
    return {"data_type": NAMES.get(types.DALIDataType(data_type)), "rank": rank if rank >= 0 else None}


def main():
    stale = []
    for name, make in PIPELINES.items():
        pipeline = without_origins(make().serialize())
        expected = (json.dumps(describe(pipeline), indent=1, sort_keys=True) + "\n").encode()
        for path, contents in [(FOLDER / f"{name}.dali", pipeline), (FOLDER / f"{name}.expected.json", expected)]:
            if sys.argv[1:] != ["--check"]:
                path.write_bytes(contents)
            elif not path.exists() or path.read_bytes() != contents:
                stale.append(path.name)
    if stale:
        sys.exit(f"not what make.py makes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
