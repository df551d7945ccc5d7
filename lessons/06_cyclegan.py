# %% [markdown]
# # Horses without zebras: CycleGAN
#
# Turn a horse into a zebra, though nobody has ever photographed one animal as both. **You will
# build a pair of generators that translate between two sets of pictures without a single pair,
# measure what the way back is good for, and find what it does not forbid.**
#
# Two sittings of over an hour; the break is marked. Builds on lesson 3 (G, D, their two steps) and
# on lesson 5's question: what can take the place of the true answer?

# %%
import itertools
import json

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, domains, images, live, metrics, networks
from helpers import quiz, runtime, translation, weights, widgets
from helpers.checks import cyclegan as check

device = runtime.setup(seed=0)

# %% [markdown]
# ## 1 Two herds and no pair
#
# You need two sets of pictures, **domain A** and **domain B**. Here the horses are brown digits on
# grass, the zebras striped digits on sand: painted by code, from **different** handwritten digits.
# No horse of the training set has its zebra anywhere.

# %%
herds = domains.striped_digits().to(device)
images.show({"A: horses": herds.A[:24], "B: zebras, of other digits": herds.B[:24]}, size=4)
print("horses", tuple(herds.A.shape), "  zebras", tuple(herds.B.shape))

# %% [markdown]
# Why painted digits? Because here the truth is known: each **test** digit was painted twice. So you
# can measure a translation: its **error**, the mean absolute difference to the true counterpart
# (pixels in [0, 1]), and whether a classifier still reads the same digit. Photographs follow in
# section 10.

# %%
judge = weights.load("striped_classifier", device)
images.show({"test horses": herds.test_A[:24], "their true zebras": herds.test_B[:24]}, size=4)
reads = [metrics.accuracy(judge, x, herds.labels) for x in (herds.test_A, herds.test_B)]
print(f"the judge reads {reads[0]:.2f} of the horses, {reads[1]:.2f} of the zebras")

# %% [markdown]
# What is a small error? Most of a picture is background, so three bad answers to compare with:
# change nothing, paint no digit at all, paint another digit.

# %%
blank = torch.zeros(1, 1, 28, 28)
empty_B, empty_A = domains.zebras(blank).to(device), domains.horses(blank).to(device)
no_digit = metrics.pixel_error(empty_B, herds.test_B), metrics.pixel_error(empty_A, herds.test_A)
other = [metrics.pixel_error(x.roll(1, 0), x) for x in (herds.test_B, herds.test_A)]
unchanged = metrics.pixel_error(herds.test_A, herds.test_B)
print("error of a bad answer     to zebras  to horses")
print(f"change nothing                {unchanged:.3f}      {unchanged:.3f}")
print(f"another digit                 {other[0]:.3f}      {other[1]:.3f}")
print(f"no digit, background only     {no_digit[0]:.3f}      {no_digit[1]:.3f}")

# %% [markdown]
# **The obvious plan.** A generator $G_{AB}$ turns a horse into a picture. A discriminator $D_B$ has
# seen real zebras and says whether the picture is one. That is lesson 3 with a horse in place of
# $z$. If $D_B$ is content, is the translation right?

# %% [markdown]
# **Question.** Before you read on: what would stop $G_{AB}$ from giving each horse some *other*
# zebra, in another place, facing the other way?
#
# <details><summary>Answer</summary>
#
# Nothing that you have so far. $D_B$ judges a picture and never sees which horse it came from. If
# the results, as a set, look like zebras, it has nothing to object. The next section watches it.
#
# </details>

# %% [markdown]
# ## 2 A picture of two numbers
#
# Shrink a picture to two numbers: its **background**, anything from -1 to 1, and its **coat**,
# about -1 for horses, about +1 for zebras. A right translation changes the coat and keeps the
# background. Both domains have the same backgrounds, and no pair is known.


# %%
def points(n, coat):
    """n pictures of two numbers, (n, 2): any background, about this coat."""
    background = 2 * torch.rand(n) - 1
    return torch.stack([background, coat + 0.1 * torch.randn(n)], dim=1)


class Small(nn.Module):
    """Two numbers (N, 2) to `outputs` numbers."""

    def __init__(self, outputs):
        super().__init__()
        act = nn.LeakyReLU(0.2)
        layers = [nn.Linear(2, 48), act, nn.Linear(48, 48), act, nn.Linear(48, outputs)]
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


# %% [markdown]
# The next cell defines `play`, which trains such toy networks with the finished loop of this
# lesson. `lambda_cyc` and `lambda_id` weigh two terms that you do not know yet; at 0 they are off,
# and what is left is the obvious plan. You will write both. (Read the captions below; the code that
# draws can wait.)


# %%
def play(seed, lambda_cyc, lambda_id):
    """Both toy generators after 300 steps, as a pair with G_AB and G_BA."""
    runtime.seed(seed)
    pair = nn.Module()
    pair.G_AB, pair.G_BA = Small(2), Small(2)
    D_A, D_B = Small(1), Small(1)
    game = translation.CycleGAN(pair, D_A, D_B, 2e-3, lambda_cyc, lambda_id, pool=0)
    batches = ((points(64, -1.0), points(64, 1.0)) for _ in range(runtime.steps(300)))
    for _ in game.steps(batches):
        pass
    return pair


@torch.no_grad()
def background_kept(pair):
    """Correlation of the background before and after G_AB: 1 kept, -1 mirrored; and its spread."""
    a = points(1000, -1.0)
    fake_b = pair.G_AB(a)
    before, after = a[:, 0], fake_b[:, 0]
    return torch.corrcoef(torch.stack([before, after]))[0, 1].item(), after.std().item()


@torch.no_grad()
def draw_toy(ax, pair, title):
    """Lines from horses (below) to what G_AB makes of them (above), coloured by background."""
    a = points(60, -1.0)
    fake_b = pair.G_AB(a)
    for start, end in zip(a, fake_b):
        colour = plt.cm.coolwarm((start[0].item() + 1) / 2)
        ax.plot([start[0], end[0]], [start[1], end[1]], color=colour, linewidth=0.8)
        ax.plot(*end, "o", color=colour, markersize=4)
        ax.plot(*start, "s", color=colour, markersize=4)
    r, spread = background_kept(pair)
    ax.set(title=f"{title}\ncorrelation {r:.2f}, spread {spread:.2f}", xlabel="background")
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5))


# %% [markdown]
# Squares are horses, dots what $G_{AB}$ makes of them; the colour is the horse's background. The
# **spread** (standard deviation) of the results' backgrounds should be that of all backgrounds,
# 0.58 (uniform from -1 to 1). Two seeds, chosen out of several because they fail in two ways. Each
# such cell takes five to ten seconds.

# %%
alone = [play(seed, lambda_cyc=0.0, lambda_id=0.0) for seed in (0, 3)]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for seed, ax, pair in zip((0, 3), axes, alone):
    draw_toy(ax, pair, f"adversarial loss only, seed {seed}")
axes[0].set(ylabel="coat: horses -1, zebras +1")
plt.tight_layout()
plt.show()

# %% [markdown]
# Both reach the zebras' coat. One turns every background into its opposite: as a set, the results
# look exactly like zebras, and no discriminator could object. The other squeezes all backgrounds
# into a narrow range: **mode collapse** (lesson 3), a failure of training.

# %% [markdown]
# ## 3 The way back
#
# **Idea.** Ask for a second generator, $G_{BA}$, from zebras to horses, and ask that it leads
# **back to where you started**. Whoever loses the background cannot return. So $G_{AB}$ has to keep
# it, somewhere. Each picture is its own answer: no pair is needed.

# %% [markdown]
# The **cycle loss**, in both directions (Zhu et al. 2017, eq. 2):
#
# $$L_{cyc} = \mathbb{E}_a\,|G_{BA}(G_{AB}(a)) - a| + \mathbb{E}_b\,|G_{AB}(G_{BA}(b)) - b|$$
#
# where $\mathbb{E}_a$ is the mean over horses $a$, $\mathbb{E}_b$ over zebras $b$, and $|\cdot|$
# the mean over pixels and colours. The names of the way: `real_A -> fake_B -> rec_A`, and `real_B
# -> fake_A -> rec_B`.

# %% [markdown]
# ### Exercise: cycle_loss (6 min)
#
# Given: both generators, batches `a` and `b`, unpaired. Asked: the cycle loss, a scalar, with a
# gradient into both generators.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A horse goes to the zebras and back. With which picture do you compare it?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `rec_a = G_BA(G_AB(a))`: read it from the inside out. `F.l1_loss(x, y)` is the mean absolute
# difference. Two of them, added.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return F.l1_loss(G_BA(G_AB(a)), ...) + F.l1_loss(..., b)`
#
# </details>


# %%
def cycle_loss(G_AB, G_BA, a, b):
    """Mean absolute error after a round trip: A to B to A, plus B to A to B. A scalar."""
    # BEGIN SOLUTION
    rec_a = G_BA(G_AB(a))
    rec_b = G_AB(G_BA(b))
    return F.l1_loss(rec_a, a) + F.l1_loss(rec_b, b)
    # END SOLUTION


# %%
cycle_loss = check.cycle_loss(cycle_loss)

# %%
a, b = points(500, -1.0), points(500, 1.0)
with torch.no_grad():
    lost = [cycle_loss(pair.G_AB, pair.G_BA, a, b).item() for pair in alone]
print("the squeezed one has lost its way back (cycle loss above 0.3):", lost[1] > 0.3)

# %%
with_cycle = [play(seed, lambda_cyc=10.0, lambda_id=0.0) for seed in (0, 3)]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for seed, ax, pair in zip((0, 3), axes, with_cycle):
    draw_toy(ax, pair, f"with cycle loss, seed {seed}")
axes[0].set(ylabel="coat: horses -1, zebras +1")
plt.tight_layout()
plt.show()
kept = [background_kept(pair)[0] for pair in with_cycle]
print("nothing is lost, with either seed:", min(abs(r) for r in kept) > 0.9)
print("of these two seeds, one keeps the background and one mirrors it:", min(kept) < 0 < max(kept))

# %% [markdown]
# Nothing is lost now: from each result you could tell the horse. But a mirrored world has a way
# back, too: mirror again. The cycle loss asks that the map can be **inverted**, not that it is the
# right one. Section 8 comes back to this.

# %% [markdown]
# **One more request.** Give $G_{AB}$ a picture that is a zebra already. What should it do? Nothing.
#
# $$L_{id} = \mathbb{E}_b\,|G_{AB}(b) - b| + \mathbb{E}_a\,|G_{BA}(a) - a|$$
#
# the **identity loss** (Zhu et al. 2017, section 5.2; they used it for paintings, to keep colours).
# The paper weighs the cycle loss with 10, the identity loss with half of that; so do you.

# %% [markdown]
# ### Exercise: identity_loss (5 min, stretch)
#
# Given: as before. Asked: the identity loss, a scalar: each generator is fed pictures of the domain
# it leads **to**.
#
# <details><summary>Hint 1: a nudge</summary>
#
# For which input of $G_{AB}$ is "change nothing" the right answer: a horse or a zebra?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# One call of each generator: G_AB on `b`, G_BA on `a`; each is compared with its own input.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return F.l1_loss(G_AB(b), ...) + F.l1_loss(G_BA(...), ...)`
#
# </details>


# %%
def identity_loss(G_AB, G_BA, a, b):
    """Mean absolute change of pictures that are in the target domain already. A scalar."""
    return F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)  # SOLUTION


# %%
identity_loss = check.identity_loss(identity_loss)

# %%
with_identity = [play(seed, lambda_cyc=10.0, lambda_id=5.0) for seed in (0, 3)]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for seed, ax, pair in zip((0, 3), axes, with_identity):
    draw_toy(ax, pair, f"with cycle and identity loss, seed {seed}")
axes[0].set(ylabel="coat: horses -1, zebras +1")
plt.tight_layout()
plt.show()
print("both keep the background:", min(background_kept(pair)[0] for pair in with_identity) > 0.9)

# %% [markdown]
# **Question.** The identity loss never looks at a translated picture. Why does it turn the mirror
# round?
#
# <details><summary>Answer</summary>
#
# It fixes what $G_{AB}$ does to zebras: keep their background. $G_{AB}$ is one smooth function, and
# horses are not far away: to keep the background here and mirror it there, it would have to turn
# round in between. The loss does not forbid that; gradient descent did not find it.
#
# </details>

# %% [markdown]
# ## 4 Networks for pictures
#
# **A generator** shrinks the picture to a quarter of its side, works there, and grows it again.
# What works in the middle are **residual blocks**: a block adds a correction to its input, $x +
# f(x)$. At $f = 0$ it passes everything on. That suits a translation, which should keep most of a
# picture.

# %% [markdown]
# **Instance normalisation** gives each map of each picture mean 0 and variance 1. Batch
# normalisation would mix the pictures of a batch; here each is translated alone.

# %% [markdown]
# ### Exercise: ResidualBlock (8 min)
#
# Given: feature maps `(N, c, H, W)`. Asked: `x + f(x)`, the same shape, where f is a 3 x 3
# convolution, ReLU, and another 3 x 3 convolution, both with padding 1, and `nn.InstanceNorm2d(c)`
# after each. No activation after the sum.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A 3 x 3 convolution without padding makes the map smaller by two. What padding keeps its size?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `self.f = nn.Sequential(convolution, norm, nn.ReLU(), convolution, norm)`; forward adds x. The sum
# needs x as it came: no `x += ...`, and no first layer with `inplace=True`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU(), ...`, then `return x + ...`
#
# </details>


# %%
class ResidualBlock(nn.Module):
    """x + f(x) for feature maps (N, c, H, W), f with two 3 x 3 convolutions; the same shape."""

    def __init__(self, c):
        super().__init__()
        # BEGIN SOLUTION
        self.f = nn.Sequential(
            *[nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()],
            *[nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c)],
        )
        # END SOLUTION

    def forward(self, x):
        return x + self.f(x)  # SOLUTION


# %%
ResidualBlock = check.ResidualBlock(ResidualBlock)

# %% [markdown]
# `networks.Translator` puts your block into the middle, at the end of `down_2`, with two steps down
# before it and two steps up after it:

# %%
G = networks.Translator(width=16, blocks=1, block=ResidualBlock)
print(f"{tuple(herds.A[:5].shape)} -> {tuple(G(herds.A[:5].cpu()).shape)}")
print(f"{sum(p.numel() for p in G.parameters()):,} weights; parts:", *dict(G.named_children()))

# %% [markdown]
# **A discriminator** of patches. Stripes are a matter of small regions. So D gives no verdict on
# the whole picture, but a map of scores, one for each patch: a convolutional network without a
# dense layer at its end (**PatchGAN**, Isola et al. 2017). It has few weights and takes any size.
# It cannot see the layout of a picture: that is left to the other terms.

# %% [markdown]
# ### Exercise: PatchDiscriminator (8 min)
#
# Given: images `(N, channels, H, W)`. Asked: raw scores `(N, 1, h, w)`, h and w above 1, each from
# a patch of the picture: two convolutions 4 x 4 with stride 2 and padding 1, LeakyReLU(0.2) after
# each, then a 3 x 3 convolution with padding 1 to one score, and nothing after it. Widths 32 and 64
# do well, with `nn.InstanceNorm2d` after the second convolution.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Lesson 3's convolutional D, without `Flatten` and `Linear`. What has one channel at the end?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `nn.Conv2d(channels, 32, 4, stride=2, padding=1)`, LeakyReLU(0.2); the next from 32 to 64,
# InstanceNorm2d(64), LeakyReLU; the last from 64 to 1.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `self.net = nn.Sequential(nn.Conv2d(channels, 32, 4, stride=2, padding=1), nn.LeakyReLU(0.2), ...,
# nn.Conv2d(64, 1, 3, padding=1))`, then `return self.net(x)`
#
# </details>


# %%
class PatchDiscriminator(nn.Module):
    """A raw score for each patch: images (N, channels, H, W) to (N, 1, h, w)."""

    def __init__(self, channels):
        super().__init__()
        # BEGIN SOLUTION
        self.net = nn.Sequential(
            *[nn.Conv2d(channels, 32, 4, stride=2, padding=1), nn.LeakyReLU(0.2)],
            *[nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.InstanceNorm2d(64), nn.LeakyReLU(0.2)],
            nn.Conv2d(64, 1, 3, padding=1),
        )
        # END SOLUTION

    def forward(self, x):
        return self.net(x)  # SOLUTION


# %%
PatchDiscriminator = check.PatchDiscriminator(PatchDiscriminator)

# %% [markdown]
# What does one score see? Ask the gradient (lesson 4): which pixels change the score in the middle?
# The normalisation is taken out for this: its mean and variance connect, weakly, each score with
# all pixels. Neighbouring patches overlap: 18 pixels wide, 4 apart.

# %%
kinds = nn.Conv2d, nn.LeakyReLU
scores_only = [layer for layer in PatchDiscriminator(3).modules() if isinstance(layer, kinds)]
x = herds.test_B[1:2].cpu().clone().requires_grad_()
score = nn.Sequential(*scores_only)(x)
middle = score.shape[-1] // 2
score[0, 0, middle, middle].backward()
seen = (x.grad.abs().sum(1)[0] > 0).float()
zebra = data.to_display_range(herds.test_B[1].cpu())
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3))
left.imshow((zebra * (0.35 + 0.65 * seen)).permute(1, 2, 0))
left.set(title="bright: what one score sees", xticks=[], yticks=[])
right.imshow(score[0, 0].detach(), cmap="gray")
right.plot(middle, middle, "s", color="C1", markersize=14, fillstyle="none", markeredgewidth=3)
right.set(title="the scores of all patches (D is untrained)", xticks=[], yticks=[])
plt.tight_layout()
plt.show()
print(f"one score sees {int(seen.any(0).sum())} x {int(seen.any(1).sum())} of 28 x 28 pixels")

# %% [markdown]
# ## 5 The losses and the two steps
#
# CycleGAN plays with **least squares** (LSGAN, Mao et al. 2017): a score should be 1 for real, 0
# for fake, and the loss is the squared distance. No sigmoid, no logarithm:
#
# $$L_D = \tfrac12\,\mathbb{E}\,(D(x_{real}) - 1)^2 + \tfrac12\,\mathbb{E}\,D(x_{fake})^2 \qquad
# L_G = \mathbb{E}\,(D(x_{fake}) - 1)^2$$
#
# averaged over the pictures **and their patches**. (The half of $L_D$ is the paper's; Adam hardly
# notices it.)

# %% [markdown]
# ### Exercise: generator_adversarial_loss (4 min)
#
# Given: D, and fakes with their history. Asked: G's least-squares loss, a scalar: how far each
# patch's score is from the one that G would like.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which score does a patch get that D takes for real? Square patch by patch, then average.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# The mean over all patches of `(D(fake) - 1)` squared.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (D(...) - 1).square().mean()`
#
# </details>


# %%
def generator_adversarial_loss(D, fake):
    """How far D's scores of `fake` (N, C, H, W) are from 1, squared, the mean of all patches."""
    return (D(fake) - 1).square().mean()  # SOLUTION


# %%
generator_adversarial_loss = check.generator_adversarial_loss(generator_adversarial_loss)

# %% [markdown]
# ### Exercise: discriminator_adversarial_loss (5 min)
#
# Given: D, real pictures, fakes that still carry G's history (its graph). Asked: D's least-squares
# loss, a scalar; no gradient may reach G.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two targets: one for real patches, one for fake ones. And which of the two inputs has a history
# that must be cut?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# Half of: the mean of `(D(real) - 1)` squared, plus the mean of `D(fake.detach())` squared.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return ((D(real) - 1).square().mean() + ...) / 2`
#
# </details>


# %%
def discriminator_adversarial_loss(D, real, fake):
    """D's least-squares loss, a scalar: real patches should score 1, fake ones 0; G is left out."""
    return ((D(real) - 1).square().mean() + D(fake.detach()).square().mean()) / 2  # SOLUTION


# %%
discriminator_adversarial_loss = check.discriminator_adversarial_loss(discriminator_adversarial_loss)

# %%
score = torch.linspace(-6, 6, 241, requires_grad=True)
squares, logistic = (score - 1).square(), F.softplus(-score)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
for name, loss in {"least squares": squares, "lesson 3: -log sigmoid": logistic}.items():
    (slope,) = torch.autograd.grad(loss.sum(), score)
    left.plot(score.detach(), loss.detach(), label=name)
    right.plot(score.detach(), slope, label=name)
left.set(xlabel="D's score of a fake", ylabel="loss_G", ylim=(-0.5, 12))
right.set(xlabel="D's score of a fake", ylabel="slope of loss_G", ylim=(-8, 8))
for ax in (left, right):
    ax.axvline(1, color="grey", linestyle=":", label="real")
right.axhline(0, color="grey", linewidth=0.8)
left.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# **Question.** What does least squares ask of a fake whose score is 4, well beyond "real"? And
# lesson 3's loss?
#
# <details><summary>Answer</summary>
#
# Least squares pulls it back to 1: its slope is +6. Lesson 3's loss is content; its slope there is
# almost 0. So least squares draws all scores towards the range from 0 to 1, and the further away a
# fake's score is, the stronger the pull.
#
# </details>

# %% [markdown]
# ### Exercise: generator_loss (8 min)
#
# Now the whole loss of both generators. Asked: both adversarial losses, plus `lambda_cyc` times the
# cycle loss, plus `lambda_id` times the identity loss, a scalar. Use what you have written.
#
# <details><summary>Hint 1: a nudge</summary>
#
# $G_{AB}$ makes zebras. Which discriminator has seen real zebras?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `generator_adversarial_loss(D_B, G_AB(a))`, the same for the other direction, then the two terms
# with their weights.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss_adv = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(..., ...)`, then
# `return loss_adv + lambda_cyc * cycle_loss(...) + lambda_id * identity_loss(...)`
#
# </details>


# %%
def generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id):
    """Both adversarial losses + lambda_cyc * cycle + lambda_id * identity, a scalar."""
    # BEGIN SOLUTION
    loss_adv = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
    loss_cycle = cycle_loss(G_AB, G_BA, a, b)
    loss_identity = identity_loss(G_AB, G_BA, a, b)
    return loss_adv + lambda_cyc * loss_cycle + lambda_id * loss_identity
    # END SOLUTION


# %%
generator_loss = check.generator_loss(generator_loss)

# %% [markdown]
# **Freezing.** In the generators' step, gradients flow through D to the fakes, but D's own weights
# need none. Switching them off saves work, and D's `.grad` stays clean.

# %% [markdown]
# ### Exercise: set_requires_grad (4 min, stretch)
#
# Given: a list of networks, `flag` True or False. Asked: whether their weights collect gradients.
# The gradient to a network's **input** must still get through, so `no_grad` is not the way.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each weight has a switch of its own.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# Two loops: over the networks, over `net.parameters()`. Set `requires_grad` of each.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `for net in nets: for p in net.parameters(): p.requires_grad = ...`
#
# </details>


# %%
def set_requires_grad(nets, flag):
    """Freeze (False) or free (True) the weights of all `nets`; inputs still get gradients."""
    # BEGIN SOLUTION
    for net in nets:
        for weight in net.parameters():
            weight.requires_grad = flag
    # END SOLUTION


# %%
set_requires_grad = check.set_requires_grad(set_requires_grad)

# %% [markdown]
# ### Exercise: make_generator_optimizer (4 min, stretch)
#
# Asked: one Adam with learning rate `lr` and betas (0.5, 0.999) over the weights of **both**
# generators, each weight once. `itertools.chain` joins what `parameters()` gives.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `parameters()` is no list: two of them cannot be added.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `itertools.chain(first, second)` runs through the first, then through the second. Once only.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.optim.Adam(itertools.chain(..., ...), lr=lr, betas=...)`
#
# </details>


# %%
def make_generator_optimizer(G_AB, G_BA, lr):
    """One Adam, beta1 = 0.5, over the weights of both generators."""
    # BEGIN SOLUTION
    both = itertools.chain(G_AB.parameters(), G_BA.parameters())
    return torch.optim.Adam(both, lr=lr, betas=(0.5, 0.999))
    # END SOLUTION


# %%
make_generator_optimizer = check.make_generator_optimizer(make_generator_optimizer)

# %% [markdown]
# ### Exercise: generator_step (8 min)
#
# Given: the four networks, the generators' optimiser, batches, `lambda_cyc`. Asked: one step of
# both generators on `generator_loss`, with `lambda_id` 0. The discriminators stay, and are free
# again at the end.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Freeze, then lesson 3's three calls (clear, backward, step), then thaw.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# `set_requires_grad([D_A, D_B], False)`; the loss; clear, backward, step; thaw.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss = generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, 0.0)`, then `opt_G.zero_grad()` and
# two more calls, then `set_requires_grad([D_A, D_B], True)`
#
# </details>


# %%
def generator_step(G_AB, G_BA, D_A, D_B, opt_G, a, b, lambda_cyc):
    """One step of both generators on adversarial + lambda_cyc * cycle loss. Returns it, a float."""
    # BEGIN SOLUTION
    set_requires_grad([D_A, D_B], False)
    loss = generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, 0.0)
    opt_G.zero_grad()
    loss.backward()
    opt_G.step()
    set_requires_grad([D_A, D_B], True)
    # END SOLUTION
    return loss.item()


# %%
generator_step = check.generator_step(generator_step)

# %% [markdown]
# **A memory for D.** D only meets today's fakes. What G painted yesterday, D may forget, and G can
# return to it: they run in circles. So D is shown a mixture: new fakes, and old ones from a
# **pool** (the idea: Shrivastava et al. 2017; 50 images: Zhu et al. 2017, section 4).

# %% [markdown]
# ### Exercise: ImagePool (10 min, stretch)
#
# Asked: `query(batch)` returns as many images, detached. While the pool has room, each image is
# stored and returned. Later, with probability 1/2 each: it is returned as it is; or a random stored
# image is returned, and the new one takes its place.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Go image by image. Three cases: room, or one of two sides of a coin.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `torch.rand(()) < 0.5` is the coin, `torch.randint(self.size, ()).item()` the place.
# `batch.detach().clone()` first: a stored view would change with its batch.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `if len(self.images) < self.size: self.images.append(image)`, `elif ...: i = ...`, then
# `image, self.images[i] = self.images[i], image`; after the branches `out.append(image)`
#
# </details>


# %%
class ImagePool:
    """A history of `size` fakes."""

    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        """As many images as in `batch` (N, ...), detached: new ones, or old ones for them."""
        out = []
        for image in batch.detach().clone():
            # BEGIN SOLUTION
            if len(self.images) < self.size:
                self.images.append(image)
            elif torch.rand(()) < 0.5:
                i = torch.randint(self.size, ()).item()
                image, self.images[i] = self.images[i], image
            out.append(image)
            # END SOLUTION
        return torch.stack(out)


# %%
ImagePool = check.ImagePool(ImagePool)

# %% [markdown]
# ### Exercise: discriminator_step (6 min)
#
# Given: both discriminators, one optimiser for both, real batches, and fakes with their history.
# Asked: one step on the sum of both losses; the generators stay.
#
# <details><summary>Hint 1: a nudge</summary>
#
# $D_A$ judges pictures of domain A only: real ones, and fakes that pretend to be.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# `discriminator_adversarial_loss` of D_A on `a` and `fake_a`, of D_B likewise; add; clear,
# backward, step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss = discriminator_adversarial_loss(D_A, a, fake_a) + ...`, then three calls
#
# </details>


# %%
def discriminator_step(D_A, D_B, opt_D, a, b, fake_a, fake_b):
    """One step of both discriminators, each on its own domain. Returns the loss, a float."""
    # BEGIN SOLUTION
    loss = discriminator_adversarial_loss(D_A, a, fake_a)
    loss = loss + discriminator_adversarial_loss(D_B, b, fake_b)
    opt_D.zero_grad()
    loss.backward()
    opt_D.step()
    # END SOLUTION
    return loss.item()


# %%
discriminator_step = check.discriminator_step(discriminator_step)

# %% [markdown]
# All your parts together, on the toy:

# %%
runtime.seed(0)
toy, toy_A, toy_B = nn.Module(), Small(1), Small(1)
toy.G_AB, toy.G_BA = Small(2), Small(2)
opt_G = make_generator_optimizer(toy.G_AB, toy.G_BA, lr=2e-3)
opt_D = make_generator_optimizer(toy_A, toy_B, lr=2e-3)
pool_A, pool_B = ImagePool(50), ImagePool(50)
for _ in range(runtime.steps(300)):
    a, b = points(64, -1.0), points(64, 1.0)
    generator_step(toy.G_AB, toy.G_BA, toy_A, toy_B, opt_G, a, b, lambda_cyc=10.0)
    fake_a, fake_b = pool_A.query(toy.G_BA(b)), pool_B.query(toy.G_AB(a))
    discriminator_step(toy_A, toy_B, opt_D, a, b, fake_a, fake_b)

# %%
fig, ax = plt.subplots(figsize=(4.6, 3.6))
draw_toy(ax, toy, "your own steps")
ax.set(ylabel="coat: horses -1, zebras +1")
plt.tight_layout()
plt.show()
with torch.no_grad():
    coat = toy.G_AB(points(1000, -1.0))[:, 1].mean().item()
print("horses get a zebra's coat (0.7 to 1.3):", 0.7 < coat < 1.3)
print("and no background is lost:", abs(background_kept(toy)[0]) > 0.9)

# %% [markdown]
# ## 6 Zebras of your own
#
# `translation.CycleGAN` holds what you wrote: two generators, two discriminators, two optimisers,
# two pools, and the identity loss. One difference: it makes the fakes once, so D sees those from
# before G's step. **Choose the scale here**; this section works for all of them.

# %%
SCALE = "digits"  # "emoji"; "horse2zebra" (downloads 117 MB); or a folder of your photographs
both = domains.load(SCALE).to(device)
scale = translation.SCALES.get(SCALE, translation.SCALES["horse2zebra"])
print(f"{SCALE}: {len(both.A)} and {len(both.B)} pictures of {both.A.shape[2]} pixels")

# %% [markdown]
# | scale | pictures | steps | where |
# | --- | --- | --- | --- |
# | `digits` | 28 pixels | 200 of 16 | a laptop, about a minute |
# | `emoji` | 32 pixels | 3,000 of 8 | a laptop, 20 minutes; trained weights ship |
# | `horse2zebra` | 64 pixels | 8,000 of 4 | a GPU, or an hour of a laptop; weights ship |
#
# Your own photographs go into the folders `trainA`, `trainB`, `testA`, `testB` of one folder:
# `SCALE` is its path.

# %%
runtime.seed(0)
pair = networks.Translators(**scale.pair, block=ResidualBlock).to(device)
D_A, D_B = PatchDiscriminator(3).to(device), PatchDiscriminator(3).to(device)
game = translation.CycleGAN(pair, D_A, D_B, scale.lr, lambda_cyc=10.0, lambda_id=5.0)
picture = live.translations(pair, both.test_A[:8], both.test_B[8:16])
plot = live.LivePlot(picture, every=5, size=(13, 4), groups=live.CYCLEGAN)


def go_on(steps):
    """Train for more steps, and show it."""
    with plot:
        batches = both.batches(scale.batch_size, runtime.steps(steps))
        for step in game.steps(batches, first=plot.number + 1):
            plot.update(step)


go_on(scale.steps)

# %% [markdown]
# In the picture, read downwards: a horse, its zebra, the way back; below, another zebra, its horse,
# the way back. (The curves are in units of [-1, 1], summed over both directions: four times the
# errors below.) Now the numbers, on test pictures:


# %%
def table(rows):
    """Print {name: metrics.Translation}, a row each."""
    print(f"{'':26}{'digit kept':>16}{'error':>16}{'after the cycle':>18}")
    for name, s in rows.items():
        print(f"{name:26}{s.kept_AB:10.2f}{s.kept_BA:6.2f}", end="")
        print(f"{s.error_AB:10.3f}{s.error_BA:6.3f}{s.cycle_A:11.3f}{s.cycle_B:7.3f}")


# %% id="scores" tags=["nbval-ignore-output"]
trained = metrics.translation(pair, both, judge)
print("each number twice: to zebras, to horses")
table({"trained": trained})

# %%
if both.labels is not None:
    print("at least 95 % keep their digit, both ways:", min(trained[:2]) >= 0.95)
    print("error at most 0.04:", max(trained.error_AB, trained.error_BA) <= 0.04)
    parts = trained.error_AB / no_digit[0], trained.error_BA / no_digit[1]
    print("and at most four fifths of that of a picture without digit:", max(parts) <= 0.8)

# %% [markdown]
# No pair was shown, and nearly all digits are kept: about as many as the judge reads of true ones.
# The task is easier than photographs: shape and place are given, the stripes lie at fixed places of
# the frame, only colours change.

# %% [markdown]
# **Question.** Look at the curves. Which one tells you that the translation gets better?
#
# <details><summary>Answer</summary>
#
# None alone. The adversarial losses hover near 0.5, where both D's would be if they answered 1/2
# everywhere: both players improve. The cycle loss falls, but a generator that changes nothing has
# cycle loss 0. Only the pictures and the numbers above, from known counterparts, can tell. For
# photographs there are none: see section 10.
#
# </details>

# %% [markdown]
# **A good place for a break.** Below, you take away what keeps the digit.
#
# ## 7 Without the way back
#
# (After a restart: run all cells above again, two to four minutes.)
#
# The obvious plan of section 1, on the striped digits: `lambda_cyc` and `lambda_id` are 0. Your
# networks again, the same data and steps; half a minute.

# %%
runtime.seed(0)
small = translation.SCALES["digits"]
pair_alone = networks.Translators(**small.pair, block=ResidualBlock).to(device)
D_A_alone, D_B_alone = PatchDiscriminator(3).to(device), PatchDiscriminator(3).to(device)
nets_alone = pair_alone, D_A_alone, D_B_alone
game_alone = translation.CycleGAN(*nets_alone, small.lr, lambda_cyc=0.0, lambda_id=0.0)
for _ in game_alone.steps(herds.batches(small.batch_size, runtime.steps(small.steps))):
    pass
alone_B = metrics.translated(pair_alone.G_AB, herds.test_A)
alone_A = metrics.translated(pair_alone.G_BA, herds.test_B)
rows = {"horses": herds.test_A, "made of them": alone_B}
rows |= {"zebras": herds.test_B, "made of these": alone_A}
images.show_rows({name: x[:12] for name, x in rows.items()})


# %%
@torch.no_grad()
def confusion(x, labels=herds.labels):
    """(10, 10): of the test digits k, the share that is read as j after translation."""
    counts = torch.bincount(10 * labels + judge(x).argmax(1), minlength=100).view(10, 10).float()
    return (counts / counts.sum(1, keepdim=True)).cpu()


def show_confusion(panels):
    """Show {title: (10, 10) shares} side by side."""
    fig, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 3.6), squeeze=False)
    for ax, (title, shares) in zip(axes[0], panels.items()):
        picture = ax.imshow(shares, vmin=0, vmax=1, cmap="Blues")
        ax.set(title=title, xticks=range(10), yticks=range(10))
        ax.set(xlabel="read after translation", ylabel="true digit")
    fig.colorbar(picture, ax=axes[0].tolist(), label="share of a row")
    plt.show()


# %%
without = {"horses to zebras": confusion(alone_B), "zebras to horses": confusion(alone_A)}
show_confusion(without)
taken_over = max(shares.mean(0).max().item() for shares in without.values())
print("in at least one direction, one reading takes more than half of all:", taken_over > 0.5)
with torch.no_grad():
    score_real, score_fake = D_B_alone(herds.test_B).mean(), D_B_alone(alone_B).mean()
print("D_B gives real zebras the higher scores:", bool(score_real > score_fake))

# %% [markdown]
# A row is a true digit, a column what it is read as now. A right translation fills the diagonal.
# Here a dark **column** says: whatever goes in, much the same comes out. Mode collapse again. D_B
# does see it, but what it tells G is "a zebra, please", and nothing ties that zebra to this horse.

# %% [markdown]
# **Which term keeps the digit?** One run proves little. The next figure comes from five settings
# with three seeds each, trained once by `tools/sweep_cyclegan.py` and shipped. Bands reach from the
# worst seed to the best; of the two directions the worse one counts.

# %%
sweep = json.loads(data.verified("curves/cyclegan.json"))


def curve(run, number, worse):
    """Steps, and {number} in its worse direction (`worse` is min or max), a row for each seed."""
    rows = [row for row in sweep if row["run"] == run]
    steps = sorted({row["step"] for row in rows})
    values = {(r["seed"], r["step"]): worse(r[f"{number}_AB"], r[f"{number}_BA"]) for r in rows}
    seeds = sorted({seed for seed, _ in values})
    return steps, torch.tensor([[values[seed, step] for step in steps] for seed in seeds])


def draw_runs(runs):
    """Kept digits and errors of runs {name in the sweep: label}, mean and range of the seeds."""
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.6))
    for run, label in runs.items():
        for ax, number, worse in zip(axes, ("kept", "error"), (min, max)):
            steps, seeds = curve(run, number, worse)
            (line,) = ax.plot(steps, seeds.mean(0), label=label)
            low, high = seeds.min(0).values, seeds.max(0).values
            ax.fill_between(steps, low, high, color=line.get_color(), alpha=0.15)
    axes[0].axhline(0.1, color="grey", linestyle=":", label="chance")
    floor = axes[1].axhline(no_digit[0], color="grey", linestyle=":", label="no digit")
    axes[1].legend(handles=[floor], fontsize=8)
    axes[0].set(xlabel="step", ylabel="share that keeps its digit", ylim=(0, 1))
    axes[1].set(xlabel="step", ylabel="error", ylim=(0, 0.12))
    axes[0].legend(fontsize=8)
    plt.tight_layout()
    plt.show()


one_term = {"cycle 0, identity 5": "identity loss, 5", "cycle 1": "cycle loss, 1"}
two_terms = {"cycle 10": "cycle loss, 10", "cycle 10, identity 5": "both, 10 and 5"}
draw_runs({"cycle 0": "neither"} | one_term | two_terms)


# %%
def print_runs(runs):
    """The last numbers of some runs, from the worst seed to the best or back."""
    for run in runs:
        kept, error = (curve(run, *what)[1][:, -1] for what in (("kept", min), ("error", max)))
        print(f"{run:22} kept {kept.min():.2f} to {kept.max():.2f}", end="   ")
        print(f"error {error.min():.3f} to {error.max():.3f}")


print_runs(["cycle 0", "cycle 0, identity 5", "cycle 1", "cycle 10", "cycle 10, identity 5"])

# %% [markdown]
# **Question.** With neither term, nothing is left of the digit. Which of the two terms keeps it?
#
# <details><summary>Answer</summary>
#
# Here, either. The cycle loss does, and a larger weight does it sooner. The identity loss does too,
# without any way back, as in the toy: horses and zebras share their shapes, and one smooth function
# serves both. Whether that is enough for other domains, this experiment cannot say.
#
# </details>

# %% [markdown]
# ## 8 What the way back does not forbid
#
# The toy mirrored its background, and the way back was perfect. Can that happen with pictures?
# Build the worst case by hand. Take 50 test digits of each class. $G_{AB}$ **looks up**: for each
# horse of class k it returns a certain real zebra of class k + 1 (9 becomes 0). $G_{BA}$ looks it
# up backwards.


# %%
class LookUp(nn.Module):
    """Returns for each picture (N, 3, H, W) the entry of `answers` whose key is nearest."""

    def __init__(self, keys, answers):
        super().__init__()
        self.keys, self.answers = keys.flatten(1), answers

    def forward(self, x):
        return self.answers[torch.cdist(x.flatten(1), self.keys).argmin(1)]


chosen = torch.stack([(herds.labels == k).nonzero()[:50, 0] for k in range(10)])  # a row a class
horses = herds.test_A[chosen.flatten()]
zebras = herds.test_B[chosen.roll(-1, 0).flatten()]  # each 50 of the next class
look_AB, look_BA = LookUp(horses, zebras), LookUp(zebras, horses)
some = horses[25::50]
images.show_rows({"horses": some, "looked up": look_AB(some), "and back": look_BA(look_AB(some))})
shuffled = zebras[torch.randperm(500).to(device)]  # unpaired
print("cycle loss:", round(cycle_loss(look_AB, look_BA, horses, shuffled).item(), 4))

# %%
show_confusion({"looked up": confusion(look_AB(horses), herds.labels[chosen.flatten()])})

# %% [markdown]
# Cycle loss zero. The results are real zebras, all 500 of them, so no discriminator can object. And
# every digit is wrong: the dark squares stand beside the diagonal. **The cycle loss asks for a
# bijection**, each horse its own zebra, and back. There are as many as ways to number the zebras.
# The least loss need not be the right translation.

# %% [markdown]
# **Question.** Would the identity loss forbid this pair? Remember that $G_{AB}$ may look up zebras
# as well.
#
# <details><summary>Answer</summary>
#
# No. Add every zebra to the look-up as its own answer, and the identity loss is zero, too. The
# losses ask for *some* map that can be inverted; convolutions make local and smooth ones easy to
# find. It takes both. The look-up is neither local nor smooth.
#
# </details>

# %% [markdown]
# **Hidden messages.** A second loophole. Give each horse a coat of its own colour. Zebras are black
# and white: what happens to the colour on the way there? The way back needs it. The next pair was
# trained for 800 steps on such **dyed horses** (`tools/train_cyclegan.py dyed`).

# %%
dyed = domains.dyed_digits(n_test=500).to(device)
pair_dyed = weights.load("cyclegan_dyed", device)
dyed_B = metrics.translated(pair_dyed.G_AB, dyed.test_A)
rec_A = metrics.translated(pair_dyed.G_BA, dyed_B)
rows = {"dyed horses": dyed.test_A, "as zebras": dyed_B, "and back": rec_A}
images.show_rows({name: x[:12] for name, x in rows.items()})

# %% [markdown]
# The zebras show no colour, and yet it comes back. So it must be **in** the zebra. Test it: give
# $G_{BA}$ the true zebra of the same digit, which looks alike; or the fake one, with a little
# noise.


# %%
on_coat = (data.mnist("test", low=0.0)[0][:500, 0] > 0.9).to(device)


def red_of(x):
    """(500,): the mean red of each digit's pixels, in [0, 1]."""
    red = data.to_display_range(x[:, 0])
    return (red * on_coat).sum((1, 2)) / on_coat.sum((1, 2))


def agreement(x):
    """Correlation of the red of the coats that came back with that of the dyed horses."""
    return torch.corrcoef(torch.stack([red_of(x), red_of(dyed.test_A)]))[0, 1].item()


runtime.seed(0)
noise = torch.randn(dyed_B.shape).to(device)
ways = {"the fake zebra": dyed_B, "the true zebra": dyed.test_B}
ways |= {f"the fake + noise {sigma}": dyed_B + 2 * sigma * noise for sigma in (0.02, 0.1)}
back = {f"back from {name}": metrics.translated(pair_dyed.G_BA, x) for name, x in ways.items()}
hidden = (10 * (dyed_B - dyed.test_B)).clamp(-1, 1)
rows = {"dyed horses": dyed.test_A} | back | {"10 x (fake - true zebra)": hidden}
images.show_rows({name: x[:12] for name, x in rows.items()})

# %% id="hidden" tags=["nbval-ignore-output"]
for name, x in back.items():
    print(f"{name:32} correlation of the coat's red with the horse's: {agreement(x):5.2f}")
mask = on_coat.unsqueeze(1).expand_as(dyed_B)
apart = metrics.pixel_error(dyed_B[mask], dyed.test_B[mask])
print(f"fake and true zebra differ on the coat by {apart:.3f}")

# %%
from_fake, from_true, *_ = (agreement(x) for x in back.values())
print("the colour comes back from the fake zebra (correlation above 0.8):", from_fake > 0.8)
print("and not from the true one (below 0.4):", from_true < 0.4)

# %% [markdown]
# The generators **hide the colour in the picture**, faint to your eye, as the last row shows ten
# times enlarged: **steganography** (Chu et al. 2017 found it in maps made of aerial photographs).
# Weak noise hardly hurts the message. From the true zebra some colours come out right by chance. So
# a low cycle loss does not mean that the translation *shows* what it keeps.

# %% [markdown]
# ## 9 Emoji, and what pairs would be worth
#
# Real drawings now: emoji, flat (A) and shaded like clay (B), 32 pixels, split by code point: 696
# flat ones and 722 other shaded ones to train on, 144 in both styles held out. The networks are a
# little wider than yours, and have **skips**: each step up also sees the map of its size on the way
# down. 3,000 steps with a falling learning rate, then the moving average (lesson 3).

# %%
emoji = domains.emoji().to(device)
pair_emoji = weights.load("cyclegan_emoji", device)
unpaired = metrics.translation(pair_emoji, emoji)
print(f"error: change nothing {metrics.pixel_error(emoji.test_A, emoji.test_B):.3f},", end=" ")
print(f"CycleGAN {unpaired.error_AB:.3f} to shaded, {unpaired.error_BA:.3f} to flat")

# %% [markdown]
# **The paired cousin.** If the pairs are known, the true answer can stand in the loss: **pix2pix**
# (Isola et al. 2017) is lesson 5's conditional GAN with a picture as condition. D judges both
# pictures of a pair together, stacked to six channels, and G's loss is $L_{adv} + 100\,\cdot$ L1 to
# the true answer (least squares here, cross-entropy in the paper). No cycle. The same network,
# steps and number of pictures: 696 flat emoji, now each with its own shaded one. One such network
# each way.

# %%
pair_pix = weights.load("pix2pix_emoji", device)
paired = metrics.translation(pair_pix, emoji)
print(f"pix2pix {paired.error_AB:.3f} to shaded, {paired.error_BA:.3f} to flat")
print("pix2pix is nearer to the truth, to shaded:", paired.error_AB < unpaired.error_AB, end="; ")
print("to flat:", paired.error_BA < unpaired.error_BA)
rows = {"flat": emoji.test_A, "CycleGAN": metrics.translated(pair_emoji.G_AB, emoji.test_A)}
rows |= {"pix2pix": metrics.translated(pair_pix.G_AB, emoji.test_A), "true": emoji.test_B}
images.show_rows({name: x[4:20] for name, x in rows.items()})

# %% [markdown]
# **Question.** If pairs do better, why bother with cycles? And what did pix2pix not have to find
# out?
#
# <details><summary>Answer</summary>
#
# Pairs are rare: nobody can pose a zebra like this horse. With pairs the correspondence is given;
# the unpaired generators had to find it from two sets. And pix2pix was trained on the very number
# by which it is judged here: look at the pictures, too. (One training each.)
#
# </details>

# %% [markdown]
# ## 10 Horses and zebras
#
# The paper's photographs: 1,067 horses, 1,334 zebras, no pairs, here at 64 pixels. They belong to
# their photographers, so they do not come with the course: `domains.horse2zebra()` downloads them
# from the authors' server (117 MB; if it breaks off, call it again, it goes on). The trained
# generators come with the course: 8,000 steps of 4, an hour of one core
# (`tools/train_cyclegan.py`).

# %% id="photographs" tags=["nbval-ignore-output"]
pair_photos = weights.load("cyclegan_horse2zebra", device)
photos = domains.horse2zebra(download=False)  # without download=False: fetch them first
if photos is None:
    print("The photographs are not here, so there is nothing to show.")
    print("domains.horse2zebra() downloads them; then run this cell again.")
else:
    real_A, real_B = photos.test_A[:10].to(device), photos.test_B[:10].to(device)
    G_AB, G_BA = pair_photos.G_AB, pair_photos.G_BA
    with torch.no_grad():
        fake_B, fake_A = G_AB(real_A), G_BA(real_B)
        rows = {"real_A": real_A, "fake_B": fake_B, "rec_A": G_BA(fake_B)}
        rows |= {"real_B": real_B, "fake_A": fake_A, "rec_B": G_AB(fake_A)}
    images.show_rows(rows)

# %% [markdown]
# No true counterparts: so how good is it? The training's log has numbers. A small network learned
# to tell horses from zebras, on the training photographs. In its features, the Fréchet distance
# (lesson 3) says how far a set of pictures is from the real zebras. Anchors beside it: untranslated
# horses, and other real zebras.

# %%
log = (data.ROOT / "weights/cyclegan_horse2zebra.log").read_text(encoding="utf-8").splitlines()
for name, value in json.loads(log[-1])["judged"].items():
    print(f"{name:45} {value}")

# %% [markdown]
# **Question.** What do these numbers say, and what do they not say?
#
# <details><summary>Answer</summary>
#
# As a set, the fake zebras are much nearer to zebras than horses are, and still far from real ones:
# seven in ten pass as zebras. In the pictures, small and distant horses get stripes, a large head
# hardly any. The judge saw the "other zebras" in its own training, which flatters that row. None of
# this says that the *right* horse became a zebra, or that the meadow stayed.
#
# </details>

# %% [markdown]
# The paper (section 6) lists where this fails at any size: changes of **shape** (cat to dog), and
# what the data never showed. Its famous failure is a man on a horse: man and horse get stripes,
# since no zebra of the training set carried a rider.

# %% [markdown]
# ## 11 Four losses, two generators, one optimiser
#
# Each generator has several tasks at once, and their losses are added with weights, as in
# **multi-task learning**. Which term pulls $G_{AB}$'s weights how strongly, in your trained pair,
# on one batch?

# %%
a, b = (x[:64] for x in both[:2])
G_AB, G_BA = pair.G_AB, pair.G_BA  # your trained pair, with its D_A and D_B of section 6
terms = {
    "adversarial, horse to zebra": generator_adversarial_loss(D_B, G_AB(a)),
    "adversarial, zebra to horse": generator_adversarial_loss(D_A, G_BA(b)),
    "10 x cycle from horses (G_AB goes there)": 10 * F.l1_loss(G_BA(G_AB(a)), a),
    "10 x cycle from zebras (G_AB leads back)": 10 * F.l1_loss(G_AB(G_BA(b)), b),
    "5 x identity": 5 * identity_loss(G_AB, G_BA, a, b),
}
pulls = {}
for name, loss in terms.items():
    found = torch.autograd.grad(loss, list(G_AB.parameters()), allow_unused=True)
    pulls[name] = sum(g.square().sum().item() for g in found if g is not None) ** 0.5

fig, ax = plt.subplots(figsize=(8, 2.4))
ax.barh(list(pulls), list(pulls.values()), color=["C4", "C4", "C0", "C0", "C1"])
ax.invert_yaxis()
ax.set(xlabel="gradient norm on the weights of G_AB", title="trained pair, 64 pictures")
plt.tight_layout()
plt.show()
print("one term does not know G_AB:", [name for name, pull in pulls.items() if pull == 0])

# %% [markdown]
# **Question.** One bar is missing, and the two cycle terms pull differently. Why?
#
# <details><summary>Answer</summary>
#
# $D_A$ judges $G_{BA}$'s pictures: that term does not contain $G_{AB}$. In the tour from zebras,
# $G_{AB}$ paints the last picture, which is compared with sharp stripes. In the tour from horses it
# comes first, and its mistakes reach the loss only through $G_{BA}$. (A norm says nothing about
# directions.)
#
# </details>

# %% [markdown]
# **Why one optimiser for two generators?** The *loss* is shared: both cycle terms pull both
# generators, and one backward pass serves all. The *optimiser* is bookkeeping. Adam scales each
# weight by its own history, so one Adam over both, or one for each, makes the same steps:


# %%
def after_steps(optimisers_of):
    """All weights of a new pair after three steps with these optimisers."""
    runtime.seed(0)
    two = networks.Translators()
    optimisers = optimisers_of(two)
    for _ in range(3):
        loss = cycle_loss(two.G_AB, two.G_BA, herds.A[:4].cpu(), herds.B[:4].cpu())
        two.zero_grad()
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
    return torch.cat([weight.detach().flatten() for weight in two.parameters()])


def adam(net):
    """Adam over the weights of `net`: one generator, or both."""
    return torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.999))


one = after_steps(lambda two: [adam(two)])
each = after_steps(lambda two: [adam(two.G_AB), adam(two.G_BA)])
print("largest difference of a weight after three steps:", (one - each).abs().max().item())

# %% [markdown]
# ## 12 It breaks
#
# Section 7 broke it by leaving a term out. Three more ways to try, the first two from the sweep.
#
# **Too much cycle loss.** The safest way home is never to leave: a generator that changes nothing
# has cycle loss 0. From which weight on does that win?

# %%
draw_runs({"cycle 10": "lambda_cyc = 10", "cycle 100": "100", "cycle 1000": "1000"})
for run in ("cycle 10", "cycle 100", "cycle 1000"):
    print_runs([run])
    back_home = [row["cycle_A"] for row in sweep if row["run"] == run and row["step"] == 300]
    print(f"{'':22} and after the cycle {min(back_home):.3f} to {max(back_home):.3f}")

# %% [markdown]
# At 100 one of three seeds is slower. At 1000 all three lose digits, one of them four fifths, and
# the way back is as good as ever: the cycle loss does not notice. What D says is drowned. (Not one
# run ends at "change nothing", whose error is 0.31: D tells grass from sand at once.)

# %% [markdown]
# **A discriminator that learns too fast.** The same as in section 6, but with ten times the
# learning rate for D.

# %%
lesson_run = "cycle 10, identity 5"
draw_runs({lesson_run: "as in section 6", f"{lesson_run}, D 10 times faster": "D 10 times faster"})

# %% [markdown]
# It slows the start and does not break: after 300 steps as many digits are kept, with a slightly
# larger error. Least squares helps: even a fake that D is sure of feels a pull. In lesson 3, the
# minimax loss lost its gradient there.

# %% [markdown]
# **Fakes that are not detached.** Leave `.detach()` out of D's loss, and its gradient runs on into
# $G_{AB}$. Which way does it push?

# %%
fake_b = G_AB(a)
weights_AB = list(G_AB.parameters())
leak = torch.autograd.grad(D_B(fake_b).square().mean(), weights_AB, retain_graph=True)
wanted = torch.autograd.grad(generator_adversarial_loss(D_B, fake_b), weights_AB)
leak, wanted = (torch.cat([g.flatten() for g in grads]) for grads in (leak, wanted))
print("what leaks pushes against what G wants:", bool(F.cosine_similarity(leak, wanted, dim=0) < 0))

# %% [markdown]
# It teaches $G_{AB}$ to be **recognised**. Your loop is safe twice: the pool detaches, and
# `generator_step` clears the gradients before its own. Give D raw fakes and let one optimiser hold
# all four networks, and the two pulls work against each other.

# %% [markdown]
# ## 13 Your own picture
#
# Pick a test emoji and a direction, or upload a picture (it is cut to its middle square). Beside
# the translation stand the way back, and what the other generator makes of the picture: that one
# should change nothing. An upload shows what networks do with pictures that they were not made for.

# %%
# your digits: widgets.translate(pair, both.test_A, both.test_B)
widgets.translate(pair_emoji, emoji.test_A, emoji.test_B, names=("flat", "shaded"))

# %% [markdown]
# ## You have
#
# - two generators and two patch discriminators that translate between sets of pictures, without a
#   pair: `helpers/networks.py`, `helpers/losses.py`, `helpers/translation.py`
# - the cycle loss, what it is good for, and two things it does not forbid: a wrong bijection, and a
#   hidden message
# - the same code at three scales, and its paired cousin, measured on known counterparts

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("cyclegan")

# %% [markdown]
# ## Sources
#
# - Zhu et al. 2017, *Unpaired image-to-image translation using cycle-consistent adversarial
#   networks*: eq. 1 to 3, sections 4, 5.2 and 6 (limitations). The same idea that year: Kim et al.
#   (*DiscoGAN*), Yi et al. (*DualGAN*)
# - Isola et al. 2017, *Image-to-image translation with conditional adversarial networks*: section
#   3.2.2
# - Mao et al. 2017, *Least squares generative adversarial networks*
# - He et al. 2016, *Deep residual learning for image recognition*
# - Ulyanov et al. 2016, *Instance normalization*; Ronneberger et al. 2015, *U-Net* (skips)
# - Shrivastava et al. 2017, *Learning from simulated and unsupervised images through adversarial
#   training*: section 2.3
# - Chu et al. 2017, *CycleGAN, a master of steganography*

# %%
check.progress()
