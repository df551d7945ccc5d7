"""Pictures at rest: grids of images, and the only door out of [-1, 1].

`low` is the darkest pixel's value, as in `data.mnist`: -1.0, or 0.0 for images in [0, 1].
"""

import math

import matplotlib.pyplot as plt
import torch

from helpers.data import sample_z, to_display_range
from helpers.networks import evaluating


def grid(x, columns=6, low=-1.0):
    """Tile images `(N, C, H, W)` in [low, 1] into one picture in [0, 1].

    It is `(rows * H, columns * W)` if C = 1, `(rows * H, columns * W, 3)` if C = 3. A row that is
    not full ends in black.
    """
    n, channels, height, width = x.shape
    rows = math.ceil(n / columns)
    tiles = x.new_full((rows * columns, channels, height, width), low)
    tiles[:n] = x.detach()
    picture = tiles.view(rows, columns, channels, height, width).permute(0, 3, 1, 4, 2)
    picture = picture.reshape(rows * height, columns * width, channels)
    picture = picture.squeeze(2) if channels == 1 else picture
    return (to_display_range(picture) if low == -1.0 else picture).clamp(0, 1).cpu()


def draw(ax, x, title="", columns=6, low=-1.0):
    """Draw images `(N, C, H, W)` in [low, 1], C = 1 or 3, as a grid on the axes `ax`."""
    ax.imshow(grid(x, columns, low).numpy(), cmap="gray", vmin=0, vmax=1)
    ax.set_title(title)
    ax.axis("off")


def show(panels, columns=6, size=3.2, low=-1.0):
    """Show `{title: images (N, C, H, W) in [low, 1]}` side by side, one grid each."""
    _, axes = plt.subplots(1, len(panels), figsize=(size * len(panels), size), squeeze=False)
    for ax, (title, x) in zip(axes[0], panels.items()):
        draw(ax, x, title, columns, low)
    plt.tight_layout()
    plt.show()


def show_rows(rows, low=-1.0):
    """Show `{title: images (N, C, H, W) in [low, 1]}`, a row each, its title to the left."""
    n = max(len(x) for x in rows.values())
    _, axes = plt.subplots(len(rows), 1, figsize=(0.7 * n + 2, 0.7 * len(rows)), squeeze=False)
    for ax, (title, x) in zip(axes[:, 0], rows.items()):
        draw(ax, x, columns=n, low=low)
        ax.text(-0.01, 0.5, title, ha="right", va="center", transform=ax.transAxes)
    plt.subplots_adjust(hspace=0.05)
    plt.show()


@torch.no_grad()
def generate(G, n, z_dim):
    """`n` new pictures of G for looking at, `(n, 1, 28, 28)` in [0, 1]; G's mode is kept."""
    with evaluating(G):
        return to_display_range(sample_prior(G, n, z_dim))


@torch.no_grad()
def sample_prior(decoder, n, latent_dim):
    """`n` new images: `decoder(z)` for z from N(0, I), the prior of a VAE; no graph is kept."""
    device = next((p.device for p in decoder.parameters()), None)
    return decoder(sample_z(n, latent_dim, device))


@torch.no_grad()
def sample_digit(G, digit, n, z_dim):
    """`n` different images of one class: `G(z, y)` with y = `digit`; no graph, G's mode is kept."""
    device = next(G.parameters()).device
    with evaluating(G):
        return G(sample_z(n, z_dim, device), torch.full((n,), digit, device=device))


@torch.no_grad()
def class_grid(G, num_classes, per_class, z_dim):
    """`(num_classes * per_class)` images: row k shows class k, column j the same z in every row."""
    device = next(G.parameters()).device
    z = sample_z(per_class, z_dim, device).repeat(num_classes, 1)
    y = torch.arange(num_classes, device=device).repeat_interleave(per_class)
    with evaluating(G):
        return G(z, y)


@torch.no_grad()
def show_readings(model, rows, labels):
    """Show `{title: images (N, 1, H, W) in [0, 1]}`, a row each, with what `model` says of each.

    Above an image stand the class and its probability, in red where it is not the label `(N,)`.
    """
    _, axes = plt.subplots(
        len(rows), len(labels), figsize=(1.15 * len(labels) + 1, 1.5 * len(rows)), squeeze=False
    )
    for line, (title, x) in zip(axes, rows.items()):
        line[0].text(-0.15, 0.5, title, ha="right", va="center", transform=line[0].transAxes)
        with evaluating(model):
            sure, read = model(x).softmax(1).max(1)
        for i, ax in enumerate(line):
            draw(ax, x[i : i + 1], columns=1, low=0.0)
            colour = "black" if read[i] == labels[i] else "red"
            ax.set_title(f"{read[i].item()}: {sure[i]:.0%}", fontsize=10, color=colour)
    plt.tight_layout()
    plt.show()
