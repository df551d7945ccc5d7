"""The living figure: curves and a picture that redraw in place while a model trains."""

import time
from statistics import fmean

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from livelossplot import PlotLosses
from livelossplot.outputs import MatplotlibPlot

from helpers import images
from helpers.networks import evaluating

# a panel's name: {attribute of a step: the curve's name}
GAN = {
    "loss": {"loss_D": "loss_D", "loss_G": "loss_G"},
    "what D says": {"prob_real": "D(x_real)", "prob_fake": "D(x_fake)"},
}
VAE = {
    "KL, nats for each image": {"loss_kl": "loss_kl"},
    "reconstruction, nats for each image": {"loss_recon": "loss_recon"},
}
CYCLEGAN = {
    "adversarial, both directions": {"loss_adv": "loss_adv (G)", "loss_D": "loss_D"},
    "mean absolute error": {"loss_cycle": "loss_cycle", "loss_identity": "loss_identity"},
}
COLOURS = {"loss_D": "C2", "loss_G": "C4", "D(x_real)": "C0", "D(x_fake)": "C1", "loss_kl": "C3"}
COLOURS |= {"under attack": "C3", "loss_adv (G)": "C4", "loss_cycle": "C0", "loss_identity": "C1"}
DRAWING_SHARE = 0.08  # of the time that a training cell takes


class Stopped(KeyboardInterrupt):
    """Training was stopped by hand. Nothing is lost: networks, optimisers and curves are kept."""

    def _render_traceback_(self):
        return [str(self)]


class LivePlot:
    """Curves of a training and a picture, redrawn in one place: `with plot: ... update`.

    `picture(ax)` draws the last panel, such as `live.samples(G, z_fixed)`. `groups` are the panels
    of curves, `{panel: {attribute of a step: curve's name}}`. Each point of a curve is the mean
    over `every` steps. The figure redraws as often as fits into 8 % of the time. Stopped half-way,
    it keeps its curves: use it in another `with`, and they go on.
    """

    def __init__(self, picture, every=20, size=(12, 3.6), groups=GAN):
        self.number = 0
        self._every, self._waiting = every, []
        self._output = _InPlace(picture, size, len(groups) + 1)
        self._names = {key: name for curves in groups.values() for key, name in curves.items()}
        self._curves = PlotLosses(
            outputs=[self._output],
            groups={panel: list(curves) for panel, curves in groups.items()},
            metric_to_name=dict(self._names),
            step_names="step",
        )

    def update(self, step):
        """Add a `training.Step`; redraw if it is time to."""
        self.number = step.number
        self._waiting.append(step)
        if step.number % self._every == 0:
            self._log()
            if self._output.due():
                self._curves.send()

    def _log(self):
        values = {name: fmean(getattr(s, name) for s in self._waiting) for name in self._names}
        self._waiting = []
        self._curves.update(values, current_step=self.number)

    def __enter__(self):
        self._output.new_slot()
        return self

    def __exit__(self, kind, error, traceback):
        if self._waiting:
            self._log()
        if self._curves.logger.log_history:
            self._curves.send()
        if kind is KeyboardInterrupt:
            raise Stopped(
                f"Stopped after step {self.number}. The networks, optimisers and curves are kept: "
                "go on with more steps, or run the cell again to start anew."
            ) from None


class _InPlace(MatplotlibPlot):
    """livelossplot's figure in one display slot: nothing is cleared, so nothing flickers."""

    def __init__(self, picture, size, panels):
        super().__init__(
            max_cols=panels,
            extra_plots=[lambda ax, _: picture(ax)],
            before_plots=self._start,
            after_subplot=_label,
            after_plots=self._show,
        )
        self._size = size
        self.new_slot()

    def new_slot(self):
        self._slot, self._cost, self._ended = None, 0.0, 0.0

    def due(self):
        return time.perf_counter() - self._ended >= self._cost / DRAWING_SHARE

    def send(self, logger):
        start = time.perf_counter()
        super().send(logger)
        self._ended = time.perf_counter()
        self._cost = self._ended - start

    def _start(self, fig, axes, groups):
        fig.set_size_inches(*self._size)

    def _show(self, fig):
        fig.tight_layout()
        if self._slot is None:
            self._slot = display(fig, display_id=True)
        else:
            self._slot.update(fig)
        plt.close(fig)


def _label(ax, group, x_label):
    """Colours, a title that says where the training stands, and the line at 1/2."""
    last = {}
    for line in ax.get_lines():
        line.set_color(COLOURS.get(line.get_label(), "C0"))
        last[line.get_label()] = line.get_ydata()[-1]
    title = "\n".join(f"{name} = {_rounded(value)}" for name, value in last.items())
    ax.set_title(title, fontsize=10)
    if group == "what D says":
        ax.axhline(0.5, color="grey", linestyle=":", label="cannot tell")
        ax.set(ylim=(0, 1), ylabel="mean probability of 'real'")
    else:
        ax.set(ylabel=group)
    if group.startswith("share"):
        ax.set(ylim=(0, 1))
    ax.set_xlabel(x_label)
    ax.legend(loc="best", fontsize=8)


def _rounded(value):
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def samples(G, z_fixed, title="G(z_fixed)"):
    """A picture for LivePlot: G's images of the same latents `z_fixed` at every look."""

    @torch.no_grad()
    def picture(ax):
        with evaluating(G):
            images.draw(ax, G(z_fixed), title)

    return picture


def reconstructions(model, x, z_fixed, columns=8):
    """A picture for LivePlot: `x` `(N, 1, H, W)` in [0, 1], the VAE's x_hat, and samples of it.

    Row by row: digits, their reconstructions, then `model.decoder(z_fixed)`. `x` and `z_fixed`
    have `columns` entries or a multiple of it.
    """

    @torch.no_grad()
    def picture(ax):
        with evaluating(model):
            rows = torch.cat([x, model(x)[0], model.decoder(z_fixed)])
        images.draw(ax, rows, "digits, their x_hat, samples", columns, low=0.0)

    return picture


def translations(pair, real_A, real_B):
    """A picture for LivePlot: real_A, fake_B, rec_A, then real_B, fake_A, rec_B, a row each.

    `pair` is a `networks.Translators`; `real_A` and `real_B` `(N, 3, H, W)` have equally many.
    """
    names = "real_A", "fake_B", "rec_A", "real_B", "fake_A", "rec_B"

    @torch.no_grad()
    def picture(ax):
        with evaluating(pair):
            fake_B, fake_A = pair.G_AB(real_A), pair.G_BA(real_B)
            rows = real_A, fake_B, pair.G_BA(fake_B), real_B, fake_A, pair.G_AB(fake_A)
        images.draw(
            ax,
            torch.cat(rows),
            "\n".join((" → ".join(names[:3]), " → ".join(names[3:]))),
            len(real_A),
        )

    return picture
