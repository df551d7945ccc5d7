"""Draw the way from an attack to a GAN: `python tools/draw_attack_to_gan.py`, a second."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FIGURE = Path(__file__).resolve().parent.parent / "figures" / "attack_to_gan.svg"
FIXED, LEARNS = "#8c8c8c", "#dd8452"
# what the row is, and its boxes: text, and whether the gradient changes it
ROWS = [
    ("an attack:\nthe picture is changed", [("picture x", True), ("classifier", False)]),
    (
        "a network makes\nthe picture",
        [("latent z", False), ("G", True), ("picture", False), ("classifier", False)],
    ),
    (
        "and the classifier learns\nto find it out: a GAN",
        [("latent z", False), ("G", True), ("picture", False), ("D: real or fake?", True)],
    ),
]
RIGHT = 8.3  # the centre of the last box, the same in all rows


def box(ax, x, y, text, colour):
    """A box with white text, centred at (x, y)."""
    ax.add_patch(plt.Rectangle((x - 0.9, y - 0.3), 1.8, 0.6, color=colour, zorder=2))
    ax.text(x, y, text, color="white", ha="center", va="center", weight="bold", zorder=3)


def arrow(ax, start, end, colour, bend=0.0):
    """An arrow; bent ones are gradients."""
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "mutation_scale": 16}
    style["connectionstyle"] = f"arc3,rad={bend}"
    ax.annotate("", end, start, arrowprops=style, zorder=1)


def row(ax, y, title, boxes):
    """Boxes from left to right, and the gradient from the last back to the first that learns."""
    places = [RIGHT - 2.4 * (len(boxes) - 1 - i) for i in range(len(boxes))]
    for x, (text, learns) in zip(places, boxes):
        box(ax, x, y, text, LEARNS if learns else FIXED)
    for a, b in zip(places, places[1:]):
        arrow(ax, (a + 0.95, y), (b - 0.95, y), "#444444")
    first = next(x for x, (_, learns) in zip(places, boxes) if learns)
    arrow(ax, (RIGHT, y + 0.33), (first, y + 0.33), LEARNS, bend=0.22)
    ax.text(-3.4, y, title, va="center", ha="left", fontsize=11)


def draw():
    """The figure: three rows, each one box further than the one above."""
    fig, ax = plt.subplots(figsize=(11.5, 4.4))
    ax.set(xlim=(-3.5, 9.4), ylim=(-1.6, 4.9))
    ax.axis("off")
    for y, (title, boxes) in zip((3.8, 1.9, 0.0), ROWS):
        row(ax, y, title, boxes)
    box(ax, RIGHT, -1.15, "real digits", FIXED)
    arrow(ax, (RIGHT, -0.8), (RIGHT, -0.33), "#444444")
    legend = (
        "orange: what the gradient changes (in a GAN, G and D in turn,\n"
        "with opposite aims)      grey: what it leaves      bent arrow: the gradient"
    )
    ax.text(2.2, -1.15, legend, ha="center", fontsize=10, color="#444444")
    return fig


if __name__ == "__main__":
    plt.rcParams["svg.hashsalt"] = "attack to GAN"  # the same bytes every time
    draw().savefig(FIGURE, bbox_inches="tight", metadata={"Date": None})
