"""Sliders over the student's own models. Every one shows a normal picture first."""

import html
import io

import ipywidgets
import matplotlib.pyplot as plt
import torch
from IPython.display import display

from helpers import data, domains, images, metrics
from helpers.networks import evaluating


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
        return G.eval()(_on_the_arc(z_start.cpu(), z_end.cpu(), degrees).to(device))

    strip = at(torch.linspace(0, 90, stops))

    def draw(degrees):
        titles = f"G(z) at {degrees}°", "the whole walk, 0° to 90°"
        return _draw_walk(at(degrees), strip, degrees, *titles)

    explore(draw, ipywidgets.IntSlider(45, 0, 90, step=5, description="angle"))


def digit_walk(G, z_dim, num_classes=10, stops=9):
    """Three sliders over a conditional G: the class, which latents, and how far the walk has come.

    The walk goes from one draw of z to the next, on the quarter circle of `latent_walk`; at 90° it
    meets the start of the next draw.
    """
    device = next(G.parameters()).device

    def drawn(number):
        return torch.randn(z_dim, generator=torch.Generator().manual_seed(number))

    @torch.no_grad()
    def at(y, draw, degrees):
        z = _on_the_arc(drawn(draw), drawn(draw + 1), degrees)
        with evaluating(G):
            return G(z.to(device), torch.full((len(z),), y, device=device))

    def draw(y, number, degrees):
        strip = at(y, number, torch.linspace(0, 90, stops))
        titles = f"a {y}, {degrees}°", f"from z number {number} to the next"
        return _draw_walk(at(y, number, degrees), strip, degrees, *titles)

    explore(
        draw,
        ipywidgets.IntSlider(7, 0, num_classes - 1, description="digit"),
        ipywidgets.IntSlider(1, 1, 50, description="which z"),
        ipywidgets.IntSlider(45, 0, 90, step=5, description="angle"),
    )


def _on_the_arc(z_start, z_end, degrees):
    """Latents `(N, z_dim)` at angles `degrees`, a number or `(N,)`, of the quarter circle."""
    angle = torch.as_tensor(degrees, dtype=torch.float32).deg2rad().view(-1, 1)
    return angle.cos() * z_start + angle.sin() * z_end


def _draw_walk(x, strip, degrees, title, title_strip):
    """A figure: the image `x` where the walk stands, and all its stops with a line there."""
    stops = len(strip)
    figure, (here, way) = plt.subplots(1, 2, figsize=(10, 2), width_ratios=[1, stops])
    images.draw(here, x, title, columns=1)
    images.draw(way, strip, title_strip, columns=stops)
    way.axvline(28 * (stops - 1) * degrees / 90 + 14, color="C1", linewidth=2)
    return figure


def latent_plane(decoder, reach=2.5, stops=13):
    """Two sliders over the plane of a decoder with two latents: the map, and the digit chosen.

    The map shows `decoder(z)`, images in [0, 1], for `stops` x `stops` points of the square from
    -reach to reach; z[0] grows to the right, z[1] upwards.
    """
    device = next(decoder.parameters()).device
    ticks = torch.linspace(-reach, reach, stops)

    @torch.no_grad()
    def at(z):
        return decoder(z.to(device))

    plane = at(torch.cartesian_prod(ticks.flip(0), ticks).flip(1))

    def draw(z0, z1):
        figure, (chart, here) = plt.subplots(1, 2, figsize=(10, 5), width_ratios=[1.6, 1])
        extent = (1 + 1 / (stops - 1)) * reach
        picture = images.grid(plane, stops, low=0.0).numpy()
        chart.imshow(picture, cmap="gray", extent=[-extent, extent, -extent, extent])
        chart.plot(z0, z1, "o", color="C1", markersize=14, fillstyle="none", markeredgewidth=3)
        chart.set(title="decoded, point by point", xlabel="z[0]", ylabel="z[1]")
        images.draw(here, at(torch.tensor([[z0, z1]])), f"z = ({z0:.1f}, {z1:.1f})", 1, low=0.0)
        return figure

    explore(draw, *(_latent_slider(i, reach) for i in range(2)))


def _latent_slider(i, reach):
    return ipywidgets.FloatSlider(0, min=-reach, max=reach, step=0.1, description=f"z[{i}]")


def attack(model, x, y, perturb, most=0.3):
    """Two sliders, epsilon and which digit: x_adv, its change, and the model's probabilities.

    `x` `(N, 1, H, W)` in [0, 1], `y` `(N,)`; `perturb(model, x, y, epsilon)` gives x_adv.
    """

    def draw(epsilon, i):
        digit, label = x[i : i + 1], y[i : i + 1]
        x_adv = perturb(model, digit, label, epsilon)
        with torch.no_grad(), evaluating(model):
            probs = model(x_adv).softmax(1)[0].tolist()
        figure, axes = plt.subplots(1, 4, figsize=(11, 2.6), width_ratios=[1, 1, 1, 2.2])
        images.draw(axes[0], digit, f"digit {i}: a {label.item()}", 1, low=0.0)
        images.draw(axes[1], x_adv, f"epsilon = {epsilon:.2f}", 1, low=0.0)
        change = (x_adv - digit).squeeze().cpu().numpy()
        axes[2].imshow(change, cmap="bwr", vmin=-most, vmax=most)
        axes[2].set(title="red brighter,\nblue darker", xticks=[], yticks=[])
        colours = ["C0" if k == label.item() else "lightgrey" for k in range(len(probs))]
        axes[3].bar(range(len(probs)), probs, color=colours)
        axes[3].set(ylim=(0, 1), xticks=range(len(probs)), ylabel="probability")
        axes[3].set_title("what the network says (blue: the true digit)")
        figure.tight_layout()
        return figure

    epsilon = ipywidgets.FloatSlider(0.2, min=0, max=most, step=0.01, description="epsilon")
    explore(draw, epsilon, ipywidgets.IntSlider(0, 0, len(x) - 1, description="digit"))


def translate(pair, A, B, names=("horse", "zebra")):
    """Pick a test picture or upload one: its translation, the way back, and what should not change.

    `pair` is a `networks.Translators`; `A` and `B` are pictures `(N, 3, H, H)` in [-1, 1] of the
    domains `names`. Uploaded pictures come after the last of them, for either direction.
    """
    device, size, own = next(pair.parameters()).device, A.shape[-1], []
    last = min(len(A), len(B)) - 1
    which = ipywidgets.IntSlider(0, 0, last, description="picture")
    ways = {"A": " → ".join(names), "B": " → ".join(reversed(names))}
    options = [(name, start) for start, name in ways.items()]
    way = ipywidgets.Dropdown(options=options, description="direction")
    upload = ipywidgets.FileUpload(accept="image/*", description="your own")
    answer = ipywidgets.HTML()

    def draw(i, start):
        x = own[i - last - 1] if i > last else (A if start == "A" else B)[i : i + 1]
        return _draw_translation(pair, x.to(device), start, names)

    def add(change):
        for name, content in _uploaded(change["new"]):
            try:
                own.append(domains.picture(io.BytesIO(content), size))
            except data.DataError:
                answer.value = html.escape(
                    f"{name} is no picture that can be read: expected a JPEG or a PNG, found "
                    f"{len(content):,} bytes of something else, or damaged ones."
                )
            else:
                answer.value = html.escape(f"{name} is picture {last + len(own)}.")
                which.max = which.value = last + len(own)

    explore(draw, which, way)
    upload.observe(add, "value")
    display(upload)
    display(answer)


def _uploaded(value):
    """(name, bytes) of each file in the value of a FileUpload of ipywidgets 8, or of 7 (Colab)."""
    files = value if isinstance(value, dict) else {file["name"]: file for file in value}
    return [(name, bytes(file["content"])) for name, file in files.items()]


def _draw_translation(pair, x, start, names):
    """A figure: x of domain `start`, its translation, the way back, and the other G's x."""
    there, back = ("G_AB", "G_BA") if start == "A" else ("G_BA", "G_AB")
    source, target = names if start == "A" else names[::-1]
    with torch.no_grad(), evaluating(pair):
        fake = getattr(pair, there)(x)
        rec, same = (getattr(pair, back)(picture) for picture in (fake, x))
    panels = {
        f"x: {source}": x,
        f"{there}(x): {target}?": fake,
        f"{back}({there}(x)),\noff by {metrics.pixel_error(rec, x):.3f}": rec,
        f"{back}(x), to be x:\noff by {metrics.pixel_error(same, x):.3f}": same,
    }
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.6), layout="constrained")
    for ax, (title, picture) in zip(axes, panels.items()):
        images.draw(ax, picture, title, columns=1)
    return figure
