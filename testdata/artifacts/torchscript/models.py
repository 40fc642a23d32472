"""The models that make.py saves. Each returns a module, or a ready file's bytes, of a few kilobytes."""

from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor, nn

library = torch.library.Library("acme", "DEF")
library.define("twice(Tensor x) -> Tensor")
library.impl("twice", lambda x: x * 2, "CompositeExplicitAutograd")


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)
        self.norm = nn.BatchNorm1d(3)

    def forward(self, pixels):
        return torch.relu(self.norm(self.linear(pixels)))


class Reshapes(nn.Module):
    """Tracing bakes both lengths in."""

    def forward(self, x):
        rows = x.shape[0]
        steps = torch.arange(len(x[0]), dtype=torch.float32)
        return (x + steps).view(int(rows) * 2, 2)


class Result(NamedTuple):
    score: Tensor
    box: Tensor


class Results(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, List[Tensor], Dict[str, Tensor]]:
        return x, [x + 1, x + 2], {"twice": x * 2}


class Named(nn.Module):
    def forward(self, x: Tensor) -> Result:
        return Result(x.sum(), x)


class Arguments(nn.Module):
    def forward(
        self,
        x: Tensor,
        others: List[Tensor],
        table: Dict[str, Tensor],
        mask: Optional[Tensor] = None,
        scale: float = 1e-3,
        heads: int = -2,
        sizes: Tuple[int, int] = (1, 2),
        mode: str = "a\"b",
        flag: bool = False,
    ) -> Dict[str, Tensor]:
        if mask is not None:
            x = x * mask
        if flag:
            x = x + table[mode]
        return {"x": x * scale + heads + sizes[0], "first": others[0]}


class Steps(nn.Module):
    """A loop whose count the data tells, and a condition on a size."""

    def forward(self, x: Tensor) -> Tensor:
        total = x
        for _ in range(int(x.sum().item())):
            total = total + x
        if x.size(0) > 2:
            total = total * 2
        return total


class Memory(nn.Module):
    """Keeps a sum of its own between calls."""

    previous: Optional[Tensor]
    seen: List[Tensor]

    def __init__(self):
        super().__init__()
        self.previous = None
        self.register_buffer("total", torch.zeros(3))
        self.seen = []
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.total.add_(x.sum())
        self.seen.append(x * 2)
        self.calls += 1
        result = x
        previous = self.previous
        if previous is not None:
            result = x + previous
        self.previous = x * 2
        return result


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("cache", torch.zeros(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        self.cache = torch.cat([self.cache, x])
        return self.cache


class Outer(nn.Module):
    """The state is in a submodule."""

    def __init__(self):
        super().__init__()
        self.inner = Inner()

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x).sum()


class Keeps(nn.Module):
    def __init__(self):
        super().__init__()
        self.previous = torch.zeros(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        result = x - self.previous
        self.previous = x
        return result


class KeepsView(nn.Module):
    def __init__(self):
        super().__init__()
        self.previous = torch.zeros(3)

    def keep(self, x: Tensor):
        self.previous = x.view(-1)[:3].detach()

    def forward(self, x: Tensor) -> Tensor:
        result = x - self.previous
        self.keep(x)
        return result


class KeepsInList(nn.Module):
    seen: List[Tensor]
    named: Dict[str, Tensor]

    def __init__(self):
        super().__init__()
        self.seen = []
        self.named = {}

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        self.seen.append(x)
        self.named["y"] = y.t()
        return torch.cat(self.seen)


class KeepsClone(nn.Module):
    def __init__(self):
        super().__init__()
        self.previous = torch.zeros(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        result = x - self.previous
        self.previous = x.clone()
        return result


class KeepsConverted(nn.Module):
    """Keeps the input itself if it has the right type already, and a view of it by way of other calls."""

    def __init__(self):
        super().__init__()
        self.previous = torch.zeros(2, 3)
        self.row = torch.zeros(3)

    def parts(self, x: Tensor) -> Tuple[Tensor, List[Tensor]]:
        return x[0], [x.sum()]

    def forward(self, x: Tensor) -> Tensor:
        self.previous = x.to(torch.float32).contiguous()
        row, sums = self.parts(x)
        sums.append(self.row)
        self.row = row
        return sums[0]


@torch.jit.script
class Holder:
    def __init__(self, held: Tensor):
        self.held = held
        self.count = 0

    def add(self):
        self.count += 1


class MadeObject(nn.Module):
    """Holds the input in an object that no attribute keeps."""

    copies: List[Tensor]

    def __init__(self):
        super().__init__()
        self.copies = [torch.zeros(2, 3)]

    def forward(self, x: Tensor) -> Tensor:
        holder = Holder(x)
        holder.add()
        self.copies[0] = x * 2
        return holder.held + self.copies[0]


class Writes(nn.Module):
    """Writes into a buffer by index and through a view of it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.zeros(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        self.table[0] = x.sum()
        row = self.table.select(0, 1)
        row.copy_(x[0])
        return self.table


class Local(nn.Module):
    """Changes only what it made itself."""

    def forward(self, x: Tensor) -> Tensor:
        made: List[Tensor] = []
        made.append(x)
        y = x.clone()
        y.add_(1)
        return torch.cat(made) + y


class Baked(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.ones([1], device=torch.device("cuda:0"))


class Custom(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.acme.twice(x)


class ChangesInput(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x.add_(1)
        return x * 2


class NoForward(nn.Module):
    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return x * 2


class Tokens(nn.Module):
    """Arguments whose order is easily mistaken."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tuple[Tensor, Tensor]:
        return input_ids * attention_mask, input_ids + token_type_ids


class Strings(nn.Module):
    def forward(self, texts: List[str], lengths: Tensor) -> List[str]:
        return [text.lower() for text in texts]


class Lookup(nn.Module):
    """Nothing in it that could be fused."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(8, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.table(ids)


class Grows(nn.Module):
    """A table that a longer input makes longer."""

    def __init__(self):
        super().__init__()
        self.table = torch.zeros(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        if x.size(1) > self.table.size(1):
            self.table = torch.zeros(1, x.size(1))
        return x + self.table[:, : x.size(1)]


def small():
    torch.manual_seed(0)
    return Small().eval()


def quantised():
    class Floats(nn.Module):
        def __init__(self):
            super().__init__()
            self.enter = torch.ao.quantization.QuantStub()
            self.linear = nn.Linear(4, 3)
            self.leave = torch.ao.quantization.DeQuantStub()

        def forward(self, x):
            return self.leave(self.linear(self.enter(x)))

    torch.manual_seed(0)
    torch.backends.quantized.engine = "fbgemm" if "fbgemm" in torch.backends.quantized.supported_engines else "x86"
    model = Floats().eval()
    model.qconfig = torch.ao.quantization.default_qconfig
    torch.ao.quantization.prepare(model, inplace=True)
    model(torch.ones(2, 4))
    torch.ao.quantization.convert(model, inplace=True)
    return torch.jit.trace(model, torch.ones(2, 4))


SCRIPTED = [
    ("results", Results, 1), ("named", Named, 1), ("arguments", Arguments, None), ("steps", Steps, 1), ("memory", Memory, 1), ("outer", Outer, 1),
    ("keeps", Keeps, 1), ("keeps_view", KeepsView, 1), ("keeps_in_list", KeepsInList, 2), ("keeps_clone", KeepsClone, 1), ("keeps_converted", KeepsConverted, 1), ("made_object", MadeObject, 1),
    ("writes", Writes, 1), ("local", Local, 1), ("baked_device", Baked, None), ("custom_op", Custom, 1),
    ("changes_input", ChangesInput, 1), ("tokens", Tokens, 3), ("strings", Strings, None), ("lookup", Lookup, None), ("grows", Grows, None),
]
