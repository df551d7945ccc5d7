"""Laws of what reads images: codes image by image, and two free heads for a VAE."""

import math

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import is_tensor, kind_of
from helpers.checks.laws.networks import (
    built,
    has_small_slopes,
    has_weights,
    randomised,
    uses_all_layers,
)
from helpers.checks.laws.old import CheckError, expect

HEADS = ("mu", "logvar")
ONE_SIDED = {
    "mu": "A ReLU stands after the last layer: codes lie on both sides of 0.",
    "logvar": "A ReLU, softplus or exp stands after the last layer. That is for a std: the "
    "logarithm of a variance below 1 is negative, and sigma would never be below 1.",
}
WILD = "random weights (huge ones, on purpose, to see what bounds the result)"
LARGE = 5  # sigma from e^-2.5 to e^2.5; a clamp beyond that only guards against overflow


def encoder_laws(answer, name):
    """All that an encoder(latent_dim): x -> mu, logvar has to hold, in the order of diagnosis."""
    net = built(answer, name, 3)
    has_weights(net)
    images = torch.rand(7, 1, 28, 28)
    for latent_dim in (3, 5, 2):
        _two_codes(built(answer, name, latent_dim).train(), images, latent_dim)
    _two_codes(net.eval(), images[:1], 3)
    has_small_slopes(net)
    wild = _wild(answer, name, images)
    networks = net, built(answer, name, 3).eval(), wild(0)
    for head, what in enumerate(HEADS):
        is_steady(lambda x, k=head: net(x)[k], net, images, what)
        each_on_its_own(lambda x, k=head: net(x)[k], net, images, what)
        heeds_images([lambda x, k=head, n=n: n(x)[k] for n in networks], images, what)
    _are_separate(wild(1), images)
    for head in range(2):
        _is_unbounded(wild, head)
    uses_all_layers(_Joined(net), images, name)
    return _remark(_Joined(built(answer, name, 3)).eval(), images)


class _Joined(torch.nn.Module):
    """mu and logvar side by side, for laws of networks with one output."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.cat(list(self.net(x)), dim=1)

    def named_parameters(self, *args, **kwargs):
        """The names that the student gave."""
        return self.net.named_parameters(*args, **kwargs)


def _wild(answer, name, images):
    """From a seed to the network with large random weights."""
    net = built(answer, name, 3)
    net(images)  # lazy layers get their weights here
    return lambda seed: randomised(net, seed)


def _two_codes(net, images, latent_dim):
    """A pair of tensors, (N, L) each."""
    pair, n = net(images), len(images)
    single = torch.is_tensor(pair) and (pair.dim() != 3 or len(pair) != 2)
    expect(
        pair is not None and not single,
        f"{n} images give {_shown(pair)}, expected the pair mu, logvar. "
        + (
            "Split it in two, along the latent axis."
            if single and pair.dim() == 2 and pair.shape[1] == 2 * latent_dim
            else "Return both, with a comma between them: look at the last line of forward."
        ),
    )
    is_pair = torch.is_tensor(pair) or isinstance(pair, (tuple, list))
    expect(
        is_pair and len(pair) == 2,
        f"forward gives {_shown(pair)}, expected the pair mu, logvar: z is drawn outside, by "
        "reparameterize.",
    )
    for name, code in zip(HEADS, pair):
        is_tensor(code, f"{name} of shape {(n, latent_dim)}")
        _has_code_shape(name, code, n, latent_dim)


def _shown(thing):
    if torch.is_tensor(thing):
        return f"one tensor of shape {tuple(thing.shape)}"
    if isinstance(thing, (tuple, list)):
        return f"a {type(thing).__name__} of {len(thing)}"
    return "None" if thing is None else kind_of(thing)


def _has_code_shape(name, code, n, latent_dim):
    shape = tuple(code.shape)
    hint = f"One row per image, latent_dim = {latent_dim} numbers in a row."
    if len(shape) == 2 and shape[0] != n:
        hint = "The rows are the images: a split along axis 0 takes the batch apart."
    elif shape == (n, 2 * latent_dim):
        hint = "That is both in one: split along the latent axis."
    elif len(shape) == 2:
        hint += " Take it from the argument of __init__."
    elif shape == (n, latent_dim, 1, 1):
        hint += " The two axes of length 1 have to go: flatten each image's code."
    expect(
        shape == (n, latent_dim),
        f"{name} has the shape {shape} for {n} image{'s' * (n > 1)}, expected "
        f"{(n, latent_dim)}. {hint}",
    )


def is_steady(values, net, images, what):
    """In eval mode the same images give the same twice."""
    net.eval()
    with torch.no_grad():
        reseed(5)
        first = values(images)
        reseed(6)
        again = values(images)
    expect(
        torch.allclose(first, again, atol=1e-5, rtol=1e-4),
        f"two calls in eval mode with the same images give another {what} (up to "
        f"{(first - again).abs().max():.2g} apart), expected the same. Look for layers that are "
        "made in forward, for noise there, and for F.dropout without self.training.",
    )


def heeds_images(networks, images, what):
    """Another image gives another result, in at least one network.

    Several, with small and with large weights: a head may start at 0, and a clamp may be reached.
    """
    with torch.no_grad():
        same = [torch.equal(values(images), values(images.flip(0) * 0.7)) for values in networks]
    expect(
        not all(same),
        f"two different images give the same {what}, expected another one each. Follow x through "
        "your forward: where does something replace it?",
    )


def each_on_its_own(values, net, images, what):
    """In eval mode an image gets the same alone as in a batch."""
    net.eval()
    with torch.no_grad():
        together = values(images)
        alone = torch.cat([values(image[None]) for image in images])
    gap = (together - alone).abs().max().item() if together.shape == alone.shape else math.inf
    expect(
        gap < 1e-4 + 1e-3 * float(together.abs().max()),
        f"the {what} of an image is another one alone than in a batch (up to {gap:.2g} apart), "
        "expected the same. Something mixes the images: after each reshape, do all numbers of row "
        "0 come from image 0? And look for operations along axis 0.",
    )


def _are_separate(net, images):
    """logvar is not mu again, nor a function of it, latent by latent."""
    mu, logvar = (code.detach() for code in net(images))
    expect(
        not torch.allclose(mu, logvar, atol=1e-6),
        "mu and logvar are the same tensor, expected two different heads: how sure the encoder is "
        "has nothing to do with where the code lies.",
    )
    tied = [_tied(net, image[None]) for image in images]
    seen = [verdict for verdict in tied if verdict is not None]
    expect(
        not seen or not all(seen),
        "logvar is computed from mu alone, latent by latent, expected two different heads: each "
        "has weights of its own on what the body has found.",
    )


def _tied(net, image):
    """Whether every logvar moves along its mu when the image changes; None if nothing moves."""
    image = image.clone().requires_grad_()
    mu, logvar = net(image)
    if not mu.requires_grad or not logvar.requires_grad:
        return None
    slopes = [_slopes(code[0], image) for code in (mu, logvar)]
    alike = torch.cosine_similarity(*slopes, dim=1).abs()
    moving = torch.minimum(*(slope.norm(dim=1) for slope in slopes)) > 1e-9
    return bool((alike[moving] > 0.9999).all()) if moving.any() else None


def _slopes(values, image):
    """The gradient of each value at the pixels, (values, pixels)."""
    rows = [torch.autograd.grad(value, image, retain_graph=True)[0] for value in values]
    return torch.stack(rows).flatten(1)


STRAIGHT = (
    "Your encoder has no activation between its layers: two linear layers in a row can do no more "
    "than one linear layer."
)


def is_straight(values, images):
    """Whether a map adds up like a linear layer; values: in eval mode."""
    with torch.no_grad():
        one, two, both = (values(x) for x in (images, images.flip(0), images + images.flip(0)))
        none = values(torch.zeros_like(images))
    return (both - one - two + none).norm() / ((one - none).norm() + 1e-12) < 1e-4


def _remark(net, images):
    """What is right and could be better: no bend, or a logvar that mu fixes."""
    if is_straight(net, images):
        return STRAIGHT
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.05 * torch.randn_like(p))  # a head may start at 0
    for image in images[:2]:
        image = image[None].clone().requires_grad_()
        codes = net(image)[0]
        sizes = torch.linalg.svdvals(_slopes(codes, image))
        if sizes[len(codes) // 2] > 1e-4 * sizes[0]:
            return None
    return (
        "logvar follows from mu: images with the same mu get the same logvar. Let its head start "
        "from the wide hidden layer, as mu's does."
    )


def _is_unbounded(wild, head):
    """Whatever the weights, nothing bounds the head: either sign, and beyond 5."""
    name, values, images = HEADS[head], torch.zeros(0), torch.rand(16, 1, 28, 28)
    for seed in range(8):
        with torch.no_grad():
            values = torch.cat([values, wild(seed)(images)[head].flatten()])
        if values.min() < -LARGE and values.max() > LARGE:
            return
    low, high = values.min().item(), values.max().item()
    seen = f"with {WILD} {name} lies between {low:.3g} and {high:.3g}"
    raise CheckError(f"{seen}; expected any real number. {_why_bounded(name, low, high)}")


def _why_bounded(name, low, high):
    if math.isnan(low + high):
        return "nan comes from a log or a root of a negative number."
    if low == high:
        return "It is the same for every image: which layer of the body does it come from?"
    if low >= 0 and high <= 1.001:
        return f"That is a sigmoid (or softmax). Which range should {name} have?"
    if low >= 0:
        return "No value is negative. " + ONE_SIDED[name]
    if high <= 0:
        return "No value is positive: leave the last linear layer as it is."
    return "A tanh or a clamp bounds it: leave the last linear layer as it is."
