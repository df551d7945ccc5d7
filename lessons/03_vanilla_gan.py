# %% [markdown]
# # A vanilla GAN on MNIST
#
# GAN means generative adversarial network. A forger, the **generator** G, makes digits; a
# detective, the **discriminator** D, learns to tell them from real ones; each makes the other
# better. **You will build both, train them against each other, and judge the result by numbers.**
#
# Two sittings, of about an hour and a half and an hour; the break is marked. Builds on: a training
# loop in PyTorch, and what a probability density is. Lesson 2 shows why a fixed loss blurs; it is
# the reason for this one, and not required.

# %%
import copy
import math
import time

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, images, live, losses, metrics, networks
from helpers import quiz, runtime, training, weights, widgets
from helpers.checks import vanilla_gan as check

device = runtime.setup(seed=0)

# %% [markdown]
# ## 1 The detective, in one dimension
#
# Digits have 784 pixels, too many to draw a density. So the first game is about single numbers
# $x$: real ones come from **p_data**, a mixture of two bells; the forger's come from **p_G**, one
# wide bell. Both densities are known here, and that lets you check everything.

# %%
normal, categorical = torch.distributions.Normal, torch.distributions.Categorical
bells = normal(torch.tensor([-2.0, 1.5]), torch.tensor([0.5, 0.8]))
p_data = torch.distributions.MixtureSameFamily(categorical(torch.tensor([0.5, 0.5])), bells)
p_G = normal(0.0, 1.2)
x = torch.linspace(-6, 6, 601)
density_data, density_G = p_data.log_prob(x).exp(), p_G.log_prob(x).exp()


# %%
def draw_densities(ax, density_G, title):
    """Real numbers in blue, the forger's in orange."""
    ax.fill_between(x, density_data, color="C0", alpha=0.35, label="p_data")
    ax.plot(x, density_G, color="C1", label="p_G")
    ax.set(ylabel="density, or probability")
    ax.set(title=title, xlabel="x", xlim=(-6, 6), ylim=(0, 1.15))


# %%
D_star = density_data / (density_data + density_G)
fig, ax = plt.subplots(figsize=(8, 3))
draw_densities(ax, density_G, "The best detective leans towards the denser side")
ax.plot(x, D_star, "k--", label="D*(x), best answer")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()

# %% [markdown]
# **Idea.** A number arrives; half of the time it is real. At an $x$ where real numbers are three
# times as dense as forged ones, three of four such numbers are real. So 3/4 is the best answer.
# The best possible detective knows both densities and gives the real ones' share:
#
# $$D^*(x) = \frac{p_{data}(x)}{p_{data}(x) + p_G(x)}$$
#
# where $D^*(x)$ is the probability that $x$ is real (Goodfellow et al. 2014, proposition 1). In
# formulas $D(x)$ is a probability; in code the network `D` returns its logit, and the loss applies
# the sigmoid.

# %% [markdown]
# A network does not know the densities. It sees samples, and learns from a loss: the
# log-probability it gave to the right answer, with its sign turned.
#
# $$\text{loss}_D = \tfrac12\Big(-\mathbb{E}_{x \sim p_{data}}[\log D(x)]
# \;-\; \mathbb{E}_{x \sim p_G}[\log(1 - D(x))]\Big)$$
#
# where $\mathbb{E}_{x \sim p}$ is the mean over samples from $p$ (in code, over a batch) and $D(x)
# = \sigma(\text{logit})$: **D returns a logit**, any real number (0 means 1/2, positive means
# real), and the loss applies the sigmoid $\sigma$. The first term is the binary cross-entropy
# (BCE) with label 1, the second with label 0.

# %% [markdown]
# > **Real is 1, fake is 0.** Some texts say it the other way round, and train as well: D only
# > learns to tell two piles apart. What breaks is mixing the two conventions. Then G is taught to
# > help D.

# %% [markdown]
# ### Exercise: discriminator_loss (8 min)
#
# Given: the logits of D on real and on fake inputs, of any shape. Asked: the loss above.
# `F.binary_cross_entropy_with_logits(logits, labels)` is one term of it, averaged over the batch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which label should D give to a real input, and which to a fake one? A label tensor has the shape
# of its logits.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `loss_real` is the BCE of `real_logits` with ones; `loss_fake` the BCE of `fake_logits` with
# zeros.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `loss_real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(...))`
#
# </details>


# %%
def discriminator_loss(real_logits, fake_logits):
    """D's loss, a scalar: half the BCE of real logits with 1 plus half that of fake ones with 0."""
    labels_real, labels_fake = torch.ones_like(real_logits), torch.zeros_like(fake_logits)
    # BEGIN SOLUTION
    loss_real = F.binary_cross_entropy_with_logits(real_logits, labels_real)
    loss_fake = F.binary_cross_entropy_with_logits(fake_logits, labels_fake)
    # END SOLUTION
    return (loss_real + loss_fake) / 2


# %%
discriminator_loss = check.discriminator_loss(discriminator_loss)


# %% [markdown]
# Now let a small network learn to be the detective from samples alone, while the forger stands
# still.


# %%
def tiny_net():
    """A network from one number to one number."""
    act = nn.LeakyReLU(0.2)
    return nn.Sequential(nn.Linear(1, 64), act, nn.Linear(64, 64), act, nn.Linear(64, 1))


runtime.seed(0)
D = tiny_net()
opt_D = training.adam(D, lr=5e-3)
for _ in range(runtime.steps(500)):
    loss_D = discriminator_loss(D(p_data.sample((512, 1))), D(p_G.sample((512, 1))))
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()

# %%
D_learned = torch.sigmoid(D(x.unsqueeze(1))).squeeze().detach()
fig, ax = plt.subplots(figsize=(8, 3))
draw_densities(ax, density_G, "D matches the best detective where samples fall")
ax.plot(x, D_star, "k--", label="D*(x), best answer")
ax.plot(x, D_learned, color="C3", label="D(x), learned")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()
gap = ((D_learned - D_star).abs() * (density_data + density_G) / 2).sum() * 0.02
print("mean gap between D and D*, weighted by density, below 0.05:", bool(gap < 0.05))

# %% [markdown]
# **Question.** Above 3.5 and below -3 the red curve leaves the dashed one. Why does D's loss
# hardly care?
#
# <details><summary>Answer</summary>
#
# Almost no sample, real or fake, ever falls there, so nothing pulls D to the right value. A network
# answers for regions it has never seen; it only answers well where it was asked.
#
# </details>

# %% [markdown]
# ### What the best detective measures
#
# The game has one number, the **value function**. D maximises it, G minimises it; lowering your
# `loss_D` raises it:
#
# $$V(G, D) = \mathbb{E}_{x \sim p_{data}}[\log D(x)] + \mathbb{E}_{x \sim p_G}[\log(1 - D(x))] = -2\,\text{loss}_D$$
#
# Let $m = \frac12(p_{data} + p_G)$. Then $D^* = p_{data} / 2m$, so $\log D^* =
# \log\frac{p_{data}}{m} - \log 2$, and likewise for $p_G$.

# %% [markdown]
# The mean of $\log\frac{p}{m}$ over $x \sim p$ is called the **KL divergence** $KL(p \Vert m)$: 0
# if $p = m$, more the more they differ. Adding both lines up gives (Goodfellow et al. 2014, eq. 6)
#
# $$V(G, D^*) = -\log 4 + 2\,\mathrm{JSD}, \qquad \mathrm{JSD} = \tfrac12 KL(p_{data} \Vert m) + \tfrac12 KL(p_G \Vert m)$$
#
# where JSD is the **Jensen-Shannon divergence** of the two densities.


# %%
def integral(values):
    """The integral of a function given at x."""
    return torch.trapezoid(values, x).item()


m = (density_data + density_G) / 2
kl_data = integral(density_data * (density_data / m).log())
kl_G = integral(density_G * (density_G / m).log())
jsd = (kl_data + kl_G) / 2
value = integral(density_data * D_star.log() + density_G * (1 - D_star).log())
print(f"V(G, D*) = {value:.4f}     -log 4 + 2 JSD = {-math.log(4) + 2 * jsd:.4f}")

# %% [markdown]
# So a perfect detective's score tells how far apart the two densities are. If they are equal, JSD
# = 0 and the value is $-\log 4 \approx -1.386$: D answers 1/2 everywhere, and $2 \log \frac12 =
# -\log 4$.
#
# > **Spot the bug.** A lecture note writes the value at $D^*$ as
# > $\mathbb{E}_{p_{data}}\big[\frac{p_{data}}{p_{data} + p_G}\big] +
# > \mathbb{E}_{p_G}\big[\frac{p_G}{p_{data} + p_G}\big]$. What does that give for $p_G =
# > p_{data}$? Decide, then run the next cell.

# %%
half = density_data / (density_data + density_data)
as_printed = integral(density_data * half + density_data * (1 - half))
with_logs = integral(density_data * half.log() + density_data * (1 - half).log())
print(f"as printed: {as_printed:.3f}   with the logs: {with_logs:.3f}")
print(f"-log 4: {-math.log(4):.3f}")

# %% [markdown]
# Both logs were lost. The expression gives 1 there, not $-\log 4$. It is still least at $p_G =
# p_{data}$, but it measures another distance, not the JSD; and without the logs $D^*$ is not the
# best answer: 0 or 1 would be.

# %% [markdown]
# ## 2 The forger's turn
#
# G wants D to be wrong. Two losses say so:
#
# $$\text{minimax: } \mathbb{E}_z[\log(1 - D(G(z)))] \qquad \text{non-saturating: } -\mathbb{E}_z[\log D(G(z))]$$
#
# where $z$ is random noise and $G(z)$ a fake. The first is G's part of $V$; the second asks "call
# my fakes real". Both are minimised, and both fall as $D(G(z)) \to 1$. Their slopes with respect
# to the logit are another matter.

# %%
logit = torch.linspace(-7, 7, 141, requires_grad=True)
# log(1 - sigmoid(a)) = -softplus(a), and -log sigmoid(a) = softplus(-a)
curves = {"minimax: log(1 - D)": -F.softplus(logit), "non-saturating: -log D": F.softplus(-logit)}
colours = dict(zip(curves, ("C5", "C9")))
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3))
for name, loss in curves.items():
    (slope,) = torch.autograd.grad(loss.sum(), logit)
    left.plot(logit.detach(), loss.detach(), colours[name], label=name)
    right.plot(logit.detach(), slope.abs(), colours[name], label=name)
left.set(title="G's loss", xlabel="D's logit of a fake", ylabel="loss")
right.set(title="size of its slope: what G learns from", xlabel="D's logit of a fake")
right.set(ylabel="|d loss / d logit|")
for ax in (left, right):
    ax.axvspan(-7, -3, color="grey", alpha=0.2)
    ax.text(-6.8, 0.55, "D is sure:\nit is fake")
left.legend()
plt.show()

# %% [markdown]
# **Idea.** When D is ahead of G, it gives fakes very negative logits, say -4. Look at the grey
# strip: as a function of the logit, log(1 - D) is flat there, because the sigmoid is. G hears
# almost nothing. The other loss is steepest where G is worst. It is the **non-saturating loss**,
# the usual choice for a vanilla GAN.

# %% [markdown]
# ### Exercise: generator_loss (5 min)
#
# Given: D's logits of the fakes. Asked: the non-saturating loss. From G's side: what should D have
# called these fakes?
#
# <details><summary>Hint 1: a nudge</summary>
#
# It is a binary cross-entropy again. G wants every fake to be called real.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# The BCE of `fake_logits` with ones: -log D for every fake, averaged.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(...))`
#
# </details>


# %%
def generator_loss(fake_logits):
    """G's non-saturating loss, a scalar: -log D(G(z)), averaged over the batch."""
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))  # SOLUTION


# %%
generator_loss = check.generator_loss(generator_loss)

# %% [markdown]
# The slopes as numbers, where D is sure (-4), undecided (0) and fooled (4). Both are negative: G's
# loss falls as the logit rises.

# %%
where = torch.tensor([-4.0, 0.0, 4.0], requires_grad=True)
(minimax,) = torch.autograd.grad(-F.softplus(where).sum(), where)
(yours,) = torch.autograd.grad(3 * generator_loss(where), where)  # 3: undo the mean
for at, a, b in zip(where.tolist(), minimax.tolist(), yours.tolist()):
    print(f"logit {at:4.0f}:   minimax {a:.3f}   yours {b:.3f}   ratio {b / a:6.2f}")

# %% [markdown]
# **Question.** At logit -4 the slopes differ by a factor of about 55. Where does the minimax loss
# have the larger slope, and does it help?
#
# <details><summary>Answer</summary>
#
# At positive logits, where D is already fooled: it pushes hardest on the fakes that need it least.
# The two losses have the same best point and not the same gradient, so they are two different
# games. The JSD result of section 1 does not describe the training below.
#
# </details>

# %% [markdown]
# ## 3 Two steps make a game
#
# G needs something to start from: a **latent** vector $z$ of independent standard normal numbers.
# One $z$ gives one fake. A batch needs as many different vectors as fakes.

# %% [markdown]
# ### Exercise: sample_z (3 min)
#
# Given: how many, and their length. Asked: a new batch from N(0, I) at every call, shape `(n,
# z_dim)`: every entry normal with mean 0 and standard deviation 1, independent of the others.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two PyTorch functions look alike: one draws uniform numbers from [0, 1), the other normal ones.
#
# </details>
# <details><summary>Hint 2: the shape</summary>
#
# n rows, one for each image, and z_dim columns.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.randn(..., ...)`
#
# </details>


# %%
def sample_z(n, z_dim):
    """Latent vectors (n, z_dim) from N(0, I)."""
    return torch.randn(n, z_dim)  # SOLUTION


# %%
sample_z = check.sample_z(sample_z)

# %% [markdown]
# ### Exercise: discriminator_step (12 min)
#
# Given: both networks, D's optimiser, a real batch. Asked: one step of D on it and on as many
# fakes. G must not change, and no gradient may reach it. D's `.grad` may still hold what G's last
# step left there (its backward pass runs through D). `tensor.detach()` has the same numbers and no
# history.
#
# <details><summary>Hint 1: a nudge</summary>
#
# G only delivers here. Which method of a tensor gives a copy without history? And when must old
# gradients be gone: before or after `backward`?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Fakes without history; `loss_D` from D on both batches; then clear D's gradients, backward, step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x_fake = G(z).detach()`, `loss_D = discriminator_loss(D(...), D(...))`, and three calls:
# `opt_D.zero_grad()`, `loss_D....`, `opt_D....`
#
# </details>


# %%
def discriminator_step(G, D, opt_D, real, z_dim):
    """One step of D on a batch `real` and as many fakes. Returns loss_D, a float."""
    z = sample_z(len(real), z_dim).to(real.device)
    # BEGIN SOLUTION
    x_fake = G(z).detach()
    loss_D = discriminator_loss(D(real), D(x_fake))
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()
    # END SOLUTION
    return loss_D.item()


# %%
discriminator_step = check.discriminator_step(discriminator_step)

# %% [markdown]
# ### Exercise: generator_step (6 min)
#
# Given: both networks, G's optimiser, how many fakes. Asked: one step of G that makes D call them
# real. D must not change, but the gradient has to pass **through** D to reach G.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The path is z, G, D, loss. Should anything on it be detached now?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# `loss_G` from D's logits of G(z), with its history; clear G's gradients, backward, step G only.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss_G = generator_loss(D(G(...)))`, then three calls as before, on `opt_G`.
#
# </details>


# %%
def generator_step(G, D, opt_G, n, z_dim):
    """One step of G on `n` new fakes that D should call real. Returns loss_G, a float."""
    z = sample_z(n, z_dim).to(next(G.parameters()).device)
    # BEGIN SOLUTION
    loss_G = generator_loss(D(G(z)))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()
    # END SOLUTION
    return loss_G.item()


# %%
generator_step = check.generator_step(generator_step)

# %% [markdown]
# The steps do not care what they are fed. So the first game is the one-dimensional one, where you
# can see the truth. To draw p_G, push a fine grid of latents through G and count where they land.


# %%
def density_of(G):
    """p_G at x: the share of 20,001 evenly likely latents that G sends to each bin, per width."""
    z = normal(0.0, 1.0).icdf(torch.linspace(0, 1, 20003)[1:-1]).unsqueeze(1)
    counts = torch.histc(G(z).detach(), 120, -6, 6).view(1, 1, -1)
    counts = F.avg_pool1d(counts, 5, 1, 2).flatten()
    return (counts / 20001 / 0.1).repeat_interleave(5)


def draw_game(ax):
    """p_data, p_G, D and the best detective, as they stand."""
    density_G = torch.cat([density_of(G), torch.zeros(1)])
    draw_densities(ax, density_G, "the game in one dimension")
    total = density_data + density_G
    D_star = torch.where(total > 0.05, density_data / total, torch.nan)  # only where numbers fall
    ax.plot(x, D_star, "k--", linewidth=1, label="D*(x)")
    ax.plot(x, torch.sigmoid(D(x.unsqueeze(1))).detach(), color="C3", label="D(x)")
    ax.legend(fontsize=8, loc="upper center", ncols=4, handlelength=1, columnspacing=0.8)


# %%
runtime.seed(0)
G, D = tiny_net(), tiny_net()
opt_G, opt_D = training.adam(G, lr=5e-4), training.adam(D, lr=2e-3)  # D stays near D*
far = (density_of(G) - density_data[:-1]).abs().sum().item() * 0.01
plot = live.LivePlot(draw_game)
with plot:
    for number in range(1, runtime.steps(600) + 1):
        real = p_data.sample((256, 1))
        discriminator_step(G, D, opt_D, real, 1)
        generator_step(G, D, opt_G, len(real), 1)
        if number % 10 == 0:
            plot.update(training.observe(number, G, D, real, 1))

# %%
near = (density_of(G) - density_data[:-1]).abs().sum().item() * 0.01
print("the distance of p_G from p_data (total variation) has halved:", near < far / 2)

# %% [markdown]
# **Question.** D averages about 1/2 on both. Is p_G then p_data? And why does D stay low between
# the bells?
#
# <details><summary>Answer</summary>
#
# No. D's average says little; its curve says where p_G is still too high (below 1/2) and too low
# (above). A continuous G cannot jump, so some of its numbers fall into the gap between the bells,
# and D knows it. Train longer, and the two circle around the balance: each step is right, and the
# game does not end.
#
# </details>

# %% [markdown]
# ## 4 The digits
#
# MNIST has 60,000 training digits of 28 x 28 grey pixels. A usual way to load it: `ToTensor` gives
# [0, 1], and `Normalize((0.5,), (0.5,))` subtracts 0.5 and divides by 0.5.

# %%
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
mnist = datasets.MNIST(data.torchvision_root(), download=True, transform=to_tensor)
loader = DataLoader(mnist, batch_size=128, shuffle=True)
x_real, labels = next(iter(loader))
print(tuple(x_real.shape), "from", x_real.min().item(), "to", x_real.max().item())

# %% [markdown]
# **Why [-1, 1]?** G will end in tanh, whose values lie between -1 and 1. Data in the same range
# lets every pixel value be reached, and none give a fake away. Section 10 shows what happens where
# it cannot.

# %% [markdown]
# ### Exercise: to_gan_range and to_display_range (5 min)
#
# Given: pixels in [0, 1]; pixels in [-1, 1]. Asked: the one turned into the other, by a fixed map
# that does not depend on the other pixels. This is what `Normalize` did above, and its way back.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Where should 0 go, and 1, and 0.5? Stretch first or shift first?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# There: subtract 0.5, divide by 0.5. Back: the same two things undone, in the other order.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return 2 * x - ...` and `return (x + ...) / ...`
#
# </details>


# %%
def to_gan_range(x):
    """Pixels from [0, 1] to [-1, 1]."""
    return 2 * x - 1  # SOLUTION


def to_display_range(x):
    """Pixels from [-1, 1] to [0, 1]."""
    return (x + 1) / 2  # SOLUTION


# %%
to_gan_range = check.to_gan_range(to_gan_range)
to_display_range = check.to_display_range(to_display_range)

# %% [markdown]
# **A faster way to the same pixels.** The loader makes a picture and then a tensor of each digit
# again, at every pass. All of MNIST fits into memory as one tensor, so `data.Batches` scales once
# and draws batches by index.

# %%
x_train, labels_train = data.mnist("train")
x_train = x_train.to(device)
same = torch.stack([mnist[i][0] for i in range(500)])
print("500 digits, the same pixels:", torch.allclose(same, x_train[:500].cpu(), atol=1e-6))
images.show({"real digits, drawn by index": next(data.Batches(x_train, 36).take(1))}, size=3)

# %% id="timing" tags=["nbval-ignore-output"]
sources = {"DataLoader": iter(loader), "Batches": data.Batches(x_train, 128).epoch()}
for name, batches in sources.items():
    start = time.perf_counter()
    for _ in range(20):
        next(batches)
    print(f"{name:10} {(time.perf_counter() - start) / 20 * 1000:7.2f} ms a batch")

# %% [markdown]
# **Questions.** Why is there no test split in this training? What does it mean for a generator to
# generalise?
#
# <details><summary>Answers</summary>
#
# There is no target per image whose test error you could read. But D sees training digits only and
# can learn them by heart, and G follows D. So G generalises if its samples are new digits, not
# copies, and cover all that p_data covers. So you will look for each sample's nearest training
# digit, and compare samples with test digits that nobody has trained on.
#
# </details>

# %% [markdown]
# ## 5 The two networks
#
# Both are stacks of linear layers. G widens: 100 → 256 → 512 → 1024 → 784 pixels. D narrows: 784 →
# 1024 → 512 → 256 → 1 logit. Between the layers stands **LeakyReLU**: below zero it keeps a slope
# of 0.2, so that a unit below zero still learns (with ReLU its slope is 0). D also has
# **dropout**: it keeps D from becoming sure too fast.

# %% [markdown]
# ### Exercise: Generator (10 min)
#
# Asked: `(N, z_dim)` to images `(N, 1, 28, 28)` in [-1, 1], with the widths above,
# `nn.LeakyReLU(0.2)` between the layers and `nn.Tanh()` at the end.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Four linear layers. Each one's input width is the width before it. Commas between the layers.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `nn.Sequential(nn.Linear(z_dim, 256), nn.LeakyReLU(0.2), nn.Linear(256, 512), ...)`. In
# `forward`, the net gives `(N, 784)`; `.view(-1, 1, 28, 28)` makes images of it.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# The last two are `nn.Linear(1024, 784), nn.Tanh()`; and `return self.net(z).view(...)`.
#
# </details>


# %%
class Generator(nn.Module):
    """z (N, z_dim) to images (N, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim):
        super().__init__()
        # BEGIN SOLUTION
        self.net = nn.Sequential(
            *[nn.Linear(z_dim, 256), nn.LeakyReLU(0.2)],
            *[nn.Linear(256, 512), nn.LeakyReLU(0.2)],
            *[nn.Linear(512, 1024), nn.LeakyReLU(0.2)],
            *[nn.Linear(1024, 784), nn.Tanh()],
        )
        # END SOLUTION

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)  # SOLUTION


# %%
Generator = check.Generator(Generator)

# %% [markdown]
# ### Exercise: Discriminator (8 min)
#
# Asked: images `(N, 1, 28, 28)` to one logit each, `(N,)` or `(N, 1)`, with the widths above,
# `nn.LeakyReLU(0.2)` and `nn.Dropout(0.3)` after each layer but the last, and no sigmoid.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A linear layer wants `(N, 784)`; an image is `(N, 1, 28, 28)`. What stands after the last linear
# layer?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `nn.Flatten()` first. Then linear, LeakyReLU, dropout, three times; then one linear layer to 1,
# bare.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `nn.Flatten(), nn.Linear(784, 1024), nn.LeakyReLU(0.2), nn.Dropout(0.3), ...`; `nn.Flatten(0)` at
# the end would make `(N,)` of `(N, 1)`.
#
# </details>


# %%
class Discriminator(nn.Module):
    """Images (N, 1, 28, 28) to logits (N,): no sigmoid."""

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION
        self.net = nn.Sequential(
            *[nn.Flatten(), nn.Linear(784, 1024), nn.LeakyReLU(0.2), nn.Dropout(0.3)],
            *[nn.Linear(1024, 512), nn.LeakyReLU(0.2), nn.Dropout(0.3)],
            *[nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3)],
            *[nn.Linear(256, 1), nn.Flatten(0)],
        )
        # END SOLUTION

    def forward(self, x):
        return self.net(x)  # SOLUTION


# %%
Discriminator = check.Discriminator(Discriminator)

# %%
z_dim = 100
runtime.seed(0)
G, D = Generator(z_dim).to(device), Discriminator().to(device)
z_fixed = sample_z(36, z_dim).to(device)
for name, net in {"G": G, "D": D}.items():
    print(name, f"has {sum(p.numel() for p in net.parameters()):,} parameters")
print(
    "z",
    tuple(z_fixed.shape),
    "-> G(z)",
    tuple(G(z_fixed).shape),
    "-> D(G(z))",
    D(G(z_fixed)).numel(),
)

# %% [markdown]
# To look at G in the middle of training, you need pictures without side effects: no graph kept,
# layers such as dropout and batch normalisation in **eval mode**, and everything as it was
# afterwards.

# %% [markdown]
# ### Exercise: generate (8 min)
#
# Asked: `n` new pictures in [0, 1] from G in eval mode, without a graph. Afterwards G is in the
# mode it was in. Do not seed: that would make the training that goes on repeat its noise.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The mode is noted for you. Switch with `G.eval()`, and put the old mode back with `G.train(...)`.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Eval mode; inside `torch.no_grad()`, G of new latents; the old mode back; to the display range.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `with torch.no_grad(): x_fake = G(z)`, `G.train(was_training)`, `return to_display_range(...)`
#
# </details>


# %%
def generate(G, n, z_dim):
    """`n` pictures of G for looking at, (n, 1, 28, 28) in [0, 1]; G's mode is kept."""
    z = sample_z(n, z_dim).to(next(G.parameters()).device)
    was_training = G.training
    # BEGIN SOLUTION
    G.eval()
    with torch.no_grad():
        x_fake = G(z)
    G.train(was_training)
    return to_display_range(x_fake)
    # END SOLUTION


# %%
generate = check.generate(generate)

# %%
pictures = generate(G, 36, z_dim)
images.show({"before training, G knows nothing": to_gan_range(pictures)}, size=3)

# %% [markdown]
# ## 6 Train
#
# One step of D, one of G, batch after batch. Adam with a learning rate of $2 \cdot 10^{-4}$, and
# `beta1 = 0.5` instead of 0.9: a memory of about 2 steps instead of 10 (section 9 shows why). The
# figure redraws while it trains: the losses, what D says of real digits and of fakes, and the same
# 36 latents, `z_fixed`, so that you compare like with like.

# %%
runtime.seed(1)
G, D = Generator(z_dim).to(device), Discriminator().to(device)
opt_G, opt_D = training.adam(G), training.adam(D)
batches = data.Batches(x_train, batch_size=128)
plot = live.LivePlot(live.samples(G, z_fixed))
with plot:
    for number, x_real in enumerate(batches.take(runtime.steps(200)), 1):
        discriminator_step(G, D, opt_D, x_real, z_dim)
        generator_step(G, D, opt_G, len(x_real), z_dim)
        if number % 10 == 0:
            plot.update(training.observe(number, G, D, x_real, z_dim))
G_early = copy.deepcopy(G)

# %% [markdown]
# The same blot for nearly every $z$: a collapse in the making, and D gives real digits more. Both
# probabilities would be 1/2 if neither player could gain any more.
#
# **Go on.** G, D, the optimisers and the curves are still there, so training continues where it
# stopped. (It does after you press the stop button, too.)

# %% [markdown]
# `training.gan_steps` is your loop, faster: D sees real and fake digits in one pass, D is frozen
# while G learns, and the fakes are made once. In that it differs: G's step uses the same fakes as
# D's.

# %%
runtime.seed(1)
with plot:
    more = batches.take(runtime.steps(1200))
    for step in training.gan_steps(G, D, opt_G, opt_D, more, z_dim, first=plot.number + 1):
        plot.update(step)
G_short = G

# %%
print("D still tells them apart:", step.prob_real > step.prob_fake)
before = to_gan_range(pictures)
images.show({"before training": before, "after three passes over MNIST": G_short(z_fixed)})

# %% [markdown]
# **Question.** When is loss_G least? Compare the pictures at that time with those at the end.
#
# <details><summary>Answer</summary>
#
# At the start, when G shows noise. It rises while the pictures improve, because D improves too,
# and G's loss is measured against D. **A GAN's loss curve is not a measure of quality.** The
# second sitting builds one.
#
# </details>

# %% [markdown]
# ---
# ## Break
#
# The loop works, and the first digits appear. That is the first sitting; everything below runs
# from here at any time.
#
# ---

# %% [markdown]
# ## 7 Forty passes later
#
# A G with the same layers, trained elsewhere for forty passes over the digits (epochs) where yours
# had two: `tools/train_vanilla_gan.py`, its log lies in `data/weights/`. `weights.load` checks the
# file's checksum before it opens it.

# %%
G_long = weights.load("vanilla_gan", device)
x_test = data.mnist("test")[0].to(device)
panels = {"three passes": G_short(z_fixed), "forty passes": G_long(z_fixed), "real": x_test[:36]}
images.show(panels)

# %% [markdown]
# **Did it copy?** For each sample, look for the training digit that is closest to it, pixel by
# pixel. A copy would lie at a distance near 0, and samples of copies far closer than test digits,
# which nobody has seen.


# %%
@torch.no_grad()
def nearest_training_digit(x):
    """Distance of each image to its nearest training digit, and the index of that digit."""
    return torch.cdist(x.flatten(1), x_train.flatten(1)).min(1)


x_fake = G_long(torch.randn(200, z_dim, generator=torch.Generator().manual_seed(2)).to(device))
fake_distance, nearest = nearest_training_digit(x_fake)
test_distance, _ = nearest_training_digit(x_test[:200])
pairs = torch.cat([x_fake[:12], x_train[nearest[:12]]])
images.show({"samples above, their nearest training digits below": pairs}, columns=12, size=6)
medians = fake_distance.median().item(), test_distance.median().item()
print("median distance: samples {:.1f}, real test digits {:.1f}".format(*medians))

# %% [markdown]
# The samples lie about as far from the training digits as test digits do: no sign of copying. The
# test is weak: a copy moved by two pixels would pass.

# %% [markdown]
# ## 8 Judged by numbers
#
# **Idea.** A classifier that knows digits reads 5,000 samples, and three groups of numbers follow.
# **Mode coverage**: how many digits make up at least 2 % of the samples each; the share of the
# rarest; the entropy of the shares, divided by ln 10 (1 is even). **Sharpness**: the variance of
# each image's Laplacian (second differences of neighbouring pixels), relative to real digits.
# **Fréchet distance**: how far the samples' features lie from those of real digits.

# %%
classifier = weights.load("digit_classifier", device)
labels_test = data.mnist("test")[1].to(device)
_, probs = metrics.digit_features(classifier, x_test)
accuracy = (probs.argmax(1) == labels_test).float().mean()
print(f"accuracy of the judge on the 10,000 test digits: {accuracy:.3f}")

# %% [markdown]
# Its last hidden layer gives 128 features per image. Describe real digits by their mean $\mu_r$
# and covariance $C_r$ there, the samples by $\mu_g$ and $C_g$, and take the squared Fréchet
# distance of two Gaussians with these moments (Heusel et al. 2017, eq. 6):
#
# $$\mathrm{FD} = \lVert \mu_r - \mu_g \rVert^2 + \mathrm{tr}\big(C_r + C_g - 2 (C_r C_g)^{1/2}\big)$$
#
# With the features of an Inception network it is the **FID**. Ours come from this classifier: read
# FD beside the anchors (the rows of training digits and of noise), at equal numbers of samples,
# never against published FIDs.

# %%
mean, cov = torch.tensor([1.0, 2.0]).double(), torch.tensor([[2.0, 0.5], [0.5, 1.0]]).double()
same = metrics.frechet_distance(mean, cov, mean, cov)
moved = metrics.frechet_distance(mean, cov, mean + torch.tensor([3.0, 0.0]), cov)
print(f"the same twice (expect 0): {abs(same):.3f}")
print(f"mean moved by 3 (expect 9): {moved:.3f}")
wider = metrics.frechet_distance(mean, cov, mean, 4 * cov)
print(f"covariance x 4, spread x 2 (expect its trace, {cov.trace():.0f}): {wider:.3f}")

# %% id="scores" tags=["nbval-ignore-output"]
judge = metrics.Judge(classifier, x_test)
rows = {
    "training digits": judge(x_train[:5000]),
    "noise": judge(2 * torch.rand_like(x_test[:5000]) - 1),
}
rows |= {"MLP, 200 steps": judge.generator(G_early, 100)}
rows |= {"MLP, three passes": judge.generator(G_short, 100)}
rows |= {"MLP, forty passes": judge.generator(G_long, 100)}
metrics.table(rows)

# %%
short, long = rows["MLP, three passes"], rows["MLP, forty passes"]
print(
    "after 200 steps G had collapsed to three digits or fewer:", rows["MLP, 200 steps"].digits <= 3
)
print("the long run shows all ten digits:", long.digits == 10)
print("its Fréchet distance is less than half:", long.frechet < short.frechet / 2)

# %% [markdown]
# **Question.** Sharpness can be too low, and too high. Which trained rows lie far above 1, and
# what do you see in their pictures?
#
# <details><summary>Answer</summary>
#
# The short runs: single white pixels where there should be none have huge second differences, as
# in noise. A blurred sample would lie below 1. Near 1 is necessary, not sufficient. And the
# classifier must name a digit even for a blot or for noise: read coverage beside FD.
#
# </details>

# %% [markdown]
# ## 9 DCGAN: two other networks
#
# A linear layer has separate weights for every pixel: it has to learn from data that neighbours
# belong together. A **convolution** has this built in. Ours, after Radford et al. (2016): G
# doubles 7 to 14 to 28 pixels by transposed convolutions with batch normalisation, D halves them
# again, and the game stays the same.

# %%
print(networks.ConvGenerator().net)

# %% [markdown]
# The loop is yours; the settings are new: Adam with 2e-3 and betas (0, 0.99), batches of 32. Two
# refinements come on top: **R1**, a penalty $\frac{\gamma}{2}\,\mathbb{E}\lVert\nabla_x
# D(x)\rVert^2$ on D's slope at real digits ($\gamma$ is `r1`; Mescheder et al. 2018), and a
# **moving average** of G's weights, which evens out the circling (Yazici et al. 2019).

# %%
runtime.seed(0)
G, D = networks.ConvGenerator(64).to(device), networks.ConvDiscriminator().to(device)
opt_G, opt_D = (training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G, D))
average = training.Average(G)
plot = live.LivePlot(live.samples(average.net, z_fixed[:, :64], "averaged G(z_fixed)"))
with plot:
    batches = data.Batches(x_train, batch_size=32).take(runtime.steps(700))
    for step in training.gan_steps(G, D, opt_G, opt_D, batches, 64, r1=0.1):
        average.update(G)
        plot.update(step)

# %% id="scores-dcgan" tags=["nbval-ignore-output"]
rows["DCGAN, 700 steps"] = judge.generator(average.net, 64)
metrics.table(rows)

# %%
dcgan = rows["DCGAN, 700 steps"]
print("all ten digits:", dcgan.digits == 10)
print("Fréchet distance below half of the short run's:", dcgan.frechet < short.frechet / 2)

# %% [markdown]
# Several things changed at once, so this shows that the whole recipe is better, not which part.
#
# **One part alone: beta1.** Adam remembers: `beta1` is the share of the old direction that it
# keeps. 0.9 is right where the goal stands still. Here the opponent moves, and an old direction
# leads past it. A plain DCGAN (Adam with 1e-3, batches of 64, no refinements), 200 steps, one
# seed, both ways:


# %%
def train_dcgan(steps=200, G=None, lr_G=1e-3, lr_D=1e-3, beta1=0.5):
    """A new plain DCGAN, trained for a few seconds; returns G and its last Step."""
    runtime.seed(0)
    G = (G or networks.ConvGenerator(64)).to(device)
    D = networks.ConvDiscriminator().to(device)
    opt_G = training.adam(G, lr_G, (beta1, 0.999))
    opt_D = training.adam(D, lr_D, (beta1, 0.999))
    batches = data.Batches(x_train, batch_size=64).take(runtime.steps(steps))
    for step in training.gan_steps(G, D, opt_G, opt_D, batches, 64):
        pass
    return G, step


G_09, G_05 = train_dcgan(beta1=0.9)[0], train_dcgan(beta1=0.5)[0]

# %%
images.show({"beta1 = 0.9": G_09(z_fixed[:, :64]), "beta1 = 0.5": G_05(z_fixed[:, :64])})
frechet_09, frechet_05 = (judge.generator(G, 64).frechet for G in (G_09, G_05))
print("with 0.5, a lower Fréchet distance after 200 steps:", frechet_05 < 0.8 * frechet_09)

# %% [markdown]
# **Against a loss that is written down.** The VAE of lesson 2 was trained for sixty passes with a
# formula for each pixel. Where a latent leaves a choice open, such a formula asks for the average.
# The same judge looks at both.

# %%
vae = weights.load("vae", device)
x_vae = data.to_gan_range(images.sample_prior(vae.decoder, 5000, vae.decoder.latent_dim))
panels = {"VAE, lesson 2": x_vae[:36], "GAN, forty passes": G_long(z_fixed)}
images.show(panels | {"real": x_test[:36]})

# %% id="scores-vae" tags=["nbval-ignore-output"]
rows["VAE, lesson 2"] = judge(x_vae)
metrics.table(rows)

# %%
blurred = rows["VAE, lesson 2"]
print("the VAE is less than half as sharp as digits:", blurred.sharpness < 0.5)
print("the long GAN is within a fifth of them:", abs(long.sharpness - 1) < 0.2)
print("the long GAN has the lower Fréchet distance:", long.frechet < blurred.frechet / 2)
print("three passes of the GAN do not suffice for that:", short.frechet > blurred.frechet)

# %% [markdown]
# **Question.** Only one of the two can say how likely a given digit is, and only one draws sharp
# strokes. Which, and why?
#
# <details><summary>Answer</summary>
#
# The VAE has a bound on log p(x) and an encoder, trains steadily, and its loss says how far it is.
# It blurs because its loss compares pixels one by one. G has no density that you could evaluate,
# only samples; its loss is a network that sees whole pictures, so an edge that is not sharp is a
# reason to call it fake.
#
# </details>

# %% [markdown]
# ## 10 It breaks
#
# Three failures, each made on purpose and measured.
#
# **First: a detective who is too strong.** G stands still while D trains alone. At every tenth
# step, measure the norm of the gradient that reaches G's weights: it is what G could learn from.
# Twice with a remedy: noise on D's input, and R1 with a large `r1` of 100.


# %%
def gradient_norm(G, loss):
    """Norm of the gradient of a loss at all weights of G."""
    grads = torch.autograd.grad(loss, list(G.parameters()), retain_graph=True)
    return torch.cat([g.flatten() for g in grads]).norm().item()


def train_D_alone(noise=0.0, r1=0.0):
    """Gradient norms at a G that stands still, every 10 steps of D: [minimax, non-saturating]."""
    runtime.seed(0)
    G, D = networks.Generator(z_dim).to(device), networks.Discriminator().to(device)
    opt_D, norms = training.adam(D), []
    for number, real in enumerate(data.Batches(x_train, 64).take(runtime.steps(91, quick=11))):
        # G's .grad fills up, unused: no optimiser steps G
        both = torch.cat([real, G(sample_z(len(real), z_dim).to(device))])
        logits_real, logits_fake = D(both + noise * torch.randn_like(both)).chunk(2)
        if number % 10 == 0:
            both_losses = losses.minimax_generator_loss(logits_fake), generator_loss(logits_fake)
            norms.append([gradient_norm(G, loss) for loss in both_losses])
        loss_D = discriminator_loss(logits_real, logits_fake)
        penalty = r1 / 2 * losses.gradient_penalty_r1(D, real) if r1 else 0.0
        opt_D.zero_grad()
        (loss_D + penalty).backward()
        opt_D.step()
    return torch.tensor(norms).T


# %%
minimax, non_saturating = train_D_alone()
with_noise, with_r1 = train_D_alone(noise=0.5)[0], train_D_alone(r1=100.0)[0]
fig, ax = plt.subplots(figsize=(8, 3.4))
steps_D = range(0, 10 * len(minimax), 10)
ax.semilogy(steps_D, minimax, "C5", linewidth=3, label="minimax")
ax.semilogy(steps_D, with_noise, "C5:", label="minimax, noise on D's input")
ax.semilogy(steps_D, with_r1, "C5--", label="minimax, D's slope penalised")
ax.semilogy(steps_D, non_saturating, "C9", linewidth=3, label="non-saturating")
ax.set(title="What G could learn from, while D trains alone", xlabel="step of D")
ax.set(ylabel="gradient norm at G (log scale)")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()

# %%
peak, end = minimax.max(), minimax[-1]
print("minimax: the gradient fell to less than a tenth of its peak:", bool(end < peak / 10))
print("non-saturating: it did not:", bool(non_saturating[-1] > non_saturating.max() / 10))
print("the penalty keeps at least twice as much of it alive:", bool(with_r1[-1] > 2 * end))
print("noise on D's input does, too (expected: it does not):", bool(with_noise[-1] > 2 * end))

# %% [markdown]
# **Remedies.** With the **non-saturating loss** the gradient does not vanish; it even grows.
# **R1** (Mescheder et al. 2018) regularises D, keeps it flat around real digits, and the minimax
# gradient stays larger. **Noise on D's input** is recommended for the same purpose (Arjovsky &
# Bottou 2017). Here it does not help. A likely reason: this untrained G is so far from the digits
# that noise of 0.5 does not make them overlap.

# %% [markdown]
# Adam rescales a gradient that is small throughout; it cannot restore which fakes count. Minimax
# weighs each fake by D(fake), so the worst ones count least.

# %% [markdown]
# **Second: mode collapse.** Many $z$, few kinds of picture. G is paid for fooling D, not for
# variety. Let G learn a hundred times faster than D: a fake that fools D once goes on fooling
# it, and G makes it for every $z$. `G_05` above had
# equal rates. (Both rates change; D's is twenty times lower, G's five times higher.)

# %%
G_collapsed, _ = train_dcgan(lr_G=5e-3, lr_D=5e-5)
images.show({"equal rates": G_05(z_fixed[:, :64]), "D far too slow": G_collapsed(z_fixed[:, :64])})

# %% id="scores-collapse" tags=["nbval-ignore-output"]
collapse = {
    "equal rates": judge.generator(G_05, 64),
    "D far too slow": judge.generator(G_collapsed, 64),
}
metrics.table(collapse)

# %%
equal, slow = collapse.values()
print("three digits or fewer, where equal rates find more:", slow.digits <= 3 < equal.digits)
print("less even:", slow.entropy < equal.entropy / 2)

# %% [markdown]
# **Remedies.** A D that is not slower than G. **Batch normalisation** makes it harder, not
# impossible, for all $z$ to end at one point (Radford et al. 2016, section 3): the G that
# collapsed above has it. The next cell puts it into a fully connected G, and measures the mean
# pixel distance between two samples after 60 steps. (Distance is not quality: noise is far apart,
# too.)


# %%
def with_batch_norm(G):
    """The generator G with batch normalisation after every linear layer but the last."""
    layers, last = [], [layer for layer in G.net if isinstance(layer, nn.Linear)][-1]
    for layer in G.net:
        layers.append(layer)
        if isinstance(layer, nn.Linear) and layer is not last:
            layers.append(nn.BatchNorm1d(layer.out_features))
    G.net = nn.Sequential(*layers)
    return G


def spread(G):
    """Mean distance between two samples of G after 60 steps of training."""
    G, D = G.to(device), networks.Discriminator().to(device)
    few = data.Batches(x_train, 64).take(runtime.steps(60))
    for _ in training.gan_steps(G, D, training.adam(G), training.adam(D), few, z_dim):
        pass
    return torch.pdist(G.eval()(sample_z(500, z_dim).to(device)).flatten(1)).mean().item()


# %% id="spread" tags=["nbval-ignore-output"]
runtime.seed(0)
plain = spread(networks.Generator(z_dim))
normalised = spread(with_batch_norm(networks.Generator(z_dim)))
real = torch.pdist(x_test[:500].flatten(1)).mean().item()
print(f"plain {plain:.1f}   with batch normalisation {normalised:.1f}   real digits {real:.1f}")

# %%
print("at least twice as varied:", normalised > 2 * plain)

# %% [markdown]
# **Third: fakes in the wrong range.** The digits are in [-1, 1], and G ends in a sigmoid: [0, 1].
# One line.


# %%
class SigmoidGenerator(networks.ConvGenerator):
    """A generator in [0, 1]: (tanh(a) + 1) / 2 is a sigmoid, of 2a."""

    def forward(self, z):
        return (super().forward(z) + 1) / 2


G_wrong, last = train_dcgan(G=SigmoidGenerator(64))
images.show(
    {"G ends in tanh": G_05(z_fixed[:, :64]), "G ends in a sigmoid": G_wrong(z_fixed[:, :64])}
)
print(f"D says real: {last.prob_real:.2f} of real digits, {last.prob_fake:.2f} of fakes")

# %% [markdown]
# No background pixel of a fake can be black, so D needs to look at nothing else: no weights of G
# can win. **Remedy:** data and fakes in one range, checked before training: print `x_real.min()`,
# `x_real.max()`, and the same of `G(z)`.

# %% [markdown]
# ## 11 Spot the bug
#
# This discriminator stands in lecture notes. Two of its mistakes Python finds at once, one it
# never finds.
#
# ```python
# class BrokenDiscriminator(nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.net = nn.Sequential(
#             nn.Flatten(),
#             nn.Linear(784, 300), nn.LeakyReLU(300, 100)
#             nn.Linear(300, 100), nn.LeakyReLU(300, 100)
#             nn.Linear(100, 1),
#         )
#
#     def forward(self, x):
#         return self.net(x).view(x.size(0))
# ```

# %% [markdown]
# ### Exercise: MendedDiscriminator (5 min)
#
# Write the class above without its mistakes, under the new name. Copy the layers, mend them, run
# the check. Keep the widths 784, 300, 100, 1.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What separates the arguments of a call? A line break does not.
#
# </details>
# <details><summary>Hint 2: the one that Python never finds</summary>
#
# `print(nn.LeakyReLU(300, 100))`: which slope do you see?
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# Two commas are missing, and both activations should have the slope 0.2.
#
# </details>


# %%
class MendedDiscriminator(nn.Module):
    """Images (N, 1, 28, 28) to logits (N,)."""

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION
        self.net = nn.Sequential(
            *[nn.Flatten(), nn.Linear(784, 300), nn.LeakyReLU(0.2)],
            *[nn.Linear(300, 100), nn.LeakyReLU(0.2), nn.Linear(100, 1)],
        )
        # END SOLUTION

    def forward(self, x):
        return self.net(x).view(x.size(0))  # SOLUTION


# %%
MendedDiscriminator = check.MendedDiscriminator(MendedDiscriminator)

# %% [markdown]
# `LeakyReLU(300, 100)` means slope 300, in place. It runs. Here is what it does to the logits of
# digits, before any training. Such logits saturate the sigmoid: D is sure before it has seen
# anything.


# %%
def logit_size(slope):
    """Mean size of the logits of an untrained small D, by the slope of its activations."""
    runtime.seed(0)
    act = nn.LeakyReLU(slope)
    D = nn.Sequential(nn.Linear(784, 300), act, nn.Linear(300, 100), act, nn.Linear(100, 1))
    return D(x_test[:500].flatten(1).cpu()).abs().mean().item()


print(f"slope 0.2: {logit_size(0.2):.2f}      slope 300: {logit_size(300):.0f}")

# %% [markdown]
# And the generator of the same notes:
#
# ```python
# class BrokenGenerator(nn.Module):
#     def __init__(self, z_dim):
#         super().__init__()
#         self.net = nn.Sequential(
#             nn.Linear(z_dim, 300)
#             nn.LeakyRelu(0.2)
#             nn.Linear(300, 28 * 28)
#             nn.Sigmoid(),
#         )
#
#     def forward(self, z):
#         out = self.net(z).view(z.size(0), 1, 28, 28)
#         return out.view(z.size(0))
# ```

# %% [markdown]
# ### Exercise: MendedGenerator (5 min)
#
# The same for the generator, for digits in [-1, 1]. There are six mistakes.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three are commas. How does PyTorch spell the activation?
#
# </details>
# <details><summary>Hint 2: the other two</summary>
#
# Which range has the data? And how many numbers are in N images: can N places hold them?
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `nn.LeakyReLU`, `nn.Tanh()`, and the last line returns `out` as it is.
#
# </details>


# %%
class MendedGenerator(nn.Module):
    """z (N, z_dim) to images (N, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim):
        super().__init__()
        # BEGIN SOLUTION
        self.net = nn.Sequential(
            *[nn.Linear(z_dim, 300), nn.LeakyReLU(0.2), nn.Linear(300, 28 * 28), nn.Tanh()]
        )
        # END SOLUTION

    def forward(self, z):
        return self.net(z).view(z.size(0), 1, 28, 28)  # SOLUTION


# %%
MendedGenerator = check.MendedGenerator(MendedGenerator)

# %% [markdown]
# ## 12 A walk through the latents
#
# Between two digits lie others. Move the slider: it walks through the averaged DCGAN of section 9
# along $z(\theta) = \cos\theta\, z_a + \sin\theta\, z_b$. On this arc $z$ stays N(0, I); the
# middle of the straight line would be too short. The slider is the angle $\theta$. Try `G_long` as
# well.

# %%
widgets.latent_walk(average.net, z_fixed[12, :64], z_fixed[19, :64])
# widgets.latent_walk(G_long, z_fixed[3], z_fixed[9])

# %% [markdown]
# **Question.** On the way from one end to the other, what do you see: two pictures laid over each
# other, or strokes that move?
#
# <details><summary>Answer</summary>
#
# In most panels one figure whose strokes bend, not two pictures laid over each other. So G does
# more than store pictures. Some panels in the middle are no digit at all.
#
# </details>

# %% [markdown] tags=["folded"]
# ## Further: three more exercises
#
# They are optional, and count apart.

# %% [markdown]
# ### Exercise: train_batch (8 min, stretch)
#
# Asked: the whole alternating update in one function: one step of D, one of G, each on its own
# loss. Make the fakes once, if you can, and use them twice.
#
# <details><summary>Hint 1: a nudge</summary>
#
# D sees a copy of the fakes without history, G needs them with it.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Fakes; D's loss on detached fakes, clear, backward, step; D again on the fakes; G's loss, clear,
# backward, step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss_D = discriminator_loss(D(real), D(x_fake.detach()))`, later `loss_G =
# generator_loss(D(x_fake))`.
#
# </details>


# %%
def train_batch(G, D, opt_G, opt_D, real, z_dim):
    """One step of D and one of G on a batch. Returns (loss_D, loss_G), floats."""
    x_fake = G(sample_z(len(real), z_dim).to(real.device))
    loss_D = discriminator_loss(D(real), D(x_fake.detach()))  # SOLUTION
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()
    # BEGIN SOLUTION
    loss_G = generator_loss(D(x_fake))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()
    # END SOLUTION
    return loss_D.item(), loss_G.item()


# %%
train_batch = check.train_batch(train_batch)

# %% [markdown]
# ### Exercise: discriminator_accuracy (5 min, stretch)
#
# Asked: the share of images that D puts on the right side, from its logits. Probability 1/2 is the
# border.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which logit belongs to probability 1/2? And which answer is right for a fake?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# Right are the real ones with a logit above 0 and the fakes with one of at most 0.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `right = (real_logits > ...).sum() + (fake_logits ...).sum()`, divided by the number of all
# logits.
#
# </details>


# %%
def discriminator_accuracy(real_logits, fake_logits):
    """Share of images that D classifies correctly, a float from 0 to 1."""
    # BEGIN SOLUTION
    right = (real_logits > 0).sum() + (fake_logits <= 0).sum()
    return right.item() / (real_logits.numel() + fake_logits.numel())
    # END SOLUTION


# %%
discriminator_accuracy = check.discriminator_accuracy(discriminator_accuracy)

# %% [markdown]
# ### Exercise: train_epoch (10 min, stretch)
#
# Asked: one pass over a loader that yields (images, labels). For every batch, call
# `discriminator_step(images)` and then `generator_step(n)` for as many fakes: here, functions of
# one argument. Return the mean of each loss.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The labels are not needed. The last batch may be smaller than the others.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Inside one loop, both steps; add up their results; at the end, divide by the number of batches.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `for x_real, _ in loader:`, `total_D += discriminator_step(...)`, `total_G +=
# generator_step(len(...))`
#
# </details>


# %%
def train_epoch(loader, discriminator_step, generator_step):
    """Mean losses (D, G) of one pass over `loader`."""
    total_D = total_G = 0.0
    # BEGIN SOLUTION
    for x_real, _ in loader:
        total_D += discriminator_step(x_real)
        total_G += generator_step(len(x_real))
    # END SOLUTION
    return total_D / len(loader), total_G / len(loader)


# %%
train_epoch = check.train_epoch(train_epoch)

# %% [markdown]
# ## You have
#
# - two losses on logits and why one of them saturates; the best detective, and what it measures
# - a forger, a detective, and the two steps that train them: `helpers/losses.py`,
#   `helpers/training.py`
# - a judge in numbers, with anchors: `helpers/metrics.py`
# - three ways to break the game, and what mends it
# - a comparison with the VAE of lesson 2: sharper samples, and no log p(x)

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("vanilla_gan")

# %% [markdown]
# ## Sources
#
# - Goodfellow et al. 2014, *Generative adversarial nets*: eqs. 1 and 6, proposition 1, end of
#   section 3
# - Radford et al. 2016, *Unsupervised representation learning with deep convolutional GANs*:
#   sections 3 and 4
# - Heusel et al. 2017, *GANs trained by a two time-scale update rule*: eq. 6
# - Mescheder et al. 2018, *Which training methods for GANs do actually converge?*: eq. 9
# - Arjovsky & Bottou 2017, *Towards principled methods for training GANs*
# - Yazici et al. 2019, *The unusual effectiveness of averaging in GAN training*: eq. 3

# %%
check.progress()
