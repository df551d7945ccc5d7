"""Sliders over the student's own models. Every one shows a normal picture first."""

import ipywidgets
import matplotlib.pyplot as plt
import torch
from IPython.display import display

from helpers import images


def explore(draw, *sliders):
    """Show the figure `draw(*values)` of the sliders and redraw it whenever one of them moves."""
    figure = draw(*(slider.value for slider in sliders))
    slot = display(figure, display_id=True)
    plt.close(figure)

    def redraw(_):
        figure = draw(*(slider.value for slider in sliders))
        slot.update(figure)
        plt.close(figure)

    for slider in sliders:
        slider.observe(redraw, "value")
        display(slider)


def latent_walk(G, z_start, z_end, stops=9):
    """Walk from `z_start` to `z_end`, each `(z_dim,)`, on the quarter circle between them.

    z = cos(a) z_start + sin(a) z_end has the variance of N(0, I) all the way; on the straight
    line it would be half of that in the middle, where G was never trained.
    """
    device = next(G.parameters()).device

    @torch.no_grad()
    def at(degrees):
        angle = torch.as_tensor(degrees, dtype=torch.float32).deg2rad().view(-1, 1)
        z = angle.cos() * z_start.cpu() + angle.sin() * z_end.cpu()
        return G.eval()(z.to(device))

    strip = at(torch.linspace(0, 90, stops))

    def draw(degrees):
        figure, (here, way) = plt.subplots(
            1, 2, figsize=(10, 2), gridspec_kw={"width_ratios": [1, stops]}
        )
        images.draw(here, at(degrees), f"G(z) at {degrees}°", columns=1)
        images.draw(way, strip, "the whole walk, 0° to 90°", columns=stops)
        way.axvline(28 * (stops - 1) * degrees / 90 + 14, color="C1", linewidth=2)
        return figure

    explore(draw, ipywidgets.IntSlider(45, 0, 90, step=5, description="angle"))
