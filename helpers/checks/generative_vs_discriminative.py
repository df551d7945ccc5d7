"""Checks of lesson 1, generative against discriminative: one function an exercise, named as it.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. x is (N, d), labels y are (N,), a log joint is (N, K): one row per example.
"""

from helpers.checks.laws import bayes
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.classifier_steps import descends
from helpers.checks.laws.densities import (
    DENSITY,
    JOINT,
    MISSING,
    density_cases,
    joint_cases,
    missing_cases,
)
from helpers.checks.laws.estimates import PRIORS, cloud_cases, fits_clouds, label_cases
from helpers.checks.laws.formulas import follows
from helpers.checks.laws.old import Topic
from helpers.checks.laws.pairs import draws_pairs

CAUSES = [
    (
        r"can only concatenate list|'Tensor' and 'list'|'list' and 'Tensor'|'list' object has no "
        r"attribute",
        "Something is still a Python list there, of columns perhaps: torch.stack first, which "
        "makes one tensor of it.",
    ),
    (
        r"log_softmax\w*\W+not implemented for 'Long'",
        "Whole numbers stand where cross entropy wants the logits. The logits come first, then "
        "the labels.",
    ),
    (
        r"without replacement|n_sample",
        "multinomial draws without putting back unless told otherwise: a class can then come only "
        "once.",
    ),
    (
        r"must be Tensor, not (float|int)|only (one element|integer) tensors|can be converted to",
        "math.log and math.sqrt take one number, torch.log and torch.sqrt a tensor; and it is "
        "torch.stack that joins a list of tensors, not torch.tensor.",
    ),
    (
        r"must match the size of tensor|broadcast|Sizes of tensors must match",
        "Two tensors of different shapes meet. Print both shapes right before that line: axes are "
        "paired from the right, and keepdim=True or [:, None] leaves an axis of length 1.",
    ),
    (
        r"stack expects each tensor to be equal size",
        "Tensors of different sizes are stacked. Classes differ in their number of examples: after "
        "averaging, which axis should be gone, the examples or the features?",
    ),
    (
        r"mat1 and mat2|size mismatch|inconsistent tensor size",
        "A matrix product pairs the last axis of the left with the first of the right. Print both "
        "shapes right before that line.",
    ),
    (
        r"expected (target size|scalar type Long)|multi-target|0D or 1D target|Expected floating "
        r"point type for target",
        "Cross entropy wants the logits (N, K) first and then the labels (N,), as whole numbers.",
    ),
    (
        r"input dtype should be either floating|could not infer output dtype|mean of floating",
        "A mean of whole numbers or of True and False is asked for: make them float first.",
    ),
    (
        r"tensors used as indices|out of bounds|one_hot is only applicable",
        "An index does not fit: labels are whole numbers from 0 to num_classes - 1, and row k "
        "belongs to class k.",
    ),
    (
        r"invalid multinomial|probability tensor contains",
        "multinomial wants probabilities: none below 0, and no logs.",
    ),
    (
        r"covariance_matrix must be",
        "MultivariateNormal wants a whole covariance matrix, and var is only its diagonal.",
    ),
    (
        r"satisfy the constraint",
        "A distribution refused a parameter: Normal wants a standard deviation above 0, "
        "Categorical probabilities.",
    ),
]

topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


@exercise("helpers.gaussians:class_priors", "You know how frequent each class is.")
def class_priors(answer):
    """The share of each class in y, (K,); 0 for an absent one."""
    is_function(answer, "class_priors")
    follows(answer, PRIORS, label_cases())


@exercise("helpers.gaussians:gaussian_log_prob", "Every point now has a log density.")
def gaussian_log_prob(answer):
    """log N(x; mu, diag(var)) of each row."""
    is_function(answer, "gaussian_log_prob")
    follows(answer, DENSITY, density_cases())


@exercise("helpers.gaussians:fit_gaussians", "Each class is now a Gaussian of its own.")
def fit_gaussians(answer):
    """Mean and variance of each class, (K, d) both."""
    is_function(answer, "fit_gaussians")
    return fits_clouds(answer, cloud_cases())


@exercise("helpers.gaussians:log_joint", "You have a model of x and y together.")
def log_joint(answer):
    """log p(x | y = k) + log p(y = k), (N, K)."""
    is_function(answer, "log_joint")
    follows(answer, JOINT, joint_cases())


@exercise("helpers.gaussians:posterior", "The generative model now classifies.")
def posterior(answer):
    """p(y | x) from log p(x, y), safe at -1000."""
    is_function(answer, "posterior")
    bayes.normalises(answer)


@exercise("helpers.gaussians:log_marginal", "You can now say how likely x itself is.", stretch=True)
def log_marginal(answer):
    """log p(x), the log of the sum of the joint."""
    is_function(answer, "log_marginal")
    return bayes.sums_up(answer)


@exercise("helpers.gaussians:predict", "Every row now has its most probable class.", stretch=True)
def predict(answer):
    """The index of the largest entry of each row."""
    is_function(answer, "predict")
    bayes.predicts(answer)


@exercise(
    "helpers.gaussians:sample_from_model", "The model now draws new pairs, data and label both."
)
def sample_from_model(answer):
    """n new pairs (x, y): y from the prior, x from its class."""
    is_function(answer, "sample_from_model")
    draws_pairs(answer)


@exercise("helpers.training:classifier_step", "The classifier now learns p(y | x) directly.")
def train_step(answer):
    """One gradient step on the mean cross entropy of the logits."""
    is_function(answer, "train_step")
    return descends(answer)


@exercise(
    "helpers.gaussians:log_odds",
    "The border between two classes is now where it is 0.",
    stretch=True,
)
def log_odds(answer):
    """log p(y = 1 | x) - log p(y = 0 | x)."""
    is_function(answer, "log_odds")
    bayes.compares(answer)


@exercise(
    "helpers.gaussians:log_joint_missing",
    "The model now classifies what is only partly seen.",
    stretch=True,
)
def log_joint_missing(answer):
    """The log joint of the seen features alone."""
    is_function(answer, "log_joint_missing")
    follows(answer, MISSING, missing_cases())
