"""Networks that keep the map: what an output sees of it, where an input passes, what bends.

Norm layers hide much of that: they bend a network without any activation, and each looks at the
whole map. So they are left out for these questions.
"""

import contextlib

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks.aspects import REMARK, Aspect
from helpers.checks.guard import reseed
from helpers.checks.kinds.network import STRAIGHT, Network

NORMS = nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm
FAINT = 0.01  # of the largest influence: below it a pixel does not count as seen
APART = "BatchNorm mixes the pictures of a batch: instance norm keeps them apart."


@contextlib.contextmanager
def weights(net, size, seed=0, norms=True):
    """A block in which all weights are normal numbers of this size; afterwards they are as before."""
    state = [*net.parameters(), *net.buffers()]
    before = [p.detach().clone() for p in state]
    reseed(seed)
    left_out = () if norms else [m for m in net.modules() if isinstance(m, NORMS)]
    hooks = [m.register_forward_hook(lambda m, given, out: given[0]) for m in left_out]
    inner = [m for m in net.modules() if m is not net] if not size else ()
    hooks += [m.register_forward_hook(_no_nan) for m in inner]  # a weight over its own norm, 0
    with torch.no_grad():
        for p in net.parameters():
            p.normal_(0, size) if size else p.zero_()
    yield net
    with torch.no_grad():
        for p, value in zip(state, before):
            p.copy_(value)
    for hook in hooks:
        hook.remove()


def _no_nan(module, given, out):
    return torch.nan_to_num(out) if torch.is_tensor(out) else None


class Maps(Network):
    """A network of convolutions; what it adds to its input, if it is a block (`adds`)."""

    adds = False

    def made(self, net, x):
        """What its layers make of a batch."""
        return net(x) - x if self.adds else net(x)

    def learning(self, net, x, bounded):
        """What is asked of its maps; then the usual, and a bend without norms."""
        with torch.no_grad():
            net.eval()(*x)  # lazy layers get their weights
        reseed(8)  # the same for all, whatever their layers have drawn
        yield from self.mapped(net, torch.randn(x[0].shape))
        usual = super().learning(net, x, bounded)
        yield from (aspect for aspect in usual if aspect.name != "bend")
        straight = self.straight_without_norms(net.eval(), x[0])
        words = "without its norms it is a straight line in its input, expected an activation in between."
        yield Aspect("bend without norms", straight, lambda a, b: words, STRAIGHT, mute=True)
        yield from self.seeing(net)
        mixes = any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())
        yield Aspect("batch norm", mixes, hint=APART, role=REMARK)

    @torch.no_grad()
    def straight_without_norms(self, net, x):
        """Whether nothing but norms bends it: without biases it is odd, and without norms linear."""
        with weights(net, 0.5):
            for module in net.modules():
                if isinstance(getattr(module, "bias", None), torch.Tensor):
                    module.bias.zero_()
            here, there = self.made(net, x), self.made(net, -x)
        if (here + there).norm() > 1e-3 * here.norm():
            return False
        with weights(net, 0.5, norms=False):
            parts = (x + 0.6 * x.flip(0), x, 0.6 * x.flip(0), torch.zeros_like(x))
            together, one, two, none = (self.made(net, part) for part in parts)
        size = (one - none).norm() + (two - none).norm() + 1e-12
        return bool((together - one - two + none).norm() < 1e-3 * size)

    def field(self, net, x):
        """(height, width, share) of the pixels of x that the middle of the output depends on."""
        x = x.clone().requires_grad_()
        with weights(net.eval(), 0.5, norms=False):
            maps = self.made(net, x)
            middle = maps[..., maps.shape[-2] // 2, maps.shape[-1] // 2]
            (grad,) = torch.autograd.grad(middle.sum(), x)
        seen = grad.abs().sum((0, 1))
        seen = seen > FAINT * seen.max()
        places = [seen.any(axis).nonzero() for axis in (1, 0)]
        sides = [int(at.max() - at.min()) + 1 if len(at) else 0 for at in places]
        return *sides, float(seen.float().mean())


# --- a block: x + f(x) ----------------------------------------------------------------------------

LAYERED = "A layer stands between x and the sum: the shortcut has no layers."
PRODUCT = "x and f(x) are multiplied: where x is 0 the block gives 0, whatever f says. Which operation leaves x alone when f is 0?"
UNREACHED = "x itself does not reach the result: f(x) alone comes back. What is added to it?"
LOST = "Dropout stands on the shortcut: some entries of x are lost."
FOLLOW = "Follow x from the argument to the sum, and from the sum to return: what happens to it?"
PASSES = "The shortcut carries it past f. Look for detach, .data and no_grad around x."
ADDED = {
    "nothing": "f adds nothing. Follow the result of your layers to the return.",
    "one map to all": "f adds the same map to all channels: its last layer gives one channel, and the sum repeats it.",
}
ADDS_ONLY = "f ends in an activation that is never negative: it can only add to a map, never take away."
KERNELS = {
    1: "Kernels of size 1 look at each pixel alone.",
    3: "One convolution with kernel 3 sees that much, the second one adds a ring.",
}


class Block(Maps):
    """A residual block: its input passes as it is, and layers add what is to change."""

    adds = True

    def mapped(self, net, x):
        """What becomes of x with all weights 0, and of the gradient; what f adds."""
        with torch.no_grad(), weights(net.eval(), 0.5):
            out, hole = net(x), x.clone()
            hole[:, :, 2, 3] = 0
            product = float(net(hole)[:, :, 2, 3].abs().max()) < 1e-6
            added = out - x
        marks = torch.tensor([product, self.layered(net, x), bool(out.min() >= 0)]).float()
        given, sent = x.clone().requires_grad_(), torch.linspace(-1, 1, x.numel()).view_as(x)
        with weights(net.train(), 0):
            reseed(9)
            still = net(given)
            (grad,) = (
                torch.autograd.grad((still * sent).sum(), given, allow_unused=True)
                if (still.requires_grad)
                else (None,)
            )
        few = lambda x: "[" + ", ".join(f"{value:.2f}" for value in x.flatten()[:3].tolist()) + "]"
        words = f"with all weights 0, x[0, 0, 0, :3] = {few(x)} becomes {few(still)}, expected x as it was: the block is x + f(x), and f is 0 then."
        why = lambda a, b: why_changed(x, *a)
        yield Aspect("shortcut", [still.detach() - x, marks], lambda a, b: words, why, same=_same_shortcut)
        grad = torch.zeros_like(x) if grad is None else grad  # nan: a weight over its own norm, 0
        size = 1.0 if grad.isnan().any() else round(float(grad.norm() / sent.norm()), 2)
        yield Aspect("passing", size, "with all weights 0 the share of the gradient that reaches x is {}", PASSES)
        alike = float((added - added[:, :1]).abs().max()) < 1e-5
        adds = "nothing" if float(added.abs().max()) < 1e-4 else "one map to all" if alike else "its own map to each"
        yield Aspect("adding", adds, "with random weights f adds {}", ADDED, mute=True)
        yield Aspect("adding only", float(added.min()) > -1e-6, hint=ADDS_ONLY, role=REMARK)

    @torch.no_grad()
    def layered(self, net, x):
        """Whether one layer alone, all others 0, gives something where the shortcut gives nothing."""
        with weights(net, 0):
            if float(net(x).abs().max()) > 1e-6:
                return False
            for p in [p for p in net.parameters() if p.dim() == 4]:
                p.normal_()
                if float(net(x).abs().max()) > 1e-6:
                    return True
                p.zero_()
        return False

    @staticmethod
    def why_other(seen, expected):
        """Where another shape comes from."""
        n, c, h, w = expected
        known = {
            (n, 2 * c, h, w): "x and f(x) stand side by side: a residual block adds them.",
            (n, c): "The maps are averaged: a block gives maps again.",
            (c, h, w): "The batch axis is gone: squeeze() drops every axis of length 1.",
            (n, c, h - 4, w - 4): "Two convolutions without padding lose two pixels on every side.",
        }
        return known.get(seen, "Blocks follow each other, so each gives the shape that it gets.")

    def seeing(self, net):
        """Two 3 x 3 convolutions see 5 x 5 pixels."""
        seen = self.field(net, torch.randn(4, self.sizes[0][0], 15, 17))[:2]
        words = f"each pixel of f(x) depends on {seen[0]} by {seen[1]} pixels of x, expected 5 by 5."
        two = "Two convolutions with kernel 3, one behind the other, see that much."
        yield Aspect("field", min(seen) >= 5, lambda a, b: words, KERNELS.get(seen[0], two), mute=True)


def _same_shortcut(a, b):
    """Whether x comes out as it was; or is changed alike, and for the same reason."""
    (change, marks), (other, others) = a, b
    if change.shape != other.shape or not torch.allclose(change, other, atol=1e-4):
        return False
    return float(change.abs().max()) < 1e-4 or torch.equal(marks, others)


def why_changed(x, change, marks):
    """What keeps x from coming out as it was."""
    out = x + change
    product, layered, _ = marks.tolist()
    if float(out.abs().max()) < 1e-6:
        return PRODUCT if product else LAYERED if layered else UNREACHED
    if product:
        return PRODUCT
    lost = bool((out == 0).any()) and len(torch.unique((out / x).round(decimals=3))) == 2
    return LOST if lost else FOLLOW


# --- a judge of patches: a map of scores ----------------------------------------------------------

SIZES = (64, 80), (96, 64)  # no two alike: a map that does not follow them is noticed
LARGE, LESSON = (112, 28)  # patches of 70 x 70 pixels are less than half of the one, and the other is small
FIXED = "A patch has a fixed size in pixels. Which layer has a fixed size of output, or needs one of input?"
STRIDES = "All strides are 1: a stride of 2 halves the map, and lets a score see more of the image."
NORM_LAST = "A norm stands behind the last convolution, and takes away what D says of the image as a whole. Norms belong between the layers."
BENT = "An activation stands after it, and shrinks some of what D has to say. End in the convolution."


class Patches(Maps):
    """A discriminator of patches: a map of raw scores, each for its own part of the image."""

    def mapped(self, net, x):
        """Maps that follow the image, with far fewer scores than pixels; nothing behind the last layer."""
        channels = self.sizes[0][0]
        with torch.no_grad():
            first, second = (net(torch.rand(1, channels, *size)).shape[2:] for size in SIZES)
        told = f"images of {SIZES[0]} and {SIZES[1]} pixels give maps of {tuple(first)} and {tuple(second)}, expected "
        words = f"{told}maps that grow and shrink with the image."
        yield Aspect("fixed", first == second, lambda a, b: words, FIXED, mute=True)
        growth = (second[0] - first[0]) / (SIZES[1][0] - SIZES[0][0])
        denser = f"{told}far fewer scores than pixels."
        yield Aspect("strides", growth > 0.75, lambda a, b: denser, STRIDES, mute=True)
        with torch.no_grad(), weights(net.train(), 2):
            scores = net(x)
            means, spread = scores.mean((1, 2, 3)), scores.std()
        even = bool(means.std() <= 1e-3 * spread)
        flat = f"the mean score of every image is {float(means[0]):.3g}, expected means that differ."
        yield Aspect("even", even, lambda a, b: flat, NORM_LAST, mute=True)
        bend, low, high = self.bend_at_end(net.eval(), x)
        bent = f"where the last convolution gives 1 and -1, the scores are {high:.3g} and {low:.3g}, expected raw scores: the convolution's own numbers."
        yield Aspect("bend at the end", bend, lambda a, b: bent, BENT, mute=True)

    @torch.no_grad()
    def bend_at_end(self, net, x):
        """Whether something bends what the last layer gives; the scores where it gives -1 and 1."""
        kinds, called = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear), []
        layers = [m for m in net.modules() if isinstance(m, kinds)]
        hooks = [m.register_forward_hook(lambda m, _, out: called.append((m, out))) for m in layers]
        shape = net(x).shape
        for hook in hooks:
            hook.remove()
        if not called or called[-1][1].shape != shape:
            return False, 0, 0
        zero, up, down, far = (_with_last(net, called[-1][0], x, value) for value in (0, 1, -1, 3))
        bend = max((up + down - 2 * zero).abs().max(), (far - 3 * up + 2 * zero).abs().max())
        return bool(bend > 1e-3), float(down.mean()), float(up.mean())

    def seeing(self, net):
        """A score depends on more than a pixel and on less than the image; a remark for a small one."""
        channels = self.sizes[0][0]
        height, width, share = self.field(net, torch.randn(2, channels, LARGE, LARGE))
        words = f"each score depends on {height} by {width} pixels, expected a patch of several pixels."
        alone = "Colours alone show no stripes. Kernels of size 1 look at each pixel by itself."
        yield Aspect("field", min(height, width) < 3, lambda a, b: words, alone, mute=True)
        many = f"each score depends on {share:.0%} of an image of {LARGE} x {LARGE} pixels, expected less than half."
        whole = "D should judge patches, each for itself. Look for a pooling over the whole map, for a linear layer, and for very large kernels."
        yield Aspect("share", share >= 0.5, lambda a, b: many, whole, mute=True)
        small = f"One score sees {height} by {width} pixels, so on {LESSON} x {LESSON} pixels it judges the whole image: fewer strides make the patch smaller."
        yield Aspect("lesson", min(height, width) > LESSON, hint=small, role=REMARK)


def _with_last(net, last, x, value):
    """The scores if the layer `last` gave the same value everywhere."""
    hook = last.register_forward_hook(lambda m, _, out: torch.full_like(out, value))
    scores = net(x)
    hook.remove()
    return scores


def as_map(size, shape):
    """(n, 1, "h", "w") for a map of scores smaller than an image of this size; else the shape."""
    n, *rest = shape or (0,)
    fits = len(rest) == 3 and rest[0] == 1 and all(1 < k < side for k, side in zip(rest[1:], size))
    return (n, 1, "h", "w") if fits else shape


def why_no_map(size, seen, expected):
    """What is odd in the shape of scores."""
    n, *rest = seen or (0,)
    if len(rest) == 3 and rest[0] == 3 and min(rest[1:]) > 1:
        return "There is a map for each colour: how many answers does D give about one patch?"
    if len(rest) == 3 and rest[0] != 1 and min(rest[1:]) > 1:
        return f"There are {rest[0]} maps: the last convolution gives one channel, the score."
    if len(rest) == 3 and min(rest[1:]) > 1:
        return "There are as many scores as pixels, expected fewer. Patches of neighbouring pixels are almost the same: a stride of 2 halves the map, and lets a score see more of the image."
    if len(rest) == 2:
        return "The axis of the channel is gone: leave squeeze out, it also drops a batch of one."
    if rest in ([], [1], [1, 1, 1]) and n == expected[0] and seen:
        return "That is one score for the whole image. A patch discriminator gives one for each patch: the mean over them is left to the loss."
    if not rest:
        return "That is one number for the whole batch: keep the scores of all patches."
    if len(rest) == 1:
        return "The map is flattened: leave it as it comes from the last convolution."
    return "One score for each patch, in one channel, as the last convolution gives them."
