"""Laws of a loss that adds over the parts of an image and averages over the batch."""

import math

import torch

from helpers.checks.laws.basics import diagnosis, is_tensor, kind_of, listed
from helpers.checks.laws.losses import same_number
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import same


def term_laws(answer, batches, learn, right, suspects, otherwise, what="the loss"):
    """The value on all batches, then the gradient of the inputs called `learn`.

    batches: (words, {name: tensor or number}), worked by hand first; right and the suspects take
    the same values in the same order as the answer; what: the name of the number.
    """
    for _, batch in batches:
        term_of(answer, batch, learn)
    has_values(answer, batches, learn, right, suspects, otherwise, what)
    for _, batch in batches:
        reaches(answer, batch, learn, right)


def term_of(answer, batch, learn):
    """The loss of a batch, and the inputs that collect a gradient."""
    inputs = {name: _copied(value, name in learn) for name, value in batch.items()}
    loss = _scalar(answer(*inputs.values()), batch)
    for name, value in batch.items():
        expect(
            not torch.is_tensor(value) or torch.equal(inputs[name], value),
            f"{name} has changed during the call, expected it as it was. A name that ends in _, "
            "and += or -=, write into the caller's tensor.",
        )
    return loss, [inputs[name] for name in learn]


def _copied(value, learns):
    return value.clone().requires_grad_(learns) if torch.is_tensor(value) else value


def _scalar(loss, batch):
    """One number; one per image, per latent or per pixel is told what is left to do."""
    if isinstance(loss, (tuple, list)):
        raise CheckError(f"{kind_of(loss)} came back, expected one number. {_parts(loss, batch)}")
    is_tensor(loss, "one loss")
    n = len(next(iter(batch.values())))
    hint = "Add over the parts of an image, and average over the images."
    if tuple(loss.shape) in ((n,), (n, 1)):
        hint = (
            "There is one per image, and backward() starts from one number: combine them so that "
            "the batch size does not matter."
        )
    expect(
        loss.numel() == 1,
        f"{n} images give a loss of the shape {tuple(loss.shape)}, expected one number. {hint}",
    )
    return loss.reshape(())


def _parts(loss, batch):
    """What is to be done with several numbers where one is asked for."""
    if "beta" in batch and len(loss) == 2:
        return (
            "It holds two terms: the loss is both of them added up, with their weights, so that "
            "one backward() serves them both."
        )
    return f"It holds {len(loss)} things: backward() starts from one, so return the whole alone."


def has_values(answer, batches, learn, right, suspects, otherwise, what):
    """The loss of all batches; a suspect that gives the same numbers on all is the diagnosis."""
    seen = [term_of(answer, batch, learn)[0].item() for _, batch in batches]
    wanted = [right(*batch.values()).item() for _, batch in batches]
    wrong = [k for k, pair in enumerate(zip(seen, wanted)) if not same_number(*pair)]
    if not wrong:
        return
    first = wrong[0]

    def fits(loss):
        return all(
            same_number(number, float(loss(*batch.values())))
            for number, (_, batch) in zip(seen, batches)
        )

    why = _not_finite(seen) or diagnosis(suspects, fits, otherwise)
    raise CheckError(
        f"{what} of {batches[first][0]} is {seen[first]:.4g}, expected {wanted[first]:.4g}. {why}"
    )


def _not_finite(numbers):
    if any(map(math.isnan, numbers)):
        return (
            "inf comes from a log of 0, nan comes from a log or a root of a negative number: "
            "logvar is a logarithm already, and may be 0 or negative."
        )
    if any(map(math.isinf, numbers)):
        return (
            "inf comes from a log of 0 or a division by 0: logvar is a logarithm already, and 0 "
            "at the prior."
        )
    return None


def reaches(answer, batch, learn, right):
    """The gradient comes to every input that a network has made, as the formula says."""
    loss, inputs = term_of(answer, batch, learn)
    expect(
        loss.requires_grad,
        "the loss carries no gradient, expected a path back to "
        f"{' and '.join(learn)}. Look for .item(), .detach(), no_grad or torch.tensor(...).",
    )
    grads = torch.autograd.grad(loss, inputs, allow_unused=True)
    twin = {name: _copied(value, name in learn) for name, value in batch.items()}
    wanted = torch.autograd.grad(right(*twin.values()), [twin[name] for name in learn])
    for name, grad, asked in zip(learn, grads, wanted):
        _agrees(name, grad, asked)


def _agrees(name, grad, asked):
    grad = torch.zeros_like(asked) if grad is None else grad
    expect(
        grad.abs().max() > 1e-9 or asked.abs().max() < 1e-9,
        f"no gradient reaches {name}, expected one: its network would never learn from this term. "
        "Look for detach, .data, .item() or no_grad.",
    )
    expect(
        same(grad.flatten(), asked.flatten()),
        f"the gradient of the loss for {name} starts with {listed(grad.flatten()[:3], '.3g')}, "
        f"expected {listed(asked.flatten()[:3], '.3g')}. The value is right, and a part of its "
        "path is cut.",
    )


# --- the batches, worked by hand first ------------------------------------------------------------


def worked_pictures():
    """Three images, off by 0.5 in 4 pixels, by -1 in 3 pixels, and by 0: squares 1, 3 and 0."""
    x = torch.zeros(3, 1, 28, 28)
    x[0], x[1, 0, 5:9, 9], x[2, 0, 3, 4] = 0.5, 1.0, 1.0
    x_hat = x.clone()
    x_hat[0, 0, 2, 5:9], x_hat[1, 0, 5:8, 9] = 1.0, 0.0
    return {"x_hat": x_hat, "x": x}


def pictures(n):
    """n random images and their reconstructions, in (0, 1), no two of them alike."""
    x = torch.rand(n, 1, 28, 28) ** 2
    return {"x_hat": torch.rand(n, 1, 28, 28) * 0.6 + 0.3, "x": x}


def codes(n, latent_dim):
    """n random pairs of mu and logvar."""
    return {"mu": torch.randn(n, latent_dim) + 0.4, "logvar": torch.randn(n, latent_dim) - 0.3}


def worked_codes():
    """Two images with three latents each: KLs 0.5 + 0.359 + 2 and 0.568 + 4.5 + 0."""
    return {
        "mu": torch.tensor([[1.0, 0.0, -2.0], [0.0, 3.0, 0.0]]),
        "logvar": torch.tensor([[0.0, 1.0, 0.0], [-2.0, 0.0, 0.0]]),
    }


def prior_codes(n=5, latent_dim=3):
    """The posterior is the prior: mu 0 and logvar 0."""
    return {"mu": torch.zeros(n, latent_dim), "logvar": torch.zeros(n, latent_dim)}


def picture_batches():
    """What a reconstruction loss is judged by."""
    worked = "three images that are off by 0.5 in 4 pixels, by 1 in 3 pixels and by nothing"
    return [
        (worked, worked_pictures()),
        *((f"{n} random image{'s' * (n > 1)}", pictures(n)) for n in (7, 1, 4)),
    ]


def code_batches():
    """What a KL is judged by: at the prior it is 0."""
    return [
        ("mu 0 and logvar 0 (5 images, 3 latents)", prior_codes()),
        ("mu [[1, 0, -2], [0, 3, 0]] and logvar [[0, 1, 0], [-2, 0, 0]]", worked_codes()),
        *((f"{n} random codes with {d} latents", codes(n, d)) for n, d in ((7, 2), (1, 4), (3, 6))),
    ]


def elbo_batches():
    """What a VAE's loss is judged by, with several beta."""
    sizes = ((4.0, 3, 2), (0.25, 7, 5), (1.0, 2, 6), (2.5, 5, 3))
    return [
        (
            f"{n} random images with {d} latents and beta {beta:g}",
            {**pictures(n), **codes(n, d), "beta": beta},
        )
        for beta, n, d in sizes
    ]


def defaults_to(answer, right):
    """Without beta the KL has the weight 1; by its name it can be set."""
    batch = {**pictures(3), **codes(3, 2)}
    try:
        seen = term_of(answer, batch, ())[0].item()
    except TypeError as error:
        raise CheckError(
            "called without beta the loss stops, expected the default 1: write beta=1.0 into the "
            "signature."
        ) from error
    wanted = right(*batch.values(), 1.0).item()
    expect(
        same_number(seen, wanted),
        f"without beta the loss is {seen:.4g}, expected {wanted:.4g}, as with beta 1. Look at the "
        "default in the signature.",
    )
    answer(*batch.values(), beta=2.0)
