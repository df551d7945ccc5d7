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

from helpers import data, downloads

STYLES = "fluentflat", "fluent3d"  # domains A and B of the emoji
HALF = 10_000  # digits of each domain: as much as 28 x 28 colours need, 94 MB
PARTS = "trainA", "trainB", "testA", "testB"
# the authors' server, its old address, and once more where certificates are the trouble; size and
# checksum are those of tensorflow_datasets/url_checksums/cycle_gan.txt
HORSE2ZEBRA = (
    "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip",
    "https://people.eecs.berkeley.edu/~taesung_park/CycleGAN/datasets/horse2zebra.zip",
    "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip",
)
HORSE2ZEBRA_SIZE = 116_867_962
HORSE2ZEBRA_SHA256 = "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1"


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


BROWN = _colour(0.45, 0.26, 0.12)


def horses(m, coat=BROWN):
    """Brown digits on grass, `(N, 3, H, W)`, from grey ones `m` `(N, 1, H, W)` in [0, 1]."""
    return data.to_gan_range(m * coat + (1 - m) * _colour(0.25, 0.62, 0.22))


def zebras(m):
    """Digits in diagonal black and white stripes on sand, as above; the stripes stay in place."""
    height, width = m.shape[-2:]
    diagonal = torch.arange(height).view(-1, 1) + torch.arange(width)
    white = (diagonal // 2 % 2).float()
    coat = white * _colour(0.97, 0.97, 0.97) + (1 - white) * _colour(0.03, 0.03, 0.03)
    return data.to_gan_range(m * coat + (1 - m) * _colour(0.80, 0.68, 0.48))


def load(name):
    """Both domains of a scale: "digits", "emoji", "horse2zebra", or a folder of photographs."""
    made = {"digits": striped_digits, "emoji": emoji, "horse2zebra": horse2zebra}
    return made[name]() if name in made else photographs(name)


def striped_digits(n_test=1000):
    """Horses and zebras made of MNIST's digits, 28 x 28: A and B from different digits.

    The test pictures are paired: `n_test` test digits, painted twice.
    """
    return _painted_digits(n_test, BROWN, BROWN)


def dyed_digits(n_test=1000):
    """As `striped_digits`, but each horse has a colour of its own, which no zebra shows."""
    return _painted_digits(n_test, _dyes(HALF, 0), _dyes(n_test, 1))


def _painted_digits(n_test, coats, test_coats):
    grey, _ = data.mnist("train", low=0.0)
    test, labels = (x[:n_test] for x in data.mnist("test", low=0.0))
    A, B = horses(grey[:HALF], coats), zebras(grey[HALF : 2 * HALF])
    return Domains(A, B, horses(test, test_coats), zebras(test), True, labels)


def _dyes(n, seed):
    """`n` coats `(n, 3, 1, 1)` from orange over red to blue, on grass no green; always the same."""
    turn = torch.rand(n, generator=torch.Generator().manual_seed(seed))
    hue = torch.pi * (0.2 - turn)
    thirds = torch.tensor([0.0, 2.0, 4.0]) * torch.pi / 3
    return (0.4 + 0.35 * torch.cos(hue[:, None] - thirds))[:, :, None, None]


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


def horse2zebra(folder=None, size=64, download=True):
    """Horses (A) and zebras (B), the photographs of Zhu et al. 2017; see `photographs`.

    They are downloaded once, 117 MB, into `folder` (data/horse2zebra, or one of the user's own
    where data/ is read-only). With `download` False: None if they are not there.
    """
    roots = data.ROOT, data.own_root()
    places = [Path(folder)] if folder else [root / "horse2zebra" for root in roots]
    there = [place for place in places if _complete(place)]
    if not there and not download:
        return None
    if not there:
        there = [places[0] if folder or data.writable(data.ROOT) else places[1]]
        download_horse2zebra(there[0])
    return photographs(there[0], size)


def download_horse2zebra(folder):
    """Put the photographs into `folder`, which must not be there yet; the archive stays beside."""
    folder = Path(folder)
    if folder.exists():
        found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        raise data.DataError(
            f"{folder} is there already: expected {', '.join(PARTS)} in it, found {found}. Move "
            "it away, or name another folder, and the photographs are downloaded there."
        )
    archive = folder.with_name(folder.name + ".zip")
    downloads.fetch(HORSE2ZEBRA, archive, HORSE2ZEBRA_SHA256, HORSE2ZEBRA_SIZE)
    downloads.unpack(archive, folder, "horse2zebra")


def _complete(folder):
    return all((folder / part).is_dir() for part in PARTS)


def photographs(folder, size=64):
    """The pictures in `folder`/trainA, trainB, testA, testB: any two domains, unpaired.

    Files of any format that Pillow reads, hidden ones excepted; each is cut to its middle square
    and scaled to `size`.
    """
    return Domains(*(_folder(Path(folder) / part, size) for part in PARTS), False)


def _folder(folder, size):
    if not folder.is_dir():
        raise data.DataError(
            f"{folder} is missing: expected the folders {', '.join(PARTS)} with pictures in "
            "them, in one folder. Is the path one level too high or too deep?"
        )
    endings = {end for end, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    paths = [path for path in files if path.suffix.lower() in endings]
    if not paths:
        raise data.DataError(
            f"{folder} holds no pictures: expected files such as .jpg or .png, found "
            f"{len(files)} files{f', such as {files[0].name}' if files else ''}. Save pictures "
            "of another format (an iPhone's .heic) as .jpg first."
        )
    return _as_pictures(np.stack([_pixels(path, size) for path in paths]))


def picture(file, size):
    """The middle square of a picture, `(1, 3, size, size)`; `file` is a path or an open file."""
    return _as_pictures(_pixels(file, size)[None])


def _pixels(file, size):
    """uint8 `(size, size, 3)`: upright as the camera was held, clear parts on white."""
    try:
        with Image.open(file) as image:
            image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is decoded at that size only
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA", "P"):
                clear = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
            return np.asarray(ImageOps.fit(upright.convert("RGB"), (size, size)))
    except Exception as error:  # Pillow raises nearly any kind for a damaged file
        raise data.DataError(
            f"{getattr(file, 'name', file)} is no picture that can be read ({error}): expected a "
            "whole JPEG, PNG or the like. Is it damaged, or another kind of file?"
        ) from error
