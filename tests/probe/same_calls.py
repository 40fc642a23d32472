"""Makes the calls of the probe with Python's torch, and says how each goes.

Standard input has the requests that the probe made for one model, a line each. What is told of them, as JSON: the verdict
that they come to, and for each run of the whole schedule which calls went wrong, and how. Nothing of the probe's own
code is used, so that the two can be held against each other.
"""

import json
import multiprocessing
import os
import resource
import sys

import torch

# A request that takes longer for a load or call hangs. The probe is more patient; the models are small.
PATIENCE = 5
TYPES = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
    "fp32": torch.float32,
    "fp64": torch.float64,
}


def split_mix(state):
    """The generator SplitMix64, endless."""
    mask = 2**64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        yield mixed ^ (mixed >> 31)


def values(wanted):
    """The tensor of an input: fractions between -1 and 1, or whole numbers from 0 to 3."""
    count = 1
    for size in wanted["shape"]:
        count *= size
    numbers = [number for number, _ in zip(split_mix(wanted["seed"]), range(count))]
    kind = TYPES[wanted["element"]]
    if kind.is_floating_point:
        drawn = torch.tensor([(number >> 48) / 32768 - 1 for number in numbers])
    else:
        drawn = torch.tensor([(number >> 62) % (2 if kind == torch.bool else 4) for number in numbers])
    return drawn.to(kind).reshape(wanted["shape"])


class Inputs:
    """The inputs of the calls, in memory that they share or have for themselves."""

    def __init__(self, request):
        self.names = [[wanted["name"] for wanted in sample] for sample in request["samples"]]
        self.samples = [[values(wanted) for wanted in sample] for sample in request["samples"]]
        self.binding = request["binding"]
        self.shared = None
        if request["buffers"] == "reused":
            arguments = zip(*self.samples)
            self.shared = [torch.zeros(max(tensor.numel() for tensor in of), dtype=of[0].dtype) for of in arguments]

    def arguments(self, sample):
        tensors = [self.laid(at, tensor) for at, tensor in enumerate(self.samples[sample])]
        return [dict(zip(self.names[sample], tensors))] if self.binding == "dictionary" else tensors

    def laid(self, at, tensor):
        if self.shared is None:
            return tensor.clone()
        return self.shared[at][: tensor.numel()].view(tensor.shape).copy_(tensor)


def switch(switches):
    torch._C._set_graph_executor_optimize(switches["optimized"])
    for name, switched in [
        ("tensor_fuser", torch._C._jit_set_texpr_fuser_enabled),
        ("profiling", torch._C._jit_set_profiling_mode),
        ("executor", torch._C._jit_set_profiling_executor),
    ]:
        if switches[name] is not None:
            switched(switches[name])


def outputs(given):
    """What the back-end takes of it; none if it refuses it."""
    given = given if isinstance(given, tuple) else (given,)
    is_taken = all(isinstance(part, torch.Tensor) and part.dim() > 0 for part in given)
    return [part.clone() for part in given] if is_taken else None


def calls(request, said):
    """Makes the calls of a request, in a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # What a model prints is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    torch.set_num_threads(1)
    switches = request["switches"]
    with torch.no_grad():
        inputs = Inputs(request)

        def load():
            switch(switches)
            with torch.inference_mode(switches["inference_mode"]):
                return torch.jit.load(request["model"])

        module = load()
        for call, sample in enumerate(request["calls"]):
            if call > 0 and request["loading"] == "each_call":
                module = load()
            arguments = inputs.arguments(sample)
            torch.manual_seed(call)
            switch(switches)
            try:
                with torch.inference_mode(switches["inference_mode"]):
                    found = outputs(module(*arguments))
                # As lists: what is shared memory would need files.
                said.send(("unsupported", None) if found is None else ("outputs", [part.tolist() for part in found]))
            except RuntimeError as error:
                said.send(("out of memory" if "allocate memory" in str(error) else "error", None))


def answers(request):
    """How each call of a request went; the last died if there are fewer than calls."""
    said, told = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=calls, args=(request, told))
    process.start()
    told.close()
    found = []
    try:
        while len(found) < len(request["calls"]):
            if not said.poll(PATIENCE):
                process.kill()
                found.append(("hang", None))
                break
            found.append(said.recv())
    except EOFError:
        found.append(("crash", None))
    process.join()
    return found


def is_same(expected, found):
    """Whether outputs differ by no more than rounding."""
    pairs = [(torch.tensor(one), torch.tensor(other)) for one, other in zip(expected, found)]
    is_close = all(a.shape == b.shape and torch.allclose(a, b, rtol=1e-3, atol=1e-3, equal_nan=True) for a, b in pairs)
    return len(expected) == len(found) and is_close


def key(request, sample):
    return json.dumps(request["samples"][sample])


def wrong_calls(request, found, expected):
    """The calls that went otherwise than with a model that was loaded for them, from 1, and how."""
    wrong = []
    for call, (sample, (kind, given)) in enumerate(zip(request["calls"], found), 1):
        if kind != "outputs":
            wrong.append([call, kind])
        elif not is_same(expected[key(request, sample)], given):
            wrong.append([call, "deviation"])
    return wrong


def verdict(runs, fresh):
    """What the runs come to, and the calls of freshly loaded models: shapes, and how each went."""
    if not runs:
        # An error may only mean that the model wants other inputs.
        return "inconclusive" if fresh[0][1][0] == "error" else "other-cause"
    configured = dict(map(tuple, runs[0]))
    if not configured:
        taken = {shape for shape, (kind, _) in fresh if kind == "outputs"}
        refused = {shape for shape, (kind, _) in fresh if kind != "outputs"}
        return "other-cause" if len(taken) == 1 and len(refused) > 1 else "not-reproduced"
    # The second run is without optimized execution.
    without = dict(map(tuple, runs[1]))
    return "confirmed" if any(without.get(call) != kind for call, kind in configured.items()) else "other-cause"


def main():
    requests = [json.loads(line) for line in sys.stdin]
    # Without a sample the probe only asks how `forward` is declared.
    expected, fresh, runs = {}, [], []
    for request in requests:
        found = answers(request)
        if request["loading"] == "once":
            runs.append(wrong_calls(request, found, expected))
            continue
        for sample, answer in zip(request["calls"], found):
            if request["samples"][sample]:
                fresh.append((str([wanted["shape"] for wanted in request["samples"][sample]]), answer))
                expected[key(request, sample)] = answer[1]
    json.dump({"verdict": verdict(runs, fresh), "runs": runs}, sys.stdout)


if __name__ == "__main__":
    main()
