"""The generative classifier: one Gaussian a class, its features independent of each other.

log p(x, y) = log p(y) + log p(x | y), with x | y = k from N(mu[k], diag(var[k])). It is naive Bayes
with Gaussian features: Bishop 2006, section 4.2; Murphy 2022, sections 9.3-9.4.
"""

import math

import torch


def class_priors(y, num_classes):
    """p(y = k), `(K,)`: the share of each class in the labels `y` `(N,)`; 0 for an absent one."""
    return torch.bincount(y, minlength=num_classes) / len(y)


def gaussian_log_prob(x, mu, var):
    """log N(x; mu, diag(var)), `(N,)`, of the rows of `x` `(N, d)`; `mu` and `var` are `(d,)`.

    Bishop 2006, eq. 2.43, for a diagonal covariance.
    """
    squared = (x - mu).square() / var
    return -0.5 * (squared + var.log() + math.log(2 * math.pi)).sum(1)


def fit_gaussians(x, y, num_classes):
    """Mean and variance of each feature in each class, `(K, d)` both: maximum likelihood.

    A class needs two different examples to have a variance above 0. Bishop 2006, section 4.2.2.
    """
    classes = [x[y == k] for k in range(num_classes)]
    mu = torch.stack([x_k.mean(0) for x_k in classes])
    var = torch.stack([x_k.var(0, unbiased=False) for x_k in classes])
    return mu, var


def log_joint(x, prior, mu, var):
    """log p(x, y = k), `(N, K)`: log p(x | y = k) + log p(y = k)."""
    log_likelihood = [gaussian_log_prob(x, mu[k], var[k]) for k in range(len(prior))]
    return torch.stack(log_likelihood, dim=1) + prior.log()


def log_marginal(log_joint):
    """log p(x), `(N,)`: the sum of the joint over the classes, taken in logs."""
    return log_joint.logsumexp(1)


def posterior(log_joint):
    """p(y = k | x), `(N, K)`: a softmax of log p(x, y). Bishop 2006, eq. 4.62."""
    return log_joint.softmax(1)


def predict(log_joint):
    """The most probable class of each row, `(N,)`."""
    return log_joint.argmax(1)


def log_odds(log_joint):
    """log p(y = 1 | x) - log p(y = 0 | x), `(N,)`, of two classes; the border is where it is 0."""
    return log_joint[:, 1] - log_joint[:, 0]


def sample_from_model(n, prior, mu, var):
    """`n` new pairs: labels `(n,)` from p(y), then x `(n, d)` from p(x | y).

    Ancestral sampling: Bishop 2006, section 8.1.2.
    """
    y = torch.multinomial(prior, n, replacement=True)
    return mu[y] + var[y].sqrt() * torch.randn_like(mu[y]), y


def log_joint_missing(x, seen, prior, mu, var):
    """log p(the seen part of x, y = k), `(N, K)`; `seen` `(d,)` is True where a feature is known.

    A factor of the product integrates to 1, so an unseen feature drops out. Its value is not read.
    Murphy 2022, section 9.4.3.
    """
    return log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])
