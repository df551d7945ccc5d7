"""Steps train one player, the fast batch equals the plain one, and looking changes nothing."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, losses, networks, training


def small_players(seed=0):
    torch.manual_seed(seed)
    G = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 2), nn.Tanh())
    D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Flatten(0))
    return G, D


def weights_of(net):
    return torch.cat([p.detach().flatten().clone() for p in net.parameters()])


def sgd(net):
    return torch.optim.SGD(net.parameters(), 0.1)


def test_discriminator_step_moves_D_alone():
    G, D = small_players()
    before = weights_of(G), weights_of(D)
    loss = training.discriminator_step(G, D, sgd(D), torch.randn(5, 2), 3)
    assert isinstance(loss, float)
    assert torch.equal(weights_of(G), before[0]) and not torch.equal(weights_of(D), before[1])
    assert all(p.grad is None for p in G.parameters())


def test_generator_step_moves_G_alone():
    G, D = small_players()
    before = weights_of(G), weights_of(D)
    training.generator_step(G, D, sgd(G), 5, 3)
    assert not torch.equal(weights_of(G), before[0]) and torch.equal(weights_of(D), before[1])


def test_train_batch_is_one_plain_step_of_each_player():
    G, D = small_players()
    plain_G, plain_D = copy.deepcopy(G), copy.deepcopy(D)
    real = torch.randn(6, 2)
    torch.manual_seed(7)
    training.train_batch(G, D, sgd(G), sgd(D), real, 3)

    torch.manual_seed(7)
    x_fake = plain_G(data.sample_z(6, 3))
    opt_D, opt_G = sgd(plain_D), sgd(plain_G)
    losses.discriminator_loss(plain_D(real), plain_D(x_fake.detach())).backward()
    opt_D.step()
    loss_G = losses.generator_loss(plain_D(x_fake))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()
    torch.testing.assert_close(weights_of(D), weights_of(plain_D))
    torch.testing.assert_close(weights_of(G), weights_of(plain_G))
    assert all(p.requires_grad for p in D.parameters())


def test_gan_steps_yield_plain_numbers_numbered_from_first():
    G, D = small_players()
    batches = data.Batches(torch.randn(40, 2), 8).take(3)
    steps = list(training.gan_steps(G, D, sgd(G), sgd(D), batches, 3, first=11, r1=1.0))
    assert [s.number for s in steps] == [11, 12, 13]
    assert all(type(value) is float for s in steps for value in s[1:])
    assert all(0 < s.prob_real < 1 and 0 < s.prob_fake < 1 for s in steps)


def test_training_stopped_and_continued_equals_training_in_one_go():
    def run(*parts):
        G, D = small_players()
        opt_G, opt_D = sgd(G), sgd(D)
        torch.manual_seed(1)
        batches = data.Batches(torch.randn(64, 2), 8).epoch()
        number = 1
        for count in parts:
            pieces = (next(batches) for _ in range(count))
            for step in training.gan_steps(G, D, opt_G, opt_D, pieces, 3, first=number, r1=0.5):
                number = step.number + 1
        return weights_of(G)

    torch.testing.assert_close(run(8), run(3, 5), rtol=0, atol=0)


def test_observe_trains_nothing_and_leaves_the_random_state():
    G, D = small_players()
    before, state = (weights_of(G), weights_of(D)), torch.get_rng_state()
    step = training.observe(5, G, D, torch.randn(4, 2, generator=torch.Generator()), 3)
    assert step.number == 5
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(weights_of(G), before[0]) and torch.equal(weights_of(D), before[1])


def test_frozen_thaws_after_an_error():
    _, D = small_players()
    with pytest.raises(RuntimeError), training.frozen(D):
        raise RuntimeError
    assert all(p.requires_grad for p in D.parameters())


def test_r1_is_the_squared_gradient_of_a_linear_D():
    D = nn.Sequential(nn.Linear(3, 1, bias=False), nn.Flatten(0))
    nn.init.constant_(D[0].weight, 2.0)
    penalty = losses.gradient_penalty_r1(D, torch.randn(5, 3))
    assert penalty.item() == pytest.approx(3 * 2.0**2)
    penalty.backward()
    torch.testing.assert_close(D[0].weight.grad, torch.full((1, 3), 4.0))


def test_average_is_the_mean_of_the_past():
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 0.0)
    average = training.Average(net, decay=0.5)
    nn.init.constant_(net.weight, 1.0)
    average.update(net)  # the first step weighs 9 / 10
    assert average.net.weight.item() == pytest.approx(0.9)
    for _ in range(200):
        average.update(net)
    assert average.net.weight.item() == pytest.approx(1.0)
    assert not average.net.weight.requires_grad


def test_train_epoch_alternates_and_averages():
    calls = []
    loader = [(torch.zeros(4, 1), None), (torch.zeros(2, 1), None)]
    result = training.train_epoch(
        loader,
        lambda images: calls.append(("D", len(images))) or float(len(images)),
        lambda n: calls.append(("G", n)) or 1.0,
    )
    assert calls == [("D", 4), ("G", 4), ("D", 2), ("G", 2)] and result == (3.0, 1.0)


@pytest.mark.parametrize("logits", [torch.randn(7), torch.randn(7, 1) * 60])
def test_losses_equal_pytorchs_on_probabilities(logits):
    prob = logits.double().sigmoid().clamp(1e-300, 1)
    near_one = (-logits.double()).sigmoid().clamp(1e-300, 1)
    expected = (-prob.log().mean() - near_one.log().mean()).item() / 2
    assert losses.discriminator_loss(logits, logits).item() == pytest.approx(expected, rel=1e-4)
    assert losses.generator_loss(logits).item() == pytest.approx(
        -prob.log().mean().item(), rel=1e-4
    )
    assert losses.minimax_generator_loss(logits).item() == pytest.approx(
        near_one.log().mean().item(), rel=1e-4
    )


@pytest.mark.parametrize("n", [1, 7])
@pytest.mark.parametrize(
    "G, D",
    [
        (networks.Generator(100), networks.Discriminator()),
        (networks.ConvGenerator(64), networks.ConvDiscriminator()),
        (networks.MendedGenerator(100), networks.MendedDiscriminator()),
    ],
)
def test_networks_keep_their_shapes_and_range(G, D, n):
    z_dim = getattr(G, "z_dim", 100)
    x_fake = G.eval()(data.sample_z(n, z_dim))
    assert x_fake.shape == (n, 1, 28, 28) and x_fake.abs().max() <= 1
    assert D(x_fake).shape == (n,)


def test_classifier_step_is_one_step_down_the_cross_entropy():
    torch.manual_seed(0)
    net, x, y = nn.Linear(3, 2), torch.randn(8, 3), torch.arange(8) % 2
    loss = F.cross_entropy(net(x), y)
    grads = torch.autograd.grad(loss, list(net.parameters()))
    expected = [p - 0.1 * g for p, g in zip(net.parameters(), grads)]
    assert training.classifier_step(net, torch.optim.SGD(net.parameters(), 0.1), x, y) == loss
    for p, q in zip(net.parameters(), expected):
        torch.testing.assert_close(p.data, q.data)
