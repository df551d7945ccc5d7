"""Trained weights that ship with the course: load and save, with checksums."""

import functools
import hashlib
import io
import os

import torch

from helpers import networks
from helpers.data import ROOT, checksums, verified
from helpers.translation import SCALES

NETWORKS = {
    "vanilla_gan": networks.Generator,
    "digit_classifier": networks.DigitClassifier,
    "striped_classifier": functools.partial(networks.DigitClassifier, channels=3),
    "lenet": networks.LeNet,
    "lenet_robust": networks.LeNet,
    "conditional_gan": networks.ConditionalGenerator,
    "cyclegan_dyed": functools.partial(networks.Translators, **SCALES["digits"].pair),
    "cyclegan_emoji": functools.partial(networks.Translators, **SCALES["emoji"].pair),
    "pix2pix_emoji": functools.partial(networks.Translators, **SCALES["emoji"].pair),
    "cyclegan_horse2zebra": functools.partial(networks.Translators, **SCALES["horse2zebra"].pair),
    "vae": networks.VAE,
    "vae_gaussian": networks.VAE,
    "vae_2d": functools.partial(networks.VAE, latent_dim=2),
}


def load(name, device=None):
    """The finished network `name` with its trained weights, in eval mode; a key of NETWORKS."""
    if name not in NETWORKS:
        raise ValueError(f"There are trained weights for {', '.join(NETWORKS)}; not for {name!r}.")
    content = verified(f"weights/{name}.pt")
    state = torch.load(io.BytesIO(content), weights_only=True, map_location=device or "cpu")
    net = NETWORKS[name]().to(device)
    net.load_state_dict({key: value.to(torch.get_default_dtype()) for key, value in state.items()})
    return net.eval()


def save(name, net, root=ROOT):
    """Write the weights of `net`, rounded to half precision, and their checksum. All or nothing."""
    buffer = io.BytesIO()
    torch.save({key: value.half().cpu() for key, value in net.state_dict().items()}, buffer)
    ship(f"weights/{name}.pt", buffer.getvalue(), root)


def ship(name, content, root=ROOT):
    """Write the bytes `content` to data/`name`, and their checksum. All or nothing."""
    checksums.cache_clear()  # another training may have ended since this one began
    lines = checksums(root) | {name: hashlib.sha256(content).hexdigest()}
    listing = "".join(f"{digest}  {file}\n" for file, digest in sorted(lines.items()))
    _replace(root / name, content)
    _replace(root / "checksums.sha256", listing.encode())
    checksums.cache_clear()


def _replace(path, content):
    """Write `content` beside `path` first: a full disk or an interruption leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
