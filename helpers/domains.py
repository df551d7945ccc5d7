"""Two domains of colour pictures, A and B, unpaired: striped digits, emoji, photographs in folders.

Every picture is float32 `(N, 3, H, W)` in [-1, 1].
"""

import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps

from helpers import data

STYLES = "fluentflat", "fluent3d"  # domains A and B of the emoji
HALF = 10_000  # digits of each domain: as much as 28 x 28 colours need, 94 MB


class Domains(NamedTuple):
    """Pictures of two domains: A and B to train on, unpaired; test_A and test_B to judge by.

    If `paired`, test_B[i] is the true counterpart of test_A[i]. `labels` are the digits' classes,
    of the test pictures, or None.
    """

    A: torch.Tensor
    B: torch.Tensor
    test_A: torch.Tensor
    test_B: torch.Tensor
    paired: bool
    labels: torch.Tensor | None = None

    def batches(self, batch_size, steps):
        """Yield `steps` unpaired batches (a, b), each domain in an order of its own."""
        orders = (data.Batches(x, batch_size).take(steps) for x in (self.A, self.B))
        yield from zip(*orders)

    def to(self, device):
        """The same on `device`."""
        return Domains(*(x.to(device) if torch.is_tensor(x) else x for x in self))


def _colour(*rgb):
    return torch.tensor(rgb).view(1, 3, 1, 1)


def horses(m):
    """Brown digits on grass, `(N, 3, H, W)`, from grey ones `m` `(N, 1, H, W)` in [0, 1]."""
    return data.to_gan_range(m * _colour(0.45, 0.26, 0.12) + (1 - m) * _colour(0.25, 0.62, 0.22))


def zebras(m):
    """Digits in diagonal black and white stripes on sand, as above; the stripes stay in place."""
    height, width = m.shape[-2:]
    diagonal = torch.arange(height).view(-1, 1) + torch.arange(width)
    white = (diagonal // 2 % 2).float()
    coat = white * _colour(0.97, 0.97, 0.97) + (1 - white) * _colour(0.03, 0.03, 0.03)
    return data.to_gan_range(m * coat + (1 - m) * _colour(0.80, 0.68, 0.48))


def striped_digits(n_test=2000):
    """Horses and zebras made of MNIST's digits, 28 x 28: A and B from different digits.

    The test pictures are paired: `n_test` test digits, painted twice.
    """
    grey, _ = data.mnist("train", low=0.0)
    test, labels = (x[:n_test] for x in data.mnist("test", low=0.0))
    A, B = horses(grey[:HALF]), zebras(grey[HALF : 2 * HALF])
    return Domains(A, B, horses(test), zebras(test), True, labels)


def emoji():
    """Emoji, flat (A) and the same shaded like clay (B), 32 x 32: A and B are different emoji."""
    flat, clay, split = _emoji()
    test = split == "test"
    return Domains(flat[split == "A"], clay[split == "B"], flat[test], clay[test], True)


def emoji_pairs():
    """The emoji of A in pairs, flat and shaded `(696, 3, 32, 32)`: as many pictures as `emoji`."""
    flat, clay, split = _emoji()
    return flat[split == "A"], clay[split == "A"]


def _emoji():
    """All emoji in both styles, and the part that each belongs to: "A", "B" or "test"."""
    rows = csv.DictReader(io.StringIO(data.verified("emoji/index.csv").decode()))
    split = np.array([row["split"] for row in rows])
    return *(_tiles(f"emoji/{style}_32.png", len(split)) for style in STYLES), split


def _tiles(name, count):
    """The first `count` tiles of a sheet with 40 in a row, `(count, 3, size, size)` in [-1, 1]."""
    sheet = np.asarray(Image.open(io.BytesIO(data.verified(name))).convert("RGB"))
    size = sheet.shape[1] // 40
    tiles = sheet.reshape(-1, size, 40, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)
    return _as_pictures(tiles[:count])


def _as_pictures(pixels):
    """uint8 `(N, H, W, 3)` as float32 `(N, 3, H, W)` in [-1, 1]."""
    return data.to_gan_range(torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2) / 255)


def photographs(folder, size=64):
    """The pictures in `folder`/trainA, trainB, testA, testB: any two domains, unpaired.

    Files of any format that Pillow reads; each is cut to its middle square and scaled to `size`.
    """
    parts = (_folder(Path(folder) / part, size) for part in ("trainA", "trainB", "testA", "testB"))
    return Domains(*parts, False)


def _folder(folder, size):
    if not folder.is_dir():
        raise data.DataError(
            f"{folder} is missing: expected the folders trainA, trainB, testA and testB with "
            "pictures in them, in one folder. Is the path one level too high or too deep?"
        )
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in Image.registered_extensions())
    if not paths:
        raise data.DataError(
            f"{folder} holds no pictures (found {len(list(folder.iterdir()))} files)."
        )
    return _as_pictures(np.stack([np.asarray(picture(path, size)) for path in paths]))


def picture(file, size):
    """The middle square of the picture `file` (a path, or a file that is open), `size` x `size`."""
    try:
        with Image.open(file) as image:
            return ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (size, size))
    except OSError as error:
        raise data.DataError(f"{file} is no picture that can be read: {error}") from error
