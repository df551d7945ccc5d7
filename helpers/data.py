"""Where tensors come from: MNIST, batches, latents, and the range of pixels."""

import gzip
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import torch
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent / "data"
REMEDY = "Fetch a fresh copy of it from the course's repository (git checkout -- data)."


class DataError(RuntimeError):
    """A file of the course's data is missing or damaged; the message names it and the remedy."""


@cache
def checksums(root=ROOT):
    """SHA-256 of every shipped file, `{"MNIST/raw/...gz": "440f..."}`, from checksums.sha256."""
    path = Path(root) / "checksums.sha256"
    if not path.exists():
        raise DataError(f"{path} is missing: it lists the checksum of every data file. {REMEDY}")
    rows = (line.split(maxsplit=1) for line in path.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in rows}


def verified(name, root=ROOT):
    """The bytes of the shipped file `name`, a path inside data/, once its checksum is right."""
    path = Path(root) / name
    expected = checksums(root).get(name)
    if expected is None:
        raise DataError(f"{name} has no checksum in checksums.sha256. {REMEDY}")
    if not path.exists():
        raise DataError(f"{path} is missing (expected a file with SHA-256 {expected}). {REMEDY}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} is damaged: expected SHA-256 {expected}, found {found} "
            f"({len(content):,} bytes). {REMEDY}"
        )
    return content


def _idx(name, root):
    """uint8 tensor of an IDX archive: magic number, sizes, then the values."""
    raw = gzip.decompress(verified(f"MNIST/raw/{name}.gz", root))
    sizes = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=4 + 4 * raw[3]).view(sizes)


def mnist(split="train", low=-1.0, root=ROOT):
    """All digits of a split, float32 `(N, 1, 28, 28)` in [low, 1], and labels int64 `(N,)`.

    `split` is "train" (60,000) or "test" (10,000); `low` is -1.0 (the range of tanh) or 0.0.
    """
    prefix = {"train": "train", "test": "t10k"}.get(split)
    if prefix is None:
        raise ValueError(f'split is "train" or "test", not {split!r}.')
    if low not in (-1.0, 0.0):
        raise ValueError(f"low is -1.0 or 0.0, the darkest pixel's value, not {low!r}.")
    images = _idx(f"{prefix}-images-idx3-ubyte", root).unsqueeze(1).float().div_(255)
    labels = _idx(f"{prefix}-labels-idx1-ubyte", root).long()
    return (to_gan_range(images) if low == -1.0 else images), labels


def torchvision_root(root=ROOT):
    """A folder for `torchvision.datasets.MNIST(folder, download=True)`, which works offline.

    torchvision unpacks the archives beside themselves. Where data/ cannot be written to, they are
    copied to a folder of the user's own first.
    """
    root, own = Path(root), own_root()
    if writable(root / "MNIST" / "raw"):
        return root
    (own / "MNIST" / "raw").mkdir(parents=True, exist_ok=True)
    for archive in (root / "MNIST" / "raw").glob("*.gz"):
        shutil.copyfile(archive, own / "MNIST" / "raw" / archive.name)
    return own


def own_root():
    """A folder of the user's own, for data where data/ cannot be written to; made when needed."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"gan-course-{user}"


def writable(folder):
    """Can files be made in `folder`? Tried, since permissions do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


class Batches:
    """Endless shuffled batches `(batch_size, ...)` of a tensor, drawn by index.

    With `labels` `(N,)` a batch is the pair (x, y). Both stay whole in memory, on their device.
    Every pass is a new permutation (from PyTorch's global seed); the last short batch of a pass is
    left out, so that every step costs the same and BatchNorm never meets a batch of one.
    """

    def __init__(self, x, batch_size, labels=None):
        if not 0 < batch_size <= len(x):
            raise ValueError(f"batch_size is 1 to {len(x)} (all examples), not {batch_size}.")
        if labels is not None and len(labels) != len(x):
            raise ValueError(
                f"{len(x)} images need {len(x)} labels, not {len(labels)}: both of one split?"
            )
        self.x, self.batch_size, self.labels = x, batch_size, labels

    def __len__(self):
        """Number of batches in one pass over the data."""
        return len(self.x) // self.batch_size

    def epoch(self):
        """Yield the batches of one pass."""
        order = torch.randperm(len(self.x)).to(self.x.device)
        for rows in order.split(self.batch_size)[: len(self)]:
            yield self.x[rows] if self.labels is None else (self.x[rows], self.labels[rows])

    def take(self, steps):
        """Yield `steps` batches, starting a new pass whenever one ends."""
        while steps > 0:
            for batch in self.epoch():
                yield batch
                steps -= 1
                if steps == 0:
                    return


def sample_z(n, z_dim, device=None):
    """Latent vectors `(n, z_dim)` from N(0, I), new ones at every call."""
    return torch.randn(n, z_dim, device=device)


def one_hot(y, num_classes):
    """Labels int64 `(N,)` as rows of one 1 and zeros, float `(N, num_classes)`."""
    return F.one_hot(y, num_classes).float()


def random_labels(n, num_classes, device=None):
    """`n` labels int64 `(n,)`, 0 to num_classes - 1, each as likely; new ones at every call."""
    return torch.randint(num_classes, (n,), device=device)


def wrong_labels(y, num_classes):
    """For each label of `y` int64 `(N,)` another one, every other class as likely."""
    shift = torch.randint(1, num_classes, y.shape, device=y.device)
    return (y + shift) % num_classes


def interpolate(z1, z2, steps):
    """`steps` points `(steps, L)` at even distances on the line from `z1` to `z2`, each `(L,)`."""
    return torch.lerp(z1, z2, torch.linspace(0, 1, steps, device=z1.device).unsqueeze(1))


def to_gan_range(x):
    """Pixels from [0, 1] to [-1, 1], the range of tanh."""
    return 2 * x - 1


def to_display_range(x):
    """Pixels from [-1, 1] back to [0, 1], the range of a picture."""
    return (x + 1) / 2
