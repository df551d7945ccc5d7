"""Steps train one player, the fast batch equals the plain one, and looking changes nothing."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, losses, training


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


def test_classifier_step_is_one_step_down_the_cross_entropy():
    torch.manual_seed(0)
    net, x, y = nn.Linear(3, 2), torch.randn(8, 3), torch.arange(8) % 2
    loss = F.cross_entropy(net(x), y)
    grads = torch.autograd.grad(loss, list(net.parameters()))
    expected = [p - 0.1 * g for p, g in zip(net.parameters(), grads)]
    assert training.classifier_step(net, torch.optim.SGD(net.parameters(), 0.1), x, y) == loss
    for p, q in zip(net.parameters(), expected):
        torch.testing.assert_close(p.data, q.data)


class Moody(nn.Module):
    """A classifier with a weight, a Dropout, and a record of the mode of every call."""

    def __init__(self):
        super().__init__()
        self.body, self.modes = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)), []

    def forward(self, x):
        self.modes.append(self.training)
        return self.body(x)


def test_adversarial_train_step_learns_in_train_mode_from_examples_for_the_model_as_it_is():
    torch.manual_seed(0)
    model, x, y = Moody().eval(), torch.rand(6, 3), torch.arange(6) % 4
    opt, seen = sgd(model), []

    def attack(net, images, labels):
        assert net is model and torch.equal(images, x) and torch.equal(labels, y)
        seen.append(weights_of(net))
        F.cross_entropy(net(images), labels).backward()  # an untidy attack leaves gradients
        return images + 10

    for _ in range(2):
        before = weights_of(model)
        model.modes.clear()
        torch.manual_seed(1)
        loss = training.adversarial_train_step(model, opt, x, y, attack)
        assert torch.equal(seen[-1], before) and model.modes[-1] and model.training
    assert isinstance(loss, float) and not torch.equal(seen[0], seen[1])

    twin = copy.deepcopy(model)
    torch.manual_seed(2)
    loss = training.adversarial_train_step(model, opt, x, y, lambda *batch: batch[1] + 10)
    torch.manual_seed(2)
    assert training.classifier_step(twin.train(), sgd(twin), x + 10, y) == loss
    assert torch.equal(weights_of(model), weights_of(twin))


# ---------------------------------------------------------------- with labels


class Labelled(nn.Module):
    """A small net of (features, labels of 4 classes)."""

    def __init__(self, width, *head):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width + 4, 8), nn.LeakyReLU(0.2), *head)

    def forward(self, x, y):
        return self.net(torch.cat([x, F.one_hot(y, 4)], 1))


def labelled_players(seed=0):
    torch.manual_seed(seed)
    G = Labelled(3, nn.Linear(8, 2), nn.Tanh())
    return G, Labelled(2, nn.Linear(8, 1), nn.Flatten(0))


class Stamp(nn.Module):
    """G of a spy: every image is its label, plus 100; keeps the latents and labels it was given."""

    def __init__(self):
        super().__init__()
        self.weight, self.z, self.y = nn.Parameter(torch.zeros(1)), [], []

    def forward(self, z, y):
        self.z.append(z)
        self.y.append(y)
        return (y + 100.0)[:, None] + self.weight * z[:, :1]


class Reader(nn.Module):
    """D of a spy: keeps the pairs that it is asked about, and which of them were fakes."""

    def __init__(self):
        super().__init__()
        self.weight, self.pairs = nn.Parameter(torch.ones(1)), []

    def forward(self, x, y):
        self.pairs += [(value % 100, label, value >= 100) for value, label in zip(x[:, 0], y)]
        return self.weight * x[:, 0]


Y = torch.tensor([3, 1, 2, 1, 0, 3, 2])
X = Y.float()[:, None]  # an image that shows its label
PLAYS = {
    "discriminator": lambda G, D: training.conditional_discriminator_step(G, D, sgd(D), X, Y, 3),
    "generator": lambda G, D: training.conditional_generator_step(G, D, sgd(G), Y, 3),
    "batch": lambda G, D: training.conditional_train_batch(G, D, sgd(G), sgd(D), X, Y, 3),
    "penalised batch": lambda G, D: training.conditional_train_batch(
        G, D, sgd(G), sgd(D), X, Y, 3, r1=1.0
    ),
}


@pytest.mark.parametrize("play", PLAYS)
def test_every_image_is_judged_with_its_own_label_and_fakes_are_made_for_those_of_the_batch(play):
    torch.manual_seed(0)
    G, D = Stamp(), Reader()
    PLAYS[play](G, D)
    assert all(value == label for value, label, _ in D.pairs)
    assert sum(fake.item() for *_, fake in D.pairs) >= len(Y)
    assert any(not fake for *_, fake in D.pairs) == (play != "generator")
    assert all(torch.equal(y, Y) for y in G.y)
    assert all(z.shape == (len(Y), 3) and len(z.unique()) == z.numel() for z in G.z)


def test_conditional_discriminator_step_moves_D_alone():
    G, D = labelled_players()
    before = weights_of(G), weights_of(D)
    step = training.conditional_discriminator_step
    loss = step(G, D, sgd(D), torch.randn(7, 2), Y, 3)
    assert isinstance(loss, float) and all(p.grad is None for p in G.parameters())
    assert torch.equal(weights_of(G), before[0]) and not torch.equal(weights_of(D), before[1])


def test_conditional_generator_step_moves_G_alone():
    G, D = labelled_players()
    before = weights_of(G), weights_of(D)
    loss = training.conditional_generator_step(G, D, sgd(G), Y, 3)
    assert isinstance(loss, float) and torch.equal(weights_of(D), before[1])
    assert not torch.equal(weights_of(G), before[0])


def test_conditional_steps_lower_their_own_loss():
    G, D = labelled_players()
    real = torch.randn(7, 2)

    def losses_now():
        torch.manual_seed(7)
        x_fake = G(data.sample_z(7, 3), Y)
        logits = D(real, Y), D(x_fake, Y)
        return losses.discriminator_loss(*logits), losses.generator_loss(logits[1])

    before = losses_now()[0]
    torch.manual_seed(7)
    step = training.conditional_discriminator_step
    assert step(G, D, sgd(D), real, Y, 3) == pytest.approx(before.item())
    assert losses_now()[0] < before
    before = losses_now()[1]
    torch.manual_seed(7)
    loss = training.conditional_generator_step(G, D, sgd(G), Y, 3)
    assert loss == pytest.approx(before.item()) and losses_now()[1] < before


def test_conditional_train_batch_is_one_step_of_each_player_on_the_same_latents():
    G, D = labelled_players()
    plain_G, plain_D = copy.deepcopy(G), copy.deepcopy(D)
    real = torch.randn(7, 2)
    torch.manual_seed(7)
    result = training.conditional_train_batch(G, D, sgd(G), sgd(D), real, Y, 3)
    torch.manual_seed(7)
    args = plain_G, plain_D, sgd(plain_D), real, Y, 3
    loss_D = training.conditional_discriminator_step(*args)
    torch.manual_seed(7)
    loss_G = training.conditional_generator_step(plain_G, plain_D, sgd(plain_G), Y, 3)
    torch.testing.assert_close(weights_of(D), weights_of(plain_D))
    torch.testing.assert_close(weights_of(G), weights_of(plain_G))
    assert [t.item() for t in result[:2]] == pytest.approx([loss_D, loss_G])
    assert not any(t.requires_grad for t in result)
    assert all(p.requires_grad for p in D.parameters())


def test_conditional_penalty_is_taken_at_the_real_pairs():
    G, D = labelled_players()
    plain, real = copy.deepcopy(D), torch.randn(7, 2)
    torch.manual_seed(7)
    training.conditional_train_batch(G, D, sgd(G), sgd(D), real, Y, 3, r1=4.0)
    G, _ = labelled_players()
    torch.manual_seed(7)
    x_fake = G(data.sample_z(7, 3), Y).detach()
    loss = losses.discriminator_loss(plain(real, Y), plain(x_fake, Y))
    (loss + 2 * losses.gradient_penalty_r1(lambda x: plain(x, Y), real)).backward()
    sgd(plain).step()
    torch.testing.assert_close(weights_of(D), weights_of(plain))


@pytest.mark.parametrize("kind", [tuple, list])
def test_gan_steps_train_a_labelled_pair_on_batches_of_x_and_y(kind):
    """A DataLoader's batches are lists, those of `Batches` are tuples."""
    torch.manual_seed(3)
    batches = [kind((torch.randn(7, 2), Y.roll(i))) for i in range(3)]
    G, D = labelled_players()
    opts = sgd(G), sgd(D)
    torch.manual_seed(1)
    steps = list(training.gan_steps(G, D, *opts, batches, 3, first=5))
    assert [s.number for s in steps] == [5, 6, 7]
    assert all(type(value) is float for s in steps for value in s[1:])
    plain_G, plain_D = labelled_players()
    opts = sgd(plain_G), sgd(plain_D)
    torch.manual_seed(1)
    for x, y in batches:
        training.conditional_train_batch(plain_G, plain_D, *opts, x, y, 3)
    assert torch.equal(weights_of(G), weights_of(plain_G))
    assert torch.equal(weights_of(D), weights_of(plain_D))
