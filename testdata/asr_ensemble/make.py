"""Makes preprocess/1/model.pt: log-mel features of a recording, as a scripted module.

Needs the PyTorch of testdata/artifacts/torchscript/requirements.txt. The weights are those of a mel filter
bank, so that the file does something real and stays small.
"""

import io
import math
import pathlib
import zipfile
from typing import Final

import torch
from torch import Tensor, nn

SAMPLES_PER_FRAME = 160
WINDOW = 400
BANDS = 80


def mel_filters() -> Tensor:
    """The triangles of the mel scale over the bins of a Fourier transform of one window."""
    bins = WINDOW // 2 + 1
    mel = torch.linspace(0, 2595 * math.log10(1 + 8000 / 700), BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    frequencies = torch.linspace(0, 8000, bins)
    rising = (frequencies[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp(min=0).half().float()


class Preprocess(nn.Module):
    """Samples of recordings to log-mel frames; both come with how many of them are no padding."""

    step: Final[int]
    size: Final[int]

    def __init__(self) -> None:
        super().__init__()
        self.step = SAMPLES_PER_FRAME
        self.size = WINDOW
        self.register_buffer("filters", mel_filters().half())
        self.register_buffer("window", torch.hann_window(WINDOW).half())

    def forward(self, audio: Tensor, audio_length: Tensor) -> tuple[Tensor, Tensor]:
        frames = audio.unfold(1, self.size, self.step) * self.window.float()
        power = torch.fft.rfft(frames).abs().square()
        features = torch.matmul(self.filters.float(), power.transpose(1, 2)).clamp(min=1e-10).log10()
        lengths = torch.div(audio_length - self.size, self.step, rounding_mode="floor") + 1
        return features, lengths.to(torch.int32)


def without_paths(archive: bytes) -> bytes:
    """Leaves out the debug records, which name the folders of the machine that made the archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if not name.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_STORED)
    return kept.getvalue()


def main() -> None:
    module = torch.jit.script(Preprocess().eval())
    features, lengths = module(torch.zeros(1, 16000), torch.tensor([[16000]], dtype=torch.int32))
    assert features.shape == (1, 80, 98) and lengths.tolist() == [[98]]
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    path = pathlib.Path(__file__).parent / "preprocess/1/model.pt"
    path.write_bytes(without_paths(buffer.getvalue()))
    again = torch.jit.load(str(path))
    assert torch.equal(again(torch.zeros(1, 16000), torch.tensor([[16000]], dtype=torch.int32))[0], features)


if __name__ == "__main__":
    main()
