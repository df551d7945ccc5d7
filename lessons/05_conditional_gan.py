# %% [markdown]
# # Choose the digit: the conditional GAN
#
# Lesson 3's generator draws some digit. **You will build one that draws the digit you ask for,
# measure how often it does, and find what else comes with the label.** Then its drawings train a
# classifier that has never seen a real digit.
#
# Two sittings of about an hour; the break is marked. Builds on lesson 3: the two losses, the two
# steps, DCGAN, the Fréchet distance.

# %%
import copy
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, images, live, losses, metrics, networks
from helpers import quiz, runtime, training, weights, widgets
from helpers.checks import conditional_gan as check

device = runtime.setup(seed=0)

# %% [markdown]
# ## 1 Ask for a seven
#
# Lesson 3's G turns noise into some digit. To get sevens from it, you can draw many, let a
# classifier read them, and throw away the rest.

# %%
G_any = weights.load("vanilla_gan", device)
classifier = weights.load("digit_classifier", device)
with torch.no_grad():
    x_any = G_any(data.sample_z(1000, 100, device))
    read = classifier(x_any).argmax(1)
images.show({"whatever comes": x_any[:24], "kept: read as 7": x_any[read == 7][:24]}, size=4)
print("more than eight in ten were thrown away:", bool((read == 7).float().mean() < 0.2))

# %% [markdown]
# This is **rejection sampling**. It costs seven to ten drawings for one, and a second network: G
# gives you no way to ask. Better: say at the input which digit you want.
#
# In symbols: lesson 3 learned to draw from $p(x)$, the density of digits. Now learn to draw from
# $p(x|y)$, the density of digits of class $y$, for all ten classes with one network.

# %% [markdown]
# > **Spot the bug.** A lecture note says of generative models: "There is NO CONDITIONAL
# > PROBABILITY", and that they "do not require a discriminative model and ground truth labels".
# > What would you write instead?
# >
# > <details><summary>Answer</summary>
# >
# > Generative models learn $p(x)$, $p(x, y)$ or $p(x|y)$. The last two need labels; the last is a
# > conditional probability, and this lesson's subject. And every GAN has a discriminative model
# > inside: D.
# >
# > </details>

# %% [markdown]
# ## 2 A label is a name
#
# How does a network read "7"? As one number, a 5 would be halfway between a 4 and a 6, and a 9 far
# from a 0. Whatever its weights, a linear layer puts 5 halfway between 4 and 6:

# %%
layer = nn.Linear(1, 4)
at_4, at_5, at_6 = layer(torch.tensor([[4.0], [5.0], [6.0]]))
print("what it makes of 5 is halfway:", torch.allclose(at_5, (at_4 + at_6) / 2, atol=1e-5))

# %% [markdown]
# Later layers can undo it, at a cost. But a five is not a mixture of a four and a six: digits are
# **categories**, not magnitudes. So each class gets an input of its own: 1 if it is asked for, 0 if
# not.

# %% [markdown]
# ### Exercise: one_hot (4 min)
#
# Given: labels, int64 `(N,)`, from 0 to `num_classes` - 1. Asked: float `(N, num_classes)`, in
# each row one 1, in the label's column. The width is always `num_classes`, even if some class is
# missing from the batch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `F.one_hot` does most of it. Which two things does it do differently if you give it `y` alone?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# Tell `F.one_hot` the number of classes. It returns integers: turn them into floats.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return F.one_hot(y, ...).float()`
#
# </details>


# %%
def one_hot(y, num_classes):
    """Labels (N,) as rows of one 1 and zeros, float (N, num_classes)."""
    return F.one_hot(y, num_classes).float()  # SOLUTION


# %%
one_hot = check.one_hot(one_hot)

# %%
ten = torch.arange(10)
as_number, as_row = ten.float().unsqueeze(1), one_hot(ten, 10)
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for ax, rows, title in zip(axes, (as_number, as_row), ("label as a number", "label one-hot")):
    picture = ax.imshow(torch.cdist(rows, rows), cmap="viridis", vmin=0)
    ax.set(title=title, xticks=ten, yticks=ten, xlabel="label", ylabel="label")
    fig.colorbar(picture, ax=ax, label="distance")
plt.tight_layout()
plt.show()

# %% [markdown]
# As numbers, 0 and 9 are nine times as far apart as 0 and 1. One-hot, all classes are equally far
# from each other: no order is put in.
#
# **The same as a table.** A linear layer on a one-hot row picks one column of its weights: a
# learned vector for each class. PyTorch has this as a layer, the **embedding**:

# %%
layer, table = nn.Linear(10, 4, bias=False), nn.Embedding(10, 4)
table.weight.data = layer.weight.data.T
y = torch.tensor([7, 0, 7])
print("a row of the table for each label:", torch.equal(table(y), table.weight[y]))
print("the same as the layer:", torch.allclose(layer(one_hot(y, 10)), table(y)))

# %% [markdown]
# So both are the same functions. An embedding saves storing and multiplying long rows: worth it for
# thousands of classes. You stay with one-hot.

# %% [markdown]
# ### Exercise: generator_input (4 min)
#
# Given: latents `(N, z_dim)` and labels `(N,)`. Asked: both side by side, the latent first, `(N,
# z_dim + num_classes)`: row i has latent i, unchanged, and the one-hot label i.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Adding the two would mix them. They should stand beside each other, in one row.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `torch.cat` joins a list of tensors along a dimension. Rows stay rows: which dimension grows?
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.cat([z, one_hot(...)], dim=...)`
#
# </details>


# %%
def generator_input(z, y, num_classes):
    """Latents (N, z_dim) and labels (N,) side by side: (N, z_dim + num_classes)."""
    return torch.cat([z, one_hot(y, num_classes)], dim=1)  # SOLUTION


# %%
generator_input = check.generator_input(generator_input)

# %%
rows = generator_input(torch.zeros(3, 2), torch.tensor([2, 0, 1]), num_classes=4)
print(rows)

# %% [markdown]
# ## 3 Two players, both with the label
#
# **Idea.** G gets the label. Is that enough? D decides what G learns. If D sees the picture alone,
# then a perfect 3 is real, whatever was asked for. G is not paid for listening. So D gets the
# label, too, and its question changes: "**given this class**, is the picture real?"

# %% [markdown]
# The value function of the game, with the label (after Mirza & Osindero 2014, eq. 2):
#
# $$V(G, D) = \mathbb{E}_{x, y}[\log D(x|y)] + \mathbb{E}_{z, y}[\log(1 - D(G(z|y)|y))]$$
#
# where $(x, y)$ is a real picture with its label, in the second term $y$ is drawn like real labels,
# and $D(x|y)$ is the probability that $x$ is real, when the label beside it is $y$. In code:
# `D(x, y)` returns a logit, `G(z, y)` a fake; G minimises lesson 3's non-saturating loss.

# %% [markdown]
# For each $y$ it is lesson 3's game for one class; so the best detective is
#
# $$D^*(x|y) = \frac{p_{data}(x|y)}{p_{data}(x|y) + p_G(x|y)}$$
#
# This holds if real and fake pictures share $p(y)$ in D's step; else the label itself gives fakes
# away. In G's step any $y$ will do.

# %% [markdown]
# ### Exercise: discriminator_step (10 min)
#
# Given: both networks, D's optimiser, real images `x` with labels `y`. Asked: lesson 3's step of
# D, with pairs: real `(x, y)`, and fakes made for `y`, judged beside `y`. No gradient may reach G.
# `losses.discriminator_loss(real_logits, fake_logits)` is yours from lesson 3.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three calls take the label now: G once, D twice. Which label belongs to a fake?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Fakes for `y`, without history; the loss from D on both sets of pairs; clear, backward, step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x_fake = G(z, y).detach()`, `loss_D = losses.discriminator_loss(D(x, ...), D(x_fake, ...))`,
# then `opt_D.zero_grad()` and two more calls.
#
# </details>


# %%
def discriminator_step(G, D, opt_D, x, y, z_dim):
    """One step of D on pairs (x, y) and as many fakes made for y. Returns loss_D, a float."""
    z = data.sample_z(len(x), z_dim, x.device)
    # BEGIN SOLUTION
    x_fake = G(z, y).detach()
    loss_D = losses.discriminator_loss(D(x, y), D(x_fake, y))
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
# Given: both networks, G's optimiser, the labels `y` to ask for. Asked: one step of G that makes D
# call its fakes real, **given y**. D must not change. `losses.generator_loss` is yours
# from lesson 3.
#
# <details><summary>Hint 1: a nudge</summary>
#
# D has to judge the fake beside the label that G was given: the same `y`, twice.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# `loss_G` from D's logits of G(z, y) and y, with history; clear G's gradients, backward, step G.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss_G = losses.generator_loss(D(G(z, ...), ...))`, then three calls on `opt_G` and `loss_G`.
#
# </details>


# %%
def generator_step(G, D, opt_G, y, z_dim):
    """One step of G on new fakes that D should call real, as images of y. Returns loss_G."""
    z = data.sample_z(len(y), z_dim, y.device)
    # BEGIN SOLUTION
    loss_G = losses.generator_loss(D(G(z, y), y))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()
    # END SOLUTION
    return loss_G.item()


# %%
generator_step = check.generator_step(generator_step)

# %% [markdown]
# ### Exercise: random_labels (3 min)
#
# D's fakes take the batch's labels, so that real and fake share them. In G's step you choose.
# Asked: `n` labels, int64 `(n,)`, each from 0 to `num_classes` - 1 and each equally likely, new
# ones at every call.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Whole numbers by chance. Is the upper end of PyTorch's function included?
#
# </details>
# <details><summary>Hint 2: the shape</summary>
#
# `torch.randint(high, size)` draws from 0 to high - 1; `size` is a tuple.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.randint(..., (n,))`
#
# </details>


# %%
def random_labels(n, num_classes):
    """`n` labels, int64 (n,), from 0 to num_classes - 1, each as likely; new ones every time."""
    return torch.randint(num_classes, (n,))  # SOLUTION


# %%
random_labels = check.random_labels(random_labels)

# %% [markdown]
# **First in one dimension**, where the truth can be drawn. Lesson 3's numbers came from two normal
# distributions (bells), without saying which. Now each number has a label: the bell it came from. G
# gets a label and noise and answers with a number.


# %%
centre, spread = torch.tensor([-2.0, 1.5]), torch.tensor([0.5, 0.8])


class Bells(nn.Module):
    """Numbers (N, 1) and labels (N,) to numbers (N, 1); if `blind`, it sees label 0 always."""

    def __init__(self, blind=False):
        super().__init__()
        act = nn.LeakyReLU(0.2)
        self.blind, layers = blind, [nn.Linear(3, 64), act, nn.Linear(64, 64), act]
        self.net = nn.Sequential(*layers, nn.Linear(64, 1))

    def forward(self, numbers, y):
        return self.net(generator_input(numbers, 0 * y if self.blind else y, 2))


# %%
def play(seed, blind=False):
    """The generator of bells after 300 steps; `blind`: D does not see the label."""
    runtime.seed(seed)
    G, D = Bells(), Bells(blind)
    opt_G, opt_D = training.adam(G, lr=5e-4), training.adam(D, lr=2e-3)
    for _ in range(runtime.steps(300)):
        y = random_labels(256, 2)
        x = (centre[y] + spread[y] * torch.randn(256)).unsqueeze(1)
        discriminator_step(G, D, opt_D, x, y, 1)
        generator_step(G, D, opt_G, random_labels(256, 2), 1)
    return G


games = {"D sees the label": play(0)}
blind_seeds = {"D blind, seed 1": 1, "D blind, seed 2: swapped": 2}
games |= {title: play(seed, blind=True) for title, seed in blind_seeds.items()}

# %%
x = torch.linspace(-5.95, 5.95, 120)
normal = torch.distributions.Normal
z_even = normal(0.0, 1.0).icdf(torch.linspace(0, 1, 20003)[1:-1]).unsqueeze(1)


@torch.no_grad()
def density_of(G, label):
    """p_G at x for a label: where 20,001 evenly likely latents land."""
    numbers = G(z_even, torch.full((len(z_even),), label))
    return torch.histc(numbers, 120, -6, 6) / len(z_even) / 0.1


def worst_distance(G):
    """The larger total variation between p_G and p_data of the two labels, 0 to 1."""
    truths = [normal(centre[label], spread[label]).log_prob(x).exp() for label in (0, 1)]
    gaps = [(density_of(G, label) - truths[label]).abs().sum() * 0.05 for label in (0, 1)]
    return max(gaps).item()


# %%
distances = {title: worst_distance(toy_G) for title, toy_G in games.items()}
fig, axes = plt.subplots(1, 3, figsize=(12, 3.2), sharey=True)
for ax, (title, toy_G) in zip(axes, games.items()):
    for label, colour in enumerate(("C0", "C1")):
        truth = normal(centre[label], spread[label]).log_prob(x).exp()
        ax.fill_between(x, truth, color=colour, alpha=0.3, label=f"p_data(x|{label})")
        ax.plot(x, density_of(toy_G, label), colour, label=f"p_G(x|{label})")
    title = f"{title}\ndistance of the worse label: {distances[title]:.2f}"
    ax.set(title=title, xlabel="x", ylim=(0, 1.3))
axes[0].set(ylabel="density")
axes[0].legend(fontsize=8, loc="upper right")
plt.tight_layout()
plt.show()
sees, *blind = distances.values()
print("D sees the label: both bells are met (distance below 0.35):", sees < 0.35)
print("D does not: with these seeds a label misses its own bell (above 0.5):", min(blind) > 0.5)

# %% [markdown]
# **Question.** In the right-hand panel G hits both bells, and yet the result is worthless. Why can
# D not object?
#
# <details><summary>Answer</summary>
#
# The labels are swapped: asked for 0, G draws bell 1. The numbers as a whole are distributed as the
# real ones are, and D sees nothing else. In the middle panel each label draws from both bells. Both
# times D has little to object to. With another seed the labels may even come out right, by luck:
# nothing in the game asks for it.
#
# </details>

# %% [markdown]
# ## 4 Two networks for digits
#
# Both wrap a convolutional network of lesson 3. G's is easy: its input grows by ten.

# %% [markdown]
# ### Exercise: ConditionalGenerator (6 min)
#
# Given: `networks.ConvGenerator(n)`, DCGAN's generator from inputs `(N, n)` to images in [-1, 1].
# Asked: a generator `G(z, y)` from latents `(N, z_dim)` and labels `(N,)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# How wide is what `generator_input` returns?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# The inner network takes z_dim + num_classes inputs; `forward` hands it z and y side by side.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `self.net = networks.ConvGenerator(z_dim + ...)` and `return self.net(generator_input(z, ...,
# self.num_classes))`
#
# </details>


# %%
class ConditionalGenerator(nn.Module):
    """Latents (N, z_dim) and labels (N,) to images (N, 1, 28, 28) in [-1, 1]."""

    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = networks.ConvGenerator(z_dim + num_classes)  # SOLUTION

    def forward(self, z, y):
        return self.net(generator_input(z, y, self.num_classes))  # SOLUTION


# %%
ConditionalGenerator = check.ConditionalGenerator(ConditionalGenerator)

# %% [markdown]
# **D: ten detectives in one.** A picture has no row to put a label beside. One way: ten logits, one
# for each class: "given a 0, is it real?", "given a 1, is it real?", … The label chooses:
#
# $$\text{logit}(x, y) = \sum_k h_k(x)\,[k = y]$$
#
# where $h_k(x)$ is output $k$ of the network, and $[k = y]$ is 1 if $k = y$, else 0. Only the last
# layer differs. It is the **projection** of Miyato & Koyama (2018) in another form.

# %% [markdown]
# ### Exercise: ConditionalDiscriminator (8 min)
#
# Given: `networks.ConvDiscriminator(outputs=n)`, from images to logits `(N, n)`. Asked: `D(x, y)`,
# one logit for each pair, `(N,)`, by the equation above. No sigmoid.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Multiply the logits by the one-hot labels: what is left in each row?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# Ten outputs; `(logits * one_hot(...)).sum(...)` over the classes, so that `(N,)` remains.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `self.net = networks.ConvDiscriminator(outputs=...)`, and `return (self.net(x) * one_hot(y,
# ...)).sum(1)`
#
# </details>


# %%
class ConditionalDiscriminator(nn.Module):
    """Images (N, 1, 28, 28) and labels (N,) to one logit a pair, (N,)."""

    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = networks.ConvDiscriminator(outputs=num_classes)  # SOLUTION

    def forward(self, x, y):
        return (self.net(x) * one_hot(y, self.num_classes)).sum(1)  # SOLUTION


# %%
ConditionalDiscriminator = check.ConditionalDiscriminator(ConditionalDiscriminator)

# %%
z_dim = 64
runtime.seed(0)
G, D = ConditionalGenerator(z_dim, 10).to(device), ConditionalDiscriminator(10).to(device)
y = torch.tensor([7, 7, 3], device=device)
x_fake = G(data.sample_z(3, z_dim, device), y)
print("G(z, y)", tuple(x_fake.shape), "  D(x, y): one logit for each of", D(x_fake, y).numel())

# %% [markdown]
# ## 5 Train
#
# The loss will not tell you whether G does as asked; lesson 3 showed that it does not even tell
# whether the pictures are good. So a third party looks on, who is not in the game: lesson 3's
# classifier, which reads 99 % of real digits correctly.

# %% [markdown]
# ### Exercise: class_accuracy (12 min)
#
# Asked: for each class, draw `n` fakes of it with new latents, and return the share that the
# classifier **reads as asked**: float `(num_classes,)`. `classifier(x)` gives logits `(N, 10)` for
# images in [-1, 1], as G makes them.
# The labels are given: n zeros, n ones, and so on. G comes in eval mode; in train mode a fake would
# depend on its batch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The classifier's answer is the class of its largest logit. Right or wrong for each fake first;
# then a mean for each class.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Latents, as many as labels; the classifier's logits of G(z, y); `argmax(1)`; compare with `y`. As
# the labels are sorted, `.view(num_classes, n)` has one row for each class.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `read = classifier(G(z, y)).argmax(1)` inside `torch.no_grad()`, and `return (read ==
# y).float().view(...).mean(1)`
#
# </details>


# %%
def class_accuracy(G, classifier, num_classes, n, z_dim):
    """(num_classes,): share of n fakes of each class that the classifier reads as asked."""
    device = next(G.parameters()).device
    y = torch.arange(num_classes, device=device).repeat_interleave(n)
    # BEGIN SOLUTION
    z = data.sample_z(len(y), z_dim, device)
    with torch.no_grad():
        read = classifier(G(z, y)).argmax(1)
    return (read == y).float().view(num_classes, n).mean(1)
    # END SOLUTION


# %%
class_accuracy = check.class_accuracy(class_accuracy)


# %%
def as_asked(G, n=20):
    """The mean over the ten classes: 0.1 is chance."""
    return class_accuracy(G, classifier, 10, n, z_dim).mean().item()


untrained = ConditionalGenerator(z_dim, 10).to(device).eval()
print("an untrained G, about chance:", 0.02 < as_asked(untrained) < 0.25)

# %% [markdown]
# The living figure shows this share, and fakes from always the same latents: a row for each class,
# a column for each $z$.

# %%
x_train, y_train = (tensor.to(device) for tensor in data.mnist("train"))
z_fixed = torch.randn(8, z_dim, generator=torch.Generator().manual_seed(5)).to(device)
z_rows = z_fixed.repeat(10, 1)  # every class, row by row, from the same 8 latents
y_rows = torch.arange(10, device=device).repeat_interleave(8)


@torch.no_grad()
def rows_of(G):
    """8 fakes of each class, row by row, from z_fixed."""
    with networks.evaluating(G):
        return G(z_rows, y_rows)


def draw_rows(ax):
    images.draw(ax, rows_of(average.net), "row: class, column: z", columns=8)


# %% [markdown]
# The first 160 steps are yours (some seconds); Adam as for lesson 3's DCGAN. The pictures, and what
# the classifier reads, come from the moving average of G's weights.

# %%
runtime.seed(0)
G, D = ConditionalGenerator(z_dim, 10).to(device), ConditionalDiscriminator(10).to(device)
opt_G, opt_D = (training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G, D))
average = training.Average(G)
average.net.eval()
batches = data.Batches(x_train, 32, y_train)
panels = {"loss": live.GAN["loss"], "share read as asked": {"as_asked": "read as asked"}}
plot = live.LivePlot(draw_rows, every=20, size=(14, 4.6), groups=panels)
with plot:
    for number, (x_real, labels) in enumerate(batches.take(runtime.steps(160)), 1):
        loss_D = discriminator_step(G, D, opt_D, x_real, labels, z_dim)
        loss_G = generator_step(G, D, opt_G, random_labels(32, 10).to(device), z_dim)
        average.update(G)
        if number % 20 == 0:
            share = as_asked(average.net)
            plot.update(
                SimpleNamespace(number=number, loss_D=loss_D, loss_G=loss_G, as_asked=share)
            )

# %% [markdown]
# **Go on.** `training.gan_steps` is your loop, faster: the same fakes, made for the batch's labels,
# serve both players. It adds lesson 3's R1 penalty, which your short steps leave out. It knows from
# the batches, pairs, that G and D take labels. After 400 steps in all, a copy is kept to compare;
# the whole takes about a minute.


# %%
def go_on(steps):
    """Train G, D and the average for more steps, and show it."""
    with plot:
        first, more = plot.number + 1, batches.take(runtime.steps(steps))
        for step in training.gan_steps(G, D, opt_G, opt_D, more, z_dim, first, r1=0.1):
            average.update(G)
            if step.number % 40 == 0:
                share = as_asked(average.net)
                plot.update(SimpleNamespace(**step._asdict(), as_asked=share))


runtime.seed(1)
go_on(240)
G_early = copy.deepcopy(average.net)

# %%
runtime.seed(2)
go_on(800)

# %%
print("at least nine in ten are read as asked:", as_asked(average.net, 100) >= 0.9)

# %% [markdown]
# **Question.** Look down one column: same $z$, ten labels. What do the pictures of a column have
# in common? And what did loss_G do while the share rose?
#
# <details><summary>Answer</summary>
#
# Often the slant and the thickness of the stroke: the label says what, $z$ says how (section 8
# measures it). loss_G falls, climbs and sinks again, while the share, but for a fall after its
# first jump, rises. As in lesson 3, neither direction tells you quality.
#
# </details>

# %% [markdown]
# ### Exercise: sample_digit (6 min, stretch)
#
# Now ask for a seven (stretch: optional). Asked: `n` **different** images of class `digit` (an
# integer), without a graph. G comes in eval mode.
#
# <details><summary>Hint 1: a nudge</summary>
#
# G wants a label for each latent: n of them, all the same. What makes the images differ?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `torch.full((n,), ...)` repeats a number. Inside `torch.no_grad()`, G of n new latents and it.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `y = torch.full((n,), digit, device=z.device)`, then `with torch.no_grad(): return G(z, ...)`
#
# </details>


# %%
def sample_digit(G, digit, n, z_dim):
    """`n` different images of one class, (n, 1, 28, 28), without a graph."""
    z = data.sample_z(n, z_dim, next(G.parameters()).device)
    # BEGIN SOLUTION
    y = torch.full((n,), digit, device=z.device)
    with torch.no_grad():
        return G(z, y)
    # END SOLUTION


# %%
sample_digit = check.sample_digit(sample_digit)

# %%
G_yours = average.net.eval()
sevens = sample_digit(G_yours, 7, 24, z_dim)
images.show({"asked for: 7 (none of 24 drawings thrown away)": sevens}, columns=12, size=6)

# %% [markdown]
# ## 6 Judged class by class
#
# Three numbers for each class, from 300 fakes: the share **read as asked**; lesson 3's **Fréchet
# distance** (FD) to the test digits of this class; and the **diversity**: the mean pixel distance
# of two fakes, divided by that of two real digits of the class (noise and wrong digits raise it,
# too). Beside them 300 real training digits of each class: a yardstick, not a bound.

# %% [markdown]
# FD from few images is too high: compare equal numbers of images only. And FD and "read as asked"
# share one judge, which errs on 0.4 % of real digits, so they are not independent. Section 9 is.
# Two cells of tools follow: what to compare with, then `fakes` and `judged`.


# %%
x_test, y_test = (tensor.to(device) for tensor in data.mnist("test"))
features_test, _ = metrics.digit_features(classifier, x_test)


def frechet(a, b):
    """Fréchet distance of two sets of features (N, 128)."""
    return metrics.frechet_distance(*metrics.mean_and_cov(a), *metrics.mean_and_cov(b))


def spread_of(x, y):
    """(10,): mean pixel distance of two images of each class."""
    return torch.stack([torch.pdist(x[y == k].flatten(1)).mean() for k in range(10)]).cpu()


per_class = runtime.steps(300, quick=100)
order = torch.randperm(len(y_train), generator=torch.Generator().manual_seed(3)).to(device)
chosen = torch.cat([order[y_train[order] == k][:per_class] for k in range(10)])
x_some, y_some = x_train[chosen], y_train[chosen]
spread_real = spread_of(x_some, y_some)


# %%
@torch.no_grad()
def fakes(G, n=per_class, scale=1.0):
    """n fakes of each class, and the labels asked for; the same latents at every call."""
    z = torch.randn(10 * n, z_dim, generator=torch.Generator().manual_seed(1)).to(device)
    y = torch.arange(10, device=device).repeat_interleave(n)
    with networks.evaluating(G):
        return torch.cat([G(a, b) for a, b in zip((scale * z).split(500), y.split(500))]), y


def judged(x, y):
    """Images x, asked for as y, and their scores; `asked`, `distance`, `diversity` by class."""
    features, probs = metrics.digit_features(classifier, x)
    read, classes = probs.argmax(1), range(10)
    by_class = [frechet(features[y == k], features_test[y_test == k]) for k in classes]
    return SimpleNamespace(
        x=x,
        read=read.cpu(),
        frechet=frechet(features, features_test),
        asked=torch.stack([(read[y == k] == k).float().mean() for k in classes]).cpu(),
        distance=torch.tensor(by_class),
        diversity=spread_of(x, y) / spread_real,
    )


# %%
real, yours, early = (judged(*pair) for pair in ((x_some, y_some), fakes(G_yours), fakes(G_early)))
pick = torch.arange(10 * per_class) % per_class < 8
images.show({"fakes": yours.x[pick], "real": real.x[pick]}, columns=8, size=5)

# %% id="by-class" tags=["nbval-ignore-output"]
print("class   read as asked   FD: fakes   FD: real digits   diversity")
for k in range(10):
    print(f"{k:5}{yours.asked[k]:16.2f}{yours.distance[k]:12.0f}", end="")
    print(f"{real.distance[k]:18.0f}{yours.diversity[k]:12.2f}")

# %% [markdown]
# Compare an FD only with the one beside it: some classes are more spread out, and so have more of
# it. All fakes are farther from the test digits than real ones are, and about as diverse.

# %%
print("read as asked, all classes, at least 90 %:", bool(yours.asked.mean() > 0.9))
print("the worst class, at least 75 %:", bool(yours.asked.min() > 0.75))
print("diversity of every class above 3/4 of real digits':", bool(yours.diversity.min() > 0.75))

# %% [markdown]
# What is read instead, where it goes wrong? The **confusion matrix** counts, for each class asked
# for (row), what the classifier reads (column). Only mistakes are coloured.


# %%
def draw_confusion(ax, scores, title):
    """Percent of each row, from 0.5 on; right answers are not coloured."""
    counts = torch.zeros(10, 10)
    counts.index_put_((y_some.cpu(), scores.read), torch.tensor(1.0), accumulate=True)
    percent = 100 * counts / per_class
    mistakes = percent - percent.diag().diag()
    picture = ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=15)
    for row, column in (percent >= 0.5).nonzero().tolist():
        colour = "white" if mistakes[row, column] > 7.5 else "black"
        value = f"{percent[row, column]:.0f}"
        ax.text(column, row, value, color=colour, ha="center", va="center", fontsize=9)
    ax.set(title=title, xlabel="read as", ylabel="asked for", xticks=ten, yticks=ten)
    ax.figure.colorbar(picture, ax=ax, label="% of the row (mistakes)")


fig, axes = plt.subplots(1, 2, figsize=(11.5, 4.6))
draw_confusion(axes[0], early, "after 400 steps, % of the row")
draw_confusion(axes[1], yours, "after 1200 steps, % of the row")
plt.tight_layout()
plt.show()
print("fewer mistakes at the end:", bool(yours.asked.mean() > early.asked.mean()))

# %% [markdown]
# Early on, mistakes go to digits that look alike: many an 8 is read as 3, many a 9 as 7. Most of
# them are gone later.

# %% [markdown]
# ### Is the label only a knob?
#
# It also teaches. The same networks without labels, 400 steps: lesson 3's DCGAN. Beside it your G
# after its first 400, from as many pictures. The settings are nearly the same (your own 160 steps
# had no R1, and other fakes for each player), and it is one seed each.

# %%
runtime.seed(0)
G_plain, D_plain = networks.ConvGenerator(z_dim).to(device), networks.ConvDiscriminator().to(device)
opts = [training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G_plain, D_plain)]
average_plain = training.Average(G_plain)
few = data.Batches(x_train, 32).take(runtime.steps(400))
for step in training.gan_steps(G_plain, D_plain, *opts, few, z_dim, r1=0.1):
    average_plain.update(G_plain)

# %% id="scores" tags=["nbval-ignore-output"]
z = torch.randn(10 * per_class, z_dim, generator=torch.Generator().manual_seed(1)).to(device)
with torch.no_grad(), networks.evaluating(average_plain.net):
    x_plain = average_plain.net(z)
images.show({"no labels": x_plain[:80], "labels": early.x[pick]}, columns=8, size=5)
features_plain, probs_plain = metrics.digit_features(classifier, x_plain)
plain = frechet(features_plain, features_test)
for name, value in {"real": real.frechet, "no labels": plain, "labels": early.frechet}.items():
    print(f"{name:10} FD {value:.0f}")
shares = probs_plain.argmax(1).bincount(minlength=10) / len(z)
print(f"no labels: from {shares.min():.0%} (rarest digit) to {shares.max():.0%} (commonest)")

# %%
print("with labels, at least three tenths lower:", early.frechet < 0.7 * plain)

# %% [markdown]
# **Question.** As many steps and pictures, a far lower distance. What does the label spare G and D?
#
# <details><summary>Answer</summary>
#
# G need not find the ten kinds, nor how many of each: you order 300 of each, and part of the gain
# is this balance. From kind to kind the label jumps, where a smooth $z$ must cross a gap. D
# compares a fake 7 with real 7s only. But labels cost: somebody wrote 60,000 of them.
#
# </details>

# %% [markdown]
# ---
# ## Break
#
# You can order a digit, and you know how well it works. What else such a G can do, and how it
# fails, comes in the second sitting.
#
# ---

# %% [markdown]
# ## 7 A longer run
#
# From here on `G_long`: your two networks, trained elsewhere for more than ten times as long, with
# a falling learning rate (`tools/train_conditional_gan.py`; its log lies in `data/weights/`).

# %%
G_long = weights.load("conditional_gan", device)
long = judged(*fakes(G_long))
show = {"1200 steps, trained here": yours.x[pick], "the long run, shipped": long.x[pick]}
images.show(show, columns=8, size=5)

# %% id="scores-long" tags=["nbval-ignore-output"]
print("              FD    read as asked: mean, worst class    diversity: least diverse class")
for name, scores in {"real": real, "1200 steps": yours, "long run": long}.items():
    print(f"{name:10}{scores.frechet:6.0f}", end="")
    print(f"{scores.asked.mean():25.3f}{scores.asked.min():10.3f}{scores.diversity.min():30.2f}")

# %%
print("shipped weights: every class, at least 95 % as asked:", bool(long.asked.min() >= 0.95))
print("diversity of every class above 3/4:", bool(long.diversity.min() > 0.75))
print("Fréchet distance below yours:", long.frechet < yours.frechet)

# %% [markdown]
# The long run comes near the yardstick. Does it copy training digits? Look, as in lesson 3, for the
# nearest one, of the same class.


# %%
def nearest(x, y):
    """Mean distance of each image to its nearest training digit of its class, and those digits."""
    rows = []
    for k in range(10):
        distance, i = torch.cdist(x[y == k].flatten(1), x_train[y_train == k].flatten(1)).min(1)
        rows.append((distance, x_train[y_train == k][i]))
    distances, digits = zip(*rows)
    return torch.cat(distances).mean().item(), torch.cat(digits)


a_few = torch.arange(10 * per_class) % per_class < 20
distance_long, neighbours = nearest(long.x[a_few], y_some[a_few])
x_new = torch.cat([x_test[y_test == k][:20] for k in range(10)])
distance_new, _ = nearest(x_new, y_some[a_few])
pairs = torch.cat([long.x[a_few][::17], neighbours[::17]])
images.show({"fakes above, their nearest training digits below": pairs}, columns=12, size=6)
print("fakes lie no nearer to training digits than new real digits, 200 of each:", end=" ")
print(distance_long > 0.9 * distance_new)

# %% [markdown]
# ## 8 Style and content
#
# The label says what. What is left for $z$? One column, one $z$: look whether thick stays thick
# and slanted stays slanted.

# %% [markdown]
# ### Exercise: class_grid (8 min, stretch)
#
# Asked: images `(num_classes * per_class, 1, 28, 28)` for a grid: row k shows class k, and column
# j the same latent in every row. So `per_class` latents in all, each used `num_classes` times.
# G comes in eval mode.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Written out for 2 classes and 3 columns: which six labels, which six latents?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# Labels 0 0 0 1 1 1: `repeat_interleave`. Latents a b c a b c: `repeat`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `z = data.sample_z(per_class, ...).repeat(num_classes, 1)`, `y =
# torch.arange(...).repeat_interleave(...)`, and G of both inside `torch.no_grad()`
#
# </details>


# %%
def class_grid(G, num_classes, per_class, z_dim):
    """Images, row by row: row k shows class k, column j the same latent in every row."""
    device = next(G.parameters()).device
    # BEGIN SOLUTION
    z = data.sample_z(per_class, z_dim, device).repeat(num_classes, 1)
    y = torch.arange(num_classes, device=device).repeat_interleave(per_class)
    with torch.no_grad():
        return G(z, y)
    # END SOLUTION


# %%
class_grid = check.class_grid(class_grid)

# %%
runtime.seed(7)
grid = class_grid(G_long, 10, 16, z_dim)
images.show({"row: label, column: z": grid}, columns=16, size=5)

# %% [markdown]
# Measure a trait: the **ink**, the mean of the pixels. If $z$ carries it, then among 500 latents
# those with a thick 3 also have a thick 8: the two inks correlate. With latents that do not belong
# together they do not.

# %%
runtime.seed(7)
many = data.to_display_range(class_grid(G_long, 10, 500, z_dim)).view(10, 500, 28, 28).cpu()
ink = many.mean((2, 3))  # one number for each label and z


def correlation(a, b):
    return torch.corrcoef(torch.stack([a, b]))[0, 1].item()


fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True)
for ax, inks, title in zip(axes, (ink[8], ink[8].roll(1)), ("same z", "another z")):
    ax.scatter(ink[3], inks, s=8, alpha=0.5)
    ax.set(title=title, xlabel="ink of the 3 (mean pixel, 0-1)")
axes[0].set(ylabel="ink of the 8 (mean pixel, 0-1)")
plt.tight_layout()
plt.show()
print("correlation with the same z, above 0.5:", correlation(ink[3], ink[8]) > 0.5)
print("with another z, below 0.2:", correlation(ink[3], ink[8].roll(1)) < 0.2)

# %% [markdown]
# Not only 3 and 8, and not only ink. The **slant**: how far the pixels move sideways as you go
# down, a covariance divided by a variance.

# %%
row, column = torch.arange(28.0).view(28, 1), torch.arange(28.0)
mass = many.sum((2, 3), keepdim=True)
down = row - (many * row).sum((2, 3), keepdim=True) / mass
right = column - (many * column).sum((2, 3), keepdim=True) / mass
slant = (many * down * right).sum((2, 3)) / (many * down**2).sum((2, 3))
for name, trait in {"ink": ink, "slant": slant}.items():
    pairs = torch.corrcoef(trait)[tuple(torch.triu_indices(10, 10, 1))]
    print(f"{name}: over the 45 pairs of digits, correlation at least {pairs.min():.2f},", end=" ")
    print(f"mean {pairs.mean():.2f}; above 0.5 for every pair:", bool(pairs.min() > 0.5))

# %% [markdown]
# Nobody told G what style is. A likely reason: G shares all its layers among the digits; the label
# only adds one vector to the first one.

# %% [markdown]
# **Between.** At a fixed label, walk from one $z$ to another. Or keep $z$ and mix the labels: $(1 -
# t)$ of one-hot 3 and $t$ of one-hot 8. G was never trained on a mixture; it takes any row of
# numbers.

# %%
runtime.seed(2)
z_a, z_b = data.sample_z(2, z_dim, device)
t = torch.linspace(0, 1, 13, device=device).unsqueeze(1)
angle = t * torch.pi / 2
z_walk = angle.cos() * z_a + angle.sin() * z_b  # lesson 3's quarter circle
ends = torch.eye(10, device=device)
mixed = (1 - t) * ends[3] + t * ends[8]
with torch.no_grad():
    walk = G_long(z_walk, torch.full((13,), 3, device=device))
    between = G_long.net(torch.cat([z_b.expand(13, -1), mixed], dim=1))
title = "above: label 3, z walks; below: z stays, label 3 becomes 8"
fig, ax = plt.subplots(figsize=(9, 1.8))
images.draw(ax, torch.cat([walk, between]), title, columns=13)
plt.show()
seen = classifier(torch.cat([walk, between])).argmax(1).tolist()
print("read at the ends: above", seen[0], seen[12], "  below", seen[13], seen[25])

# %% [markdown]
# **Truncation.** Nearly every $z$ has length about 8. Scale all of them towards 0: the density is
# highest there, though $z$ hardly ever lands there. Here the fakes get more typical; scaled up,
# stranger. It needs no training. (Brock et al. 2019 draw large entries of $z$ again, to a similar
# effect; not every G allows it, and some of theirs had to be trained for it.)

# %% id="truncation" tags=["nbval-ignore-output"]
scales = [0.25, 0.5, 1.0, 1.5, 2.0]
scaled = [judged(*fakes(G_long, 100, scale)) for scale in scales]
typical = [scores.asked.mean().item() for scores in scaled]
varied = [scores.diversity.mean().item() for scores in scaled]
fig, ax = plt.subplots(figsize=(7, 3.4))
ax.plot(scales, typical, "C0o-", label="read as asked")
ax.plot(scales, varied, "C1o-", label="diversity (real digits: 1)")
ax.axvline(1, color="grey", linestyle=":", label="as trained")
ax.set(title="Smaller z: surer, and more alike", xlabel="z multiplied by", ylim=(0, 1.2))
ax.legend()
plt.show()

# %%
half, trained = scales.index(0.5), scales.index(1.0)
print("half of z: as many or more are read as asked:", typical[half] >= typical[trained])
print("and less diverse, by at least a tenth:", varied[half] < 0.9 * varied[trained])
print("twice z: at least a tenth fewer read as asked:", typical[-1] < typical[trained] - 0.1)

# %% [markdown]
# A diversity above 1 is no prize: broken digits are far from each other, too.

# %% [markdown]
# **Your turn.** Choose the digit; draw other latents; walk from one to the next. Try `G_yours` as
# well.

# %%
widgets.digit_walk(G_long, z_dim)
# widgets.digit_walk(G_yours, z_dim)

# %% [markdown]
# ## 9 What are the samples worth?
#
# A judge can be fooled. Here is a harder test: use the fakes. Train a new classifier on 10,000
# labelled fakes and on nothing else; then let it read the real test digits. It is the
# **classification accuracy score** (Ravuri & Vinyals 2019). Beside it: the same classifier from as
# many real digits (G has seen six times as many).


# %%
def accuracy_from(x, y, steps=300):
    """Accuracy on the real test digits of a LeNet trained on images x and labels y."""
    runtime.seed(0)
    net = networks.LeNet().to(device)
    opt = training.adam(net, lr=2e-3, betas=(0.9, 0.999))
    for a, b in data.Batches(x, 64, y).take(runtime.steps(steps)):
        training.classifier_step(net, opt, data.to_display_range(a), b)  # LeNet reads [0, 1]
    return metrics.accuracy(net, data.to_display_range(x_test), y_test)


# %%
taught = {"10,000 real digits": accuracy_from(x_train[:10000], y_train[:10000])}
taught["10,000 fakes, the long run"] = accuracy_from(*fakes(G_long, 1000))
taught["10,000 fakes, 1200 steps"] = accuracy_from(*fakes(G_yours, 1000))

# %% id="worth" tags=["nbval-ignore-output"]
for name, value in taught.items():
    print(f"{name:28} {value:.3f}")

# %%
real_digits, long_run, short_run = taught.values()
print("from fakes only, at least 93 % of real digits are read:", long_run >= 0.93)
print("fewer from the short run:", short_run < long_run)
print("more from as many real digits:", real_digits > long_run)

# %% [markdown]
# **Question.** Why is real data still better, although the judge reads 99 % of the fakes as asked?
#
# <details><summary>Answer</summary>
#
# Likely reasons: some ways to write a seven are missing, and a classifier needs the odd ones to
# find the border; about 1 % of the fakes carry a wrong label; some have artefacts. And the fakes
# hold nothing about real digits beyond G's 60,000 and what the network assumes.
#
# </details>

# %% [markdown]
# ## 10 Wrong labels as fakes
#
# D has met two kinds of pairs: a real picture with its label, and a fake. Fakes of the wrong class
# were among them while G was young, but never a real 3 with the label 8. Does D object? To ask it,
# you need wrong labels.

# %% [markdown]
# ### Exercise: wrong_labels (6 min, stretch)
#
# Given: labels `(N,)`. Asked: for each another one, every other class equally likely.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Think of the classes as a clock. Which steps forward never end at the same hour?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# Go 1 to num_classes - 1 steps on, by chance for each label; `%` brings you round.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (y + torch.randint(1, ..., y.shape, device=y.device)) % ...`
#
# </details>


# %%
def wrong_labels(y, num_classes):
    """For each label of y (N,) another one, every other class as likely."""
    return (y + torch.randint(1, num_classes, y.shape, device=y.device)) % num_classes  # SOLUTION


# %%
wrong_labels = check.wrong_labels(wrong_labels)


# %%
@torch.no_grad()
def says_real(D):
    """Mean probability of 'real' for test digits with their labels, and with wrong ones."""
    few, labels = x_test[:2000], y_test[:2000]
    return [D(few, y).sigmoid().mean().item() for y in (labels, wrong_labels(labels, 10))]


fits, does_not = says_real(D)
print("it prefers the right label:", fits > does_not)
print("but wrong ones still get a tenth or more of that:", does_not > fits / 10)

# %% [markdown]
# Must D object? Once G obeys, a real 3 beside the label 8 is met in neither kind: $p_{data}(x|8)$
# and $p_G(x|8)$ are both about 0 there. So $D^*$ is 0/0, and the game fixes no answer.

# %% [markdown]
# It can be told: Reed et al. (2016) make such pairs a third kind, judged fake, and share the weight
# of the fakes. A **matching-aware** D:
#
# $$\text{loss}_D = \tfrac12 \Big(\text{BCE}(D(x, y), 1) + \tfrac12 \text{BCE}(D(G(z, y), y), 0) +
# \tfrac12 \text{BCE}(D(x, y'), 0)\Big)$$
#
# where $y' \neq y$ is a wrong label of $x$, in code `wrong_labels(y, 10)`.


# %%
def matching_aware_step(G, D, opt_D, x, y, z_dim):
    """As discriminator_step; real images with wrong labels are half of what D should call fake."""
    x_fake = G(data.sample_z(len(x), z_dim, x.device), y).detach()
    fake_logits = torch.cat([D(x_fake, y), D(x, wrong_labels(y, 10))])
    loss_D = losses.discriminator_loss(D(x, y), fake_logits)
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()
    return loss_D.item()


def train_briefly(D, step_D=discriminator_step, steps=200):
    """A new G, trained against D by your steps; its average, in eval mode."""
    G, D = ConditionalGenerator(z_dim, 10).to(device), D.to(device)
    opt_G, opt_D = (training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G, D))
    average = training.Average(G)
    for x, y in data.Batches(x_train, 32, y_train).take(runtime.steps(steps)):
        step_D(G, D, opt_D, x, y, z_dim)
        generator_step(G, D, opt_G, random_labels(len(x), 10).to(device), z_dim)
        average.update(G)
    return average.net.eval()


# %%
runtime.seed(0)
D_usual, D_aware = ConditionalDiscriminator(10), ConditionalDiscriminator(10)
G_usual = train_briefly(D_usual)
G_aware = train_briefly(D_aware, matching_aware_step)
show = {"as before, 200 steps": G_usual, "matching-aware, 200 steps": G_aware}
images.show({name: rows_of(net) for name, net in show.items()}, columns=8, size=5)

# %% id="matching" tags=["nbval-ignore-output"]
usual, aware = (judged(*fakes(net)) for net in (G_usual, G_aware))
print("D                as asked     FD   diversity   says real: right label   wrong label")
for name, scores, net in (("as before", usual, D_usual), ("matching-aware", aware, D_aware)):
    print(f"{name:16}{scores.asked.mean():9.2f}{scores.frechet:7.0f}", end="")
    print(f"{scores.diversity.mean():12.2f}{says_real(net)[0]:25.2f}{says_real(net)[1]:14.2f}")

# %%
print(
    "more are read as asked, by 0.1 or more:", bool(aware.asked.mean() > usual.asked.mean() + 0.1)
)
print("a check: D objects more to a wrong label:", says_real(D_aware)[1] < says_real(D_usual)[1])

# %% [markdown]
# As many steps, and half as much work again for D: G listens to the label much sooner (two more
# seeds agreed). Its pixel distance is lower; part of that is fewer wrong digits and blots. After a
# longer training the plain D gets there as well, as section 6 showed.

# %% [markdown]
# ## 11 It breaks
#
# **First: labels to G only.** Two bells showed it; now digits. D sees the picture alone.


# %%
class BlindDiscriminator(nn.Module):
    """D(x, y) that ignores y."""

    def __init__(self):
        super().__init__()
        self.net = networks.ConvDiscriminator()

    def forward(self, x, y):
        return self.net(x)


runtime.seed(0)
G_unheard = train_briefly(BlindDiscriminator())
unheard = as_asked(G_unheard, 100)
columns = {f"D sees the label: {usual.asked.mean():.0%} as asked": rows_of(G_usual)}
columns |= {f"labels to G only: {unheard:.0%} as asked": rows_of(G_unheard)}
images.show(columns, columns=8, size=5)

# %%
print("labels to G only: read as asked by chance, 0.05 to 0.2:", 0.05 < unheard < 0.2)
print("with labels to both, more than twice that:", bool(usual.asked.mean() > 2 * unheard))

# %% [markdown]
# In a column of the right-hand picture all rows are alike. Here G hardly uses the label; in the
# bells it used it for the wrong thing. D minds neither. **Remedy:** D sees the label, too.

# %% [markdown]
# **Second: a G that uses z little.** Some notes advise to add a pixel-wise loss (L1) to G's, "to
# help it": the distance of the fake to the real picture of the same label. But which real 7 belongs
# to this $z$? None; the pairing is by chance.


# %%
def generator_step_l1(G, D, opt_G, x, y, z_dim, weight=100.0):
    """One step of G on its loss plus `weight` times the L1 distance to some real x of class y."""
    x_fake = G(data.sample_z(len(x), z_dim, x.device), y)
    loss_G = losses.generator_loss(D(x_fake, y)) + weight * F.l1_loss(x_fake, x)
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()


runtime.seed(0)
G_l1, D_l1 = ConditionalGenerator(z_dim, 10).to(device), ConditionalDiscriminator(10).to(device)
opts = [training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G_l1, D_l1)]
average_l1 = training.Average(G_l1)
for x_real, labels in data.Batches(x_train, 32, y_train).take(runtime.steps(200)):
    discriminator_step(G_l1, D_l1, opts[1], x_real, labels, z_dim)
    generator_step_l1(G_l1, D_l1, opts[0], x_real, labels, z_dim)
    average_l1.update(G_l1)

# %%
alike = judged(*fakes(average_l1.net))
images.show({"with L1": alike.x[pick], "real": real.x[pick]}, columns=8, size=5)

# %% id="scores-l1" tags=["nbval-ignore-output"]
for name, scores in {"without L1": usual, "with L1": alike}.items():
    print(f"{name:10}  read as asked {scores.asked.mean():.2f}", end="")
    print(f"   diversity {scores.diversity.mean():.2f}")

# %%
print("at least 85 % are read as asked:", bool(alike.asked.mean() > 0.85))
print("diversity of every class below 2/3 of real digits':", bool(alike.diversity.max() < 2 / 3))

# %% [markdown]
# The share read as asked is excellent, and G uses $z$ much less: less than half of real digits'
# diversity, and blurred. As the weight of L1 grows, its best answer is one picture a class: the
# median. A judge that only reads the digit does not notice. **Measure diversity as well**, against
# real digits. **Remedy:** no pixel-wise loss without true pairs.

# %% [markdown]
# ## 12 Conditions that are pictures
#
# A condition can be more than a label: a sketch, a map, a grey photograph; the answer is the photo
# in colour. Each input comes with one true answer, a pair, though others would do. Eight digits,
# each printed in orange or in blue by chance; the grey picture does not say which. (Computed here,
# not trained.)

# %%
orange, blue = torch.tensor([1.0, 0.6, 0.2]), torch.tensor([0.2, 0.6, 1.0])
grey = data.to_display_range(x_test[:8]).cpu()
inks = torch.stack([(orange, blue)[i % 2] for i in (0, 1, 1, 0, 1, 0, 0, 1)])
coloured = grey * inks[:, :, None, None]
mean_colour = grey * ((orange + blue) / 2)[:, None, None]
pictures = {"grey: the condition": grey.expand(-1, 3, -1, -1), "in colour: real": coloured}
pictures |= {"least squared error": mean_colour, "another digit, in colour": coloured.roll(1, 0)}
fig, axes = plt.subplots(4, 1, figsize=(8, 5.6))
for ax, (title, x_rgb) in zip(axes, pictures.items()):
    ax.imshow(torch.cat(list(x_rgb), dim=2).permute(1, 2, 0))
    ax.set_title(title, fontsize=10)
    ax.axis("off")
plt.tight_layout()
plt.show()

# %% [markdown]
# **Third row:** squared error alone answers with the mean of both colours: grey. It needs a D that
# knows how coloured pictures look. **Fourth row:** a D that does not see the grey picture has
# nothing against the wrong digit.

# %% [markdown]
# > **Spot the bug.** Notes on colouring photos with a GAN say: "Use Discriminator the same way!"
# > What must change?
# >
# > <details><summary>Answer</summary>
# >
# > D must judge the **pair**: grey and colour, four channels together, as your D judges picture and
# > label. L1, added to G's loss, fixes the shape, which the grey picture determines. The colour it
# > leaves open, and there D must decide. (Isola et al. 2017; their G learned to ignore its noise.)
# >
# > </details>

# %% [markdown]
# So far every condition had its answer in the data. Style transfer asks for more: this horse as a
# zebra, and nobody has a picture of it. Without pairs neither L1 nor a D on pairs can be had.
# Lesson 6 finds something to take their place.

# %% [markdown] tags=["folded"]
# ## Further: other ways to say which
#
# Two other ways to bring the label in, each a small difference. The exercise is optional, and
# counts apart.

# %% [markdown]
# **Label maps.** Convolutions take planes. So a label can enter as planes beside the picture: one
# for each class, all ones in plane $y$, zeros elsewhere. Then D's first layer sees 1 + 10 channels.

# %% [markdown]
# ### Exercise: label_maps (6 min, stretch)
#
# Asked: labels `(N,)` as float planes `(N, num_classes, height, width)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each plane is constant: one number of the one-hot row, repeated over height and width.
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# One-hot `(N, K)` with two new dimensions of size 1, `[:, :, None, None]`, then `expand`.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return one_hot(y, num_classes)[:, :, None, None].expand(-1, -1, ..., ...)`
#
# </details>


# %%
def label_maps(y, num_classes, height, width):
    """A plane for each class, (N, num_classes, height, width): ones in plane y, else zeros."""
    return one_hot(y, num_classes)[:, :, None, None].expand(-1, -1, height, width)  # SOLUTION


# %%
label_maps = check.label_maps(label_maps)


# %%
class MapsDiscriminator(nn.Module):
    """D(x, y) that sees the label as planes beside the image."""

    def __init__(self):
        super().__init__()
        self.net = networks.ConvDiscriminator(channels=1 + 10)

    def forward(self, x, y):
        return self.net(torch.cat([x, label_maps(y, 10, 28, 28)], dim=1))


runtime.seed(0)
G_maps = train_briefly(MapsDiscriminator())
maps = as_asked(G_maps, 100)
columns = {f"a logit for each class: {usual.asked.mean():.0%} as asked": rows_of(G_usual)}
columns |= {f"label maps: {maps:.0%} as asked": rows_of(G_maps)}
images.show(columns, columns=8, size=5)
print("the logit chosen by the label does better:", bool(usual.asked.mean() > maps + 0.1))

# %% [markdown]
# Both D's see the label; how it enters matters. One constant plane changes the first layer by a
# constant, the same everywhere but for the border, where padding is zero; a logit of its own gives
# each class its own last layer. The maps come later: with 800 steps about 0.7 are read as asked.

# %% [markdown]
# **An auxiliary classifier.** AC-GAN (Odena et al. 2017): D does not get the label, it must say it.
# Eleven outputs: ten class logits, and one for real. Both players minimise the cross-entropy of the
# class, besides their own loss. Others report that its fakes tend to be less diverse within a class
# (Gong et al. 2019); here it is not trained.


# %%
def auxiliary_losses(D, x, x_fake, y):
    """D's loss and G's, for a D with outputs (N, 11): ten classes, then 'real'."""
    real, fake, fake_for_G = D(x), D(x_fake.detach()), D(x_fake)
    classes = F.cross_entropy(real[:, :10], y) + F.cross_entropy(fake[:, :10], y)
    loss_D = losses.discriminator_loss(real[:, 10], fake[:, 10]) + classes / 2
    loss_G = losses.generator_loss(fake_for_G[:, 10]) + F.cross_entropy(fake_for_G[:, :10], y)
    return loss_D, loss_G


# %% [markdown]
# ## You have
#
# - a generator that draws the digit you ask for, and a discriminator that judges pairs:
#   `helpers/networks.py`, `helpers/training.py`
# - numbers for it: read as asked, Fréchet distance and diversity for each class, and what a
#   classifier learns from the fakes
# - two ways to break it, one of which a judge that only reads digits cannot see

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("conditional_gan")

# %% [markdown]
# ## Sources
#
# - Mirza & Osindero 2014, *Conditional generative adversarial nets*: eq. 2
# - Reed et al. 2016, *Generative adversarial text to image synthesis*: algorithm 1
# - Gong et al. 2019, *Twin auxiliary classifiers GAN*
# - Odena et al. 2017, *Conditional image synthesis with auxiliary classifier GANs*
# - Isola et al. 2017, *Image-to-image translation with conditional adversarial networks*
# - Miyato & Koyama 2018, *cGANs with projection discriminator*: section 3
# - Brock et al. 2019, *Large scale GAN training for high fidelity natural image synthesis*
# - Ravuri & Vinyals 2019, *Classification accuracy score for conditional generative models*

# %%
check.progress()
