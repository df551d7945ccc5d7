"""Draw the family tree of generative models: `python tools/draw_family_tree.py`, a second.

What each kind gives up is commonly said, as in Goodfellow 2016 (NIPS tutorial, section 2) and
Bond-Taylor et al. 2021 (Deep generative modelling, table 1).
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FIGURE = Path(__file__).resolve().parent.parent / "figures" / "family_tree.svg"
BRANCHES = {  # what it knows of p(x): colour, kinds
    "computes p(x)": ("#4c72b0", ["autoregressive", "flow"]),
    "bounds p(x)": ("#8172b3", ["VAE", "diffusion"]),
    "only samples": ("#dd8452", ["GAN"]),
}
HOW = {
    "autoregressive": "one pixel\nafter another",
    "flow": "noise bent by\ninvertible layers",
    "VAE": "a code, and\nback again",
    "diffusion": "noise removed\nin many steps",
    "GAN": "a second network\njudges them",
}
HAS = {  # 2: has it, 1: in part, 0: gives it up
    "likelihood": {"autoregressive": 2, "flow": 2, "VAE": 1, "diffusion": 1, "GAN": 0},
    "fast sampling": {"autoregressive": 0, "flow": 2, "VAE": 2, "diffusion": 0, "GAN": 2},
    "sharp pictures": {"autoregressive": 2, "flow": 1, "VAE": 0, "diffusion": 2, "GAN": 2},
}
WORDS = {2: "yes", 1: "in part", 0: "gives it up"}


def box(ax, x, y, text, colour, width, height=0.56):
    """A coloured box with white text, centred at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(plt.Rectangle(corner, width, height, color=colour, zorder=2))
    ax.text(x, y, text, color="white", ha="center", va="center", weight="bold", zorder=3)


def mark(ax, x, y, value, colour):
    """A full, half or empty circle, and its word."""
    size = {
        "markersize": 15,
        "color": colour,
        "markeredgewidth": 1.8,
        "markerfacecoloralt": "white",
    }
    fill = {2: "full", 1: "left", 0: "none"}[value]
    ax.plot(x, y, "o", fillstyle=fill, **size)
    ax.text(x, y - 0.42, WORDS[value], ha="center", va="center", fontsize=9, color="#444444")


def draw():
    """The figure: a tree on top, what each kind has below it."""
    fig, ax = plt.subplots(figsize=(10, 5.6))
    ax.set(xlim=(-1.75, 9.2), ylim=(-4.35, 2.75))
    ax.axis("off")
    place = {kind: 2 * i for i, kind in enumerate(HOW)}
    box(ax, 4, 2.4, "samples that look like the data", "#333333", 4.4)
    for branch, (colour, kinds) in BRANCHES.items():
        middle = sum(place[kind] for kind in kinds) / len(kinds)
        ax.plot([4, middle], [2.4, 1.4], color="#999999", zorder=1)
        for kind in kinds:
            ax.plot([middle, place[kind]], [1.4, 0.35], color="#999999", zorder=1)
            box(ax, place[kind], 0.35, kind, colour, 1.8)
            ax.text(place[kind], -0.4, HOW[kind], ha="center", va="center", fontsize=10)
            for row, (_, has) in enumerate(HAS.items()):
                mark(ax, place[kind], -1.35 - 1.15 * row, has[kind], colour)
        box(ax, middle, 1.4, branch, colour, 2.2)
    for row, name in enumerate(HAS):
        ax.axhline(-0.85 - 1.15 * row, color="#dddddd", linewidth=1)
        ax.text(-1.7, -1.35 - 1.15 * row, name.replace(" ", "\n"), va="center", weight="bold")
    return fig


def main():
    plt.rcParams["svg.hashsalt"] = "family tree"  # the same bytes every time
    fig = draw()
    fig.savefig(FIGURE, bbox_inches="tight", metadata={"Date": None})
    plt.close(fig)


if __name__ == "__main__":
    main()
