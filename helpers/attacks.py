"""Input gradients, FGSM and PGD. Images are in [0, 1], epsilon in pixel units; the model stays.

A model comes back in the mode it came in, its weights and their `.grad` untouched. Labels are the
true ones. `x` `(N, C, H, W)`, `y` `(N,)`; a model turns x into logits `(N, K)`.
"""

import torch
from torch.nn import functional as F

from helpers.networks import NormalizedModel, evaluating


@torch.enable_grad()
def input_gradient(model, x, y):
    """Gradient of the mean cross-entropy with respect to the images, shaped like `x`."""
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(model(x), y), x)
    return gradient


def fgsm(model, x, y, epsilon):
    """One step of size `epsilon` up the loss, in every pixel: x_adv in [0, 1], like `x`.

    The fast gradient sign method, Goodfellow et al. 2015, section 4.
    """
    return (_pixels(x) + epsilon * _signs(model, x, y)).clamp(0, 1)


def fgsm_sweep(model, x, y, epsilons):
    """Yield `fgsm` at each of `epsilons` in turn: one gradient serves them all."""
    x, signs = _pixels(x), _signs(model, x, y)
    for epsilon in epsilons:
        yield (x + epsilon * signs).clamp(0, 1)


def fgsm_targeted(model, x, target, epsilon):
    """One step of size `epsilon` down the loss of the classes `target` `(N,)`: x_adv in [0, 1].

    Kurakin et al. 2017a, section 2.3, in a single step.
    """
    return (_pixels(x) - epsilon * _signs(model, x, target)).clamp(0, 1)


def fgsm_pixel(model, x, y, epsilon, mean, std):
    """FGSM in pixel units on a `model` that expects (x - mean) / std; x and x_adv are in [0, 1]."""
    return fgsm(NormalizedModel(model, mean, std), x, y, epsilon)


def linf_project(x_adv, x, epsilon):
    """The nearest images that are within `epsilon` of `x` in every pixel, and in [0, 1]."""
    return x_adv.clamp(x - epsilon, x + epsilon).clamp(0, 1)


def random_start(x, epsilon):
    """Uniform random images within `epsilon` of `x`, in [0, 1]; new ones at every call."""
    return (x + torch.empty_like(x).uniform_(-epsilon, epsilon)).clamp(0, 1)


def pgd(model, x, y, epsilon, alpha, steps):
    """`steps` signed steps of size `alpha` from a random start, each projected: x_adv in [0, 1].

    Projected gradient descent on the max norm, Madry et al. 2018, section 2.1.
    """
    x = _pixels(x)
    x_adv = random_start(x, epsilon)
    for _ in range(steps):
        x_adv = linf_project(x_adv + alpha * _signs(model, x_adv, y), x, epsilon)
    return x_adv


def linf_distance(x_adv, x):
    """The largest change of a pixel in each image, `(N,)`."""
    return (x_adv - x).abs().flatten(1).amax(1)


def _signs(model, x, y):
    """-1, 0 or 1 in every pixel: the way up the loss, for the model in eval mode."""
    with evaluating(model):
        return input_gradient(model, x, y).sign()


def _pixels(x):
    """`x` itself, without its graph, once its range is right."""
    low, high = x.min().item(), x.max().item()
    if low < 0 or high > 1:
        raise ValueError(
            f"An attack works on pixels in [0, 1]; these go from {low:.2f} to {high:.2f}. If the "
            "model wants other numbers, put the change into it: networks.NormalizedModel."
        )
    return x.detach()
