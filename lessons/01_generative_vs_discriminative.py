# %% [markdown]
# # Two ways to look at data
#
# One model learns where the border between two classes runs, the other what each class looks
# like. **You will build both by hand, on points and on digits, and measure what only one of them
# can do.**
#
# Two hours; sections 6 to 8 can wait. Builds on: Python, tensors, a training step in PyTorch, the
# normal distribution.

# %%
import math
from collections import namedtuple

import ipywidgets
import matplotlib.pyplot as plt
import torch
from IPython.display import SVG, display
from torch import nn
from torch.nn import functional as F

from helpers import data, gaussians, images, letters, live, metrics
from helpers import quiz, runtime, weights, widgets
from helpers.checks import generative_vs_discriminative as check

_ = runtime.setup(seed=0)

# %% [markdown]
# ## 1 What does each class look like?
#
# Two classes of points in the plane. They are drawn from two **Gaussians** (normal distributions;
# "bells" for short) that you know here, so that you can compare what is learned with the truth.
# Class 0 is the narrow one. (You will write `sample_from_model` yourself in section 3.)

# %%
true_prior = torch.tensor([0.6, 0.4])
true_mu = torch.tensor([[-0.8, -0.2], [1.0, 0.6]])
true_var = torch.tensor([[0.25, 0.20], [1.60, 1.28]])
runtime.seed(0)
x, y = gaussians.sample_from_model(400, true_prior, true_mu, true_var)
x_new, y_new = gaussians.sample_from_model(2000, true_prior, true_mu, true_var)


# %%
def draw_points(ax, x, y, title):
    """Points x (N, 2), coloured by their class y (N,)."""
    for k in range(2):
        ax.scatter(*x[y == k].T, s=9, color=f"C{k}", alpha=0.6, label=f"class {k}")
    ax.set(title=title, xlim=(-4, 5), ylim=(-3.5, 4), aspect="equal")
    ax.set(xlabel="first feature", ylabel="second feature")


fig, ax = plt.subplots(figsize=(6, 4.4))
draw_points(ax, x, y, "Two classes: one narrow, one wide")
ax.legend()
plt.show()

# %% [markdown]
# **Idea.** A new point arrives: which class? One way is to learn the border alone. It needs
# p(y | x), how probable class y is at the point x: a **discriminative** model. The other way is to
# learn how often each class comes and where its points fall: a **generative** model. It answers
# the first question too, and more:
#
# $$p(x, y) = p(y)\, p(x \mid y), \qquad p(x) = \sum_y p(x, y), \qquad p(y \mid x) = \frac{p(x, y)}{p(x)}$$
#
# where $x$ is a point (`x`), $y$ its class (`y`), and the last one is Bayes' rule.

# %% [markdown]
# In words: the **prior** $p(y)$ is how frequent a class is; $p(x \mid y)$, where the points of
# class $y$ fall; the **joint** $p(x, y)$, both together; the **marginal** $p(x)$, $x$ whatever its
# class; the **posterior** $p(y \mid x)$, the class once $x$ is seen. For points, $p$ is a
# **density**: probability per area. It may exceed 1, and its log may be positive.

# %% [markdown]
# Both models learn from pairs $(x, y)$: **supervised**. Without labels only $p(x)$ is left to
# learn: **unsupervised**. You will do that, too.

# %% [markdown]
# ### Exercise: class_priors (4 min)
#
# Given: labels `y` and the number of classes K. Asked: $p(y = k)$, the share of each class in the
# data. A class that is absent gets 0.
#
# <details><summary>Hint 1: a nudge</summary>
#
# How often does each label occur, and what must the K numbers add up to?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# The count of `y == k`, divided by `len(y)`. `torch.bincount` counts; its `minlength` keeps a
# place for absent classes.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.bincount(y, minlength=...) / ...`
#
# </details>


# %%
def class_priors(y, num_classes):
    """p(y = k), shape (K,), from labels y (N,)."""
    return torch.bincount(y, minlength=num_classes) / len(y)  # SOLUTION


# %%
class_priors = check.class_priors(class_priors)

# %% [markdown]
# (A blank left open is filled by the course's own version, so you can go on and come back. A wrong
# answer stays until you mend it.)

# %% [markdown]
# Each class gets a bell. With independent features the density is a product over the features, so
# its log is a sum:
#
# $$\log p(x \mid y = k) = -\tfrac12 \sum_{j=1}^{d} \Big( \frac{(x_j - \mu_{kj})^2}{\sigma^2_{kj}}
# + \log \sigma^2_{kj} + \log 2\pi \Big)$$
#
# where $\mu_{kj}$ (`mu`) and $\sigma^2_{kj}$ (`var`) are mean and variance of feature $j$ of $d$ in
# class $k$ of $K$. Features that are independent within a class: this is **naive Bayes**.

# %% [markdown]
# ### Exercise: gaussian_log_prob (8 min)
#
# Given: `x` (N, d), and `mu` and `var` (d,) of one class. Asked: the log density of each row.
# `var` is the variance, not its root.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One term for each feature; then a sum over the features, not over the rows.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `(x - mu) ** 2 / var`, plus `var.log()`, plus `math.log(2 * math.pi)`; all of it inside the sum.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `terms = (x - mu) ** 2 / var + ... + ...` and `return -0.5 * terms.sum(dim=...)`
#
# </details>


# %%
def gaussian_log_prob(x, mu, var):
    """log N(x; mu, diag(var)), shape (N,), of the rows of x (N, d); mu and var are (d,)."""
    # BEGIN SOLUTION
    terms = (x - mu) ** 2 / var + var.log() + math.log(2 * math.pi)
    return -0.5 * terms.sum(dim=1)
    # END SOLUTION


# %%
gaussian_log_prob = check.gaussian_log_prob(gaussian_log_prob)

# %% [markdown]
# By hand first; here is PyTorch's own, on the same points.

# %%
normal = torch.distributions.Normal(true_mu[1], true_var[1].sqrt())
theirs = normal.log_prob(x).sum(dim=1)
print("the same:", torch.allclose(gaussian_log_prob(x, true_mu[1], true_var[1]), theirs, atol=1e-4))

# %% [markdown]
# ### Exercise: fit_gaussians (8 min)
#
# Which bell fits best? The one under which the data are most probable (**maximum likelihood**) has
# the mean and the variance of the data. Asked: both, of each feature in each class, as `(K, d)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `x[y == k]` are the rows of class k. Each class has a mean and a variance of its own.
#
# </details>
# <details><summary>Hint 2: the functions</summary>
#
# `.mean(dim=0)` and `.var(dim=0, unbiased=False)` of those rows; `torch.stack` makes `(K, d)` of
# a list of K rows.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `mu = torch.stack([x[y == k].mean(dim=0) for k in range(...)])`, and the same with `.var`.
#
# </details>


# %%
def fit_gaussians(x, y, num_classes):
    """Mean and variance of each feature in each class: mu (K, d), var (K, d)."""
    # BEGIN SOLUTION
    mu = torch.stack([x[y == k].mean(dim=0) for k in range(num_classes)])
    var = torch.stack([x[y == k].var(dim=0, unbiased=False) for k in range(num_classes)])
    # END SOLUTION
    return mu, var


# %%
fit_gaussians = check.fit_gaussians(fit_gaussians)

# %%
prior = class_priors(y, 2)
mu, var = fit_gaussians(x, y, 2)
print(f"prior of class 0: {prior[0]:.2f}, truth {true_prior[0]:.2f}")
print("means within 0.2 of the truth:", bool((mu - true_mu).abs().max() < 0.2))
print("variances within a quarter of it:", bool((var / true_var - 1).abs().max() < 0.25))

# %% [markdown]
# ### Exercise: log_joint (6 min)
#
# Asked: $\log p(x, y = k) = \log p(x \mid y = k) + \log p(y = k)$ for every row and every class,
# shape `(N, K)`. Your `gaussian_log_prob` gives one column of it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One column for each class. What does the class's prior add to it, in logs?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# Column k is `gaussian_log_prob(x, mu[k], var[k]) + prior[k].log()`. `torch.stack(..., dim=1)`
# puts columns side by side.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `columns = [gaussian_log_prob(x, mu[k], ...) for k in range(len(prior))]`, then
# `return torch.stack(columns, dim=1) + ...`
#
# </details>


# %%
def log_joint(x, prior, mu, var):
    """log p(x, y = k), shape (N, K), of x (N, d); prior is (K,), mu and var are (K, d)."""
    # BEGIN SOLUTION
    columns = [gaussian_log_prob(x, mu[k], var[k]) for k in range(len(prior))]
    return torch.stack(columns, dim=1) + prior.log()
    # END SOLUTION


# %%
log_joint = check.log_joint(log_joint)

# %% [markdown]
# The two columns as landscapes: how dense each class is at every point of the plane. Each class's
# lines count from its own peak; the peak of class 0 is about ten times as high.

# %%
across, up = torch.linspace(-4, 5, 181), torch.linspace(-3.5, 4, 151)
plane = torch.cartesian_prod(up, across).flip(1)  # (151 * 181, 2), row by row


def draw_densities(ax, prior, mu, var):
    """Contours of p(x, y = k), one colour a class; each line is half as high as the one inside."""
    joint = log_joint(plane, prior, mu, var).exp().view(len(up), len(across), -1)
    for k in range(joint.shape[2]):
        levels = joint[..., k].max() * torch.tensor([1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2])
        ax.contour(across, up, joint[..., k], levels, colors=f"C{k}", linewidths=1)


fig, ax = plt.subplots(figsize=(6, 4.4))
draw_points(ax, x, y, "The generative model: a landscape for each class")
draw_densities(ax, prior, mu, var)
ax.legend()
plt.show()

# %% [markdown]
# ## 2 Bayes' rule, and numbers too small to hold
#
# **Idea.** At a point, compare the heights of the two landscapes: a class's share of their sum is
# its probability there. In the plane you could divide as the formula says. On digits you could
# not. Take 28 x 28 = 784 pixels, each a feature in [0, 1], and ten classes: your functions need no
# change.

# %%
x_train, y_train = data.mnist("train", low=0.0)
x_test, y_test = data.mnist("test", low=0.0)
x_train, x_test = x_train.flatten(1), x_test.flatten(1)
prior_digits = class_priors(y_train, 10)
mu_digits, var_raw = fit_gaussians(x_train, y_train, 10)
print(f"pixels that never change within their class: {(var_raw <= 1e-12).float().mean():.0%}")

# %% [markdown]
# Corners are black in every digit of a class: variance 0, a bell without width, and a division by
# 0. So add a **floor** of 0.01 to every variance: as if each pixel had been read with a noise of
# standard deviation 0.1. That is a choice; section 9 shows what depends on it.

# %%
floor = 0.01
var_digits = var_raw + floor
joint = log_joint(x_test, prior_digits, mu_digits, var_digits)
inverted = log_joint(1 - x_test, prior_digits, mu_digits, var_digits)
for name, row in {"a test digit": joint[0], "the same, inverted": inverted[0]}.items():
    print(f"{name:19} log p(x, y) from {row.min():7.0f} to {row.max():7.0f}")
    print(f"{'':19} Bayes' rule as written: {(row.exp() / row.exp().sum()).tolist()[:3]} ...")

# %% [markdown]
# Both are lost. A sum over 784 pixels is far from 0, and a 32-bit number overflows above $e^{88}$
# (`inf / inf`) and is 0 below $e^{-103}$ (`0 / 0`; a finite number over `inf` is 0). Both give
# `nan`, "not a number". (A density may exceed 1, so its log may be positive.)

# %% [markdown]
# **The remedy** is to stay in logs, and to take the largest entry $m$ of the row out of the sum:
#
# $$\log p(x) = \log \sum_k e^{a_k} = m + \log \sum_k e^{a_k - m}, \qquad
# \log p(y = k \mid x) = a_k - \log p(x)$$
#
# where $a_k = \log p(x, y = k)$ (`log_joint[:, k]`). The largest exponent is now 0.

# %% [markdown]
# ### Exercise: posterior (6 min)
#
# Asked: $p(y = k \mid x)$ from the log joint, `(N, K)`, also where the entries are around -1000.
# `torch.logsumexp` computes $\log \sum e^{a}$ in this safe way.
#
# <details><summary>Hint 1: a nudge</summary>
#
# $p(x)$ belongs to one example, so there is one sum for each row.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `exp(log_joint - log p(x))`, where log p(x) is the logsumexp over `dim=1`. To subtract it from
# every column it has to be `(N, 1)`.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.exp(log_joint - torch.logsumexp(log_joint, dim=..., keepdim=...))`
#
# </details>


# %%
def posterior(log_joint):
    """p(y = k | x), shape (N, K), from log p(x, y = k); every row sums to 1."""
    return torch.exp(log_joint - torch.logsumexp(log_joint, dim=1, keepdim=True))  # SOLUTION


# %%
posterior = check.posterior(posterior)

# %%
prob = posterior(joint)
print("PyTorch calls it softmax, the same:", torch.allclose(prob, joint.softmax(1), atol=1e-3))
accuracy = (prob.argmax(1) == y_test).float().mean()
print(f"digits named right by ten bells: {accuracy:.1%}")

# %% [markdown]
# Four of five, from means and variances alone. Back in the plane, the border is where both classes
# have probability 1/2.


# %%
def draw_border(ax, prob, colour, label, style="-"):
    """The line where prob, p(y = 1 | x) on the plane, is 1/2."""
    ax.contour(across, up, prob.view(len(up), -1), [0.5], colors=colour, linestyles=style)
    ax.plot([], [], colour, linestyle=style, label=label)


prob_plane = posterior(log_joint(plane, prior, mu, var))[:, 1]
fig, ax = plt.subplots(figsize=(8, 4.2))
draw_points(ax, x, y, "Its border follows from the two landscapes")
draw_densities(ax, prior, mu, var)
draw_border(ax, prob_plane, "k", "p(y = 1 | x) = 1/2")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# **Question.** The border closes around class 0: points far to the left are called class 1,
# although class 0 is nearer. Why?
#
# <details><summary>Answer</summary>
#
# Class 0 is narrow: a point many of its standard deviations away is nearly impossible for it. The
# wide class 1 reaches further on every side. With equal variances the quadratic terms would
# cancel, and the border would be a line.
#
# </details>

# %% [markdown]
# ## 3 Generate
#
# A model of $p(x, y)$ can be run forwards: first draw a class from $p(y)$, then a point from
# $p(x \mid y)$. This is **ancestral sampling**: causes before effects.

# %% [markdown]
# ### Exercise: sample_from_model (8 min)
#
# Asked: `n` new pairs, `x` (n, d) and `y` (n,). A normal number with mean $\mu$ and variance
# $\sigma^2$ is $\mu + \sigma z$ with $z$ from N(0, 1), a new one for every feature of every
# example.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `torch.multinomial(prior, n, replacement=True)` draws labels. `mu[y]` picks a row for each.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `mu[y]` plus the root of `var[y]` times `torch.randn_like(mu[y])`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `y = torch.multinomial(prior, ..., replacement=True)`, `x = mu[y] + ... * torch.randn_like(mu[y])`
#
# </details>


# %%
def sample_from_model(n, prior, mu, var):
    """n new pairs: x (n, d) and labels y (n,), y from p(y) first, then x from p(x | y)."""
    # BEGIN SOLUTION
    y = torch.multinomial(prior, n, replacement=True)
    x = mu[y] + var[y].sqrt() * torch.randn_like(mu[y])
    # END SOLUTION
    return x, y


# %%
sample_from_model = check.sample_from_model(sample_from_model)

# %%
runtime.seed(1)
x_fake, y_fake = sample_from_model(400, prior, mu, var)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
draw_points(left, x, y, "data")
draw_points(right, x_fake, y_fake, "samples of the model")
left.legend()
plt.show()

# %% [markdown]
# In the plane the model is right, and its samples look like the data. On digits:


# %%
def as_images(x):
    """Rows of 784 pixels as images (N, 1, 28, 28)."""
    return x.view(-1, 1, 28, 28)


runtime.seed(1)
digits_fake, labels_fake = sample_from_model(2000, prior_digits, mu_digits, var_digits)
panels = {"test digits": x_test[:36], "samples": digits_fake[:36]}
panels |= {"their means": mu_digits[labels_fake[:36]]}
images.show({title: as_images(x) for title, x in panels.items()}, low=0.0)

# %% [markdown]
# Digits in a snowstorm. Ask a classifier that knows digits (a trained network that comes with the
# course): does it read what the model meant?

# %%
classifier = weights.load("digit_classifier")


def read(x):
    """The digits (N,) that the classifier reads in pictures x (N, 784) in [0, 1]."""
    _, prob = metrics.digit_features(classifier, as_images(2 * x.clamp(0, 1) - 1))
    return prob.argmax(1)


answers = read(digits_fake)
print(f"test digits   {(read(x_test) == y_test).float().mean():.0%} read right")
print(f"class means   {(read(mu_digits) == torch.arange(10)).float().mean():.0%}")
print(f"samples       {(answers == labels_fake).float().mean():.0%}   (ten classes: chance is 10%)")
favourite = answers.mode().values
print(f"its answer to {(answers == favourite).float().mean():.0%} of the samples: {favourite}")

# %% [markdown]
# You can read most of them. The network cannot: it has never seen snow, and a judge is only good
# near the data it learned from. (Lesson 3 judges samples with this network: keep that in mind.)

# %% [markdown]
# **Question.** Every pixel has the right mean and, but for the floor, the right variance. What is
# missing?
#
# <details><summary>Answer</summary>
#
# How pixels go together. In a digit a white pixel has white neighbours; here each is drawn
# alone, so a stroke that moves becomes grey snow. A picture is more than its pixels: the next
# lessons learn a generator in which one $z$ moves all pixels at once.
#
# </details>

# %% [markdown]
# ## 4 Only the border
#
# **Idea.** If all you want is the class, why learn how points are spread? Write $p(y \mid x)$ down
# directly: a score for each class, linear in $x$, and a softmax. This is **softmax regression**
# (logistic regression for two classes). Its loss is the cross-entropy:
#
# $$\text{loss} = -\frac1N \sum_n \log p(y_n \mid x_n), \qquad
# p(y = k \mid x) = \frac{e^{w_k \cdot x + b_k}}{\sum_j e^{w_j \cdot x + b_j}}$$
#
# where $w_k \cdot x + b_k$ is the logit of class $k$ (`model(x)[:, k]`).

# %% [markdown]
# ### Exercise: train_step (6 min)
#
# No formula gives the answer at once this time: walk downhill. Given: a model that returns logits,
# its optimiser, a batch. Asked: one step on the mean cross-entropy. `F.cross_entropy(logits, y)`
# applies the softmax itself.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `.grad` still holds the last step's gradients: `backward` adds to them.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# The loss; clear the gradients; backward; step.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss = F.cross_entropy(model(...), ...)`, then `opt.zero_grad()`, `loss....`, `opt....`
#
# </details>


# %%
def train_step(model, opt, x, y):
    """One gradient step on the mean cross-entropy of model(x). Returns the loss, a float."""
    # BEGIN SOLUTION
    loss = F.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    # END SOLUTION
    return loss.item()


# %%
train_step = check.train_step(train_step)

# %%
Step = namedtuple("Step", "number loss")


@torch.no_grad()
def draw_line(ax):
    """The data, and the border of the line as it stands."""
    draw_points(ax, x, y, "softmax regression, as it learns")
    draw_border(ax, line(plane).softmax(1)[:, 1], "C3", "p(y = 1 | x) = 1/2")
    ax.legend(fontsize=8, loc="lower left")


runtime.seed(0)
line = nn.Linear(2, 2)
opt = torch.optim.SGD(line.parameters(), lr=0.2)
groups = {"loss": {"loss": "-log p(y | x)"}}
plot = live.LivePlot(draw_line, every=5, size=(9, 3.8), groups=groups)
with plot:
    for number in range(1, runtime.steps(200) + 1):
        plot.update(Step(number, train_step(line, opt, x, y)))

# %% [markdown]
# Both borders over the same points. One model knows which class is more probable at a point; the
# other also how probable the point is.

# %%
with torch.no_grad():
    prob_line, logits_new = line(plane).softmax(1)[:, 1], line(x_new)
fig, ax = plt.subplots(figsize=(8, 4.2))
draw_points(ax, x, y, "Two ways to look at the same data")
draw_densities(ax, prior, mu, var)
draw_border(ax, prob_plane, "k", "generative: a curve")
draw_border(ax, prob_line, "C3", "discriminative: a line", "--")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
joint_new = log_joint(x_new, prior, mu, var)
for name, scores in {"generative": joint_new, "discriminative": logits_new}.items():
    print(f"{name:15} {(scores.argmax(1) == y_new).float().mean():.0%} of 2,000 new points right")

# %% [markdown]
# ### Two losses, one inside the other
#
# Maximum likelihood is the same as minimising $-\log p(x, y)$. Take it apart:
#
# $$-\log p(x, y) = -\log p(y \mid x) \; - \log p(x)$$
#
# The first term is all that the discriminative model looks at. The second is an **auxiliary
# task**: explain the points themselves. It needs no label, and it can help (it tells where classes
# lie) or distract (it may be far larger).


# %%
def two_terms(joint, y):
    """The means of -log p(y | x) and of -log p(x), from the log joint."""
    log_p_x = gaussians.log_marginal(joint)
    return (log_p_x - joint[torch.arange(len(y)), y]).mean().item(), -log_p_x.mean().item()


for name, scores, labels in [("plane", joint_new, y_new), ("digits", joint, y_test)]:
    label_term, x_term = two_terms(scores, labels)
    print(f"generative, {name:7}  -log p(y|x) {label_term:5.2f}   -log p(x) {x_term:6.1f}")
print(f"discriminative, plane  -log p(y|x) {F.cross_entropy(logits_new, y_new).item():4.2f}")

# %% [markdown]
# In the plane the auxiliary task does no harm. For digits, 784 pixels outweigh one label by far:
# the fit is nearly all about $p(x)$, and what it gets wrong there, the label pays for. (Guessing
# costs $\log 10 \approx 2.3$; where this model is wrong, it is nearly certain.) So let the other
# one try.


# %%
@torch.no_grad()
def draw_weights(ax):
    """The weights of each class as a picture: white speaks for the class, black against it."""
    w = softmax_model.weight / softmax_model.weight.abs().max()
    images.draw(ax, as_images(w), "weights of 0 to 9: white for, black against", columns=5)


Step = namedtuple("Step", "number loss right")
runtime.seed(0)
softmax_model = nn.Linear(784, 10)
opt = torch.optim.SGD(softmax_model.parameters(), lr=0.1, momentum=0.9)
groups = {"loss": {"loss": "-log p(y | x)"}, "accuracy": {"right": "share of the batch right"}}
plot = live.LivePlot(draw_weights, every=20, groups=groups)
with plot:
    batches = data.Batches(torch.arange(len(x_train)), 200).take(runtime.steps(900))
    for number, rows in enumerate(batches, 1):
        with torch.no_grad():
            right = (softmax_model(x_train[rows]).argmax(1) == y_train[rows]).float().mean().item()
        loss = train_step(softmax_model, opt, x_train[rows], y_train[rows])
        plot.update(Step(number, loss, right))

# %%
softmax_model.requires_grad_(False)
accuracy_softmax = (softmax_model(x_test).argmax(1) == y_test).float().mean()
loss_softmax = F.cross_entropy(softmax_model(x_test), y_test).item()
print(f"generative      {accuracy:.0%} of the test digits right")
print(f"discriminative  {accuracy_softmax:.0%}, with -log p(y|x) {loss_softmax:.2f}")

# %% [markdown]
# **With all the labels and a wrong density, the border wins**, by about ten points. It never had to
# believe that pixels are independent.

# %% [markdown]
# ## 5 What a density lets you do
#
# Generate was the first thing: `softmax_model` has nothing to draw from. Three more follow, each
# with a number, and each with its limits.

# %% [markdown]
# ### "Never seen anything like it"
#
# **Idea.** $p(x)$ should be low for what is no digit. Does it tell digits from letters, from
# digits that are inverted or turned by 90 degrees, and from a black picture? The discriminative
# model has no $p(x)$; the usual stand-in is how sure it is: its largest probability (Hendrycks &
# Gimpel 2017).

# %%
strange = {
    "letters": letters.letters().flatten(1),
    "inverted": 1 - x_test[::5],
    "turned": as_images(x_test[::5]).rot90(1, (2, 3)).flatten(1),
    "black": torch.zeros(1, 784),
}
images.show({name: as_images(x[::8][:12]) for name, x in strange.items()}, 4, 2.6, low=0.0)


# %%
def log_p_x(x):
    """log p(x), shape (N,), under the ten bells: the sum of the joint over the classes."""
    return gaussians.log_marginal(log_joint(x, prior_digits, mu_digits, var_digits))


fig, ax = plt.subplots(figsize=(8, 3))
shown = {"test digits": x_test[::5], "letters": strange["letters"], "turned": strange["turned"]}
for name, pictures in shown.items():
    ax.hist(log_p_x(pictures), torch.linspace(-500, 900, 71), density=True, alpha=0.5, label=name)
ax.axvline(log_p_x(strange["black"])[0], color="k", label="a black picture")
far = log_p_x(strange["inverted"]).median()
far = 1000 * round(far.item() / 1000)
ax.set(title=f"Inverted digits lie far off the left edge, around {far:,}")
ax.annotate("ones", (770, 0.0014), ha="center")
ax.set(xlabel="log p(x)", ylabel="density", xlim=(-500, 900))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()

# %% [markdown]
# One number each: the **area under the ROC curve** (ROC AUC), how often a test digit scores higher
# than the strange picture. 1 is perfect, 1/2 is chance, below 1/2 is worse than chance. (Black is
# one picture: there it is the share of test digits that score higher.)


# %%
def how_sure(x):
    """The largest class probability of softmax regression, shape (N,)."""
    return softmax_model(x).softmax(1).max(1).values


auc = {}
for name, pictures in strange.items():
    scores = [(f(x_test[::5]), f(pictures)) for f in (log_p_x, how_sure)]
    auc[name] = [metrics.roc_auc(*pair) for pair in scores]
    print(f"{name:9} log p(x) {auc[name][0]:.2f}    largest p(y | x) {auc[name][1]:.2f}")
for name, pictures in {"test digits": x_test, "inverted": strange["inverted"]}.items():
    print(f"{name:12} mean largest p(y | x) {how_sure(pictures).mean():.2f}")

# %% [markdown]
# **Question.** An inverted digit looks absurd to $p(x)$, and softmax regression is nearly as sure
# of it as of a digit. But $p(x)$ holds a black picture for a better digit than most digits. Why?
#
# <details><summary>Answer</summary>
#
# Nearly every pixel expects black, most of all in the bell of the ones, which is the narrowest and
# so the tallest. Black lies near its top; only the ones themselves score higher. No factor asks for
# a stroke. High density and "looks typical" are two things, also for far better models: Nalisnick
# et al. 2019. On letters the two scores are about equal.
#
# </details>

# %% [markdown]
# ### Half of the picture
#
# **Idea.** Pixels are missing. A density can leave them out: integrate over all that they could
# have been. Each factor of the product integrates to 1, so the unseen ones drop out:
#
# $$\log p(x_{seen}, y = k) = \log p(y = k) + \sum_{j\ \text{seen}} \log p(x_j \mid y = k)$$
#
# where `seen` (d,) is True for the pixels that are known.

# %% [markdown]
# ### Exercise: log_joint_missing (6 min, stretch)
#
# Optional. Asked: `log_joint` over the seen features only. What stands in the unseen places must
# not matter.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A boolean tensor picks columns: `x[:, seen]`.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `log_joint`, of fewer features: those of x, of mu and of var.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return log_joint(x[:, seen], prior, ..., ...)`
#
# </details>


# %%
def log_joint_missing(x, seen, prior, mu, var):
    """log p(seen part of x, y = k), shape (N, K); seen (d,) is True where a feature is known."""
    return log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])  # SOLUTION


# %%
log_joint_missing = check.log_joint_missing(log_joint_missing)

# %%
row, column = torch.arange(784) // 28, torch.arange(784) % 28
runtime.seed(0)
masks = {"upper half": row < 14, "left half": column < 14, "every other": torch.rand(784) < 0.5}
panels = {}
for name, seen in masks.items():
    grey = as_images(torch.where(seen, x_test[:12], 0.4))
    panels[f"seen: {name}"] = F.pad(grey, (2, 2, 2, 2), value=1.0)  # a white frame
images.show(panels, columns=4, size=3, low=0.0)

# %%
for name, seen in masks.items():
    left_out = log_joint_missing(x_test, seen, prior_digits, mu_digits, var_digits)
    zeros = softmax_model(x_test * seen)  # it needs 784 numbers: zeros for the unseen ones,
    means = softmax_model(torch.where(seen, x_test, x_train.mean(0)))  # or each pixel's mean
    right = [(s.argmax(1) == y_test).float().mean().item() for s in (left_out, zeros, means)]
    print(
        f"seen: {name:12} generative {right[0]:.0%}   discriminative, zeros put in {right[1]:.0%}"
        f"   means put in {right[2]:.0%}"
    )

# %% [markdown]
# **Question.** With a whole half gone the generative model is ahead of both ways of filling in.
# With a random half gone ("every other") it is not. Why?
#
# <details><summary>Answer</summary>
#
# Zeros say "no ink here", and that is evidence against a 6. Means say less, and do less damage.
# Where single pixels go, their neighbours say nearly the same. (A softmax regression trained anew
# on the seen half would win, but it needs a new training for every mask; the density needs none.)
#
# </details>

# %% [markdown]
# ### No labels at all
#
# **Idea.** $p(x)$ needs no labels. Guess some, fit the bells, name each digit by its most probable
# bell, fit again, and so on: no round lowers the likelihood of the pictures with their guessed
# labels (the floor breaks the proof, not the run). This is **EM** (expectation maximisation) with
# hard decisions: each digit to one bell. Bishop 2006, section 9.3.2. All of it is your functions.

# %%
x_few = x_train[:3000]
runtime.seed(0)
guess = torch.cdist(x_few, x_few[torch.randperm(3000)[:10]]).argmin(1)  # nearest of ten digits
likelihood = []
for _ in range(runtime.steps(10, quick=4)):
    share, (mu_em, var_em) = class_priors(guess, 10), fit_gaussians(x_few, guess, 10)
    joint_em = log_joint(x_few, share, mu_em, var_em + floor)
    guess = joint_em.argmax(1)
    likelihood.append(joint_em.max(1).values.mean().item())

# %%
named = log_joint(x_test, share, mu_em, var_em + floor).argmax(1)
counts = torch.stack([torch.bincount(y_test[named == k], minlength=10) for k in range(10)])
purity = counts.max(1).values.sum().item() / len(y_test)
images.show({"the ten groups it found, by their means": as_images(mu_em)}, 10, 8, low=0.0)
for k in range(10):
    top = counts[k].argmax().item()
    print(f"group {k}: {counts[k, top] / counts[k].sum():.0%} are {top}")
print("the likelihood with guessed labels rose in every round:", likelihood == sorted(likelihood))
print(f"share of digits that match their group's majority: {purity:.1f} (chance 0.1)")

# %% [markdown]
# About half, without a single label: it finds ways to write, not names. Some digits get a group of
# their own, some share one, some are spread over several. A model of $p(y \mid x)$ alone has no
# loss here: no $y$, no cross-entropy.

# %% [markdown]
# ## 6 How much data does each need?
#
# **Idea.** A density needs few examples to be roughly right, and stays wrong if its assumption is.
# A border assumes less and needs more. Ng and Jordan (2002) compared pairs with the **same kind of
# border**, for bells: one variance for all classes, which makes it a line. The generative model is
# often ahead at first, and the curves cross. Do they here?


# %%
def balanced(y, n, seed):
    """Indices of n examples, as many of each class as of the others; all of them if n is len(y)."""
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    if n >= len(y):
        return order
    return torch.cat([order[y[order] == k][: n // 10] for k in range(10)])


def shared(prior, var):
    """One variance of each feature for all classes, (K, d): the mean of theirs."""
    return (prior.unsqueeze(1) * var).sum(0).expand_as(var)


def right_generative(x, y, x_judge, y_judge):
    """Accuracies on two halves: the first chooses the floor, the second is the result."""
    prior, (mu, var) = class_priors(y, 10), fit_gaussians(x, y, 10)
    found = []
    for floor in (0.01, 0.1):
        scores = log_joint(x_judge, prior, mu, shared(prior, var) + floor)
        right = (scores.argmax(1) == y_judge).float()
        found.append([right[0::2].mean().item(), right[1::2].mean().item()])
    return max(found)[1]


def right_discriminative(x, y, x_judge, y_judge):
    """Accuracy on the second half; 200 steps for every n are its only regulariser."""
    model = nn.Linear(784, 10)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    batches = data.Batches(torch.arange(len(y)), min(200, len(y)))
    for rows in batches.take(runtime.steps(200)):
        train_step(model, opt, x[rows], y[rows])
    with torch.no_grad():
        right = (model(x_judge).argmax(1) == y_judge).float()
    return right[1::2].mean().item()


# %% [markdown]
# Two kinds of data. First the digits. Then data for which the assumption is true: samples of bells
# with the digits' means and one shared variance (four times as large: they would be too easy
# otherwise).
#
# Each model has one knob. The floor is chosen for each draw, on 1,000 examples kept aside, more
# than the model itself gets at the left end; softmax regression takes 200 steps at every size. If
# anything, that favours the generative model.


# %%
def learning_curves(x, y, x_judge, y_judge, sizes):
    """For each size, the accuracies (model, draw) of both models on draws of n examples."""
    models, result = (right_generative, right_discriminative), []
    for n in sizes:
        draws = 1 if runtime.QUICK else 5 if n < 1000 else 3
        found = []
        for seed in range(draws):
            runtime.seed(seed)
            rows = balanced(y, n, seed)
            found.append([right(x[rows], y[rows], x_judge, y_judge) for right in models])
        result.append(torch.tensor(found).T)
    return result


# %%
sizes = [20, 50, 100, 300, 1000, 3000, 10_000, 60_000]
runtime.seed(0)
wide = 4 * shared(prior_digits, var_digits)
x_own, y_own = sample_from_model(14_000, prior_digits, mu_digits, wide)
own = x_own[:12_000], y_own[:12_000], x_own[12_000:], y_own[12_000:]
curves = {
    "digits": learning_curves(x_train, y_train, x_test[::5], y_test[::5], sizes),
    "samples of the bells": learning_curves(*own, sizes[:6]),
}

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True, sharex=True)
for ax, (title, result) in zip(axes, curves.items()):
    for m, (name, colour) in enumerate([("generative", "k"), ("discriminative", "C3")]):
        low, middle, high = zip(*((r[m].min(), r[m].mean(), r[m].max()) for r in result))
        ax.fill_between(sizes[: len(low)], low, high, color=colour, alpha=0.2)
        ax.semilogx(sizes[: len(low)], middle, colour, marker="o", markersize=4, label=name)
    ax.set(title=f"{title} (band: all draws)", xlabel="training examples (log scale)")
    ax.set(ylim=(0.3, 1.02))
axes[0].set(ylabel="accuracy on new examples")
axes[1].legend(loc="lower right")
plt.tight_layout()
plt.show()

# %%
ahead = [(r[1] - r[0]).mean().item() for r in curves["digits"]]  # discriminative minus generative
print("digits, 20 examples: less than four points apart:", abs(ahead[0]) < 0.04)
print("digits, from 100 on: the discriminative model ahead:", min(ahead[2:]) > 0)
print("digits, all of them: by five points or more:", ahead[-1] > 0.05)
ahead = [(r[1] - r[0]).mean().item() for r in curves["samples of the bells"]]
print("samples of the bells, from 1,000 on: the generative model ahead:", max(ahead[4:]) < 0)

# %% id="curves" tags=["nbval-ignore-output"]
for title, result in curves.items():
    shown = [f"{r[0].mean():.2f}/{r[1].mean():.2f}" for r in result]
    print(f"{title:21} generative/discriminative:", "  ".join(shown))

# %% [markdown]
# **The crossing is not found on digits.** With 20 examples the two are close, and the bands
# overlap; after that the border is ahead and stays there. Where the assumption holds, the density
# is level with few examples and ahead with many: it is the truth.

# %% [markdown]
# So "generative needs less data"
# depends on how true the assumption is. On digits it is false enough to cost more than it saves.
# (With a variance for each class, as in section 2, it does not cross either; we tried.)

# %% [markdown]
# ## 7 Say what you want
#
# **Idea.** A generator with a **condition** gives what you ask for. Yours has one: skip the draw
# from $p(y)$ and choose $y$. Beside it the **unconditional** one: a single bell for all digits.

# %%
runtime.seed(0)
wanted = torch.arange(10).repeat(6)
conditional = mu_digits[wanted] + var_digits[wanted].sqrt() * torch.randn(60, 784)
one_mu, one_var = fit_gaussians(x_train, torch.zeros_like(y_train), 1)
unconditional = one_mu + (one_var + floor).sqrt() * torch.randn(60, 784)
panels = {"one bell: no control": unconditional, "ten bells: asked for 0 to 9": conditional}
images.show({title: as_images(x) for title, x in panels.items()}, 10, 5, low=0.0)

# %%
runtime.seed(0)
many = torch.arange(10).repeat(100)
asked = mu_digits[many] + var_digits[many].sqrt() * torch.randn(1000, 784)
any_digit = one_mu + (one_var + floor).sqrt() * torch.randn(1000, 784)
for name, pictures in {"conditional": asked, "unconditional": any_digit}.items():
    share = (softmax_model(pictures).argmax(1) == many).float().mean()
    print(f"{name:14} softmax regression reads the digit asked for: {share:.0%}")

# %% [markdown]
# The condition is obeyed. (The linear reader averages the snow out; the network of section 3 was
# lost in it.) One bell is blurred because it has one mean, not because it has no condition: your
# samples in section 3 had none.

# %% [markdown]
# How does a number such as 7 enter a network? As a **one-hot** vector: zeros, and a 1 in place 7.
# Multiplied by a table, it picks a row of the table. That row is an **embedding**, and
# `nn.Embedding` looks it up without the zeros. `mu[y]` has been one all along.

# %%
table = nn.Embedding.from_pretrained(mu_digits)  # ten rows of 784 numbers
one_hot = F.one_hot(wanted, 10).float()
print("one-hot of 7:", F.one_hot(torch.tensor(7), 10).tolist())
print("one_hot @ table is mu[y]:", torch.allclose(one_hot @ mu_digits, mu_digits[wanted]))
print("and nn.Embedding's row:", torch.equal(table(wanted), mu_digits[wanted]))

# %% [markdown]
# In a conditional network the table is learned, like any weight; a conditional generator is $G(z,
# y)$, G for generator. Yours is the smallest one: $G(z, y) = \mu_y + \sigma_y z$, with one $z$ for
# each pixel.

# %% [markdown]
# ## 8 The family
#
# Better generators differ in how they get at $p(x)$, and each gives something up. Read a column:
# how it works, then what it has.

# %%
display(SVG(filename=data.ROOT.parent / "figures" / "family_tree.svg"))

# %% [markdown]
# - **Autoregressive**: predicts each pixel from those before it. Slow: one pixel at a time.
# - **Flow**: bends noise into data by invertible layers. It gives up free choice of layers.
# - **VAE**: codes and decodes, and bounds $p(x)$. Its pictures are blurred.
# - **Diffusion**: removes noise in many small steps, and bounds $p(x)$. Each sample takes them all.
# - **GAN**: a second network judges the samples. There is no $p(x)$ to ask.

# %% [markdown]
# ## 9 It breaks
#
# **First: the floor.** You added 0.01 to every variance. Here are other floors, from almost none
# to one larger than any pixel's variance. (Accuracy on every fifth test digit.)

# %%
floors = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
right, density = [], []
for floor_k in floors:
    joint_k = log_joint(x_test[::5], prior_digits, mu_digits, var_raw + floor_k)
    right.append((joint_k.argmax(1) == y_test[::5]).float().mean().item())
    density.append(gaussians.log_marginal(joint_k).mean().item())
fig, (left, right_ax) = plt.subplots(1, 2, figsize=(10, 3.2))
left.semilogx(floors, right, "k", marker="o")
left.set(title="accuracy", xlabel="floor (log scale)", ylim=(0, 1), ylabel="share right")
right_ax.semilogx(floors, density, "C4", marker="o")
right_ax.set(title="mean log p(x) of test digits", xlabel="floor (log scale)", ylabel="log p(x)")
plt.tight_layout()
plt.show()
for i in (0, 4, 6):
    print(f"floor {floors[i]:<6} accuracy {right[i]:.0%}   mean log p(x) {density[i]:5.0f}")
print(f"with floor 1, called a one: {(joint_k.argmax(1) == 1).float().mean():.0%} (truth 11%)")

# %% [markdown]
# With almost no floor the density of a digit is absurdly high, and yet the accuracy falls: one grey
# pixel where a class was always black outvotes all the others. **A higher likelihood is not a
# better classifier.** With a floor of 1 every bell is far wider than its digits. Distances count
# for little, and the sum of $\log \sigma^2$ decides: it favours the narrowest class, the ones.

# %% [markdown]
# **Remedy:** choose the floor by accuracy on digits kept aside, as section 6 does.

# %% [markdown]
# **Second: the same evidence, counted again.** Naive Bayes takes every feature for news. Give each
# of the two features of the plane several times, and compare how sure the model is with how often
# it is right. If it is **calibrated**, they agree, on average and at every level of sureness.

# %%
copies, sure, correct = [1, 2, 4, 8, 16], [], []
for c in copies:
    joint_c = log_joint(x_new.repeat(1, c), prior, mu.repeat(1, c), var.repeat(1, c))
    sure.append(posterior(joint_c).max(1).values.mean().item())
    correct.append((joint_c.argmax(1) == y_new).float().mean().item())
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(copies, sure, "C4", marker="o", label="how sure: mean largest p(y | x)")
ax.plot(copies, correct, "k", marker="o", label="how often right")
ax.set(title="Copies of the same features: surer, not better", ylim=(0.8, 1.01))
ax.set(xlabel="copies of each feature", ylabel="share")
ax.legend(loc="lower right")
plt.show()

# %%
print("one copy: sure and right agree within two points:", abs(sure[0] - correct[0]) < 0.02)
print("sixteen: surer than right by more than five points:", sure[-1] - correct[-1] > 0.05)
sure_digits = prob.max(1).values.mean().item()
print(f"digits: {sure_digits:.0%} sure, {accuracy:.0%} right")

# %% [markdown]
# Pixels are copies of their neighbours, nearly. So on digits the model is almost always sure.
# **Remedy:** a model that knows how features depend on each other, or a border: softmax regression
# may give a pair of copies half the weight each.

# %% [markdown]
# ## 10 Move a class
#
# Your functions, called anew at every move: the wide class goes left and right, and its spread
# changes. Find the spread at which the border is nearly a line.
#
# <details><summary>Answer</summary>
#
# About 0.4: then the two variances are nearly equal, and the quadratic terms nearly cancel.
#
# </details>


# %%
def draw_moved(centre, spread):
    """Densities and border when class 1 stands at `centre` and has `spread` times its width."""
    mu_moved = torch.stack([mu[0], torch.tensor([centre, mu[1, 1]])])
    var_moved = torch.stack([var[0], spread**2 * var[1]])
    fig, ax = plt.subplots(figsize=(6, 4.4))
    draw_points(ax, x[:0], y[:0], "densities of both classes, and the border")
    draw_densities(ax, prior, mu_moved, var_moved)
    border = posterior(log_joint(plane, prior, mu_moved, var_moved))[:, 1]
    draw_border(ax, border, "k", "p(y = 1 | x) = 1/2")
    ax.legend(loc="lower left")
    return fig


slider = ipywidgets.FloatSlider
widgets.explore(
    draw_moved,
    slider(1.0, min=-2, max=3, step=0.1, description="centre"),
    slider(1.0, min=0.2, max=1.5, step=0.05, description="spread"),
)

# %% [markdown] tags=["folded"]
# ## Further: three more exercises
#
# They are short and optional, and count apart.

# %% [markdown]
# ### Exercise: log_marginal (3 min, stretch)
#
# Asked: $\log p(x)$ from the log joint, one number for each example. The lesson used the finished
# one.
#
# <details><summary>Hint 1: a nudge</summary>
#
# $p(x)$ is the total over the classes, not the largest of them and not their mean.
#
# </details>
# <details><summary>Hint 2: the function</summary>
#
# The same safe sum of exponentials as in `posterior`.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return torch.logsumexp(log_joint, dim=...)`
#
# </details>


# %%
def log_marginal(log_joint):
    """log p(x), shape (N,), from log p(x, y = k), (N, K)."""
    return torch.logsumexp(log_joint, dim=1)  # SOLUTION


# %%
log_marginal = check.log_marginal(log_marginal)

# %% [markdown]
# ### Exercise: predict (2 min, stretch)
#
# Asked: the most probable class of each row, as whole numbers `(N,)`. Do you need the posterior
# for that?
#
# <details><summary>Hint 1: a nudge</summary>
#
# Dividing a row by $p(x)$ does not change which entry is the largest.
#
# </details>
# <details><summary>Hint 2: the function</summary>
#
# `argmax`, along the classes.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return log_joint.argmax(dim=...)`
#
# </details>


# %%
def predict(log_joint):
    """The most probable class of each row of log p(x, y = k), shape (N,)."""
    return log_joint.argmax(dim=1)  # SOLUTION


# %%
predict = check.predict(predict)

# %% [markdown]
# ### Exercise: log_odds (4 min, stretch)
#
# Two classes. Asked: $\log p(y = 1 \mid x) - \log p(y = 0 \mid x)$, shape `(N,)`, from the log
# joint. The border is where it is 0.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Both posteriors are divided by the same $p(x)$. What is left of it in their ratio?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# The log of a ratio is a difference of logs.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return log_joint[:, 1] - ...`
#
# </details>


# %%
def log_odds(log_joint):
    """log p(y = 1 | x) - log p(y = 0 | x), shape (N,), from log p(x, y = k), (N, 2)."""
    return log_joint[:, 1] - log_joint[:, 0]  # SOLUTION


# %%
log_odds = check.log_odds(log_odds)

# %% [markdown]
# ## You have
#
# - a model of what each class looks like, and Bayes' rule in logs: `helpers/gaussians.py`
# - a model of the border alone, and one step that trains it: `helpers/training.py`
# - a number for each thing a density is good for, and for where it fails
# - a generator that you can command, and what it lacks: pixels that know of each other

# %% [markdown]
# **Next.** A generator with one hidden $z$ for the whole picture, [the
# VAE](02_autoencoder_vae.ipynb): it holds strokes together, and shows the **average** of what could
# have been. Then [the GAN](03_vanilla_gan.ipynb), whose loss is not written down but **learned**,
# by a discriminative model: the border between real and fake.

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("generative_vs_discriminative")

# %% [markdown]
# ## Sources
#
# - Bishop 2006, *Pattern recognition and machine learning*: sections 1.5.4, 4.2 (eq. 4.62), 8.1.2
#   (ancestral sampling), 9.3.2
# - Murphy 2022, *Probabilistic machine learning: an introduction*: sections 9.3, 9.4, 10.3
# - Ng & Jordan 2002, *On discriminative vs. generative classifiers*
# - Hendrycks & Gimpel 2017, *A baseline for detecting misclassified and out-of-distribution
#   examples in neural networks*
# - Ho et al. 2020, *Denoising diffusion probabilistic models*
# - Nalisnick et al. 2019, *Do deep generative models know what they don't know?*
# - Goodfellow 2016, *NIPS 2016 tutorial: generative adversarial networks*: section 2 (the family)

# %%
check.progress()
