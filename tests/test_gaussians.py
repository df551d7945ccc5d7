"""The generative classifier: against torch.distributions, scipy, and integrals done by numbers."""

import math

import pytest
import torch
from scipy import stats

from helpers import gaussians
from helpers.gaussians import log_joint, log_joint_missing, log_marginal

PRIOR = torch.tensor([0.2, 0.5, 0.3]).double()
MU = torch.tensor([[0.0, 1.0], [-1.0, 2.0], [3.0, -2.0]]).double()
VAR = torch.tensor([[1.0, 0.25], [4.0, 1.0], [0.09, 2.0]]).double()


@pytest.fixture
def x():
    return 2 * torch.randn(7, 2, generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture
def joint(x):
    return log_joint(x, PRIOR, MU, VAR)


def components():
    normal = torch.distributions.Normal(MU, VAR.sqrt())
    return torch.distributions.Independent(normal, 1)


def test_class_priors_count_and_keep_a_place_for_an_absent_class():
    prior = gaussians.class_priors(torch.tensor([2, 0, 2, 2]), 4)
    assert prior.tolist() == [0.25, 0.0, 0.75, 0.0]


def test_gaussian_log_prob_is_that_of_scipy(x):
    expected = stats.multivariate_normal(MU[1].numpy(), VAR[1].diag().numpy()).logpdf(x.numpy())
    log_prob = gaussians.gaussian_log_prob(x, MU[1], VAR[1])
    torch.testing.assert_close(log_prob, torch.tensor(expected))


def test_fit_gaussians_recovers_each_class():
    torch.manual_seed(0)
    x, y = gaussians.sample_from_model(60_000, PRIOR, MU, VAR)
    mu, var = gaussians.fit_gaussians(x, y, 3)
    assert mu.shape == var.shape == (3, 2)
    torch.testing.assert_close(mu, MU, atol=0.05, rtol=0)
    torch.testing.assert_close(var, VAR, atol=0, rtol=0.05)


def test_fit_gaussians_is_the_maximum_of_the_likelihood(x):
    y = torch.zeros(len(x), dtype=torch.long)
    mu, var = (parameter.requires_grad_() for parameter in gaussians.fit_gaussians(x, y, 1))
    gaussians.gaussian_log_prob(x, mu[0], var[0]).sum().backward()
    assert mu.grad.abs().max() < 1e-9 and var.grad.abs().max() < 1e-9


def test_joint_marginal_and_posterior_are_those_of_a_mixture(x, joint):
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(PRIOR), components()
    )
    torch.testing.assert_close(joint, components().log_prob(x[:, None]) + PRIOR.log())
    torch.testing.assert_close(log_marginal(joint), mixture.log_prob(x))
    torch.testing.assert_close(
        gaussians.posterior(joint), joint.exp() / joint.exp().sum(1)[:, None]
    )
    assert gaussians.predict(joint).tolist() == gaussians.posterior(joint).argmax(1).tolist()


def test_marginal_integrates_to_one():
    line = torch.linspace(-20, 20, 801).double()
    plane = torch.cartesian_prod(line, line)
    total = log_marginal(log_joint(plane, PRIOR, MU, VAR)).exp().sum() * 0.05**2
    assert total.item() == pytest.approx(1, abs=1e-3)


def test_posterior_and_marginal_survive_where_exp_is_zero():
    deep = torch.tensor([[-1000.0, -1001.0], [-5000.0, -5000.0]])
    expected = torch.tensor([[1 / (1 + math.exp(-1)), 1 / (1 + math.e)], [0.5, 0.5]])
    torch.testing.assert_close(gaussians.posterior(deep), expected)
    torch.testing.assert_close(
        log_marginal(deep),
        torch.tensor([-1000 + math.log(1 + math.exp(-1)), -5000 + math.log(2)]),
    )


def test_log_odds_is_the_logit_of_the_posterior(x):
    joint = log_joint(x, PRIOR[:2] / PRIOR[:2].sum(), MU[:2], VAR[:2])
    prob = gaussians.posterior(joint)[:, 1].double()
    torch.testing.assert_close(gaussians.log_odds(joint), prob.logit(), atol=1e-6, rtol=1e-6)


def test_log_odds_of_equal_variances_is_a_line(x):
    equal = torch.ones(2, 2).double()
    x = torch.stack([x[0], (x[0] + x[1]) / 2, x[1]])
    odds = gaussians.log_odds(log_joint(x, torch.tensor([0.3, 0.7]).double(), MU[:2], equal))
    assert odds[1].item() == pytest.approx((odds[0] + odds[2]).item() / 2, abs=1e-9)


def test_samples_follow_the_model():
    torch.manual_seed(0)
    x, y = gaussians.sample_from_model(30_000, PRIOR, MU, VAR)
    assert x.shape == (30_000, 2) and y.shape == (30_000,)
    torch.testing.assert_close(gaussians.class_priors(y, 3).double(), PRIOR, atol=0.01, rtol=0)
    standard = (x - MU[y]) / VAR[y].sqrt()
    assert stats.kstest(standard.flatten().numpy(), "norm").statistic < 0.01
    assert standard.T.corrcoef()[0, 1].abs() < 0.02


def test_a_missing_feature_is_integrated_out(x):
    seen = torch.tensor([True, False])
    line = torch.linspace(-30, 30, 6001).double()
    filled = [torch.stack([row[0].expand_as(line), line], 1) for row in x]
    integrals = [torch.trapezoid(log_joint(f, PRIOR, MU, VAR).exp(), line, dim=0) for f in filled]
    missing = log_joint_missing(x, seen, PRIOR, MU, VAR)
    torch.testing.assert_close(missing, torch.stack(integrals).log())
    x[:, 1] = torch.nan
    assert torch.equal(log_joint_missing(x, seen, PRIOR, MU, VAR), missing)


def test_nothing_missing_changes_nothing(x, joint):
    seen = torch.ones(2, dtype=torch.bool)
    assert torch.equal(log_joint_missing(x, seen, PRIOR, MU, VAR), joint)
