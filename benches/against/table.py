"""Runs the sides in turn and prints a table of medians; scripts/bench calls it."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
# Python and the server take minutes for more models than these.
MOST_FOR_SLOW = 10_000
TRITONLINT = "target/release/tritonlint"
HERE = Path(__file__).parent


def run(command):
    """Seconds of wall time, and the largest memory in MB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def in_turn(sides):
    """The medians of each side. Each run comes after one of the first side, which does not count: what it leaves in
    the caches is the same for all."""
    first = next(iter(sides.values()))
    results = {name: [] for name in sides}
    for _ in range(RUNS):
        for name, command in sides.items():
            run(first)
            results[name].append(run(command))
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in results.items()}


def server(program, stand_ins, folder):
    """Seconds until the real server has looked at every model of a repository once, and its memory in MB."""
    packages = program.parents[3]
    options = ["allow-http=false", "allow-grpc=false", "allow-metrics=false", "exit-on-error=false", "log-info=true"]
    command = [program, f"--model-repository={folder}", f"--backend-directory={stand_ins}", "--exit-timeout-secs=1"]
    command += ["--pinned-memory-pool-byte-size=0", f"--repoagent-directory={stand_ins}"]
    libraries = {"LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs"), "CUDA_VISIBLE_DEVICES": ""}
    start = time.perf_counter()
    with subprocess.Popen(
        [*command, *(f"--{option}" for option in options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | libraries,
    ) as process:
        # It lists its options when it has judged every model.
        any(line.startswith(b"| exit_timeout ") for line in process.stdout)
        taken = time.perf_counter() - start
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return taken, usage.ru_maxrss / 1024


def throughput(sides, count, file):
    results = {name: [] for name in sides}
    for _ in range(RUNS):
        for name, command in sides.items():
            said = subprocess.run([*command, str(count), str(file)], stdout=subprocess.PIPE, check=True, text=True)
            results[name].append(float(said.stdout))
    return {name: statistics.median(rows) for name, rows in results.items()}


def config_of(size):
    tensor = '  {\n    name: "TENSOR_%d"\n    data_type: TYPE_FP32\n    dims: [ -1, 768 ]\n  }'
    head = 'name: "model"\nbackend: "onnxruntime"\nmax_batch_size: 8\ninput [\n'
    count = max(1, (size - len(head)) // len(tensor))
    return head + ",\n".join(tensor % number for number in range(count)) + "\n]\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True)
    parser.add_argument("--cpp")
    parser.add_argument("--server", type=Path)
    parser.add_argument("--stand-ins", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="+")
    arguments = parser.parse_args()
    python = [arguments.python, str(HERE / "parse.py")]

    size = os.path.getsize(TRITONLINT) / 1e6
    print(f"{platform.machine()}, binary of {size:.1f} MB, {len(os.sched_getaffinity(0))} cores, medians of {RUNS} runs in turn, warm cache\n")
    print(f"{'repository':>12}  {'side':<36} {'seconds':>8} {'µs/model':>9} {'MB':>6} {'of ours':>8}")
    for count in arguments.counts:
        folder = str(arguments.folder / str(count))
        sides = {"tritonlint check": [TRITONLINT, "check", "--isolated", "--output-format", "concise", folder]}
        if arguments.cpp:
            sides["C++ protobuf, parsing only"] = [arguments.cpp, folder]
        if count <= MOST_FOR_SLOW:
            sides["Python protobuf, parsing only"] = [*python, folder]
        results = in_turn(sides)
        ours = results["tritonlint check"][0]
        if arguments.server and count <= MOST_FOR_SLOW:
            results["the server, once, no real back-ends"] = server(arguments.server, arguments.stand_ins, folder)
        for name, (seconds, memory) in results.items():
            each = seconds / count * 1e6
            print(f"{count:>12}  {name:<36} {seconds:8.3f} {each:9.1f} {memory:6.0f} {seconds / ours:8.2f}")

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "m")
        model.mkdir()
        (model / "config.pbtxt").write_text(config_of(1000))
        cold = {"--version": [TRITONLINT, "--version"], "check of one model": [TRITONLINT, "check", str(model)]}
        for name, (seconds, memory) in in_turn(cold).items():
            print(f"{'':>12}  {name:<36} {seconds:8.4f} {'':>9} {memory:6.0f}")

        print(f"\n{'config':>12}  {'side':<36} {'MB/s':>8}")
        for label, size, count in [("1 kB", 1000, 20000), ("1 MB", 10**6, 20), ("10 MB", 10**7, 2), ("50 MB", 5 * 10**7, 1)]:
            file = Path(folder, "config.pbtxt")
            file.write_text(config_of(size))
            sides = {"tritonlint, tree with spans": ["target/release/examples/parse-repeatedly"]}
            if arguments.cpp:
                sides["C++ protobuf"] = [arguments.cpp, "--repeat"]
            for name, rate in throughput(sides, count, file).items():
                print(f"{label:>12}  {name:<36} {rate:8.1f}")
            if size <= 10**6:
                slow = throughput({"Python protobuf": [*python, "--repeat"]}, max(1, count // 20), file)
                print(f"{label:>12}  {'Python protobuf':<28} {slow['Python protobuf']:8.1f}")


main()
