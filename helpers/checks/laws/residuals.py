"""Laws of a residual block: x passes as it is, and two convolutions add what is to change."""

import re

import torch
import torch.nn.functional as F

from helpers.checks.laws.basics import diagnosis, has_shape
from helpers.checks.laws.convolutions import field, has_activation
from helpers.checks.laws.networks import (
    awake,
    batch_norm_remark,
    built,
    has_small_slopes,
    has_weights,
    randomised,
    repeats,
    runs,
    uses_all_layers,
)
from helpers.checks.laws.old import CheckError, expect

ADDS_ONLY = (
    "f ends in an activation that is never negative: it can only add to a map, never take away."
)


def residual_laws(answer, name):
    """All that a ResidualBlock(c) has to hold; a remark if f is never negative or mixes a batch."""
    for c, size in ((6, (4, 6, 7, 9)), (5, (1, 5, 8, 6))):
        net, x = built(answer, name, c), torch.randn(size)
        has_weights(net)
        _leaves_input(net, x, name)
        _keeps_shape(net, x, name)

    x = torch.randn(4, 6, 7, 9)

    def make():
        return awake(built(answer, name, 6), x)

    _is_identity(make, x, name)
    _passes_gradient(make, x, name)
    has_small_slopes(make())
    repeats(make(), x, name)
    _adds_something(make, x, name)
    uses_all_layers(make(), x, name)
    _has_curved_f(make(), x, name)
    _sees_around(make(), name)
    return " ".join(filter(None, (_remark(make, x), batch_norm_remark(make()))))


# --- x comes in -----------------------------------------------------------------------------------


def _leaves_input(net, x, name):
    """x is the same after the call: += and inplace=True write into it."""
    given = x.clone()
    result = _called(net, given, name)
    if torch.equal(given, x):
        return
    seen = f"after the call x[0, 0, 0, 0] is {given[0, 0, 0, 0]:.3g}"
    wanted = f"expected {x[0, 0, 0, 0]:.3g} as before"
    if torch.equal(given, F.relu(x)):
        seen = f"after the call the smallest entry of x is {given.min():.3g}"
        wanted = f"expected {x.min():.3g} as before"
    rectified = "The first activation of f writes its result into x, and the sum adds that: "
    suspects = [
        (F.relu(x), rectified + "what does inplace=True do?"),
        (F.leaky_relu(x, 0.2), rectified + "what does inplace=True do?"),
        (
            result.detach(),
            "x holds the result of the block now: += and names that end in _ write into the "
            "caller's tensor. Which way to add makes a new one?",
        ),
    ]
    why = diagnosis(
        suspects,
        lambda value: value.shape == given.shape and torch.allclose(given, value, atol=1e-5),
        "Something writes into x: names that end in _, +=, *= and inplace=True do.",
    )
    raise CheckError(f"{seen}, {wanted}: others still need it. {why}")


def _called(net, x, name):
    """net(x); where x and f(x) do not fit together, the axis says why."""
    try:
        return runs(net, x, name)
    except RuntimeError as error:
        seen = str(error)
        sizes = re.search(r"tensor a \((\d+)\).*tensor b \((\d+)\).*dimension (\d)", seen)
        made = re.search(r"to have (\d+) channels, but got (\d+) channels", seen)
        if made:
            raise CheckError(
                f"a convolution is made for {made[1]} channels and gets {made[2]}, in a block for "
                f"{x.shape[1]}. Expected that c in and c out hold for both: c comes into __init__, "
                "and f(x) has to fit to x."
            ) from error
        if not sizes:
            raise
        what, hint = (
            ("channels", "The last convolution of f has to give c channels, those of x.")
            if sizes[3] == "1"
            else (
                "pixels along an edge",
                "A 3 x 3 convolution loses a pixel on every side, and a stride loses more. Which "
                "padding keeps the size?",
            )
        )
        raise CheckError(
            f"x and f(x) cannot be added: {sizes[1]} and {sizes[2]} {what}, expected as many in "
            f"both. {hint}"
        ) from error


def _keeps_shape(net, x, name):
    result = _called(net, x, name)
    n, c, h, w = x.shape
    shape = tuple(result.shape)
    hints = {
        (n, 2 * c, h, w): "x and f(x) stand side by side: a residual block adds them.",
        (n, c): "The maps are averaged: a block gives maps again.",
        (c, h, w): "The batch axis is gone: squeeze() drops every axis of length 1.",
        (n, c, h - 4, w - 4): "Two convolutions without padding lose two pixels on every side.",
    }
    hint = hints.get(shape, "Blocks follow each other, so each gives the shape that it gets.")
    has_shape(result, x.shape, hint)


# --- the shortcut ---------------------------------------------------------------------------------


def _zeroed(net):
    """All weights 0; a weight that is divided by its own norm gives nan, and counts as 0."""
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()
    for module in net.modules():
        if module is not net:
            module.register_forward_hook(_no_nan)
    return net.train()


def _no_nan(module, inputs, output):
    return torch.nan_to_num(output) if torch.is_tensor(output) else None


AFTER = (
    "An activation stands after the sum, as in the ResNets for classification. Here x has to pass "
    "as it is: what happens to its negative numbers, block after block?"
)
# each what becomes of x, and what it means that the block gives this with all weights 0
CHANGES = [
    (torch.tanh, AFTER),
    (torch.sigmoid, AFTER),
    (lambda x: F.leaky_relu(x, 0.2), AFTER),
    (lambda x: F.leaky_relu(x, 0.01), AFTER),
    (F.elu, AFTER),
    (F.gelu, AFTER),
    (F.silu, AFTER),
    (lambda x: 2 * x, "x is added twice: look whether f holds a shortcut of its own."),
    (lambda x: -x, "x is subtracted: the sign of the shortcut is turned."),
    (lambda x: x / 2, "The sum is halved: x comes through at half its size."),
    (lambda x: x / 2**0.5, "The sum is divided by the root of 2: x itself is asked for."),
    (
        F.instance_norm,
        "The sum is normalised, or x is before it is added: the norm belongs inside f.",
    ),
    (
        lambda x: F.layer_norm(x, x.shape[1:]),
        "The sum is normalised, or x is before it is added: the norm belongs inside f.",
    ),
    (
        lambda x: (x - x.mean((0, 2, 3), True)) / (x.var((0, 2, 3), False, True) + 1e-5).sqrt(),
        "The sum is normalised over the batch, or x is: the norm belongs inside f.",
    ),
]


def _is_identity(make, x, name):
    """With all weights 0 nothing is added, and x comes out."""
    with torch.no_grad():
        out = runs(_zeroed(make()), x, name)
    if torch.allclose(out, x, atol=1e-4):
        return
    seen = (
        f"with all weights 0, x[0, 0, 0, :3] = {_few(x)} becomes {_few(out)}, expected x as it "
        "was: the block is x + f(x), and f is 0 then."
    )
    product = (
        "x and f(x) are multiplied: where x is 0 the block gives 0, whatever f says. Which "
        "operation leaves x alone when f is 0?"
    )
    expect(not _is_product(make, x), f"{seen} {product}")
    if out.abs().max() < 1e-6:
        raise CheckError(f"{seen} {_why_zero(make, x)}")
    if torch.allclose(out, F.relu(x), atol=1e-4):
        raise CheckError(f"{seen} {_why_rectified(make, x)}")
    dropped = (out == 0).any() and len(torch.unique((out / x).round(decimals=3))) == 2
    expect(not dropped, f"{seen} Dropout stands on the shortcut: some entries of x are lost.")
    why = diagnosis(
        CHANGES,
        lambda change: torch.allclose(out, change(x), atol=1e-4),
        "Follow x from the argument to the sum, and from the sum to return: what happens to it?",
    )
    raise CheckError(f"{seen} {why}")


def _few(x):
    return "[" + ", ".join(f"{value:.2f}" for value in x.flatten()[:3].tolist()) + "]"


def _is_product(make, x):
    holed = x.clone()
    holed[:, :, 2, 3] = 0
    with torch.no_grad():
        out = randomised(make(), 0, 0.5)(holed)
    return out[:, :, 2, 3].abs().max() < 1e-6


def _why_zero(make, x):
    """A layer on the shortcut, or no shortcut at all."""
    with torch.no_grad():
        names = [key for key, p in make().named_parameters() if p.dim() == 4]
        for name in names:
            net = make()
            alone = dict(net.named_parameters())[name].clone().normal_()
            dict(_zeroed(net).named_parameters())[name].copy_(alone)
            if net(x).abs().max() > 1e-6:
                return (
                    f"The layer of {name} stands between x and the sum: the shortcut has no layers."
                )
    return "x itself does not reach the result: f(x) alone comes back. What is added to it?"


def _why_rectified(make, x):
    with torch.no_grad():
        out = randomised(make(), 0, 0.5)(x)
    if out.min() >= 0:
        return AFTER
    return (
        "The shortcut starts behind an activation: the sum adds what the activation made of x. "
        "Which tensor should go around f?"
    )


def _passes_gradient(make, x, name):
    """The gradient takes the shortcut as well."""
    x = x.clone().requires_grad_()
    out = runs(_zeroed(make()), x, name)
    weights = torch.randn_like(x)
    grad = out.requires_grad and torch.autograd.grad((out * weights).sum(), x, allow_unused=True)[0]
    reached = torch.is_tensor(grad) and torch.allclose(grad, weights, atol=1e-4)
    reached = reached or torch.is_tensor(grad) and grad.isnan().any()  # a weight over its norm, 0
    size = grad.abs().mean() if torch.is_tensor(grad) else 0.0
    expect(
        reached,
        f"with all weights 0 the gradient that reaches x has the mean size {size:.2g}, expected "
        f"{weights.abs().mean():.2g}, all of what comes in: the shortcut carries it past f. Look "
        "for detach, .data and no_grad around x.",
    )


# --- f --------------------------------------------------------------------------------------------


def _adds_something(make, x, name):
    with torch.no_grad():
        added = runs(randomised(make(), 0, 0.5), x, name) - x
    expect(
        added.abs().max() > 1e-4,
        "with random weights the block still gives x back, expected x + f(x): f adds nothing. "
        "Follow the result of your layers to the return.",
    )
    alike = (added - added[:, :1]).abs().max() < 1e-5
    expect(
        not alike,
        "f adds the same map to all 6 channels, expected one of its own for each: the last layer "
        "of f gives one channel, and the sum repeats it.",
    )


def _has_curved_f(net, x, name):
    randomised(net, 0, 0.5)
    has_activation(net, lambda batch: net(batch) - batch, x, f"f in {name}")


def _sees_around(net, name):
    """Two 3 x 3 convolutions see 5 x 5 pixels."""
    x = torch.randn(4, 6, 15, 17)
    seen = field(net, lambda batch: net(batch) - batch, x)
    hint = {
        (1, 1): "Kernels of size 1 look at each pixel alone.",
        (3, 3): "One convolution with kernel 3 sees that much, the second one adds a ring.",
    }.get(seen[:2], "Two convolutions with kernel 3, one behind the other, see that much.")
    expect(
        min(seen[:2]) >= 5,
        f"each pixel of f(x) depends on {seen} of x, expected 5 by 5. {hint}",
    )


def _remark(make, x):
    with torch.no_grad():
        added = [randomised(make(), seed, 0.5)(x) - x for seed in range(2)]
    return ADDS_ONLY if all(part.min() > -1e-6 for part in added) else None
