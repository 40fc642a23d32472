"""Makes the models of this folder, each a repository's model with a config. Run with torch 2.13."""

import pathlib
import shutil
import zipfile

import torch
from torch import Tensor, nn

HERE = pathlib.Path(__file__).parent


class Healthy(nn.Module):
    """Works for every length."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x.unsqueeze(1))).sum(1)


class KeepsState(nn.Module):
    """Joins each input with the end of the one before."""

    def __init__(self):
        super().__init__()
        self.tail = torch.zeros(0)

    def forward(self, x: Tensor) -> Tensor:
        joined = torch.cat([self.tail, x])
        self.tail = x[-4:].clone()
        return torch.cumsum(joined, 0)


class KeepsStateOfOneLength(nn.Module):
    """Adds the input before: fails when the length changes."""

    def __init__(self):
        super().__init__()
        self.before = torch.zeros(0)

    def forward(self, x: Tensor) -> Tensor:
        sum = x + self.before if self.before.numel() > 0 else x
        self.before = x.clone()
        return sum


class KeepsInput(nn.Module):
    """Gives the difference to the input before, which it keeps without clone()."""

    def __init__(self):
        super().__init__()
        self.before = torch.zeros(0)

    def forward(self, x: Tensor) -> Tensor:
        before = self.before
        self.before = x
        return x - before if before.size(0) == x.size(0) else x


class Baked(nn.Module):
    """Traced with one length, which `view` then has as a constant."""

    def forward(self, x: Tensor) -> Tensor:
        return x.view(int(x.shape[0]), 2).sum(1)


class Loops(nn.Module):
    """Loops and branches over sizes, as scripting keeps them."""

    def forward(self, x: Tensor) -> Tensor:
        sum = torch.zeros(1)
        for i in range(x.size(0)):
            if i % 2 == 0:
                sum = sum + x[i]
            else:
                sum = sum - x[i]
        return sum


class DictionaryOutput(nn.Module):
    """Gives what the back-end does not take."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"y": x}


class TupleOutput(nn.Module):
    """Gives two outputs."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x + 1, x.sum().reshape(1)


class DictionaryInput(nn.Module):
    """Takes one dictionary."""

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return inputs["A"] + inputs["B"]


class Endless(nn.Module):
    """Never comes back for more than two values."""

    def forward(self, x: Tensor) -> Tensor:
        n = 0
        while x.size(0) > 2 and n >= 0:
            n = (n + 1) % 7
        return x + n


class Allocates(nn.Module):
    """Asks for 40 GB."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros([x.size(0), 10_000_000_000 // x.size(0)]).sum(1)


class Prints(nn.Module):
    """Prints what looks like an answer."""

    def forward(self, x: Tensor) -> Tensor:
        print('{"reply": "done"}')
        return x * 2


class Writes(nn.Module):
    """Maps a file into memory that can be written, and makes it if it is not there."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.from_file("written_by_a_model", True, x.size(0), dtype=torch.float32)


class Crashes(nn.Module):
    """Reaches far outside its memory: the crash is the model's own."""

    def forward(self, x: Tensor) -> Tensor:
        far = torch.full([1, 1], 1 << 40, dtype=torch.long)
        return torch.ops.aten._sparse_coo_tensor_unsafe(far, x[:1], [x.size(0)]).to_dense()


class Swapped(nn.Module):
    """Takes its arguments in another order than the config has them."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return first.reshape(-1, 2).sum(1) + second


class WantsInferenceMode(nn.Module):
    """Takes tensors only that were made in inference mode, as the server's outputs are."""

    def forward(self, x: Tensor) -> Tensor:
        doubled = x * 2
        if not doubled.is_inference():
            raise RuntimeError("this is not inference mode")
        return doubled


class Frozen(nn.Module):
    """Crashes libtorch 1.10 to 2.0 at the first call of a new shape once specialised."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.hardswish(self.conv(nn.functional.relu6(x)) + 1) * 2


def config(inputs: str, outputs: str, batch: int) -> str:
    batching = f"max_batch_size: {batch}\n" if batch > 0 else ""
    return f'backend: "pytorch"\n{batching}{inputs}{outputs}instance_group [ {{ kind: KIND_CPU }} ]\n'


def tensor(kind: str, name: str, dims: str) -> str:
    return f'{kind} [ {{ name: "{name}" data_type: TYPE_FP32 dims: {dims} }} ]\n'


ONE = tensor("input", "X__0", "[ -1 ]")
OUT = tensor("output", "Y__0", "[ -1 ]")


def without_places(path: pathlib.Path) -> None:
    """Drops what differs from machine to machine and from run to run: where the code came from."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith((".debug_pkl", "/serialization_id"))]
        members = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def write(name: str, module: nn.Module, inputs: str = ONE, outputs: str = OUT, batch: int = 0) -> None:
    folder = HERE / "models" / name
    (folder / "1").mkdir(parents=True)
    module.save(folder / "1" / "model.pt")
    without_places(folder / "1" / "model.pt")
    (folder / "config.pbtxt").write_text(config(inputs, outputs, batch))


def main() -> None:
    torch.manual_seed(0)
    shutil.rmtree(HERE / "models", ignore_errors=True)
    wide = tensor("input", "X__0", "[ -1, -1 ]")
    write("healthy", torch.jit.script(Healthy()), wide, tensor("output", "Y__0", "[ -1, -1 ]"))
    write("keeps_state", torch.jit.script(KeepsState()))
    write("keeps_state_of_one_length", torch.jit.script(KeepsStateOfOneLength()))
    write("keeps_input", torch.jit.script(KeepsInput()))
    write("baked", torch.jit.trace(Baked(), torch.zeros(8, 2)), tensor("input", "X__0", "[ -1, 2 ]"))
    write("loops", torch.jit.script(Loops()))
    write("dictionary_output", torch.jit.script(DictionaryOutput()))
    write("tuple_output", torch.jit.script(TupleOutput()), ONE, OUT + tensor("output", "Z__1", "[ 1 ]"))
    two = tensor("input", "A", "[ -1 ]") + tensor("input", "B", "[ -1 ]")
    write("dictionary_input", torch.jit.script(DictionaryInput()), two)
    write("endless", torch.jit.script(Endless()))
    write("allocates", torch.jit.script(Allocates()))
    write("prints", torch.jit.script(Prints()))
    frozen = torch.jit.freeze(torch.jit.script(Frozen().eval()))
    image = "[ 4, -1, -1 ]"
    write("writes", torch.jit.script(Writes()))
    write("crashes", torch.jit.script(Crashes()))
    write("wants_inference_mode", torch.jit.script(WantsInferenceMode()))
    swapped = tensor("input", "second", "[ 1 ]") + tensor("input", "first", "[ -1, 2 ]")
    write("swapped", torch.jit.script(Swapped()), swapped)
    write("frozen", frozen, tensor("input", "X__0", image), tensor("output", "Y__0", image), batch=4)


if __name__ == "__main__":
    main()
