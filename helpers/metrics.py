"""Numbers that judge samples and classifiers: Fréchet distance, coverage, sharpness, accuracy."""

import math
from typing import NamedTuple

import torch
from torch.nn import functional as F

from helpers.attacks import fgsm_sweep
from helpers.data import sample_z
from helpers.losses import kl_divergence
from helpers.networks import evaluating, reparameterize

LAPLACIAN = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


class Scores(NamedTuple):
    """What a set of samples is worth, measured against real digits."""

    frechet: float  # distance in feature space; 0 for the same distribution
    digits: int  # how many of the ten appear in at least 2 % of the samples
    rarest: float  # share of the rarest digit; 0.1 at best
    entropy: float  # of the digits' shares, relative to ln 10; 1 at best
    sharpness: float  # relative to real digits; 1 is as sharp as they are


@torch.no_grad()
def digit_features(classifier, x, batch_size=250):
    """Features `(N, 128)` and class probabilities `(N, 10)` of images in [-1, 1]."""
    classifier.eval()
    features = torch.cat([classifier.features(part) for part in x.split(batch_size)])
    return features, classifier.head(features).softmax(1)


def mean_and_cov(features):
    """Mean `(d,)` and covariance `(d, d)` of features `(N, d)`, in double precision."""
    features = features.double()
    return features.mean(0), torch.cov(features.T)


def frechet_distance(mu1, cov1, mu2, cov2):
    """Squared Fréchet distance of two Gaussians, a float.

    |mu1 - mu2|^2 + tr(cov1 + cov2 - 2 (cov1 cov2)^(1/2)); Heusel et al. 2017, eq. 6. The root is
    taken of the symmetric matrix cov1^(1/2) cov2 cov1^(1/2), which has the same trace.
    """
    values, vectors = torch.linalg.eigh(cov1)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    trace_root = torch.linalg.eigvalsh(root @ cov2 @ root).clamp_min(0).sqrt().sum()
    return ((mu1 - mu2).square().sum() + cov1.trace() + cov2.trace() - 2 * trace_root).item()


def mode_coverage(labels, num_classes=10, least=0.02):
    """(classes found, share of the rarest, relative entropy) of predicted `labels` `(N,)`.

    A class counts as found from a share of `least` on. The entropy is divided by ln num_classes.
    """
    shares = torch.bincount(labels, minlength=num_classes).double() / len(labels)
    entropy = -torch.xlogy(shares, shares).sum().item() / math.log(num_classes)
    return int((shares >= least).sum()), shares.min().item(), entropy


def sharpness(x):
    """`(N,)`: variance of the Laplacian of images `(N, 1, H, W)` in [-1, 1]; low is blurred."""
    return F.conv2d(x, LAPLACIAN.to(x).view(1, 1, 3, 3)).flatten(1).var(1)


@torch.no_grad()
def negative_elbo(model, x, recon, batch_size=1000):
    """(reconstruction, KL) of a VAE on images `x` in [0, 1], floats in nats for each image.

    `recon(x_hat, x)` is -log p(x|z); z is drawn once for each image, always with the same seed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        parts = [_elbo_terms(model, part, recon) for part in x.split(batch_size)]
    total = sum(torch.stack(terms) * len(part) for terms, part in zip(parts, x.split(batch_size)))
    return tuple((total / len(x)).tolist())


def _elbo_terms(model, x, recon):
    mu, logvar = model.encoder(x)
    return recon(model.decoder(reparameterize(mu, logvar)), x), kl_divergence(mu, logvar)


def edge_strength(x):
    """`(N,)`: mean absolute difference of neighbouring pixels of images `(N, 1, H, W)`.

    The mean over the pairs of a row plus the mean over those of a column; low is blurred.
    """
    across, down = x.diff(dim=-1).abs(), x.diff(dim=-2).abs()
    return across.flatten(1).mean(1) + down.flatten(1).mean(1)


def roc_auc(positive, negative):
    """Area under the ROC curve, a float: how often a positive score `(N,)` beats a negative `(M,)`.

    Ties count one half; 1/2 is chance. Mann & Whitney 1947; Fawcett 2006, section 7.
    """
    ranks = torch.cat([positive, negative]).double().unique(return_inverse=True, return_counts=True)
    _, place, counts = ranks
    middle = counts.cumsum(0) - (counts - 1) / 2  # the mean rank of each value, ties shared
    n, m = len(positive), len(negative)
    return ((middle[place[:n]].sum() - n * (n + 1) / 2) / (n * m)).item()


@torch.no_grad()
def accuracy(model, x, labels, batch_size=500):
    """Share of `x` `(N, ...)` that gets its label `(N,)` from `model` in eval mode, a float."""
    with evaluating(model):
        parts = zip(x.split(batch_size), labels.split(batch_size))
        right = sum((model(a).argmax(1) == b).sum().item() for a, b in parts)
    return right / len(x)


def robust_accuracy(model, loader, attack):
    """Share of all images that keep their label on `attack(model, x, y)`, a float.

    `loader` yields (x, y), of any sizes; the model answers in eval mode, its mode is kept.
    """
    right = total = 0
    for x, y in loader:
        right += accuracy(model, attack(model, x, y), y) * len(y)
        total += len(y)
    return right / total


def attack_success_rate(clean_pred, adv_pred, y):
    """Of the images that were right `(N,)`, the share that the attack turned wrong, a float."""
    was_right = clean_pred == y
    return (adv_pred[was_right] != y[was_right]).double().mean().item()


def fgsm_accuracy(model, x, y, epsilons, batch_size=500):
    """Accuracy under FGSM at each of `epsilons`, a list: one gradient serves them all.

    The images `x` are in [0, 1]; see `attacks.fgsm_sweep`.
    """
    right = torch.zeros(len(epsilons))
    for x_part, y_part in zip(x.split(batch_size), y.split(batch_size)):
        for i, x_adv in enumerate(fgsm_sweep(model, x_part, y_part, epsilons)):
            right[i] += accuracy(model, x_adv, y_part) * len(y_part)
    return (right / len(x)).tolist()


@torch.no_grad()
def class_accuracy(G, classifier, num_classes, n, z_dim):
    """`(num_classes,)`: share of `n` samples for each class that `classifier` reads as asked.

    G takes (z, y); both networks answer in eval mode and keep theirs.
    """
    device = next(G.parameters()).device
    y = torch.arange(num_classes, device=device).repeat_interleave(n)
    with evaluating(G), evaluating(classifier):
        z = sample_z(len(y), z_dim, device)
        parts = zip(z.split(500), y.split(500))
        read = torch.cat([classifier(G(a, b)).argmax(1) for a, b in parts])
    return (read == y).view(num_classes, n).float().mean(1)


class Translation(NamedTuple):
    """What two translators are worth on test pictures; nan where the domains cannot tell.

    Errors are mean absolute differences of pixels in [0, 1].
    """

    kept_AB: float  # share of the translations that a classifier still reads as the same digit
    kept_BA: float
    error_AB: float  # to the true counterpart
    error_BA: float
    cycle_A: float  # to the picture itself, after the way there and back
    cycle_B: float


@torch.no_grad()
def translated(G, x, batch_size=250):
    """`G(x)` for all of `x` `(N, C, H, W)`, in parts, G in eval mode; no graph is kept."""
    with evaluating(G):
        return torch.cat([G(part) for part in x.split(batch_size)])


def pixel_error(x, y):
    """Mean absolute difference of two batches in [-1, 1], in units of [0, 1], a float."""
    return (x - y).abs().mean().item() / 2


def translation(pair, both, classifier=None):
    """Judge `pair` (G_AB, G_BA) on the test pictures of `both`, a `domains.Domains`."""
    fake_B, fake_A = translated(pair.G_AB, both.test_A), translated(pair.G_BA, both.test_B)
    kept, error = (math.nan, math.nan), (math.nan, math.nan)
    if classifier is not None and both.labels is not None:
        kept = tuple(accuracy(classifier, x, both.labels) for x in (fake_B, fake_A))
    if both.paired:
        error = pixel_error(fake_B, both.test_B), pixel_error(fake_A, both.test_A)
    cycle_A = pixel_error(translated(pair.G_BA, fake_B), both.test_A)
    cycle_B = pixel_error(translated(pair.G_AB, fake_A), both.test_B)
    return Translation(*kept, *error, cycle_A, cycle_B)


def discriminator_accuracy(real_logits, fake_logits):
    """Share of images that D puts on the right side of probability 1/2 (logit 0), a float."""
    right = (real_logits > 0).sum() + (fake_logits <= 0).sum()
    return right.item() / (real_logits.numel() + fake_logits.numel())


class Judge:
    """Judges samples against `x_real` `(N, 1, 28, 28)`, by the features of `classifier`."""

    def __init__(self, classifier, x_real):
        self.classifier = classifier
        features, _ = digit_features(classifier, x_real)
        self.mu, self.cov = mean_and_cov(features)
        self.sharp = sharpness(x_real).mean()

    @torch.no_grad()
    def generator(self, G, z_dim, n=5000):
        """Scores of `n` samples of G in eval mode; the same latents each time, G's mode is kept."""
        device = next(G.parameters()).device
        z = torch.randn(n, z_dim, generator=torch.Generator().manual_seed(1)).to(device)
        with evaluating(G):
            x_fake = torch.cat([G(part) for part in z.split(250)])
        return self(x_fake)

    def __call__(self, x):
        """Scores of samples `x` `(N, 1, 28, 28)` in [-1, 1]; N of at least some thousands."""
        features, probs = digit_features(self.classifier, x)
        frechet = frechet_distance(*mean_and_cov(features), self.mu, self.cov)
        relative = (sharpness(x).mean() / self.sharp).item()
        return Scores(frechet, *mode_coverage(probs.argmax(1)), relative)


def table(rows):
    """Print `{name: Scores}` as a table, one row each."""
    print(f"{'':24}" + "".join(f"{name:>11}" for name in Scores._fields))
    for name, scores in rows.items():
        print(f"{name:24}" + "".join(f"{value:11.{_digits(value)}f}" for value in scores))


def _digits(value):
    return 0 if isinstance(value, int) or value >= 20 else 2
