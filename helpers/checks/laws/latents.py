"""Laws of the noise z that G starts from: standard normal, independent, fresh in every call."""

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import has_shape, is_tensor
from helpers.checks.laws.old import CheckError, expect


def gives_latents(answer):
    """One row per image and z_dim numbers in a row, in float32, whatever the sizes."""
    for n, z_dim in ((7, 5), (1, 16), (5, 7)):
        z = answer(n, z_dim)
        is_tensor(z, f"z of shape {(n, z_dim)}")
        has_shape(z, (n, z_dim), _z_hint(tuple(z.shape), n, z_dim))
        expect(
            z.is_floating_point(),
            f"the dtype is {z.dtype}, expected torch.float32. nn.Linear wants "
            "real numbers, and noise from N(0, 1) is not whole.",
        )
        expect(
            z.dtype == torch.float32,
            f"the dtype is {z.dtype}, expected torch.float32. "
            "numpy draws in float64: convert, or draw with torch.",
        )


def _z_hint(shape, n, z_dim):
    hints = {
        (z_dim, n): "The order is the other way round: one ROW per image.",
        (
            z_dim,
        ): "That is one vector: how many images do you want, and how many vectors are there?",
        (n,): "That is one number per image: each needs z_dim of them.",
        (n * z_dim,): "The numbers are there, in one long row: one row per image is asked for.",
        (
            n,
            z_dim,
            1,
            1,
        ): "Four axes belong to a convolutional G. This G starts with a linear layer.",
    }
    return hints.get(shape, "One row per image, z_dim numbers in a row; both come in as arguments.")


def is_independent(z):
    """No row and no column of z is a copy of another."""
    rows, columns = len(torch.unique(z, dim=0)), len(torch.unique(z, dim=1).T)
    expect(
        rows == len(z),
        f"only {rows} of {len(z)} rows of z differ, expected all. Each image starts "
        "from its own vector: draw all n of them, repeat and expand copy one.",
    )
    expect(
        columns == z.shape[1],
        f"only {columns} of {z.shape[1]} columns of z differ, expected all. "
        "Each entry of a vector is drawn on its own.",
    )
    lengths = z.norm(dim=1)
    expect(
        lengths.std() > 0.01 * lengths.mean(),
        f"every row of z has the same length, "
        f"{lengths[0]:.2f}, expected lengths that vary. Leave the draw as it is: without "
        f"normalising.",
    )


STRANGE = "With another scale in training than when sampling, G meets inputs that it has not seen."


def is_normal(z, why=STRANGE):
    """The entries of a large z have mean 0, std 1 and the tails of a normal distribution.

    why: what another scale of z does to the network that starts from it.
    """
    z = z.double()
    low, high, mean, std = z.min(), z.max(), z.mean(), z.std()
    seen = f"z has mean {mean:.2f} and std {std:.2f}, from {low:.1f} to {high:.1f}"
    wanted = "expected N(0, 1): mean 0, std 1, and a few entries beyond 2.5 on both sides."
    expect(
        torch.isfinite(z).all(),
        "z holds nan or inf, expected finite normal numbers. "
        "Draw it: torch.empty alone shows what the memory held.",
    )
    expect(
        low < 0 or high > 1,
        f"{seen}; {wanted} That looks uniform on [0, 1): compare the names rand and randn.",
    )
    spread = (high - low) / std
    expect(spread > 4, f"{seen}; {wanted} That looks uniform: where are its tails?")
    expect(
        abs(mean) < 0.15, f"{seen}; {wanted} Something shifts or folds the noise (abs, + 1, exp)."
    )
    expect(
        abs(std - 1) < 0.09,
        f"{seen}; {wanted} Something scales or clips the noise. {why}",
    )
    tails = ((z - mean) ** 4).mean() / std**4
    expect(
        abs(tails - 3) < 0.75,
        f"{seen} and a fourth moment of {tails:.1f}, expected 3: the tails are "
        "not those of N(0, 1). Look at the distribution that you draw from.",
    )


def is_fresh(draw):
    """A second call gives new numbers, and the global seed is left alone."""
    reseed(1001)
    first, second = draw(), draw()
    reseed(2002)
    other = draw()
    expect(
        first.float().std() > 1e-6,
        f"every entry of z is {first.flatten()[0]:g}, expected N(0, 1). Constants "
        "are no noise: every image would be the same.",
    )
    if torch.equal(first, second) or torch.equal(first, other):
        next_one = torch.rand(3)
        draw()
        reset = torch.equal(next_one, torch.rand(3))
        raise CheckError(
            "two calls give the same noise, expected new noise each time. "
            + (
                "Your function sets the global seed: that also repeats the batches and the "
                "dropout of the "
                "whole training. Seed once, at the top of the notebook."
                if reset
                else "Draw inside the function, without a seed and without keeping the result."
            )
        )


def leaves_seed(draw):
    """The call does not set the global seed, whatever it draws itself."""
    after = []
    for seed in (1001, 2002):
        reseed(seed)
        draw()
        after.append(torch.rand(4))
    expect(
        not torch.equal(*after),
        "after the call torch.rand gives the same numbers from whatever seed "
        "it started, expected that the global seed stays alone. Each plot would make the training "
        "repeat its noise: keep a fixed z for comparable pictures instead.",
    )
