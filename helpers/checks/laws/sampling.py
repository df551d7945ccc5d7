"""Laws of pictures that are sampled from G: its mode, no graph, the range of a plot."""

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Spy


def moody_generator(z_dim=6):
    """A spy G whose images depend on its mode: batch norm and dropout inside."""
    body = nn.Sequential(
        nn.Linear(z_dim, 9),
        nn.BatchNorm1d(9),
        nn.Dropout(0.5),
        nn.Tanh(),
        nn.Linear(9, 784),
        nn.Tanh(),
    )
    return Spy("G", [], body, (1, 28, 28)).train()


def sampled(answer, G, n, z_dim=6):
    """The pictures, what G gave for them, and G's calls."""
    G.calls.clear()
    pictures = answer(G, n, z_dim)
    is_tensor(pictures, f"{n} pictures")
    expect(G.calls, "G is never called, expected G(z).")
    calls = list(G.calls)
    return pictures, torch.cat([call["y"].detach() for call in calls]), calls


def gives_pictures(answer, G):
    """n pictures in the shape of G's images, without a graph."""
    for n in (7, 1):
        pictures, images, calls = _eval_safe(answer, G, n)
        expect(len(images) == n, f"G makes {len(images)} images, expected {n}: one z per picture.")
        has_shape(
            pictures,
            images.shape,
            "Leave the axes as G gives them: the plot expects (n, 1, 28, 28).",
        )
        expect(
            not pictures.requires_grad,
            "the pictures carry a graph, expected none: every plot would hold "
            "on to memory. Sampling runs under no_grad.",
        )
    return (
        None
        if not any(call["grad"] for call in calls)
        else ("no_grad would also spare building the graph that detach drops.")
    )


def _eval_safe(answer, G, n):
    """The sample; a batch-norm error for one image means that G ran in train mode."""
    try:
        return sampled(answer, G, n)
    except ValueError as error:
        if "more than 1 value" not in str(error):
            raise
        raise CheckError(
            "G runs in train mode, expected eval mode. " + (MODE if G.training else INSIDE)
        ) from error


MODE = (
    "In train mode a picture depends on the others in its batch, dropout cuts holes, and the "
    "running "
    "statistics drift with every plot."
)
INSIDE = (
    "Expected the same mode in all of them: to set G.training does not reach the layers inside; "
    "G.train(mode) does, with mode True or False."
)


def runs_in_eval(answer, G):
    """G is in eval mode while it samples."""
    G.train()
    _, _, calls = _eval_safe(answer, G, 7)
    expect(
        not any(call["training"] for call in calls),
        f"G runs in train mode, expected eval mode. {MODE}",
    )


def restores_mode(answer, G):
    """The mode that G was in is back afterwards; a remark if it is always train."""
    G.train()
    sampled(answer, G, 7)
    left = [module for module in G.modules() if not module.training]
    expect(
        not (left and G.training),
        f"G itself is in train mode again, and its layers are still in eval mode. {INSIDE}",
    )
    expect(
        not left,
        "G was in train mode before the call and is in eval mode after it, expected train mode "
        "again. The training would go on in eval mode from the first plot on: put the mode back.",
    )
    G.eval()
    sampled(answer, G, 7)
    changed = G.training
    G.train()
    return "A G that was in eval mode comes back in train mode." if changed else None


def shows_right(answer, G):
    """The pictures are (x + 1) / 2 of what G gave."""
    pictures, x, _ = sampled(answer, G, 7)
    if torch.allclose(pictures.float(), (x + 1) / 2, atol=1e-4):
        return
    seen = (
        f"G's images lie between {x.min():.2f} and {x.max():.2f}, and your pictures between "
        f"{pictures.min():.2f} and {pictures.max():.2f}; expected {(x.min() + 1) / 2:.2f} to "
        f"{(x.max() + 1) / 2:.2f}."
    )
    low, high = x.min(), x.max()
    suspects = [
        (x, "They are still in the range of tanh: a plot cuts off everything below 0."),
        (x.clamp(0, 1), "You clamp: everything below 0 turns black."),
        (
            (x - low) / (high - low),
            "You stretch from min to max: a flat grey failure then looks sharp. Use "
            "the fixed map of to_display_range.",
        ),
        (x / 2, "You shrink, and nothing shifts."),
        (x + 1, "You shift, and the width stays 2."),
        (2 * x - 1, "That is to_gan_range, the other direction."),
        ((1 - x) / 2, "Black and white are exchanged."),
        (x.abs(), "abs folds dark pixels to bright ones."),
        ((x + 1) * 127.5, "That is the range 0 to 255. Here 0 to 1 is asked for."),
        ((x + 1) / 2 * 2 - 1, "Two maps cancel each other."),
        (((x + 1) / 2 + 1) / 2, "The map is applied twice."),
        (x.sigmoid(), "sigmoid bends the greys. Undo the straight line with a straight line."),
    ]
    why = diagnosis(
        suspects,
        lambda y: torch.allclose(pictures.float(), y, atol=1e-3),
        "Which two numbers bring -1 to 0 and 1 to 1?",
    )
    raise CheckError(f"{seen} {why}")
