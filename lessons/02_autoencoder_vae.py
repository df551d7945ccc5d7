# %% [markdown]
# # The average of all digits is nobody's digit
#
# A network that has to guess under squared error paints the average of everything that fits.
# **You will build an autoencoder and a variational autoencoder (VAE), sample new digits, and
# measure the blur that makes people want a GAN.**
#
# Three sittings of an hour; breaks are marked. Builds on: a training loop in PyTorch; from lesson
# 1, the Gaussian density, log p(x), and drawing in two steps.

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, images, live, losses, metrics, networks
from helpers import quiz, runtime, training, weights, widgets
from helpers.checks import autoencoder_vae as check

device = runtime.setup(seed=0)

# %% [markdown]
# ## 1 Five pictures, one guess
#
# A stroke may stand at any of five places, each as likely as the others. You must name **one**
# picture before you see which it is, and pay the squared error of every pixel. Which picture do
# you name?

# %%
# low is the darkest pixel's value: here pixels lie in [0, 1]
x_train, labels = (t.to(device) for t in data.mnist("train", low=0.0))
x_test, labels_test = (t.to(device) for t in data.mnist("test", low=0.0))
stroke = x_train[labels == 1][3]
places = torch.stack([stroke.roll(shift, dims=-1) for shift in (-10, -5, 0, 5, 10)])
framed = F.pad(places, (1, 1, 1, 1), value=1.0)
images.show({"five pictures, equally likely": framed}, columns=5, size=6, low=0.0)

# %% [markdown]
# **Idea.** A picture that shows the stroke at one place is right one time in five, and four times
# it pays twice: for the stroke it shows, and for the one it does not show. Safer is a little of
# every stroke.
#
# $$\hat c = \arg\min_c \frac1N \sum_n \lVert x_n - c \rVert^2 \;\Rightarrow\; \frac{2}{N}
# \sum_n (\hat c - x_n) = 0 \;\Rightarrow\; \hat c = \frac1N \sum_n x_n$$
#
# where $x_n$ are the `targets` and $c$ the one image: under squared error the best guess is the
# **mean**, pixel by pixel.

# %% [markdown]
# With the **absolute** error $\sum_n |x_n - c|$, every target above $c$ pulls it up with slope 1,
# and every target below pulls it down with slope 1, however far away it is. The pulls balance where
# half of the targets lie on either side: the **median** of each pixel.

# %% [markdown]
# ### Exercise: best_constant (6 min)
#
# Given: `targets` `(N, 1, H, W)` and a loss, `"mse"` or `"l1"`. Asked: the one image `(1, H, W)`
# with the least mean loss over all targets.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each pixel can be chosen alone. Which axis holds the targets?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `"mse"`: the mean of `targets` over axis 0. `"l1"`: the median over axis 0. In PyTorch,
# `median(dim)` returns two things: values and indices.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `targets.mean(...)` for one, `targets.median(...).values` for the other, chosen by `if loss ==
# "mse"`.
#
# </details>


# %%
def best_constant(targets, loss):
    """The image (1, H, W) with the least mean "mse" or "l1" to all targets (N, 1, H, W)."""
    # BEGIN SOLUTION
    if loss == "mse":
        return targets.mean(0)
    return targets.median(0).values
    # END SOLUTION


# %%
best_constant = check.best_constant(best_constant)

# %%
mean, median = best_constant(places, "mse"), best_constant(places, "l1")
guesses = {"one of the five": places[2], "mean": mean, "median": median}
images.show({name: guess.unsqueeze(0) for name, guess in guesses.items()}, columns=1, low=0.0)
for name, guess in guesses.items():
    squared, absolute = (places - guess).square(), (places - guess).abs()
    print(f"{name:16} squared error {squared.mean():.4f}   absolute error {absolute.mean():.4f}")

# %% [markdown]
# **Question.** Each loss has its winner, and neither winner is one of the five pictures. Why does
# the median show no stroke at all, and when would it show one?
#
# <details><summary>Answer</summary>
#
# At every place four of the five pictures are black, and the median follows the majority. It shows
# a stroke where more than half of the pictures have one. L1 does not mix five strokes into one
# picture: it drops whatever is rarer than a half. Both losses judge each pixel alone, and "exactly
# one stroke" is no property of a pixel.
#
# </details>

# %% [markdown]
# Training finds the same image. Start from grey, let Adam lower the squared error of one constant
# picture over all 60,000 digits, and compare.

# %%
runtime.seed(0)
guess = nn.Parameter(torch.full_like(mean, 0.5))
opt = torch.optim.Adam([guess], lr=0.02)
for x in data.Batches(x_train, 512).take(300):  # 300 random batches of 512
    loss = F.mse_loss(guess.expand_as(x), x)
    opt.zero_grad()
    loss.backward()
    opt.step()
gap = (guess.detach() - best_constant(x_train, "mse")).abs().max().item()
print("largest difference from the mean of all digits below 0.05:", gap < 0.05)

# %%
class_means = torch.stack([best_constant(x_train[labels == k], "mse") for k in range(10)])
panels = {"mean of all digits": best_constant(x_train, "mse").unsqueeze(0)}
panels |= {"median of all digits": best_constant(x_train, "l1").unsqueeze(0)}
images.show(panels, columns=1, size=2.6, low=0.0)
images.show({"the mean of each digit": class_means}, columns=10, size=8, low=0.0)

# %% [markdown]
# **The average of all digits is nobody's digit.** Told which digit it is, the best guess is the
# mean of that class: better, still blurred. (The median leaves out what is rarer than a half, and
# what remains is nobody's digit either.) Told more, it is the mean of all digits that fit what
# it was told. A network with squared error is always on the way to that: the **conditional mean**
# $\mathbb{E}[x \mid \text{what it knows}]$.

# %% [markdown]
# > **Spot the bug.** Lecture notes say: "the network reduces the MSE loss by predicting the average
# > pixel." What would that picture look like, and what should the sentence say?
#
# <details><summary>Answer</summary>
#
# "The average pixel" would be one grey level, the same everywhere. It is the average **image**: at
# every position, the mean over all plausible images of that pixel.
#
# </details>

# %% [markdown]
# ## 2 Blur as a number
#
# A blurred picture changes little from one pixel to the next. So measure that: the mean absolute
# difference of neighbours, along rows and along columns.
#
# $$s(x) = \operatorname{mean}_{i,j} |x_{i,j+1} - x_{i,j}| + \operatorname{mean}_{i,j} |x_{i+1,j} -
# x_{i,j}|$$
#
# where $i$ counts rows and $j$ columns; the first mean runs over all pairs side by side, the second
# over all pairs one above the other.

# %% [markdown]
# ### Exercise: sharpness (6 min)
#
# Given: images `(N, 1, H, W)`. Asked: one number each, `(N,)`, by the formula above.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two slices of one row that are one pixel apart, subtracted, give all differences of neighbours.
#
# </details>
# <details><summary>Hint 2: the slices</summary>
#
# Across: `img[..., 1:] - img[..., :-1]`. Down: the same on the axis before the last. Take absolute
# values before the mean, and keep the first axis.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `across = (img[..., 1:] - img[..., :-1]).abs()`, `down = (img[..., 1:, :] - ...).abs()`, then
# `across.flatten(1).mean(1) + ...`
#
# </details>


# %%
def sharpness(img):
    """Mean absolute difference of neighbouring pixels, (N,); low is blurred."""
    # BEGIN SOLUTION
    across = (img[..., :, 1:] - img[..., :, :-1]).abs()
    down = (img[..., 1:, :] - img[..., :-1, :]).abs()
    return across.flatten(1).mean(1) + down.flatten(1).mean(1)
    # END SOLUTION


# %%
sharpness = check.sharpness(sharpness)

# %%
from torchvision.transforms.functional import gaussian_blur

shown = x_test[:1000]
variants = {"real digits": shown, "blurred": gaussian_blur(shown, 7, 1.0)}
variants |= {"class means": class_means, "with noise": shown + 0.2 * torch.randn_like(shown)}
images.show({name: x[:9] for name, x in variants.items()}, columns=3, low=0.0)
print(f"{'relative to real':18}{'yours':>8}{'Laplacian':>11}")
for name, x in variants.items():
    yours = sharpness(x).mean() / sharpness(shown).mean()
    laplacian = metrics.sharpness(x).mean() / metrics.sharpness(shown).mean()
    print(f"{name:18}{yours:8.2f}{laplacian:11.2f}")

# %% [markdown]
# The course's own `metrics.sharpness` is the variance of second differences (of the **Laplacian**).
# Call it the Laplacian sharpness. It is a square, so it falls faster with blur; all numbers below
# are of this one. Both rise far above 1 with noise. So near 1 is necessary, not sufficient: sharp
# and wrong exists, too.

# %% [markdown]
# ## 3 A picture through a bottleneck
#
# An **autoencoder** squeezes a digit of 784 pixels through a few numbers, its **code** or
# **latent** vector, and paints it again from them. What survives is what digits have in common.
#
# $$z = \text{encode}(x), \qquad \hat x = \text{decode}(z), \qquad \text{loss} = \frac1B \sum_n
# \lVert x_n - \hat x_n \rVert^2$$
#
# where $z$ has `latent_dim` numbers, and the squared error is summed over the pixels of an image
# and averaged over the batch.

# %% [markdown]
# ### Exercise: Autoencoder (10 min)
#
# Asked: images `(N, 1, 28, 28)` in [0, 1] to images of the same shape and range. Encoder: 784 to
# 400, ReLU, 400 to `latent_dim`. Decoder: `latent_dim` to 400, ReLU, 400 to 784, sigmoid. `encode`
# gives the code `(N, latent_dim)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A linear layer wants `(N, 784)`, and your result must be `(N, 1, 28, 28)` again. Which range has a
# sigmoid, and which range have the digits here?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `nn.Sequential(nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), ...)` for one, and for the other
# `..., nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# The decoder: `nn.Linear(latent_dim, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid(),
# nn.Unflatten(1, (1, 28, 28))`; and `forward` returns `self.decoder(self.encode(...))`.
#
# </details>


# %%
class Autoencoder(nn.Module):
    """x (N, 1, 28, 28) in [0, 1] to x_hat of the same shape; encode(x) is (N, latent_dim)."""

    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            *[nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, latent_dim)]
        )  # SOLUTION
        self.decoder = nn.Sequential(
            *[nn.Linear(latent_dim, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid()],
            nn.Unflatten(1, (1, 28, 28)),
        )  # SOLUTION

    def encode(self, x):
        return self.encoder(x)  # SOLUTION

    def forward(self, x):
        return self.decoder(self.encode(x))  # SOLUTION


# %%
Autoencoder = check.Autoencoder(Autoencoder)


# %%
def train_autoencoder(latent_dim, loss_fn, steps):
    """A new Autoencoder, trained on `steps` batches to lower loss_fn(model, x)."""
    runtime.seed(0)
    model = Autoencoder(latent_dim).to(device)
    opt = training.adam(model, lr=1e-3, betas=(0.9, 0.999))  # Adam's usual betas
    for x in data.Batches(x_train, batch_size=128).take(runtime.steps(steps)):
        loss = loss_fn(model, x)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model.eval()


def plain_loss(model, x):
    """Squared error of the reconstruction, summed over pixels, averaged over the batch."""
    return losses.reconstruction_loss(model(x), x)


# %%
autoencoder = train_autoencoder(20, plain_loss, steps=700)
x_hat = autoencoder(x_test[:1000]).detach()
pairs = torch.cat([x_test[:10], x_hat[:10]])
images.show({"test digits above, x_hat below: 20 numbers each": pairs}, 10, size=8, low=0.0)
kept = (metrics.sharpness(x_hat).mean() / metrics.sharpness(x_test[:1000]).mean()).item()
print("x_hat is less than two thirds as sharp as the digits:", kept < 0.67)

# %% [markdown]
# **A denoiser shows the conditional mean at work.** Give the network a digit with normal noise of
# standard deviation `noise_std`, and ask for the clean one (Vincent et al. 2008, who set pixels to
# 0 instead). The more noise, the more digits fit what it sees, and the more pictures it has to
# average. (Part of the blur is the short training: compare the three with each other.)


# %%
def denoiser(noise_std):
    return train_autoencoder(20, lambda m, x: losses.denoising_loss(m, x, noise_std), steps=250)


runtime.seed(1)
noise = torch.randn_like(x_test[:1000])
sharp, panels = {}, {}
for noise_std in (0.2, 0.6, 1.2):
    noisy = x_test[:1000] + noise_std * noise
    cleaned = denoiser(noise_std)(noisy).detach()
    sharp[noise_std] = metrics.sharpness(cleaned).mean() / metrics.sharpness(x_test[:1000]).mean()
    panels[f"noise {noise_std}, and cleaned"] = torch.cat([noisy[:8], cleaned[:8]])
images.show(panels, columns=4, low=0.0)

# %%
print("the more noise, the blurrier the answer:", bool(sharp[0.2] > sharp[0.6] > sharp[1.2]))
print("at 1.2 less than two thirds as sharp as at 0.2:", bool(sharp[1.2] < 0.67 * sharp[0.2]))

# %% [markdown]
# ## 4 The holes between the codes
#
# Can the decoder make **new** digits? It needs new codes for that. Squeeze digits into two numbers,
# so that you can see where the codes lie, and decode the whole plane.

# %%
flat = train_autoencoder(2, plain_loss, steps=700)
codes = flat.encode(x_test).detach().cpu()
low, high = codes.quantile(0.01, 0), codes.quantile(0.99, 0)
across, up = torch.linspace(low[0], high[0], 14), torch.linspace(high[1], low[1], 14)
plane = torch.cartesian_prod(up, across).flip(1).to(device)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 5), sharex=True, sharey=True)
for k in range(10):
    left.scatter(*codes[:4000][labels_test[:4000].cpu() == k].T, s=4, color=f"C{k}", label=k)
left.legend(title="digit", markerscale=4, loc="center right", bbox_to_anchor=(-0.12, 0.5))
left.set(title="codes of test digits, two numbers each", xlabel="z[0]", ylabel="z[1]")
picture = images.grid(flat.decoder(plane).detach(), columns=14, low=0.0).numpy()
corners = [low[0], high[0], low[1], high[1]]
right.imshow(picture, cmap="gray", extent=corners, aspect="auto")
right.set(title="the same plane, decoded point by point", xlabel="z[0]")
right.set(xlim=corners[:2], ylim=corners[2:])
plt.tight_layout()
plt.show()

# %% [markdown]
# Digits share the plane unevenly: some have places of their own, 4, 7 and 9 lie on top of each
# other, and in between two digits fade into each other. At the edges sharp digits stand where
# hardly any code was. Nothing in the loss says which numbers the codes should use, or that the room
# between them should mean something.

# %% [markdown]
# With 20 numbers you cannot draw the plane, so count. The classifier of lesson 3 (99 % right on
# real digits) reads the pictures: how often is it at least 90 % sure?

# %%
classifier = weights.load("digit_classifier", device)


def readable(x):
    """Share of images (N, 1, 28, 28) in [0, 1] that the classifier reads with p of at least 0.9."""
    _, probs = metrics.digit_features(classifier, data.to_gan_range(x.detach()))
    return (probs.max(1).values >= 0.9).float().mean().item()


# %%
runtime.seed(0)
codes = autoencoder.encode(x_test[:2000]).detach()
shuffled = torch.rand(codes.shape).argsort(0).to(device)  # each column in an order of its own
made = {"its own codes": codes}
made |= {"numbers of different codes": codes.gather(0, shuffled)}
z_prior = torch.randn(2000, 20).to(device)
made |= {"z from N(0, I)": z_prior}
panels = {name: autoencoder.decoder(z) for name, z in made.items()}
images.show({name: x[:18] for name, x in panels.items()}, low=0.0)
for name, x in ({"real digits": x_test[:2000]} | panels).items():
    print(f"{name:28} readable: {readable(x):.1f}")
print(f"spread of its own codes, mean of the standard deviations: {codes.std(0).mean():.0f}")

# %% [markdown]
# In the middle, each of the 20 numbers comes from the code of a real digit, but every number from
# another digit. That alone leaves about three pictures in ten readable. And N(0, I) knows nothing
# of these codes: they lie elsewhere and are spread about three times as wide, and nobody could tell
# you so before you had trained.

# %% [markdown]
# **Question.** You could fit a Gaussian to the codes afterwards and draw from that. What would you
# gain, and what would you still not have?
#
# <details><summary>Answer</summary>
#
# The samples become much better; the table in section 9 has a row for it. Holes between the crowds
# remain, since the codes need not fill a Gaussian. And there is still no model of the data: no
# log p(x), not even a bound on it. A VAE fixes the distribution of the codes **before** the
# training and pulls them towards it; the price is more blur.
#
# </details>

# %% [markdown]
# ---
# ## Break
#
# You have seen the blur and the holes. The second sitting fills the holes, and explains why the
# blur stays.
#
# ---

# %% [markdown]
# ## 5 A cloud for each picture
#
# **Idea.** Give each picture not a point but a small **cloud** of codes, and let the decoder paint
# the picture from any point of it. Points between two clouds then belong to both pictures, and have
# to look like both. And keep all clouds together close to one fixed shape, the **prior** N(0, I):
# then you know where to draw new codes.

# %% [markdown]
# As in lesson 1, draw in two steps: $z \sim p(z) = N(0, I)$, independent standard normal numbers,
# then $x \sim p(x|z)$. The decoder gives the mean $\hat x$ of $p(x|z)$. You want to maximise $\log
# p(x)$, but that needs an integral over all $z$. The **posterior** $p(z|x)$ would tell which $z$
# could have made this $x$; nobody can compute it. So let an encoder propose: the cloud $q(z|x) =
# N(\mu, \sigma^2)$.

# %% [markdown]
# How far is one distribution from another? The **KL divergence** $KL(q \Vert p)$ is the mean of
# $\log q(z) - \log p(z)$ over draws $z$ from $q$. It is 0 if both are equal, else positive; with
# natural logarithms its unit is the **nat**. With it (Kingma & Welling 2014, eqs. 1 to 3):
#
# $$\log p(x) = \underbrace{\mathbb{E}_{z \sim q}[\log p(x|z)] - KL\big(q(z|x) \Vert
# p(z)\big)}_{\text{ELBO}} + KL\big(q(z|x) \Vert p(z|x)\big)$$
#
# where $\mathbb{E}_{z \sim q}$ is the mean over draws from $q$.

# %% [markdown]
# The last term cannot be computed, and is never negative. So what stands before it is a bound on
# $\log p(x)$ from below: the **evidence lower bound**, ELBO. Its first term asks that $z$ from the
# cloud repaint $x$; the second that the cloud stays near the prior.

# %% [markdown]
# **A case that you can check**: $p(z) = N(0, 1)$ and $p(x|z) = N(z, \frac12)$. Then $p(x) = N(0,
# \frac32)$, and for $x = 1.5$ the exact posterior is $N(1, \frac13)$.

# %%
x_toy, m = torch.tensor(1.5), torch.linspace(-0.5, 2.5, 101)
log_p = torch.distributions.Normal(0, 1.5**0.5).log_prob(x_toy)
fig, ax = plt.subplots(figsize=(8, 3))
ax.axhline(log_p, color="k", linestyle="--", label="log p(x)")
for variance, colour in ((1 / 3, "C0"), (1.0, "C1"), (0.03, "C3")):
    # the mean of log N(x; z, 1/2) over q, in which (x - z)^2 has the mean (x - m)^2 + variance
    fit = -0.5 * torch.tensor(torch.pi).log() - (x_toy - m) ** 2 - variance
    kl = torch.distributions.kl_divergence(
        torch.distributions.Normal(m, variance**0.5), torch.distributions.Normal(0, 1)
    )
    ax.plot(m, fit - kl, colour, label=f"variance of q = {variance:.2f}")
ax.set(title="The ELBO touches log p(x) at the exact posterior", xlabel="mean of q(z|x)")
ax.set(ylabel="nats", ylim=(-4.5, -1.5))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()
plt.show()

# %% [markdown]
# **Question.** Where does the blue curve touch the dashed line, and why do the others not reach it?
#
# <details><summary>Answer</summary>
#
# At a mean of 1 with variance 1/3: there q is the exact posterior and the gap is 0. A q that is too
# wide or too narrow leaves a gap everywhere. So raising the ELBO over q improves the proposal, and
# raising it over the decoder lifts a floor under log p(x).
#
# </details>

# %% [markdown]
# ### Exercise: VAEEncoder (8 min)
#
# Asked: images to **two** tensors `(N, latent_dim)`: `mu`, and `logvar`, the logarithm of
# $\sigma^2$. Both may be any real number: a logarithm can be negative, and exp makes a variance of
# it. One hidden layer of 400 with ReLU, shared; then a linear layer for each.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two heads on one body. What would an activation at the end of a head forbid?
#
# </details>
# <details><summary>Hint 2: the pattern</summary>
#
# `self.body` flattens, maps 784 to 400, ReLU. `self.mu` and `self.logvar` are linear layers from
# 400.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `self.mu = nn.Linear(400, latent_dim)`, the same for `self.logvar`; in `forward`, `return
# self.mu(hidden), ...`
#
# </details>


# %%
class VAEEncoder(nn.Module):
    """x (N, 1, 28, 28) to mu and logvar, each (N, latent_dim)."""

    def __init__(self, latent_dim):
        super().__init__()
        # BEGIN SOLUTION
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 400), nn.ReLU())
        self.mu = nn.Linear(400, latent_dim)
        self.logvar = nn.Linear(400, latent_dim)
        # END SOLUTION

    def forward(self, x):
        # BEGIN SOLUTION
        hidden = self.body(x)
        return self.mu(hidden), self.logvar(hidden)
        # END SOLUTION


# %%
VAEEncoder = check.VAEEncoder(VAEEncoder)

# %% [markdown]
# Now draw a point from the cloud. Drawing it straight from the distribution has a flaw, and you can
# see it: from the reconstruction, no gradient reaches the encoder.

# %%
mu, logvar = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
z = torch.normal(mu, (logvar / 2).exp())
(slope,) = torch.autograd.grad(z.sum(), mu)
print(f"z = torch.normal(mu, sigma): slope of z with respect to mu is {slope.item():.0f}")

# %% [markdown]
# Moving $\mu$ by 1 moves the distribution of $z$ by 1, and this slope is 0: PyTorch does not look
# into a random draw. (`Normal(mu, sigma).sample()` cuts the history as well.) **Reparameterise**:
# draw $\epsilon$ from a distribution without parameters, then shift and stretch it.
#
# $$z = \mu + \sigma \, \epsilon, \qquad \epsilon \sim N(0, I), \qquad \sigma = \exp(\tfrac12
# \text{logvar})$$
#
# This $z$ has the same distribution, and slopes: $\partial z / \partial \mu = 1$, $\partial z /
# \partial \sigma = \epsilon$.

# %% [markdown]
# ### Exercise: reparameterize (5 min)
#
# Given: `mu` and `logvar`, `(N, latent_dim)`. Asked: one `z` for each, with fresh noise for every
# image and dimension.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `logvar` is the logarithm of the variance. What do you do to it to get the standard deviation?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# sigma is exp of half of `logvar`; the noise has the shape of `mu`.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return mu + (logvar / ...).exp() * torch.randn_like(...)`
#
# </details>


# %%
def reparameterize(mu, logvar):
    """z (N, latent_dim), a sample of N(mu, exp(logvar)) with a gradient."""
    return mu + (logvar / 2).exp() * torch.randn_like(mu)  # SOLUTION


# %%
reparameterize = check.reparameterize(reparameterize)

# %%
runtime.seed(0)
mu, logvar = torch.zeros(400_000, 1), torch.full((400_000, 1), math.log(4.0))
mu.requires_grad_(), logvar.requires_grad_()
(reparameterize(mu, logvar) - 3).square().mean().backward()  # its mean is (mu - 3)^2 + sigma^2
print(f"slope along mu: {mu.grad.sum().item():.1f} (exact -6)")
print(f"slope along logvar: {logvar.grad.sum().item():.1f} (exact sigma^2 = 4)")

# %% [markdown]
# The second term has a closed form, since both distributions are Gaussian (Kingma & Welling 2014,
# appendix B):
#
# $$KL\big(N(\mu, \sigma^2) \Vert N(0, I)\big) = \tfrac12 \sum_{j} \big(\mu_j^2 + \sigma_j^2 - 1 -
# \log \sigma_j^2\big)$$
#
# where $j$ runs over the latent dimensions. It is 0 for $\mu = 0$, $\sigma = 1$: a code that says
# nothing about the picture.

# %% [markdown]
# ### Exercise: kl_divergence (8 min)
#
# Given: `mu` and `logvar`, `(N, latent_dim)`. Asked: the KL, **summed** over the latent dimensions
# and **averaged** over the batch: a scalar, in nats for each image.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Four terms inside the sum, and a factor in front. Which of the four is `logvar` itself?
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# `mu` squared, plus `exp(logvar)`, minus 1, minus `logvar`. Sum over axis 1, halve, mean over the
# rest.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return 0.5 * (mu.square() + ... - 1 - logvar).sum(...).mean()`
#
# </details>


# %%
def kl_divergence(mu, logvar):
    """KL(N(mu, exp(logvar)) || N(0, I)), a scalar: summed over latents, mean of the batch."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()  # SOLUTION


# %%
kl_divergence = check.kl_divergence(kl_divergence)

# %% [markdown]
# Three ways to the same number: your closed form, PyTorch's own, and the definition, the mean of
# $\log q(z) - \log p(z)$ over samples of $q$.

# %%
runtime.seed(0)
mu, logvar = torch.tensor([[1.0, -0.5]]), torch.tensor([[-1.0, 0.3]])
q = torch.distributions.Normal(mu, (logvar / 2).exp())
p = torch.distributions.Normal(0.0, 1.0)
z = q.sample((200_000,))
sampled = (q.log_prob(z) - p.log_prob(z)).sum(-1).mean()
library = torch.distributions.kl_divergence(q, p).sum()
print(f"closed form {kl_divergence(mu, logvar):.3f}   torch.distributions {library:.3f}")
print(f"mean over 200,000 samples {sampled:.2f}")

# %% [markdown]
# ## 6 The loss, and training
#
# What is $-\log p(x|z)$? Say that each pixel is Gaussian around $\hat x$, with variance $\frac12$.
# $-\log N$ is $(x - \hat x)^2 / 2\sigma^2$ plus a constant, and $2 \cdot \frac12 = 1$: the squared
# error, and the negative ELBO is
#
# $$\text{loss} = \text{loss\_recon} + \beta \, \text{loss\_kl}, \qquad \text{loss\_recon} =
# \frac1B \sum_n \lVert x_n - \hat x_n \rVert^2$$
#
# with $\beta = 1$. Another `beta` weighs the two differently (Higgins et al. 2017, eq. 4).

# %% [markdown]
# Here $x_n$ is an image of the batch, $B$ its size, `loss_kl` the KL above. Both terms
# are **sums for each image**, in nats, averaged over the batch. The expectation over $q$ is taken
# with one $z$ for each image, drawn anew at every step.

# %% [markdown]
# ### Exercise: vae_loss (6 min)
#
# Given: reconstructions and images `(N, 1, 28, 28)`, and the two outputs of the encoder. Asked:
# the loss above, a scalar.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The mean over a batch of the sums over an image is not the mean over everything. By which factor
# do they differ?
#
# </details>
# <details><summary>Hint 2: the pieces</summary>
#
# Squared differences, `flatten(1)`, sum over axis 1, mean. Plus `beta` times your `kl_divergence`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `loss_recon = (x_hat - x).square().flatten(1).sum(...).mean()`, `return loss_recon + beta * ...`
#
# </details>


# %%
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    """Negative ELBO, a scalar: squared error summed over pixels, plus beta times the KL."""
    # BEGIN SOLUTION
    loss_recon = (x_hat - x).square().flatten(1).sum(1).mean()
    return loss_recon + beta * kl_divergence(mu, logvar)
    # END SOLUTION


# %%
vae_loss = check.vae_loss(vae_loss)


# %% [markdown]
# > **Spot the bug.** Lecture notes on VAEs say: "train an Encoder$(x_i) \to z_i$ and a
# > Decoder$(z_i) \to \hat x_i$ by using an explicit pixel-wise loss (like MSE)." Which model is
# > that, and which two things are missing?
#
# <details><summary>Answer</summary>
#
# An autoencoder. A VAE's encoder gives $\mu$ and $\sigma$, and $z$ is drawn from them; and the loss
# has the KL beside the pixel-wise term.
#
# </details>


# %%
class VAE(nn.Module):
    """x (N, 1, 28, 28) to x_hat, mu, logvar. In eval mode z is mu: the middle of the cloud."""

    def __init__(self, latent_dim):
        super().__init__()
        self.encoder, self.decoder = VAEEncoder(latent_dim), networks.Decoder(latent_dim)

    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = reparameterize(mu, logvar) if self.training else mu
        return self.decoder(z), mu, logvar


# %% [markdown]
# Train it live: the two terms, and beside them test digits, their reconstructions, and two rows of
# samples: `decoder(z)` for fixed `z` from the prior. (`networks.Decoder` has the layers of your
# autoencoder's decoder.)

# %%
runtime.seed(0)
vae = VAE(latent_dim=20).to(device)
opt = training.adam(vae, lr=1e-3, betas=(0.9, 0.999))
z_fixed = torch.randn(16, 20).to(device)
plot = live.LivePlot(live.reconstructions(vae, x_test[:8], z_fixed), groups=live.VAE)
with plot:
    batches = data.Batches(x_train, batch_size=128).take(runtime.steps(900))
    for number, x in enumerate(batches, 1):
        x_hat, mu, logvar = vae(x)
        loss = vae_loss(x_hat, x, mu, logvar)
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_kl = kl_divergence(mu, logvar).item()
        plot.update(training.VAEStep(number, loss.item() - loss_kl, loss_kl))
_ = vae.eval()

# %% [markdown]
# **Question.** After a first spike the KL falls to about 1, then it rises and rises. Why does a
# training that minimises the sum let one of its terms grow?
#
# <details><summary>Answer</summary>
#
# In the first twenty steps the codes fly apart before the decoder can read them (the first point,
# a mean over 20 steps, is what you see of it). That KL buys nothing, and it is given back. From
# then on every nat spent on telling pictures apart saves more than one nat of error. It stops where
# one more nat saves less than one.
#
# </details>

# %% [markdown]
# ### Exercise: sample_prior (4 min)
#
# Given: a decoder, how many images, and the length of `z`. Asked: new images: decode fresh $z \sim
# N(0, I)$, without a graph. No encoder, no data.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which shape has `z` for `n` images? Uniform or normal?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Inside `torch.no_grad()`: draw `z`, return what the decoder makes of it.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `with torch.no_grad(): return decoder(torch.randn(..., ...))`
#
# </details>


# %%
def sample_prior(decoder, n, latent_dim):
    """`n` new images: the decoder's pictures of z from N(0, I); no graph."""
    # BEGIN SOLUTION
    with torch.no_grad():
        return decoder(torch.randn(n, latent_dim))
    # END SOLUTION


# %%
sample_prior = check.sample_prior(sample_prior)

# %%
runtime.seed(0)
x_new = sample_prior(vae.cpu().decoder, 2000, 20).to(device)  # your noise is drawn on the CPU
vae.to(device)
images.show({"sampled: nobody wrote these": x_new[:30]}, columns=10, size=7, low=0.0)
print(f"readable: VAE {readable(x_new):.1f}", end="   ")
print(f"autoencoder, z from N(0, I): {readable(autoencoder.decoder(z_prior)):.1f}")

# %% [markdown]
# New digits, from codes that no picture ever had. About three in ten can be read after so short a
# training, and all of them are soft. Now see what lies **between** two codes.

# %% [markdown]
# ### Exercise: interpolate (4 min)
#
# Given: two codes `(L,)`. Asked: `steps` codes at even distances on the straight line from `z1` to
# `z2`, both included: `(steps, L)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Walk a share $t$ from 0 to 1. What is $z$ at $t$?
#
# </details>
# <details><summary>Hint 2: the formula</summary>
#
# `(1 - t) * z1 + t * z2`, with `t` of shape `(steps, 1)` from `torch.linspace(0, 1, steps)`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `t = torch.linspace(0, 1, steps).unsqueeze(1)`, `return (1 - t) * ... + t * ...`
#
# </details>


# %%
def interpolate(z1, z2, steps):
    """`steps` codes (steps, L) on the line from z1 to z2, both ends included."""
    t = torch.linspace(0, 1, steps).to(z1.device).unsqueeze(1)
    return (1 - t) * z1 + t * z2  # SOLUTION


# %%
interpolate = check.interpolate(interpolate)

# %%
long_vae = weights.load("vae", device)
a, b = x_test[2], x_test[3]
with torch.no_grad():
    mu, _ = long_vae.encoder(torch.stack([a, b]))
    between = long_vae.decoder(interpolate(mu[0], mu[1], 10))
t = torch.linspace(0, 1, 10).view(-1, 1, 1, 1).to(device)
both = torch.cat([(1 - t) * a + t * b, between])
images.show({"a 1 becomes a 0: pixels mixed above, codes mixed below": both}, 10, size=8, low=0.0)

# %% [markdown]
# Above, one picture fades into the other. Below, each end keeps its shape longer, and halfway
# stands a figure that neither digit had, blurred: there the decoder averages again. (`long_vae` is
# a longer run of the same network: sixty passes, with the loss of section 8; `tools/train_vae.py`.)

# %% [markdown]
# ---
# ## Break
#
# You have a VAE that makes new digits. The third sitting turns its knobs, measures it, breaks it.
#
# ---

# %% [markdown]
# ## 7 What beta buys
#
# The same network four times, with `beta` 0, 0.5, 1 and 4. `training.vae_steps` is your loop. For
# each: reconstruction and KL on test digits, the number of **active** dimensions (a mean KL above
# 0.1 nats), and how the samples do: sharpness relative to real digits, and the **Fréchet
# distance**: how far the samples lie from real digits in the features of the classifier (low is
# good; lesson 3 builds it).


# %%
def train_vae(beta=1.0, recon=losses.reconstruction_loss, steps=500, latent_dim=20):
    """A new VAE, trained on `steps` batches."""
    runtime.seed(0)
    model = networks.VAE(latent_dim).to(device)
    opt = training.adam(model, lr=1e-3, betas=(0.9, 0.999))
    batches = data.Batches(x_train, batch_size=128).take(runtime.steps(steps))
    for _ in training.vae_steps(model, opt, batches, beta, recon):
        pass
    return model.eval()


@torch.no_grad()
def kl_per_dimension(model):
    """Mean KL of each latent dimension over the test digits, in nats, largest first."""
    mu, logvar = model.encoder(x_test)
    each = 0.5 * (mu.square() + logvar.exp() - 1 - logvar)
    return each.mean(0).sort(descending=True).values.cpu()


swept = {beta: train_vae(beta) for beta in (0, 0.5, 1, 4)}

# %%
judge = metrics.Judge(classifier, data.to_gan_range(x_test))
z_many = torch.randn(3000, 20, generator=torch.Generator().manual_seed(1)).to(device)


@torch.no_grad()
def judged(decoder, z=z_many):
    """Scores of the pictures that a decoder makes of z."""
    return judge(data.to_gan_range(decoder(z)))


rows = {"training digits": judge(data.to_gan_range(x_train[:3000]))}
rows |= {"mean of each digit": judge(data.to_gan_range(class_means.repeat(300, 1, 1, 1)))}
table = {}
for beta, model in swept.items():
    terms = metrics.negative_elbo(model, x_test, losses.reconstruction_loss)
    active = (kl_per_dimension(model) > 0.1).sum().item()
    scores = judged(model.decoder)
    table[beta] = *terms, active, scores.frechet, scores.sharpness

# %% id="sweep" tags=["nbval-ignore-output"]
print(" beta   reconstruction       KL   active    Fréchet   sharpness")
for beta, (recon, kl, active, frechet, sharp) in table.items():
    print(f"{beta:5}{recon:17.1f}{kl:9.1f}{active:9}{frechet:11.0f}{sharp:12.2f}")
for name, scores in rows.items():
    print(f"{name:40}{scores.frechet:11.0f}{scores.sharpness:12.2f}")

# %%
recons, kls, active, frechets, _ = (list(column) for column in zip(*table.values()))
print("more beta, worse reconstruction:", recons == sorted(recons))
print("more beta, less KL:", kls == sorted(kls, reverse=True))
print("with beta = 4, fewer than half of the dimensions are active:", active[3] < 10)
print("the best samples lie between the ends:", min(frechets) in frechets[1:3])

# %%
fig, axes = plt.subplots(1, 4, figsize=(12, 3.4))
for ax, (beta, model) in zip(axes, swept.items()):
    images.draw(ax, model.decoder(z_many[:36]).detach(), f"samples, beta = {beta}", low=0.0)
plt.tight_layout()
plt.show()
fig, ax = plt.subplots(figsize=(8, 3))
long_gaussian = weights.load("vae_gaussian", device)
curves = {f"beta = {beta}": swept[beta] for beta in (0.5, 1, 4)}
curves["beta = 1, sixty passes"] = long_gaussian
for (name, model), colour in zip(curves.items(), ("C0", "C1", "C3", "k")):
    ax.plot(range(1, 21), kl_per_dimension(model), colour, marker="o", markersize=4, label=name)
ax.set(title="What each latent can at most say about the picture", xlabel="latent, sorted")
ax.set(ylabel="mean KL in nats", xticks=range(1, 21))
ax.legend()
plt.show()

# %% [markdown]
# With `beta = 0` nothing holds the clouds near the prior: the best reconstruction, and samples from
# nowhere (its KL per dimension would not fit into the figure). With 4, a code costs more than it
# saves: most latents fall silent (**posterior collapse**), and reconstruction and samples move
# towards the average of all digits. The long run shows it too: a training that has time keeps few
# latents and silences the others.

# %% [markdown]
# **Question.** With squared error, `beta` has a second meaning. Dividing the loss by `beta` gives
# $\lVert x - \hat x \rVert^2 / \beta + KL$. Which variance of the pixels is that?
#
# <details><summary>Answer</summary>
#
# A Gaussian with variance $\sigma^2$ gives $\lVert x - \hat x \rVert^2 / 2\sigma^2$, so $\beta = 2
# \sigma^2$. With `beta = 1` the model believes that pixels are off with a standard deviation of
# 0.7, far from true. The squared error measured above is about 27 in 784 pixels: $\sigma^2 \approx
# 0.03$, so $\beta \approx 0.07$. Section 8 tries it.
#
# </details>

# %% [markdown]
# ## 8 Which noise do pixels have?
#
# The loss is a statement about $p(x|z)$. The squared error says: **Gaussian** noise of one size on
# every pixel. Digits are nearly black and white, so another statement fits better: each pixel is
# white with probability $\hat x$, **Bernoulli**. Its $-\log p(x|z)$ is the binary cross-entropy:
#
# $$-\log p(x|z) = -\sum_{i} \big(x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i)\big)$$
#
# where $i$ runs over the pixels. For grey $x_i$ it is the mean over random black-and-white versions
# of the picture, white with probability $x_i$.

# %%
fits = {"Gaussian, beta = 1": swept[1], "Gaussian, beta = 0.07": train_vae(beta=0.07)}
fits["Bernoulli"] = train_vae(recon=losses.bernoulli_loss)
with torch.no_grad():
    panels = {"digits": x_test[:18]}
    panels |= {name: model(x_test[:18])[0] for name, model in fits.items()}
    sharp = {name: metrics.sharpness(m(x_test[:1000])[0]).mean() for name, m in fits.items()}
images.show(panels, low=0.0, size=2.8)
softest, tuned, bernoulli = sharp.values()
print("after equal steps, Bernoulli is sharper than beta = 1:", bool(bernoulli > softest))
print("so is a Gaussian of the measured variance:", bool(tuned > softest))

# %% [markdown]
# A pixel that should be 0.01 and is 0.1 costs 0.008 in squared error and 0.07 nats in
# cross-entropy: errors near black and white weigh far more against the KL, so more of the picture
# gets into the code. A smaller variance does that, too. Most of the gain is the **scale** of the
# noise, not its shape; Bernoulli brings a good scale with it.

# %% [markdown]
# **Question.** Does the cross-entropy do away with the blur? Which constant picture has the least
# cross-entropy to all digits?
#
# <details><summary>Answer</summary>
#
# The mean again: the derivative of $-x \log c - (1 - x) \log(1 - c)$, averaged over $x$, is 0 at $c
# = \bar x$. The other likelihood weighs errors differently; where the codes leave a choice open, it
# averages as well.
#
# </details>

# %% [markdown]
# **A sample of the model is more than $\hat x$.** Drawing $x \sim p(x|z)$ means to add the noise
# that the loss assumes. Everyone shows $\hat x$, the mean, instead; look at why.

# %%
runtime.seed(0)
with torch.no_grad():
    mean_b, mean_g = long_vae.decoder(z_many[:18]), long_gaussian.decoder(z_many[:18])
drawn_g = mean_g + 0.5**0.5 * torch.randn_like(mean_g)
panels = {"Bernoulli, mean": mean_b, "Bernoulli, drawn": torch.bernoulli(mean_b)}
panels |= {"Gaussian, mean": mean_g, "Gaussian, drawn": drawn_g}
images.show(panels, low=0.0, size=2.8)

# %% [markdown]
# (Two trainings: the same $z$ means another digit.) Both draw every pixel by itself, given $z$.
# What belongs together and is not in $z$, such as the edge of a stroke, is averaged in $\hat x$ and
# crumbles in a drawn $x$. That is the same blur as in section 1, behind a better guess.

# %% [markdown]
# ## 9 The blur in numbers
#
# All with the judge of lesson 3: Fréchet distance; how many **digits** make up 2 % of the samples
# or more; the share of the **rarest** (0.1 at best); **entropy** of the shares (1 is even);
# sharpness. The first two rows are anchors. The autoencoder had 700 steps, your VAE 900; the two
# VAEs below had sixty passes (28,080 steps), the GAN of lesson 3 forty.

# %%
gan = weights.load("vanilla_gan", device)
with torch.no_grad():
    codes = autoencoder.encode(x_train)
    fitted = torch.distributions.MultivariateNormal(codes.mean(0), torch.cov(codes.T))
    runtime.seed(0)
    rows |= {"autoencoder, x_hat": judge(data.to_gan_range(autoencoder(x_test[:3000])))}
    rows |= {"autoencoder, N(0, I)": judged(autoencoder.decoder)}
    rows |= {"autoencoder, fitted z": judged(autoencoder.decoder, fitted.sample((3000,)))}
    rows |= {"your VAE, samples": judged(vae.decoder)}
    rows |= {"VAE, Bernoulli, x_hat": judge(data.to_gan_range(long_vae(x_test[:3000])[0]))}
    rows |= {"VAE, Bernoulli, samples": judged(long_vae.decoder)}
    rows |= {"VAE, Gaussian, samples": judged(long_gaussian.decoder)}
    rows |= {"GAN, samples": judge.generator(gan, 100, 3000)}

# %% id="scores" tags=["nbval-ignore-output"]
metrics.table(rows)

# %%
samples, gan_scores = rows["VAE, Bernoulli, samples"], rows["GAN, samples"]
print("VAE samples are less than half as sharp as digits:", samples.sharpness < 0.5)
print("the GAN's are at least twice as sharp:", gan_scores.sharpness > 2 * samples.sharpness)
print("and nearer to digits by Fréchet distance:", gan_scores.frechet < samples.frechet)
print("both make all ten digits:", samples.digits == gan_scores.digits == 10)

# %% [markdown]
# After a short training the autoencoder with a Gaussian fitted to its codes afterwards samples
# better than your VAE (Ghosh et al. 2020 found the same on larger pictures). It has no bound on log
# p(x). And every pixel-wise loss in this table stays below half of a digit's sharpness; only the
# GAN does not.

# %% [markdown]
# **What the VAE has and the GAN lacks.** An encoder, which gives a code for any picture. And a
# bound on $\log p(x)$, by which models can be compared on test digits:


# %%
def bound(x):
    """Negative ELBO of the long Bernoulli run, in nats for each image."""
    return sum(metrics.negative_elbo(long_vae, x, losses.bernoulli_loss))


whole = best_constant(x_train, "mse").expand_as(x_test)
of_class = class_means[labels_test]
print(f"one mean for all digits        {losses.bernoulli_loss(whole, x_test):7.0f} nats")
print(f"told the digit: its mean       {losses.bernoulli_loss(of_class, x_test):7.0f} nats")
print(f"VAE, -ELBO of test digits      {bound(x_test):7.1f} nats")
print(f"the picture itself as x_hat    {losses.bernoulli_loss(x_test, x_test):7.0f} nats")
print(f"VAE, -ELBO, upside down        {bound(x_test.flip(-2)):7.0f} nats")
print(f"VAE, -ELBO, a black picture    {bound(torch.zeros_like(x_test[:1000])):7.0f} nats")

# %% [markdown]
# The first two are the $-\log p(x)$ of models without $z$ (the second is also told the label). The
# VAE pays for its code, too, and needs fewer: its $-\log p(x)$ is **at most** the number printed.
# The fourth line cannot be beaten: grey pixels are never certain. All are for grey pixels under the
# Bernoulli likelihood; they do not compare with binarised MNIST, nor with a Gaussian, which is a
# density.

# %% [markdown]
# **Question.** The black picture costs fewer nats than a digit. Is it a better digit?
#
# <details><summary>Answer</summary>
#
# No: black pixels are the easiest to predict. log p(x) also counts how simple a picture is, not
# only how typical, as in lesson 1 (Nalisnick et al. 2019).
#
# </details>

# %% [markdown]
# ## 10 It breaks
#
# **Posterior collapse, complete.** One word in the loss: `F.mse_loss` averages over pixels **and**
# batch. The reconstruction shrinks by the factor 784, the KL does not: the same as `beta = 784`.

# %%
collapsed = train_vae(recon=F.mse_loss, steps=300)
with torch.no_grad():
    x_hat = collapsed.train()(x_test[:10])[0]  # z drawn from the cloud, as in training
    panels = torch.cat([x_test[:10], x_hat, collapsed.decoder(z_many[:10])])
images.show({"digits, their x_hat, samples": panels}, columns=10, size=7, low=0.0)
print("largest KL of a latent below 0.001 nats:", bool(kl_per_dimension(collapsed)[0] < 0.001))
average = best_constant(x_train, "mse")
gap = (x_hat - average).abs().mean().item()
print("x_hat is the average of all digits, to less than 0.05 a pixel:", gap < 0.05)

# %% [markdown]
# $q(z|x)$ has become the prior for every $x$: the cheapest cloud. The code says nothing, and what
# can a decoder do that knows nothing of the picture? It paints the average of all digits. It looks
# like bad training, and it is a good solution of the wrong loss. **Remedy**: sum over an image,
# mean over the batch, for both terms; and read the KL, not only the sum. If it goes to 0, the code
# is empty.

# %% [markdown]
# ## 11 A walk in the plane
#
# A VAE with two latents, trained here. Move the sliders: the circle shows where you are. Between
# two digits there are mixtures, as in section 4. New is that you know where to look before
# training: N(0, I) puts 95 % of its mass within a radius of 2.45.

# %%
plane_vae = train_vae(recon=losses.bernoulli_loss, steps=900, latent_dim=2)
widgets.latent_plane(plane_vae.decoder)
# widgets.latent_plane(weights.load("vae_2d", device).decoder)  # sixty passes

# %% [markdown]
# ## 12 A loss that is learned
#
# The loss of section 6 is content with blur. Is the blur hard to see? Let a small network learn to
# tell samples from real digits, as lesson 3's discriminator does: 1 for real, 0 for made. Once
# against the VAE, once against lesson 3's GAN.


# %%
def told_apart(generate, steps=250):
    """How often a small D, trained on samples of `generate(n)`, is right on new ones and digits."""
    runtime.seed(0)
    D = networks.ConvDiscriminator().to(device)
    opt = training.adam(D, lr=1e-3)
    for x in data.Batches(x_train, 64).take(runtime.steps(steps, quick=steps)):
        loss_D = losses.discriminator_loss(D(data.to_gan_range(x)), D(generate(64)))
        opt.zero_grad()
        loss_D.backward()
        opt.step()
    with torch.no_grad():
        logits = D(data.to_gan_range(x_test[:3000])), D(generate(3000))
    return metrics.discriminator_accuracy(*logits)


def from_vae(n):
    return data.to_gan_range(images.sample_prior(long_vae.decoder, n, 20))


def from_gan(n):
    return gan(data.sample_z(n, 100, device)).detach()


vae_told, gan_told = told_apart(from_vae), told_apart(from_gan)
print("VAE: right at least nine times in ten:", vae_told >= 0.9)
print("GAN: right less than eight times in ten:", gan_told < 0.8)

# %% [markdown]
# The difference between blurred and real is plain to see for a network, and the pixel-wise formula
# does not contain it. Then let that network **be** the loss: its gradient says for each pixel what
# would look more real. The decoder follows, the network looks for the next difference. That is
# lesson 3.

# %% [markdown] tags=["folded"]
# ## Further: three more exercises
#
# They are optional, and count apart.

# %% [markdown]
# ### Exercise: reconstruction_loss (3 min, stretch)
#
# Asked: the squared error on its own: summed over the pixels of an image, averaged over the batch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `F.mse_loss` averages over everything. Which number is missing, and how large is it?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Squared differences, one row per image, sum of each row, mean of the sums.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `return (x_hat - x).square().flatten(1)....`
#
# </details>


# %%
def reconstruction_loss(x_hat, x):
    """Squared error, a scalar: summed over an image's pixels, averaged over the batch."""
    return (x_hat - x).square().flatten(1).sum(1).mean()  # SOLUTION


# %%
reconstruction_loss = check.reconstruction_loss(reconstruction_loss)

# %% [markdown]
# ### Exercise: denoising_loss (5 min, stretch)
#
# Given: a model from image to image, clean images, and the standard deviation of the noise. Asked:
# the squared error between the clean image and what the model makes of the noisy one, each image
# with its own noise.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which of the two pictures goes into the model, and which is it compared with?
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Add `noise_std` times fresh normal noise under a new name; the model sees that; the loss compares
# with `x`.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `noisy = x + noise_std * torch.randn_like(x)`, `return reconstruction_loss(model(...), ...)`
#
# </details>


# %%
def denoising_loss(model, x, noise_std):
    """Squared error between clean images and what the model makes of them with noise."""
    # BEGIN SOLUTION
    noisy = x + noise_std * torch.randn_like(x)
    return reconstruction_loss(model(noisy), x)
    # END SOLUTION


# %%
denoising_loss = check.denoising_loss(denoising_loss)

# %% [markdown]
# ### Exercise: train_step (6 min, stretch)
#
# Given: a VAE whose call gives `x_hat, mu, logvar`, its optimiser, a batch, and a loss
# `loss_fn(x_hat, x, mu, logvar)`. Asked: one step; return the loss as a float.
#
# <details><summary>Hint 1: a nudge</summary>
#
# It is the body of the loop in section 6.
#
# </details>
# <details><summary>Hint 2: the order</summary>
#
# Forward, loss, clear the gradients, backward, step. A plain number holds no graph.
#
# </details>
# <details><summary>Hint 3: nearly the lines</summary>
#
# `x_hat, mu, logvar = model(x)`, `loss = loss_fn(...)`, three calls, and `loss.item()`.
#
# </details>


# %%
def train_step(model, opt, x, loss_fn):
    """One step of a VAE on a batch; returns the loss, a float."""
    # BEGIN SOLUTION
    x_hat, mu, logvar = model(x)
    loss = loss_fn(x_hat, x, mu, logvar)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()
    # END SOLUTION


# %%
train_step = check.train_step(train_step)

# %% [markdown]
# ## You have
#
# - seen where blur comes from: the mean of all pictures that fit, pixel by pixel
# - built an autoencoder, and a VAE whose codes you can draw from: `helpers/networks.py`,
#   `helpers/losses.py`
# - trained it with a bound on log p(x), and made its codes go empty
# - a number for blur, and a reason to learn the loss: lesson 3

# %% [markdown]
# ## Quiz
#
# Click an answer: it says at once whether it holds, and why.

# %%
quiz.show("autoencoder_vae")

# %% [markdown]
# ## Sources
#
# - Kingma & Welling 2014, *Auto-encoding variational Bayes*: eq. 3, section 2.4, appendices B and C
# - Rezende et al. 2014, *Stochastic backpropagation and approximate inference in deep generative
#   models*: section 3
# - Vincent et al. 2008, *Extracting and composing robust features with denoising autoencoders*:
#   section 2.3
# - Higgins et al. 2017, *beta-VAE: learning basic visual concepts with a constrained variational
#   framework*: eq. 4
# - Ghosh et al. 2020, *From variational to deterministic autoencoders*: section 4 (a density fitted
#   to codes afterwards)
# - Nalisnick et al. 2019, *Do deep generative models know what they don't know?*
# - Bowman et al. 2016, *Generating sentences from a continuous space*: section 3 (codes that go
#   empty)

# %%
check.progress()
