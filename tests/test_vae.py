"""The parts of lesson 2, proved against torch.distributions."""

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, images, live, losses, metrics, networks, training, weights, widgets


@pytest.fixture
def codes():
    torch.manual_seed(0)
    return torch.randn(7, 3), torch.randn(7, 3)


@pytest.fixture
def pictures():
    torch.manual_seed(0)
    return torch.rand(5, 1, 28, 28), torch.rand(5, 1, 28, 28)


def test_kl_equals_the_library_and_is_zero_at_the_prior(codes):
    mu, logvar = codes
    q = torch.distributions.Normal(mu, (logvar / 2).exp())
    library = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    torch.testing.assert_close(losses.kl_divergence(mu, logvar), library.sum(1).mean())
    assert losses.kl_divergence(torch.zeros(2, 3), torch.zeros(2, 3)) == 0


def test_losses_are_log_likelihoods_summed_over_an_image(pictures):
    x_hat, x = pictures
    gaussian = torch.distributions.Normal(x_hat, 0.5**0.5).log_prob(x).flatten(1).sum(1).mean()
    constant = -784 / 2 * torch.log(torch.tensor(torch.pi))
    torch.testing.assert_close(losses.reconstruction_loss(x_hat, x), constant - gaussian)
    black_and_white = x.round()
    bernoulli = torch.distributions.Bernoulli(x_hat).log_prob(black_and_white)
    torch.testing.assert_close(
        losses.bernoulli_loss(x_hat, black_and_white), -bernoulli.flatten(1).sum(1).mean()
    )


def test_grey_bernoulli_loss_is_the_mean_over_black_and_white_versions(pictures):
    x_hat, x = pictures
    drawn = torch.stack([losses.bernoulli_loss(x_hat, torch.bernoulli(x)) for _ in range(400)])
    assert abs(drawn.mean() - losses.bernoulli_loss(x_hat, x)) < 4 * drawn.std() / 400**0.5


def test_vae_loss_weighs_the_kl_only(pictures, codes):
    mu, logvar = (code[:5] for code in codes)
    kl, recon = losses.kl_divergence(mu, logvar), losses.reconstruction_loss(*pictures)
    for beta in (0.0, 1.0, 4.0):
        torch.testing.assert_close(losses.vae_loss(*pictures, mu, logvar, beta), recon + beta * kl)


def test_best_constants_beat_every_small_change():
    torch.manual_seed(0)
    targets = torch.rand(9, 1, 4, 5)
    for name, loss in (("mse", F.mse_loss), ("l1", F.l1_loss)):
        best = losses.best_constant(targets, name)
        least = loss(best.expand_as(targets), targets)
        for _ in range(50):
            other = best + 0.05 * torch.randn_like(best)
            assert loss(other.expand_as(targets), targets) >= least


def test_reparameterize_draws_from_q_with_a_gradient(codes):
    mu, logvar = (code[:1].expand(50_000, 3).clone().requires_grad_() for code in codes)
    z = networks.reparameterize(mu, logvar)
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.05, rtol=0)
    torch.testing.assert_close(z.var(0), logvar[0].exp(), atol=0, rtol=0.05)
    z.sum().backward()
    assert torch.equal(mu.grad, torch.ones_like(mu)) and logvar.grad.abs().sum() > 0


def test_vae_draws_in_training_and_repeats_in_eval(pictures):
    model = networks.VAE(4)
    x = pictures[0]
    assert not torch.equal(model(x)[0], model(x)[0])
    model.eval()
    assert torch.equal(model(x)[0], model(x)[0])
    assert [tuple(t.shape) for t in model(x)] == [(5, 1, 28, 28), (5, 4), (5, 4)]


def test_vae_steps_lower_the_loss_and_number_on(pictures):
    torch.manual_seed(0)
    model = networks.VAE(2)
    steps = list(training.vae_steps(model, training.adam(model, 1e-3), [pictures[0]] * 30, first=7))
    assert [step.number for step in steps] == list(range(7, 37))
    assert steps[-1].loss_recon < steps[0].loss_recon
    assert all(isinstance(value, float) for value in steps[0][1:])


def test_vae_step_follows_any_loss(pictures):
    torch.manual_seed(0)
    model = networks.VAE(2)
    opt = torch.optim.SGD(model.parameters(), 0.0)
    torch.manual_seed(1)
    loss = training.vae_step(model, opt, pictures[0], losses.vae_loss)
    torch.manual_seed(1)
    x_hat, mu, logvar = model(pictures[0])
    assert loss == pytest.approx(losses.vae_loss(x_hat, pictures[0], mu, logvar).item())


def test_the_shipped_vae_needs_at_most_110_nats():
    """Bound on -log p of the grey test digits under Bernoulli pixels."""
    x = data.mnist("test", low=0.0)[0]
    recon, kl = metrics.negative_elbo(weights.load("vae"), x, losses.bernoulli_loss)
    assert recon + kl < 110
    assert kl == pytest.approx(losses.kl_divergence(*weights.load("vae").encoder(x)).item(), 1e-4)


def test_negative_elbo_weighs_a_short_last_batch_and_keeps_the_seed(pictures):
    model = networks.VAE(2).eval()
    state = torch.get_rng_state()
    _, whole = metrics.negative_elbo(model, pictures[0], losses.bernoulli_loss)
    _, parts = metrics.negative_elbo(model, pictures[0], losses.bernoulli_loss, batch_size=2)
    assert whole == pytest.approx(parts, 1e-5) and torch.equal(state, torch.get_rng_state())


def test_interpolation_is_even_and_keeps_both_ends():
    z1, z2 = torch.tensor([0.0, 2.0]), torch.tensor([4.0, 0.0])
    path = data.interpolate(z1, z2, 5)
    torch.testing.assert_close(path[[0, 2, 4]], torch.stack([z1, (z1 + z2) / 2, z2]))


def test_sample_prior_decodes_fresh_z_without_a_graph():
    seen = []
    decoder = nn.Linear(3, 2)
    decoder.register_forward_hook(lambda net, args, out: seen.append(args[0]))
    x = images.sample_prior(decoder, 5, 3)
    assert x.shape == (5, 2) and not x.requires_grad
    images.sample_prior(decoder, 5, 3)
    assert seen[0].shape == (5, 3) and not torch.equal(*seen)


def test_reconstructions_leave_the_mode_and_the_random_state(pictures):
    model, z = networks.VAE(2).train(), torch.randn(8, 2)
    picture = live.reconstructions(model, pictures[0].repeat(2, 1, 1, 1)[:8], z)
    state = torch.get_rng_state()
    figure, ax = plt.subplots()
    picture(ax)
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert ax.get_images()[0].get_array().shape == (3 * 28, 8 * 28)
    plt.close(figure)


def test_the_latent_plane_shows_z0_to_the_right_and_z1_upwards(monkeypatch):
    """A decoder that paints z[0] for odd and z[1] for even pixels tells where each z is drawn."""

    class Shown(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, z):
            return (z.view(-1, 1, 1, 2) + 2) / 4

    figures, sliders = [], []
    monkeypatch.setattr(widgets, "display", lambda thing, display_id=None: (
        figures if hasattr(thing, "axes") else sliders).append(thing) or Slot(figures))  # fmt: skip
    widgets.latent_plane(Shown(), reach=1.0, stops=3)
    shown = figures[0].axes[0].get_images()[0].get_array()
    assert shown[0].tolist() == [0.25, 0.75, 0.5, 0.75, 0.75, 0.75]  # top row: z[1] = 1
    sliders[0].value = 0.5
    assert figures[-1].axes[1].get_title() == "z = (0.5, 0.0)"


class Slot:
    """A display slot that notes what it shows."""

    def __init__(self, figures):
        self.update = figures.append
