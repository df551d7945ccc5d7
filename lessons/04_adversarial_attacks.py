# %% [markdown]
# # Adversarial attacks: one step against the gradient's better knowledge
#
# Change each pixel of a digit a little, in the direction that a network's own gradient names, and a
# network that reads 99 % of digits misreads most; you would not. **You will attack a network, train
# one that resists, and tell a defence from what only looks like one.**
#
# Two sittings, of about an hour and a half and an hour; the break is marked. Builds on: a
# classifier, cross-entropy and a training loop (lesson 1).

# %%
import functools

import matplotlib.pyplot as plt
import torch
from IPython.display import SVG, display
from torch import nn
from torch.nn import functional as F

from helpers import attacks, data, images, live, metrics, networks
from helpers import quiz, runtime, training, weights, widgets
from helpers.checks import adversarial_attacks as check

device = runtime.setup(seed=0)

# %% [markdown]
# ## 1 The same picture, another digit
#
# The victim is **LeNet**: two convolutional and three linear layers, after LeCun et al. 1998, with
# ReLU and max pooling, trained on MNIST's 60,000 training digits. In this lesson a pixel is a
# number from 0 (black) to 1 (white).

# %%
x_train, y_train = (tensor.to(device) for tensor in data.mnist("train", low=0.0))
x_test, y_test = (tensor.to(device) for tensor in data.mnist("test", low=0.0))
lenet = weights.load("lenet", device)
print(f"accuracy on the 10,000 test digits: {metrics.accuracy(lenet, x_test, y_test):.3f}")

# %% [markdown]
# Three rows of the same ten digits. In the second and the third, every pixel is pushed by 0.25, up
# or down, and kept in [0, 1] (a black pixel cannot get darker). In the second a coin decides which
# way; in the third somebody chose. Above each digit: what LeNet reads, how sure it is; red is
# wrong.

# %%
runtime.seed(0)
x_ten, y_ten = (torch.stack([t[y_test == k][4] for k in range(10)]) for t in (x_test, y_test))
coin = (x_ten + 0.25 * torch.randn_like(x_ten).sign()).clamp(0, 1)
chosen = attacks.fgsm(lenet, x_ten, y_ten, epsilon=0.25)
rows = {"digits": x_ten, "a coin\nfor each pixel": coin, "chosen": chosen}
images.show_readings(lenet, rows, y_ten)

# %% [markdown]
# **Question.** How sure is LeNet where it is wrong? Could you use its probability to find the
# pictures that it should not be trusted with?
#
# <details><summary>Answer</summary>
#
# Sometimes in doubt, often very sure: several wrong answers stand at 90 % and more, and a right 3
# at 37 %. A threshold would fail in both directions. The softmax compares the ten classes with each
# other; it does not ask whether the picture is like anything seen before.
#
# </details>

# %% [markdown]
# ## 2 A gradient for the picture
#
# **Idea.** Training asks: how should the *weights* change so that the loss falls? An attacker
# cannot change the weights, only the picture, and asks: how should the *pixels* change so that the
# loss *rises*? The same backward pass answers, for another variable:
#
# $$g = \nabla_x\, L(f(x), y)$$
#
# where $f(x)$ are the logits, $y$ the true label and $L$ the cross-entropy. $g$ has the shape of
# the picture: one slope for each pixel.

# %% [markdown]
# ### Exercise: input_gradient (8 min)
#
# Given: a model, images `(N, 1, 28, 28)`, their labels. Asked: the gradient of the cross-entropy
# with respect to the images. The caller's `x` must stay as it is: work on a copy that asks for a
# gradient, detached, since `x` may have a graph of its own. `torch.autograd.grad(loss, x)` gives a
# tuple and leaves the weights' `.grad` alone.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Autograd records only what happens *after* a tensor asks for a gradient. So in which order do you
# make the copy, ask, and compute the loss?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# A detached clone of x that requires a gradient; the cross-entropy of the model's logits with y;
# the gradient of that loss with respect to the clone.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x = x.detach().clone().requires_grad_()`, `loss = F.cross_entropy(...)`, `return
# torch.autograd.grad(..., ...)[0]`
#
# </details>


# %%
def input_gradient(model, x, y):
    """Gradient of the cross-entropy with respect to the images, shaped like x."""
    # BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    loss = F.cross_entropy(model(x), y)
    return torch.autograd.grad(loss, x)[0]
    # END SOLUTION


# %%
input_gradient = check.input_gradient(input_gradient)

# %% [markdown]
# Red pixels raise the loss when they get brighter, blue ones when they get darker. Each picture
# has its own scale.


# %%
def show_gradients(models):
    """Digits, and for each model its input gradient: red where brighter raises the loss."""
    _, axes = plt.subplots(1 + len(models), 10, figsize=(11, 1.3 * (1 + len(models))))
    for ax, digit in zip(axes[0], x_ten):
        images.draw(ax, digit[None], columns=1, low=0.0)
    for line, (name, model) in zip(axes[1:], models.items()):
        line[0].text(-4, 14, name, ha="right", va="center")
        for ax, g in zip(line, input_gradient(model, x_ten, y_ten).squeeze(1).cpu()):
            top = g.abs().flatten().quantile(0.99)
            ax.imshow(g, cmap="bwr", vmin=-top, vmax=top)
            ax.axis("off")
    plt.tight_layout()
    plt.show()


show_gradients({"gradient": lenet})

# %% [markdown]
# **Question.** The gradient is strong on the strokes and around them, in scattered spots. Does that
# say what LeNet looks at, or what would hurt it?
#
# <details><summary>Answer</summary>
#
# What would hurt it. It is a local slope: how the loss changes for the next tiny change of each
# pixel. Section 8 shows the same for a network that learned to resist.
#
# </details>

# %% [markdown]
# ## 3 One step, and why its sign
#
# Take a picture of two pixels, so that all pictures fit into a plane. The attacker may move each
# pixel by at most $\varepsilon$: the new picture lies in a square around the old one. Where in the
# square is the loss largest?

# %%
w, here, epsilon = torch.tensor([1.0, 2.6]), torch.tensor([0.4, 0.45]), 0.2  # w: the gradient
ticks = torch.linspace(0, 1, 101)
loss_plane = F.softplus(2 * (w[0] * ticks[None, :] + w[1] * ticks[:, None] - 1.5))
moves = {"along the gradient": epsilon * w / w.max(), "along its sign": epsilon * w.sign()}
fig, ax = plt.subplots(figsize=(5, 5))
ax.set_aspect("equal")
ax.contourf(ticks, ticks, loss_plane, 20, cmap="Greys")
ax.add_patch(plt.Rectangle(here - epsilon, 2 * epsilon, 2 * epsilon, fill=False, edgecolor="C1"))
for colour, (name, move) in zip(("C0", "C3"), moves.items()):
    rise = F.softplus(2 * (w @ (here + move) - 1.5)) - F.softplus(2 * (w @ here - 1.5))
    ax.annotate("", here + move, here, arrowprops={"color": colour, "width": 2, "headwidth": 9})
    ax.plot([], [], colour, linewidth=3, label=f"{name}: loss +{rise:.2f}")
ax.set(xlabel="pixel 1", ylabel="pixel 2", title="darker: higher loss; the square: what is allowed")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# **Idea.** The gradient is the best direction if the *length* of the step is limited. Here each
# pixel is limited on its own. So each should use its whole budget, up or down, however small its
# slope: the corner of the square. For a small change $\delta$ of the picture the loss rises by
# about $g \cdot \delta = \sum_i g_i \delta_i$, and
#
# $$\max_{|\delta_i| \le \varepsilon}\; g \cdot \delta \;=\; \varepsilon \sum_i |g_i|
# \qquad\text{at}\qquad \delta = \varepsilon\, \mathrm{sign}(g)$$
#
# The limit is on the **max norm** ($L_\infty$ norm); $\varepsilon$ is the **budget**.

# %% [markdown]
# This is the **fast gradient sign method**, FGSM (Goodfellow et al. 2015). One thing is missing:
# the result must be a picture, so pixels are clamped to [0, 1].
#
# $$x_{adv} = \mathrm{clamp}\big(x + \varepsilon\, \mathrm{sign}(g),\, 0,\, 1\big)$$
#
# An attack also leaves no trace in the model. It runs in **eval mode** (else dropout makes the
# gradient noisy, and batch normalisation would learn from the attack), and puts the old mode back.

# %% [markdown]
# ### Exercise: fgsm (8 min)
#
# Asked: the formula above, with your `input_gradient` in eval mode, and the model in the mode that
# it came in afterwards. No graph hangs on the result (`requires_grad` is False).
#
# <details><summary>Hint 1: a nudge</summary>
#
# The mode is noted for you. To raise the loss, do you add or subtract?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Eval mode; the gradient; the old mode back; a step of epsilon along its sign; clamp.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `model.eval()`, `gradient = input_gradient(...)`, `model.train(was_training)`, `return (x +
# ...).clamp(0, 1)`
#
# </details>


# %%
def fgsm(model, x, y, epsilon):
    """One step of size epsilon up the loss in every pixel: x_adv in [0, 1], like x."""
    was_training = model.training
    # BEGIN SOLUTION
    model.eval()
    gradient = input_gradient(model, x, y)
    model.train(was_training)
    return (x + epsilon * gradient.sign()).clamp(0, 1)
    # END SOLUTION


# %%
fgsm = check.fgsm(fgsm)

# %% [markdown]
# How strong is the sign? Compare it with other changes of 1,000 test digits. For that you need
# their size.

# %% [markdown]
# ### Exercise: linf_distance (4 min, stretch)
#
# Asked: for each image, the largest change of any of its pixels, `(N,)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A pixel that got darker has changed, too. And every image has its own number.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Difference, absolute value, one row for each image, the largest of each row.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (x_adv - x).abs().flatten(1).amax(...)`
#
# </details>


# %%
def linf_distance(x_adv, x):
    """The largest absolute change of a pixel in each image, (N,)."""
    return (x_adv - x).abs().flatten(1).amax(1)  # SOLUTION


# %%
linf_distance = check.linf_distance(linf_distance)

# %%
runtime.seed(0)
x, y = x_test[:1000], y_test[:1000]
g = input_gradient(lenet, x, y)
length = g.flatten(1).norm(dim=1).clamp_min(1e-30).view(-1, 1, 1, 1)
peak = g.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-30)
changes = {
    "uniform noise": 0.2 * (2 * torch.rand_like(x) - 1),
    "a coin for each pixel": 0.2 * torch.randn_like(x).sign(),
    "gradient, its peak 0.2": 0.2 * g / peak,
    "sign of the gradient (FGSM)": 0.2 * g.sign(),
    "gradient, about as long": 0.2 * 28 * g / length,  # 784 changes of 0.2: length 0.2 * 28
}
print(f"{'accuracy':>38}   largest change   length")
for name, change in changes.items():
    x_new = (x + change).clamp(0, 1)
    accuracy, largest = metrics.accuracy(lenet, x_new, y), linf_distance(x_new, x).mean()
    print(f"{name:28}{accuracy:10.2f}{largest:14.2f}", end="")
    print(f"{(x_new - x).flatten(1).norm(dim=1).mean():12.1f}")

# %% [markdown]
# **Question.** The last row does more harm than FGSM. Is the sign not the best step after all?
#
# <details><summary>Answer</summary>
#
# It has another budget: about as long as FGSM's step, it changes a few pixels by nearly their whole
# range, against 0.2. Given a largest change, the sign wins (rows 3 and 4). Given a
# length, the gradient wins (rows 4 and 5). Always say which norm a budget is in.
#
# </details>

# %% [markdown]
# **Why does a coin hardly hurt LeNet?** Both push every pixel equally far. With random signs, the
# 784 terms $\pm\varepsilon g_i$ nearly cancel: their sum has standard deviation $\varepsilon
# \sqrt{\sum_i g_i^2}$. With the chosen signs nothing cancels: $\varepsilon \sum_i |g_i|$. The more
# pixels, the larger the gap can be (Goodfellow et al. 2015, section 3).

# %%
ratio = g.flatten(1).abs().sum(1) / length.flatten()
print(f"chosen signs push {ratio.median():.0f} times as hard as a coin (median digit);")
print(f"at most it could be the root of the number of pixels, {784**0.5:.0f}")

# %% [markdown]
# > **Spot the bug.** A lecture note says of FGSM: "perturb the image in the opposite direction of
# > the gradient (to maximise the loss)". The code below it adds `epsilon * sign`. Which is right,
# > and what accuracy does the other give? Decide, then run the cell.

# %%
print(f"as the note's text says: {metrics.accuracy(lenet, fgsm(lenet, x, y, -0.2), y):.3f}")
print(f"as the note's code does: {metrics.accuracy(lenet, fgsm(lenet, x, y, 0.2), y):.3f}")

# %% [markdown]
# The code. Against the gradient the loss *falls*: the step helps the network. (No real help: it
# uses the true label.)

# %% [markdown]
# ## 4 Accuracy under attack
#
# One number for a network and an attack: attack every image, then count which keep their label.

# %% [markdown]
# ### Exercise: robust_accuracy (8 min)
#
# Given: a loader of batches (x, y), of any sizes, and `attack(model, x, y)`, which needs
# gradients. Asked: the share of **all** images that the model, in eval mode, reads right once they
# are attacked.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The last batch may be smaller: its images should weigh as much as the others. What do you have to
# add up?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Eval mode once. For each batch: attack; then, without a graph, the predictions; add up the right
# ones and the images. Divide at the end.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x_adv = attack(model, x, y)`, `right += (model(x_adv).argmax(1) == y).sum().item()`, `total +=
# len(...)`
#
# </details>


# %%
def robust_accuracy(model, loader, attack):
    """Share of all images that keep their label under attack(model, x, y), a float."""
    was_training, right, total = model.training, 0, 0
    model.eval()
    # BEGIN SOLUTION
    for x, y in loader:
        x_adv = attack(model, x, y)
        with torch.no_grad():
            right += (model(x_adv).argmax(1) == y).sum().item()
        total += len(y)
    # END SOLUTION
    model.train(was_training)
    return right / total


# %%
robust_accuracy = check.robust_accuracy(robust_accuracy)

# %% [markdown]
# Now 5,000 test digits, at seven budgets. One gradient is enough for all of them: FGSM's direction
# does not depend on $\varepsilon$ (before the clamp). `metrics.fgsm_accuracy` uses that.


# %%
def batches_of(x, y, size=500):
    """A loader of x and y, in order."""
    return list(zip(x.split(size), y.split(size)))


epsilons = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]
curve = metrics.fgsm_accuracy(lenet, x_test[:5000], y_test[:5000], epsilons)
for epsilon, accuracy in zip(epsilons, curve):
    print(f"epsilon {epsilon:.2f}: accuracy {accuracy:.2f}")
(theirs,) = metrics.fgsm_accuracy(lenet, x, y, [0.2])
yours = robust_accuracy(lenet, batches_of(x, y, 300), functools.partial(fgsm, epsilon=0.2))
print("on 1,000 digits at 0.2, yours is the same:", abs(yours - theirs) < 1e-6)

# %% [markdown]
# ## 5 More than one step
#
# **Idea.** FGSM trusts one slope for the whole way. The loss is curved: half-way, the slope points
# elsewhere. So take small steps of size $\alpha$, ask for a new gradient after each, and put the
# picture back into the allowed set: **projected gradient descent**, PGD (Madry et al. 2018). (It
# descends on the negative loss, so on the loss the step is a plus.)
#
# $$x^{t+1} = \Pi\big(x^t + \alpha\, \mathrm{sign}(\nabla_x L(f(x^t), y))\big)$$
#
# where $\Pi$ projects: within $\varepsilon$ of the **clean** picture in every pixel, and in [0, 1].
# Without a random start it is the basic iterative method (Kurakin et al. 2017a).

# %% [markdown]
# ### Exercise: linf_project (6 min)
#
# Asked: the allowed picture that is nearest to `x_adv`. What is allowed is a box around each pixel
# of `x`, so each pixel is put back on its own.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Between which two numbers must a pixel lie, if its clean value is 0.9 and epsilon is 0.2?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# Clamp to the interval from x - epsilon to x + epsilon (`clamp` takes tensors, too), then to the
# one from 0 to 1.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return x_adv.clamp(x - epsilon, ...).clamp(...)`
#
# </details>


# %%
def linf_project(x_adv, x, epsilon):
    """The nearest images within epsilon of x in every pixel, and in [0, 1]."""
    return x_adv.clamp(x - epsilon, x + epsilon).clamp(0, 1)  # SOLUTION


# %%
linf_project = check.linf_project(linf_project)

# %% [markdown]
# ### Exercise: random_start (4 min, stretch)
#
# At the clean picture the slope may be misleading, or 0. PGD therefore starts anywhere in the box.
# Asked: uniform random images within `epsilon` of x, in [0, 1], new ones at every call.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `torch.rand_like(x)` is uniform on [0, 1). Which stretch and shift give [-epsilon, epsilon)?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# x + epsilon * (2 u - 1), then clamp.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (x + epsilon * (2 * torch.rand_like(x) - ...)).clamp(...)`
#
# </details>


# %%
def random_start(x, epsilon):
    """Uniform random images within epsilon of x, in [0, 1]."""
    return (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)  # SOLUTION


# %%
random_start = check.random_start(random_start)

# %% [markdown]
# ### Exercise: pgd (10 min)
#
# Asked: `steps` steps of size `alpha` from a random start, each one projected around the clean x.
# Eval mode and the way back as in `fgsm`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One step is `fgsm` with alpha in place of epsilon, at the place where you are, and then the
# projection. Around which picture?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# x_adv from random_start. In a loop: gradient at x_adv; a step of alpha along its sign; project
# around x.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `gradient = input_gradient(model, x_adv, y)`, `x_adv = linf_project(x_adv + alpha * ..., x, ...)`
#
# </details>


# %%
def pgd(model, x, y, epsilon, alpha, steps):
    """x_adv in [0, 1]: signed steps of size alpha from a random start, each projected."""
    was_training = model.training
    model.eval()
    x_adv = random_start(x, epsilon)
    # BEGIN SOLUTION
    for _ in range(steps):
        gradient = input_gradient(model, x_adv, y)
        x_adv = linf_project(x_adv + alpha * gradient.sign(), x, epsilon)
    # END SOLUTION
    model.train(was_training)
    return x_adv


# %%
pgd = check.pgd(pgd)

# %% [markdown]
# The whole picture, on the first 300 test digits. PGD takes ten steps of a quarter of the budget;
# it stops at 0.2, where nothing is left. (About ten seconds.)


# %%
def noise(model, x, y, epsilon):
    """No attack: uniform noise in [-epsilon, epsilon]."""
    return random_start(x, epsilon)


def coin(model, x, y, epsilon):
    """No attack: epsilon up or down, by chance."""
    return (x + epsilon * torch.randn_like(x).sign()).clamp(0, 1)


def ten_steps(model, x, y, epsilon):
    """PGD, ten steps of a quarter of the budget."""
    return pgd(model, x, y, epsilon, epsilon / 4, 10)


def curve_of(attack, epsilons):
    """Robust accuracy of LeNet on a few digits, for each budget."""
    ways = [functools.partial(attack, epsilon=epsilon) for epsilon in epsilons]
    return [robust_accuracy(lenet, few, way) for way in ways]


# %%
runtime.seed(0)
count = runtime.steps(300)
few = batches_of(x_test[:count], y_test[:count])
curves = {"noise": curve_of(noise, epsilons), "coin": curve_of(coin, epsilons)}
curves |= {"FGSM": curve_of(fgsm, epsilons), "PGD, 10 steps": curve_of(ten_steps, epsilons[:5])}

# %%
styles = {"noise": "C7o-", "coin": "C2s--", "FGSM": "C0o-", "PGD, 10 steps": "C3o-"}
fig, ax = plt.subplots(figsize=(8, 3.6))
for name, style in styles.items():
    ax.plot(epsilons[: len(curves[name])], curves[name], style, label=name)
ax.set(xlabel="epsilon, the largest change of a pixel", ylabel="accuracy", ylim=(0, 1.02))
ax.set(title="The same budget, spent in four ways")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()
print(f"at 0.2: noise and coin above 0.9: {min(curves['noise'][4], curves['coin'][4]) > 0.9}")
print(f"FGSM {curves['FGSM'][4]:.2f}, PGD below 0.05: {curves['PGD, 10 steps'][4] < 0.05}")

# %% [markdown]
# **Question.** FGSM at 0.2 leaves about a third of the digits right. Is LeNet robust on that third?
#
# <details><summary>Answer</summary>
#
# No: PGD with the same budget leaves almost none. Robust accuracy means: right under *every* attack
# within the budget. One attack gives an upper bound, and a weak one flatters. Name the attack with
# each number.
#
# </details>

# %% [markdown]
# ### Choosing what it says
#
# So far any wrong answer would do. A **targeted** attack wants a certain one: go *down* the loss
# of the class that you want.

# %% [markdown]
# ### Exercise: fgsm_targeted (5 min)
#
# Given: a model that is in eval mode already, images, the wished classes `target` `(N,)`. Asked:
# one step of size epsilon that makes the wished class more likely, clamped (Kurakin et al. 2017a).
#
# <details><summary>Hint 1: a nudge</summary>
#
# `input_gradient` takes any labels. Which labels, and which sign?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# x - epsilon * sign(gradient of the cross-entropy with target), clamped.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (x - epsilon * input_gradient(model, x, ...).sign()).clamp(...)`
#
# </details>


# %%
def fgsm_targeted(model, x, target, epsilon):
    """One step of size epsilon down the loss of the classes target: x_adv in [0, 1]."""
    return (x - epsilon * input_gradient(model, x, target).sign()).clamp(0, 1)  # SOLUTION


# %%
fgsm_targeted = check.fgsm_targeted(fgsm_targeted)

# %% [markdown]
# Every digit (column) is asked to become every other digit (row): by one step of 0.25, and by forty
# small ones with your projection. Green: LeNet says what was asked. Red: it says something else.


# %%
def many_targeted(model, x, target, epsilon, steps=40):
    """Small targeted steps, each projected back into the budget."""
    x_adv = x
    for _ in range(steps):
        x_adv = linf_project(fgsm_targeted(model, x_adv, target, epsilon / 8), x, epsilon)
    return x_adv


def draw_obedience(ax, attack, title):
    """A table of pictures: column, the digit; row, what it should become. The share as asked."""
    x_all = x_ten.repeat(10, 1, 1, 1)
    target = torch.arange(10, device=device).repeat_interleave(10)
    x_adv = attack(lenet, x_all, target, 0.25)
    obeys = lenet(x_adv).argmax(1) == target
    other = target != y_ten.repeat(10)
    share = obeys[other].float().mean().item()
    images.draw(ax, x_adv, f"{title}: {share:.0%} as asked", columns=10, low=0.0)
    for i, (says, asked) in enumerate(zip(obeys.tolist(), other.tolist())):
        corner, colour = (28 * (i % 10), 28 * (i // 10)), "lime" if says else "red"
        if asked:
            ax.add_patch(plt.Rectangle(corner, 26, 26, fill=False, edgecolor=colour))
    ax.axis("on")
    ax.set_xticks(range(14, 280, 28), range(10))
    ax.set_yticks(range(14, 280, 28), range(10))
    ax.set(xlabel="the digit", ylabel="asked to become")
    return share


# %%
fig, axes = plt.subplots(1, 2, figsize=(11, 5.6))
one_step = draw_obedience(axes[0], fgsm_targeted, "one step")
forty = draw_obedience(axes[1], many_targeted, "forty small steps")
plt.tight_layout()
plt.show()
print("one step reaches fewer than half of the targets:", one_step < 0.5)
print("forty steps reach more than nine of ten:", forty > 0.9)

# %% [markdown]
# ## 6 In which units?
#
# Many networks expect normalised pixels, $(x - mean) / std$. With mean and std 0.5, pixels from 0
# to 1 become numbers from -1 to 1, and a step of 0.2 in those is a step of 0.1 in pixels. Also, a
# clamp to [0, 1] is wrong there. The way out: put the normalisation **into** the model. Then
# pictures stay pictures, and your attacks need no change.

# %% [markdown]
# ### Exercise: NormalizedModel (6 min, stretch)
#
# Asked: a module that takes pixels in [0, 1] `(N, C, H, W)`, normalises them by one `mean` and one
# `std` for each channel (lists or tensors of C numbers), and hands them to `model`. The constants
# move with the network but do not train: `register_buffer`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# C numbers have to meet axis 1 of `(N, C, H, W)`. Which shape do they need?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `self.register_buffer("mean", tensor)` with a tensor of shape `(C, 1, 1)`; the same for std; keep
# the model as an attribute.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `torch.as_tensor(mean).view(-1, 1, 1)`, and `return self.model((x - ...) / ...)`
#
# </details>


# %%
class NormalizedModel(nn.Module):
    """model behind (x - mean) / std, per channel: takes pixels in [0, 1]."""

    def __init__(self, model, mean, std):
        super().__init__()
        # BEGIN SOLUTION
        self.model = model
        self.register_buffer("mean", torch.as_tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.as_tensor(std).view(-1, 1, 1))
        # END SOLUTION

    def forward(self, x):
        return self.model((x - self.mean) / self.std)  # SOLUTION


# %%
NormalizedModel = check.NormalizedModel(NormalizedModel)

# %% [markdown]
# ### Exercise: fgsm_pixel (5 min, stretch)
#
# Given: a model that expects normalised pixels, and images in [0, 1]. Asked: FGSM with epsilon and
# result in pixel units. Mind the mode: a new module is in train mode, and your `fgsm` gives back
# the mode it finds.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You have a class that turns this model into one for pixels, and an attack for such models.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Wrap the model; give the wrapper the model's mode; call fgsm on it.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `wrapped = NormalizedModel(...).train(model.training)`, `return fgsm(wrapped, x, y, epsilon)`
#
# </details>


# %%
def fgsm_pixel(model, x, y, epsilon, mean, std):
    """FGSM in pixel units on a model that expects (x - mean) / std; x and x_adv in [0, 1]."""
    # BEGIN SOLUTION
    wrapped = NormalizedModel(model, mean, std).train(model.training)
    return fgsm(wrapped, x, y, epsilon)
    # END SOLUTION


# %%
fgsm_pixel = check.fgsm_pixel(fgsm_pixel)

# %% [markdown]
# The course's other classifier, `judge`, expects [-1, 1], so mean 0.5 and std 0.5. Three ways to
# attack it with "epsilon = 0.2". The second adds 0.2 to the normalised numbers; the third also
# clamps those to [0, 1]. The fourth row only clamps.

# %%
judge = weights.load("digit_classifier", device)
half = torch.tensor([0.5], device=device)
judge_01 = NormalizedModel(judge, half, half).to(device).eval()
u = 2 * x - 1  # the judge's own units
step = 0.2 * input_gradient(judge, u, y).sign()
ways = {
    "in pixels (right)": fgsm_pixel(judge, x, y, 0.2, half, half),
    "in normalised numbers": ((u + step).clamp(-1, 1) + 1) / 2,
    "those, clamped to [0, 1]": ((u + step).clamp(0, 1) + 1) / 2,
    "no attack, clamped so": (u.clamp(0, 1) + 1) / 2,
}
for name, x_adv in ways.items():
    accuracy = metrics.accuracy(judge_01, x_adv, y)
    print(f"{name:30} accuracy {accuracy:.2f}   change {linf_distance(x_adv, x).mean():.2f}")

# %%
images.show({name: x_adv[:12] for name, x_adv in ways.items()}, columns=4, size=2.8, low=0.0)

# %% [markdown]
# **Question.** Which of the two mistakes makes a network look more robust than it is, and which
# one destroys the picture?
#
# <details><summary>Answer</summary>
#
# Added to normalised numbers, the change is 0.1 in pixels, half of the 0.2 that would be reported,
# and the network looks stronger. Clamped to [0, 1] there, everything darker than middle grey
# becomes middle grey, a change of 0.5: the fourth row shows that the clamp alone does most of the
# harm.
#
# </details>

# %% [markdown]
# ## 7 Examples travel
#
# So far the attacker saw the network: a **white-box** attack. Does keeping the weights secret help?
# Make the examples on one network, show them to another, which is a **black box**. Three readers:
# LeNet, the judge (another convolutional net, with batch normalisation), and a small fully
# connected one, trained here on the same digits.

# %%
runtime.seed(0)
mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)).to(device)
opt = training.adam(mlp, 2e-3, (0.9, 0.999))
for x_batch, y_batch in data.Batches(x_train, 128, y_train).take(runtime.steps(500)):
    training.classifier_step(mlp, opt, x_batch, y_batch)
readers = {"LeNet": lenet, "judge": judge_01, "MLP": mlp.eval()}
for name, model in readers.items():
    print(f"{name:6} clean accuracy {metrics.accuracy(model, x_test, y_test):.2f}")

# %% [markdown]
# ### Exercise: attack_success_rate (5 min, stretch)
#
# An image that was read wrong before the attack is no success of the attack. Asked: of the images
# whose clean prediction was right, the share that is wrong under attack.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which images count at all? The same ones count above and below the fraction line.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# A mask of the right ones; among them, the mean of "adversarial prediction is not y".
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `was_right = clean_pred == y`, `return (adv_pred[was_right] != ...).float().mean().item()`
#
# </details>


# %%
def attack_success_rate(clean_pred, adv_pred, y):
    """Of the images that were right, the share that the attack turned wrong, a float."""
    # BEGIN SOLUTION
    was_right = clean_pred == y
    return (adv_pred[was_right] != y[was_right]).float().mean().item()
    # END SOLUTION


# %%
attack_success_rate = check.attack_success_rate(attack_success_rate)


# %%
def transfer_matrix(readers, epsilon=0.15):
    """Success rate of FGSM: row, who made the examples (last row: a coin); column, who reads."""
    made = [fgsm(source, x, y, epsilon) for source in readers.values()]
    made.append(coin(lenet, x, y, epsilon))
    clean = [model(x).argmax(1) for model in readers.values()]
    return torch.tensor(
        [
            [attack_success_rate(c, m(x_adv).argmax(1), y) for c, m in zip(clean, readers.values())]
            for x_adv in made
        ]
    )


matrix = transfer_matrix(readers)
fig, ax = plt.subplots(figsize=(4.6, 4))
ax.imshow(matrix, cmap="Reds", vmin=0, vmax=1)
ax.set_xticks(range(3), readers)
ax.set_yticks(range(4), [*readers, "a coin"])
for i, row in enumerate(matrix):
    for j, value in enumerate(row):
        colour = "white" if value > 0.6 else "black"
        ax.text(j, i, f"{value:.0%}", ha="center", va="center", color=colour)
ax.set(xlabel="read by", ylabel="made on", title="right digits turned wrong, epsilon 0.15")
plt.show()

# %%
made_elsewhere = matrix[:3].masked_fill(torch.eye(3, dtype=torch.bool), 0).amax(0)
own_most = matrix.diagonal() >= matrix.amax(0)
print("each network's own examples hurt it most:", bool(own_most.all()))
print("another's do more harm than the coin:", bool((made_elsewhere > matrix[3]).all()))
cosine = F.cosine_similarity(
    *[input_gradient(model, x, y).flatten(1) for model in (lenet, mlp)], eps=1e-30
)
print(f"median cosine between the gradients of LeNet and the MLP: {cosine.median():.1f}")

# %% [markdown]
# **Question.** You may query a secret network, and can train one of your own. Which row and column
# would you look at? What is missing here that makes your life harder in earnest?
#
# <details><summary>Answer</summary>
#
# The row of your own network, the column of the secret one, both against the coin's row: some
# networks suffer from any noise. Here all three learned from the same digits. In earnest you lack
# them, and train on the secret network's answers to your queries (Papernot et al. 2017).
#
# </details>

# %% [markdown]
# The networks have other layers and other weights. Their slopes point *partly* the same way, which
# a cosine above 0 says, and that is enough for part of the harm. This is called
# **transferability**.

# %% [markdown]
# ---
# ## Break
#
# You can attack. The second sitting is about defending, and about being honest with yourself. To go
# on another day, put the cursor here and choose *Run All Above Selected Cell*.
#
# ---

# %% [markdown]
# ## 8 Training against the attack
#
# **Idea.** A network learns what it is shown. Show it, at every step, the worst pictures inside
# the budget, made for the network as it is now:
#
# $$\min_\theta\; \mathbb{E}_{(x, y)}\Big[\max_{|\delta_i| \le \varepsilon} L\big(f_\theta(x +
# \delta), y\big)\Big]$$
#
# where $\theta$ are the weights and $x + \delta$ stays in [0, 1] (Madry et al. 2018, eq. 2.1). An
# attack solves the inner maximum, roughly; the optimiser takes a step on the outer minimum: two
# players and one loss, as in lesson 3's minimax game.

# %% [markdown]
# ### Exercise: adversarial_train_step (8 min)
#
# Given: `attack(model, x, y)`, which may leave gradients in the weights. Asked: new examples for
# the model as it is; then one step of `opt`, in train mode, on their cross-entropy with the true
# labels. Return the loss as a float.
#
# <details><summary>Hint 1: a nudge</summary>
#
# If the attack leaves something in `.grad`, when must it be gone?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Attack; train mode; loss; clear the gradients; backward; step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x_adv = attack(...)`, `model.train()`, `loss = F.cross_entropy(model(...), y)`, and the three
# calls that you know
#
# </details>


# %%
def adversarial_train_step(model, opt, x, y, attack):
    """One step on fresh adversarial examples. Returns the loss on them, a float."""
    # BEGIN SOLUTION
    x_adv = attack(model, x, y)
    model.train()
    loss = F.cross_entropy(model(x_adv), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    # END SOLUTION
    return loss.item()


# %%
adversarial_train_step = check.adversarial_train_step(adversarial_train_step)

# %% [markdown]
# Train it live (about half a minute). The network starts as a copy of LeNet, and each step sees
# PGD's examples (two steps, $\varepsilon$ = 0.2). Every 20 steps, 100 test digits are read, clean
# and under PGD. The pictures are the ten digits as PGD changes them for the network of that moment.

# %%
PANELS = {"loss on the examples": {"loss": "loss"}}
PANELS |= {"accuracy on 100 digits": {"clean": "clean", "attacked": "under attack"}}
pgd_2 = functools.partial(pgd, epsilon=0.2, alpha=0.15, steps=2)
pgd_10 = functools.partial(pgd, epsilon=0.2, alpha=0.05, steps=10)


def under_attack(ax):
    """The ten digits as PGD changes them for the network as it is."""
    images.draw(ax, pgd_10(robust, x_ten, y_ten), "the ten digits under PGD, now", 5, low=0.0)


# %%
runtime.seed(0)
robust = weights.load("lenet", device)
opt = training.adam(robust, 2e-3, (0.9, 0.999))
hundred = batches_of(x_test[:100], y_test[:100])
plot = live.LivePlot(under_attack, every=20, groups=PANELS)
with plot:
    batches = data.Batches(x_train, 128, y_train).take(runtime.steps(200))
    for number, (x_batch, y_batch) in enumerate(batches, 1):
        loss = adversarial_train_step(robust, opt, x_batch, y_batch, pgd_2)
        if number % 20 == 1:
            clean = robust_accuracy(robust, hundred, lambda model, x, y: x)
            attacked = robust_accuracy(robust, hundred, pgd_10)
        plot.update(training.RobustStep(number, loss, clean, attacked))

# %%
before, after = (robust_accuracy(model, few, pgd_10) for model in (lenet, robust))
print("accuracy under PGD before: below 0.1:", before < 0.1, "   after: above 0.5:", after > 0.5)

# %% [markdown]
# **Question.** A classifier's loss on clean digits soon falls below 0.1. This one ends far above.
# Does the network learn badly?
#
# <details><summary>Answer</summary>
#
# The number is measured against an opponent that makes new examples for the network as it is, so it
# cannot be compared with a loss on clean digits, nor with one under another attack. And half a pass
# over the digits is short: the next table shows how far a longer training gets.
#
# </details>

# %% [markdown]
# ### Weaker defences, on the same attack
#
# Often recommended: train with noise, or with shifted pictures (data augmentation). Both show the
# network more pictures; neither shows it the worst ones. Each defence gets the same start and the
# same 200 steps (not the same time: an attack costs passes). A fourth uses FGSM's examples. The
# last row was trained from scratch for 5,600 steps (`tools/train_lenet.py lenet_robust`, its log
# lies in `data/weights/`).


# %%
def shifted(model, x, y):
    """The batch, moved by up to three pixels each way: one shift for each batch."""
    return torch.roll(x, tuple(torch.randint(-3, 4, (2,)).tolist()), (2, 3))


def trained_on(attack, start=lambda: weights.load("lenet"), steps=200):
    """A network, seeded and made by `start`, after some steps on the examples of an attack."""
    runtime.seed(0)
    model = start().to(device)
    opt = training.adam(model, 2e-3, (0.9, 0.999))
    for batch in data.Batches(x_train, 128, y_train).take(runtime.steps(steps)):
        adversarial_train_step(model, opt, *batch, attack)
    return model.eval()


# %%
fgsm_02 = functools.partial(fgsm, epsilon=0.2)
defended = {"no defence": lenet, "shifts": trained_on(shifted)}
defended["noise"] = trained_on(functools.partial(noise, epsilon=0.2))
defended |= {"FGSM, 200 steps": trained_on(fgsm_02), "PGD, 200 steps": robust.eval()}
defended["PGD, 5,600 steps"] = weights.load("lenet_robust", device)

# %% id="defences" tags=["nbval-ignore-output"]
runtime.seed(0)
pgd_20 = functools.partial(pgd, epsilon=0.2, alpha=0.02, steps=20)
columns = {"clean": lambda model, x, y: x, "FGSM": fgsm_02, "PGD": pgd_20}
scores = {
    name: [robust_accuracy(model, few, attack) for attack in columns.values()]
    for name, model in defended.items()
}
print(f"{'trained on':18}" + "".join(f"{name:>8}" for name in columns))
for name, row in scores.items():
    print(f"{name:18}" + "".join(f"{value:8.2f}" for value in row))

# %%
under_pgd = {name: row[2] for name, row in scores.items()}
weak = max(under_pgd["noise"], under_pgd["shifts"])
print("noise and shifts stay below 0.1 under PGD:", weak < 0.1)
short_runs = min(under_pgd["FGSM, 200 steps"], under_pgd["PGD, 200 steps"])
print("200 steps on attacked digits end above 0.4:", short_runs > 0.4)
print("5,600 steps end above 0.85:", under_pgd["PGD, 5,600 steps"] > 0.85)

# %% [markdown]
# What did the resistant network learn, and how far does it hold? First, ask for more than it was
# trained for.

# %% id="budgets" tags=["nbval-ignore-output"]
runtime.seed(0)
resistant = defended["PGD, 5,600 steps"]
ways = {e: functools.partial(ten_steps, epsilon=e) for e in (0.1, 0.15, 0.2, 0.25, 0.3)}
kept = {e: robust_accuracy(resistant, few, attack) for e, attack in ways.items()}
for epsilon, accuracy in kept.items():
    print(f"PGD at {epsilon:.2f}: accuracy {accuracy:.2f}")

# %%
print("at 0.2 above 0.85:", kept[0.2] > 0.85, "   at 0.3 below 0.3:", kept[0.3] < 0.3)

# %% [markdown]
# A cliff between 0.2 and 0.3. Now its gradient, for the digits of section 2. Again red: brighter
# raises the loss; each picture has its own scale.

# %%
show_gradients({"LeNet": lenet, "resistant": resistant})
strokes = x > 0.2
for name, model in {"LeNet": lenet, "resistant": resistant}.items():
    size = input_gradient(model, x, y).abs()
    share_on = (size * strokes).sum() / size.sum()
    print(f"{name:10} share of the gradient on pixels above 0.2: {share_on:.2f}")
print(f"           share of the pixels above 0.2: {strokes.float().mean():.2f}")

# %% [markdown]
# **Question.** Why is the background of the lower row white? The next cell looks into the first
# layer: the filters that have one weight that counts, and the brightness at which each of them
# opens, $-b / w$.

# %%
first = resistant.net[0]
w, b = first.weight.detach().flatten(1), first.bias.detach()
largest = w.gather(1, w.abs().argmax(1, keepdim=True)).squeeze(1)
alone = (largest.abs() > 0.1) & (largest.abs() > 0.95 * w.abs().sum(1))
print(f"filters with one weight that counts: {int(alone.sum())} of {len(w)}")
print("they open at brightness", [f"{t:.2f}" for t in (-b / largest)[alone].tolist()])

# %% [markdown]
# <details><summary>Answer</summary>
#
# The network has learned to be blind to what the attack can do. Each of these filters looks at one
# pixel and lets through what is brighter than 0.2, exactly the budget. Below that the slope is 0.
# Madry et al. 2018 (appendix) found the same on MNIST. It is a real defence, for this norm and this
# budget; it is no better understanding of digits, and it explains the cliff.
#
# </details>

# %% [markdown]
# ## 9 It breaks: a defence that hides the gradient
#
# Here is a defence in one line. The network's logits are multiplied by 100. Its answers stay the
# same, for every picture. Measure it.


# %%
class Loud(nn.Module):
    """A model whose logits are 100 times as large: the same answers, a nearly hard softmax."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return 100 * self.model(x)


loud = Loud(lenet).eval()
runtime.seed(0)
ways = columns | {"FGSM's examples for LeNet": lambda model, x, y: fgsm(lenet, x, y, 0.2)}
for name, attack in ways.items():
    print(f"{name:26} accuracy {robust_accuracy(loud, few, attack):.2f}")

# %% [markdown]
# Nearly perfect under FGSM **and** PGD, and as weak as LeNet as soon as the examples are made on
# LeNet. It *is* LeNet. What changed is the gradient: the probabilities of the other classes
# underflow to 0, no slope is left, and the sign of 0 is 0. This is **gradient masking** (Papernot
# et al. 2017; *obfuscated gradients* in Athalye et al. 2018): the attack fails, the network is not
# robust.

# %%
flat = (input_gradient(loud, x, y).flatten(1).abs().amax(1) == 0).float().mean()
print(f"digits without any gradient: LeNet with loud logits {flat:.0%}", end=", ")
print(f"LeNet {(g.flatten(1).abs().amax(1) == 0).float().mean():.0%}")

# %% [markdown]
# It was once published in earnest: *defensive distillation* at temperature 100 ends in such logits
# (Papernot et al. 2016), and fell to attacks that undo the scale (Carlini & Wagner 2017).
#
# **It also happens by accident.** Train a *new* LeNet on FGSM's examples alone, with the budget 0.3
# and no random start.

# %%
fgsm_03 = functools.partial(fgsm, epsilon=0.3)
pgd_03 = functools.partial(pgd, epsilon=0.3, alpha=0.03, steps=20)
accident = trained_on(fgsm_03, networks.LeNet, steps=300)

# %% id="accident" tags=["nbval-ignore-output"]
runtime.seed(0)
by_fgsm, by_pgd = (robust_accuracy(accident, few, attack) for attack in (fgsm_03, pgd_03))
print(f"at 0.3: clean {metrics.accuracy(accident, x, y):.2f}, FGSM {by_fgsm:.2f}, PGD {by_pgd:.2f}")

# %%
print("FGSM leaves at least 0.25 more than PGD:", by_fgsm - by_pgd > 0.25)
print("PGD leaves less than 0.1:", by_pgd < 0.1)

# %% [markdown]
# This is **catastrophic overfitting** (Wong et al. 2020). The usual reading: the network learned to
# bend its gradient, so that *one* step of this size lands somewhere harmless; small steps walk
# around the bend. In section 8 the same training helped: a trained start, a smaller budget, fewer
# steps. The FGSM column alone cannot tell the two cases apart.

# %% [markdown]
# **True or predicted label?** Your attacks use the true one, as an evaluation should: it is the
# worst case. In training, FGSM's pattern then depends on the label, and a network can learn to read
# the pattern: **label leaking** (Kurakin et al. 2017b, who train with the predicted label instead).
# Its sign, an accuracy under FGSM *above* the clean one, is not seen here.

# %% [markdown]
# ### An honest evaluation
#
# Habits against fooling yourself (Carlini et al. 2019; Athalye et al. 2018):
#
# - **A.** Many steps are at least as strong as one, and once they have converged, more change
#   nothing.
# - **B.** A large enough budget brings the accuracy near 0.
# - **C.** Examples from another network are weaker than your own attack.
# - **D.** The attack is adapted to the defence, as its worst enemy would do it.
#
# %% [markdown]
# A to C for the resistant network. Which of them do the loud network and the accident fail?

# %% id="habits" tags=["nbval-ignore-output"]
runtime.seed(0)
half_of_them = batches_of(x_test[: count // 2], y_test[: count // 2])
pgd_60 = functools.partial(pgd, epsilon=0.2, alpha=0.01, steps=60)
huge = functools.partial(pgd, epsilon=0.8, alpha=0.1, steps=20)
attacks_of = {
    "A: FGSM": fgsm_02,
    "A: PGD, 20 steps": pgd_20,
    "A: PGD, 60 steps": pgd_60,
    "B: PGD at 0.8": huge,
    "C: made on LeNet": lambda model, x, y: pgd_20(lenet, x, y),
}
left = {name: robust_accuracy(resistant, half_of_them, a) for name, a in attacks_of.items()}
for name, accuracy in left.items():
    print(f"{name:18} {accuracy:.2f}")

# %%
one, twenty, sixty, far, borrowed = left.values()
print("A holds:", one >= twenty - 0.02 and twenty - sixty < 0.03)
print("B holds:", far < 0.1, "   C holds:", borrowed > sixty)

# %% [markdown]
# **Answer to the question.** The loud network fails C: examples made on LeNet beat its own attack.
# The accident shows a gap in A, FGSM far above PGD: whoever looks at FGSM only is fooled. D is left
# to you. For the resistant network you know the trick, a threshold at 0.2: what would you try?
# Today's standard is a battery of attacks, AutoAttack (Croce & Hein 2020).

# %% [markdown]
# ## 10 From attacks to generation
#
# A gradient changed a picture until a network read something else. Turn it up: start from noise,
# allow any change, and climb towards each of the ten digits, on both networks.

# %%
runtime.seed(0)
digits = torch.arange(10, device=device)
start = 0.2 + 0.6 * torch.rand(10, 1, 28, 28, device=device)


def painted(model, steps=60):
    """What `model` calls 0 to 9, painted into noise by small targeted steps."""
    x_new = start
    for _ in range(steps):
        x_new = fgsm_targeted(model, x_new, digits, 0.02)
    return x_new


by_lenet, by_resistant = painted(lenet), painted(resistant)
images.show_readings(lenet, {"painted\nfor LeNet": by_lenet}, digits)
images.show_readings(resistant, {"painted for\nresistant": by_resistant}, digits)

# %%
reads = [model(x).argmax(1) for model, x in ((lenet, by_lenet), (resistant, by_resistant))]
print("each network reads all ten as asked:", all(torch.equal(read, digits) for read in reads))

# %% [markdown]
# **Question.** Both networks are sure of all their pictures, the resistant one too. Would you call
# them digits? What does that say about asking a fixed classifier for a digit?
#
# <details><summary>Answer</summary>
#
# From this start and with these steps you get texture, with a loop or a stroke in it. Other starts
# give better ones, and Santurkar et al. 2019 get recognisable pictures from resistant classifiers
# of photographs. But the classifier never *asks* for a picture: it can be satisfied with less. What
# if it went on learning from whatever the painter finds?
#
# </details>

# %%
display(SVG(filename=data.ROOT.parent / "figures" / "attack_to_gan.svg"))

# %% [markdown]
# First row: this lesson, a gradient changes a picture. Second row: let a **network** make the
# picture, and train it with the same gradient; nothing would keep it from such textures. Third row:
# let the judge learn too, from real digits and from the painter's latest tricks, with the opposite
# aim. The last row is a GAN, lesson 3. Adversarial training comes close to it: an attack and a
# defence, each the other's reason to improve.

# %% [markdown]
# ## 11 Move epsilon yourself
#
# The first slider is the budget, the second chooses one of ten digits. The blue bar is the true
# digit. Try the lines that are commented out, too: another network, and a target (the next digit).

# %%
widgets.attack(lenet, x_ten, y_ten, fgsm)
# widgets.attack(resistant, x_ten, y_ten, fgsm)
# to_next = lambda model, x, y, epsilon: fgsm_targeted(model, x, (y + 1) % 10, epsilon)
# widgets.attack(lenet, x_ten, y_ten, to_next)

# %% [markdown]
# ## You have
#
# - the gradient for a picture, and two attacks in pixel units: `helpers/attacks.py`
# - the accuracy under attack, an upper bound of the accuracy under every attack:
#   `helpers/metrics.py`
# - a network trained to resist one norm and one budget, in a game of two players, and what it
#   learned: a threshold
# - two defences that only hide the gradient, and the habits that find them out
# - the way from an attack to a GAN

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("adversarial_attacks")

# %% [markdown]
# ## Sources
#
# - Goodfellow et al. 2015, *Explaining and harnessing adversarial examples*: sections 3, 4 and 6
# - Kurakin et al. 2017a, *Adversarial examples in the physical world*: sections 2.2 and 2.3; 2017b,
#   *Adversarial machine learning at scale*
# - Madry et al. 2018, *Towards deep learning models resistant to adversarial attacks*: section 2
# - Papernot et al. 2017, *Practical black-box attacks against machine learning*; 2016,
#   *Distillation as a defense*; Carlini & Wagner 2017, *Towards evaluating the robustness of neural
#   networks*
# - Athalye et al. 2018, *Obfuscated gradients give a false sense of security*; Carlini et al. 2019,
#   *On evaluating adversarial robustness*; Croce & Hein 2020, *Reliable evaluation* (AutoAttack)
# - Wong et al. 2020, *Fast is better than free: revisiting adversarial training*
# - Santurkar et al. 2019, *Image synthesis with a single (robust) classifier*
# - LeCun et al. 1998, *Gradient-based learning applied to document recognition*: section II

# %%
check.progress()
