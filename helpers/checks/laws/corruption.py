"""Laws of a denoising loss: which noise the model sees, and which image it is compared with."""

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor
from helpers.checks.laws.latents import leaves_seed
from helpers.checks.laws.old import CheckError, expect

LEVEL, OFFSET = 0.05, 0.1


class Reader(nn.Module):
    """A model that records what it reads, and always answers with the same guess."""

    def __init__(self, guess):
        """guess: (N, 1, 28, 28), a parameter, so that the loss leaves its gradient there."""
        super().__init__()
        self.guess, self.read = nn.Parameter(guess.clone()), []

    def forward(self, x):
        """The guess, whatever comes in."""
        is_tensor(x, "noisy images for the model")
        has_shape(x, self.guess.shape, "The model takes images, noisy ones, one for each of x.")
        self.read.append(x.detach().clone())
        return self.guess * 1


def greys(n):
    """n images away from black and white, so that a clamp to [0, 1] changes nothing."""
    return torch.rand(n, 1, 28, 28) * 0.2 + 0.4


def _played(answer, x, level, guess):
    """The loss and the model that has read; x stays as it was."""
    model, kept = Reader(guess), x.clone()
    loss = answer(model, x, level)
    expect(
        torch.equal(x, kept),
        "x itself has changed, expected it to stay clean: add_ and += write the noise into the "
        "target. Make the noisy images under a new name.",
    )
    expect(
        model.read,
        "the model is never called, expected what it makes of the noisy images: model(noisy).",
    )
    is_tensor(loss, "one loss")
    expect(
        loss.numel() == 1,
        f"the loss has the shape {tuple(loss.shape)}, expected one number: reduce the squared "
        "errors of the batch to one.",
    )
    expect(
        loss.requires_grad,
        "the loss carries no gradient, expected a path to the model. Look for no_grad, detach and "
        ".item() around the model's output.",
    )
    expect(
        model.training,
        "the model is in eval mode afterwards, expected train mode as before. Nothing here needs "
        "eval(): leave it out.",
    )
    return loss.reshape(()), model


def _noise(answer, x, level):
    return _played(answer, x, level, x)[1].read[-1] - x


def reads_noise(answer):
    """The model sees x plus noise of mean 0 and of the asked std."""
    x = greys(8)
    noise = _noise(answer, x, LEVEL)
    expect(
        noise.abs().max() > 1e-6,
        "the model sees x itself, without noise; expected x + noise. Which of your two tensors "
        "goes into the model?",
    )
    _is_fresh(answer, x, noise)
    _is_centred(noise)
    _is_as_wide(noise, _noise(answer, x, 2 * LEVEL))


def _is_fresh(answer, x, noise):
    """Each image, each pixel and each call has noise of its own."""
    flat = noise.flatten(1)
    apart = (flat[:, None] - flat[None]).abs().amax(2) + torch.eye(len(flat))
    expect(
        apart.min() > 1e-5,
        f"two of {len(flat)} images get the same noise, expected noise of their own. Print the "
        "shape of the noise next to x.shape: one that lacks the batch axis broadcasts.",
    )
    steps = [noise.diff(dim=axis).abs().amax() for axis in (2, 3)]
    expect(
        min(steps) > 1e-5,
        "all pixels along an axis get the same noise, expected noise of its own for each pixel: it "
        "has the shape of x.",
    )
    expect(
        not torch.allclose(noise, _noise(answer, x, LEVEL), atol=1e-6),
        "two calls add the same noise, expected new noise in each. The model would learn that one "
        "pattern by heart: draw inside the function, without a seed.",
    )
    leaves_seed(lambda: _noise(answer, x, LEVEL))


def _is_centred(noise):
    mean, std = noise.mean(), noise.std()
    expect(
        abs(mean) < 0.09 * std + 0.003 * LEVEL,
        f"the noise has the mean {mean:.3f} at noise_std {LEVEL}, expected 0: the images get "
        "brighter or darker on the whole. Compare the names rand and randn; the image itself keeps "
        "its weight 1.",
    )


def _is_as_wide(noise, twice):
    """The std is noise_std, and follows it."""
    std, other = noise.std().item(), twice.std().item()
    if abs(std / LEVEL - 1) < 0.07 and abs(other / LEVEL - 2) < 0.14:
        return
    suspects = [
        (
            (LEVEL**2, 4 * LEVEL**2),
            "noise_std is squared: that is the variance. Multiplying unit "
            "noise by s gives the std s.",
        ),
        ((LEVEL**0.5, (2 * LEVEL) ** 0.5), "The root is taken of noise_std: it is a std already."),
        ((std, std), "noise_std has no effect: the noise is the same at every noise_std."),
        (
            (LEVEL * 3**-0.5, 2 * LEVEL * 3**-0.5),
            "It looks uniform: rand spans 1 and has the std 0.29, randn has the std 1.",
        ),
    ]
    why = diagnosis(
        suspects,
        lambda pair: abs(std / pair[0] - 1) < 0.08 and abs(other / pair[1] - 1) < 0.08,
        "Unit noise (randn) times noise_std, added to x, has that std.",
    )
    raise CheckError(
        f"the noise has the std {std:.4f} at noise_std {LEVEL}, and {other:.4f} at {2 * LEVEL}; "
        f"expected {LEVEL} and {2 * LEVEL}. {why}"
    )


def aims_at_clean(answer):
    """The loss pulls the model's output towards the clean x, whatever distance it measures."""
    x = greys(6)
    off = OFFSET * (2 * torch.randint(0, 2, x.shape) - 1.0)
    loss, model = _played(answer, x, 0.3, x + off)
    (pull,) = torch.autograd.grad(loss, model.guess, allow_unused=True)
    expect(
        pull is not None and pull.abs().max() > 0,
        "no gradient reaches the model's output, expected one. What is compared with x has to be "
        "what the model gives back.",
    )
    if _along(pull, off) > 0.9:
        return
    why = diagnosis(
        [
            (
                x + off - model.read[-1],
                "The output is compared with the noisy image: what would the perfect answer to "
                "your loss be, and does it contain noise?",
            ),
            (-off, "The sign is turned: the loss falls while the output moves away from x."),
            (
                torch.ones_like(x),
                "The differences are not squared: too bright and too dark cancel.",
            ),
            (-torch.ones_like(x), "The differences are not squared: they cancel."),
        ],
        lambda direction: _along(pull, direction) > 0.9,
        "Compare what the model gives back with x, pixel by pixel.",
    )
    raise CheckError(
        "the loss does not pull the model's output to the clean x; expected it to be lowest where "
        f"output and x agree. {why}"
    )


def _along(a, b):
    """The cosine of two tensors."""
    return float(torch.cosine_similarity(a.flatten(), b.flatten(), dim=0))
