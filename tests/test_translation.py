"""CycleGAN: losses by hand, the fast batch equals the plain steps, what must not move does not."""

import copy
import json
from pathlib import Path

import numpy
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import data, domains, losses, metrics, networks, translation, weights

PHOTOGRAPHS = Path(__file__).parents[2] / "shared/data/horse2zebra/test.npz"


@pytest.fixture
def quartet():
    """A small pair of generators and D_A, D_B."""
    torch.manual_seed(0)
    pair = networks.Translators(4, 1, skips=False)
    return pair, networks.PatchDiscriminator(3, 4), networks.PatchDiscriminator(3, 4)


@pytest.fixture
def batches():
    """Batches of both domains, of different length."""
    torch.manual_seed(1)
    return torch.rand(3, 3, 16, 16) * 2 - 1, torch.rand(2, 3, 16, 16) * 2 - 1


def sgd(*nets):
    return torch.optim.SGD([p for net in nets for p in net.parameters()], 0.05)


def weights_of(*nets):
    return torch.cat([p.detach().flatten().clone() for net in nets for p in net.parameters()])


def untouched(*nets):
    return all(p.grad is None and p.requires_grad for net in nets for p in net.parameters())


class Affine(nn.Module):
    """x to scale * x + shift."""

    def __init__(self, scale, shift):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.tensor(float(v))) for v in (scale, shift))

    def forward(self, x):
        return self.scale * x + self.shift


# ---------------------------------------------------------------- losses


def test_adversarial_losses_are_those_of_torch(quartet, batches):
    _, D, _ = quartet
    real, fake = batches
    scores, ones = D(fake), torch.ones(2, 1, 4, 4)
    expected = F.mse_loss(scores, ones)
    torch.testing.assert_close(losses.generator_adversarial_loss(D, fake), expected)
    expected = F.mse_loss(D(real), torch.ones(3, 1, 4, 4)) + F.mse_loss(scores, 0 * ones)
    torch.testing.assert_close(losses.discriminator_adversarial_loss(D, real, fake), expected / 2)


def test_adversarial_losses_by_hand():
    real, fake = torch.tensor([1.0, 0.0, 3.0]), torch.tensor([0.5, -1.0])
    # G: (0.25 + 4) / 2; D: ((0 + 1 + 4) / 3 + (0.25 + 1) / 2) / 2
    assert losses.generator_adversarial_loss(nn.Identity(), fake).item() == pytest.approx(2.125)
    loss_D = losses.discriminator_adversarial_loss(nn.Identity(), real, fake)
    assert loss_D.item() == pytest.approx((5 / 3 + 0.625) / 2)


def test_a_fake_gets_a_gradient_from_the_generators_loss_alone(quartet, batches):
    _, D, _ = quartet
    real, fake = batches[0], batches[1].requires_grad_()
    losses.discriminator_adversarial_loss(D, real, fake).backward()
    assert fake.grad is None and all(p.grad is not None for p in D.parameters())
    losses.generator_adversarial_loss(D, fake).backward()
    assert fake.grad.abs().sum() > 0


def test_cycle_and_identity_by_hand():
    G_AB, G_BA = Affine(2, 0), Affine(1, -1)
    a, b = torch.tensor([0.5, 0.0]), torch.tensor([1.0])
    # A: 2 a - 1 is off by |a - 1|, 0.75 on average; B: 2 (b - 1) by |b - 2| = 1
    assert losses.cycle_loss(G_AB, G_BA, a, b).item() == pytest.approx(0.75 + 1)
    # G_AB changes b by |b| = 1, G_BA changes a by 1
    assert losses.identity_loss(G_AB, G_BA, a, b).item() == pytest.approx(1 + 1)


@pytest.mark.parametrize("lambda_cyc, lambda_id", [(0, 0), (10, 0), (0, 5), (10, 5)])
def test_the_total_by_hand(lambda_cyc, lambda_id):
    G_AB, G_BA, D_A, D_B = Affine(2, 0), Affine(1, -1), Affine(1, 3), Affine(3, 0)
    a, b = torch.tensor([0.5, 0.0]), torch.tensor([1.0])
    # D_B says 3 and 0 of fake_B = 1, 0: (4 + 1) / 2; D_A says 3 of fake_A = 0: 4
    expected = 2.5 + 4 + lambda_cyc * 1.75 + lambda_id * 2
    total = losses.cyclegan_generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id)
    assert total.item() == pytest.approx(expected)
    total.backward()
    assert all(p.grad is not None for G in (G_AB, G_BA) for p in G.parameters())


# ---------------------------------------------------------------- the pool


def test_a_pool_gives_back_what_comes_while_it_fills():
    pool, batch = translation.ImagePool(5), torch.rand(3, 1, 2, 2)
    assert torch.equal(pool.query(batch), batch) and len(pool.images) == 3
    mixed = pool.query(torch.rand(4, 1, 2, 2))
    assert mixed.shape == (4, 1, 2, 2) and len(pool.images) == 5


def test_a_pool_swaps_half_of_the_images_and_a_returned_one_leaves():
    torch.manual_seed(0)
    pool, numbers = translation.ImagePool(20), torch.arange(4020.0)
    assert torch.equal(pool.query(numbers[:20]), numbers[:20])
    out = torch.cat([pool.query(part) for part in numbers[20:].split(4)])
    new = (out == numbers[20:]).float().mean().item()
    assert new == pytest.approx(0.5, abs=0.04)
    # nothing is lost, nothing comes twice: what went in is what came out and what is stored
    everything = torch.cat([out, torch.stack(pool.images)]).sort().values
    assert torch.equal(everything, numbers)
    # a stored image stays for 2 * 20 newcomers on average
    ages = (numbers[20:] - out)[out != numbers[20:]]
    assert ages.mean().item() == pytest.approx(40, rel=0.15)


def test_a_pool_of_none_passes_everything_on():
    pool, batch = translation.ImagePool(0), torch.rand(6, 2)
    assert torch.equal(pool.query(batch), batch) and pool.images == []


def test_a_pool_keeps_copies_without_a_graph():
    pool, w = translation.ImagePool(4), torch.ones(2, requires_grad=True)
    batch = 2 * w
    out = pool.query(batch)
    assert not out.requires_grad and not any(image.requires_grad for image in pool.images)
    out.zero_()
    with torch.no_grad():
        batch.zero_()
    assert torch.stack(pool.images).tolist() == [2, 2]


# ---------------------------------------------------------------- steps


@pytest.mark.parametrize("lambda_cyc, lambda_id", [(10, 5), (10, 0), (0, 5), (0, 0)])
def test_train_batch_is_one_plain_step_of_each_side(quartet, batches, lambda_cyc, lambda_id):
    pair, D_A, D_B = copy.deepcopy(quartet)
    gan = translation.CycleGAN(pair, D_A, D_B, lambda_cyc=lambda_cyc, lambda_id=lambda_id, pool=0)
    gan.opt_G, gan.opt_D = sgd(pair), sgd(D_A, D_B)
    loss_adv, loss_cycle, loss_identity, loss_D = gan.train_batch(*batches)

    (plain, plain_A, plain_B), (a, b) = quartet, batches
    G_AB, G_BA = plain.G_AB, plain.G_BA
    fake_a, fake_b = G_BA(b), G_AB(a)
    total = losses.cyclegan_generator_loss(
        G_AB, G_BA, plain_A, plain_B, a, b, lambda_cyc, lambda_id
    )
    opt_G, opt_D = sgd(plain), sgd(plain_A, plain_B)
    total.backward()
    opt_G.step()
    opt_D.zero_grad()
    plain_loss_D = losses.discriminator_adversarial_loss(plain_A, a, fake_a)
    plain_loss_D = plain_loss_D + losses.discriminator_adversarial_loss(plain_B, b, fake_b)
    plain_loss_D.backward()
    opt_D.step()

    close = dict(atol=1e-5, rtol=0)
    torch.testing.assert_close(weights_of(pair), weights_of(plain), **close)
    torch.testing.assert_close(weights_of(D_A, D_B), weights_of(plain_A, plain_B), **close)
    mine = loss_adv + lambda_cyc * loss_cycle + lambda_id * loss_identity
    torch.testing.assert_close(mine, total.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(loss_D, plain_loss_D.detach(), **close)


def test_train_batch_shows_the_discriminators_what_the_pools_give(quartet, batches):
    seen = []
    gan = translation.CycleGAN(*quartet)
    gan.pool_A.query = lambda fake: seen.append(fake) or torch.zeros_like(fake)
    gan.pool_B.query = lambda fake: torch.zeros_like(fake)
    (pair, D_A, D_B), (a, b) = copy.deepcopy(quartet), batches
    *_, loss_D = gan.train_batch(a, b)
    expected = losses.discriminator_adversarial_loss(D_A, a, torch.zeros_like(b))
    expected = expected + losses.discriminator_adversarial_loss(D_B, b, torch.zeros_like(a))
    torch.testing.assert_close(loss_D, expected.detach())
    torch.testing.assert_close(seen[0], pair.G_BA(b))


def test_the_generators_step_moves_both_generators_alone(quartet, batches):
    pair, D_A, D_B = quartet
    plain = copy.deepcopy(pair)
    before = weights_of(D_A, D_B)
    value = translation.cyclegan_generator_step(
        pair.G_AB, pair.G_BA, D_A, D_B, sgd(pair), *batches, 10.0
    )
    assert torch.equal(weights_of(D_A, D_B), before) and untouched(D_A, D_B)
    opt = sgd(plain)
    total = losses.cyclegan_generator_loss(plain.G_AB, plain.G_BA, D_A, D_B, *batches, 10.0, 0.0)
    total.backward()
    opt.step()
    torch.testing.assert_close(weights_of(pair), weights_of(plain))
    assert type(value) is float and value == pytest.approx(total.item())


def test_the_discriminators_step_moves_both_discriminators_alone(quartet, batches):
    (pair, D_A, D_B), (a, b) = quartet, batches
    plain = copy.deepcopy((D_A, D_B))
    fake_a, fake_b = pair.G_BA(b), pair.G_AB(a)
    for D in (D_A, D_B):  # what the generators' step may have left
        D(a).sum().backward()
    before = weights_of(pair)
    value = translation.cyclegan_discriminator_step(D_A, D_B, sgd(D_A, D_B), a, b, fake_a, fake_b)
    assert torch.equal(weights_of(pair), before) and untouched(pair)
    opt = sgd(*plain)
    total = losses.discriminator_adversarial_loss(plain[0], a, fake_a)
    total = total + losses.discriminator_adversarial_loss(plain[1], b, fake_b)
    total.backward()
    opt.step()
    torch.testing.assert_close(weights_of(D_A, D_B), weights_of(*plain))
    assert type(value) is float and value == pytest.approx(total.item())


class Watched(nn.Module):
    """A discriminator that notes if its weights were free when asked; it may fail."""

    def __init__(self, D, fails=False):
        super().__init__()
        self.D, self.fails, self.free = D, fails, []

    def forward(self, x):
        self.free.append(self.D.net[0].weight.requires_grad)
        if self.fails:
            raise RuntimeError("out of memory")
        return self.D(x)


def test_discriminators_are_frozen_for_the_generators_and_free_afterwards(quartet, batches):
    pair, *Ds = quartet
    D_A, D_B = (Watched(D) for D in Ds)
    gan = translation.CycleGAN(pair, D_A, D_B)
    gan.train_batch(*batches)
    assert D_A.free == D_B.free == [False, True]
    opt_G = sgd(pair)
    translation.cyclegan_generator_step(pair.G_AB, pair.G_BA, D_A, D_B, opt_G, *batches, 1.0)
    assert D_A.free[2:] == D_B.free[2:] == [False]
    assert all(p.requires_grad for D in Ds for p in D.parameters())


def test_discriminators_are_free_again_after_an_error(quartet, batches):
    pair, D_A, D_B = quartet
    bad, six = Watched(D_B, fails=True), Watched(networks.PatchDiscriminator(6, 4), fails=True)
    opt_G, (a, b) = sgd(pair), batches
    for step in (
        lambda: translation.CycleGAN(pair, D_A, bad).train_batch(a, b),
        lambda: translation.cyclegan_generator_step(
            pair.G_AB, pair.G_BA, D_A, bad, opt_G, a, b, 1.0
        ),
        lambda: translation.paired_step(pair.G_AB, six, opt_G, sgd(six), a, a),
    ):
        with pytest.raises(RuntimeError, match="out of memory"):
            step()
        assert untouched(D_A, D_B, six)


def test_set_requires_grad_stops_the_weights_and_lets_the_image_through(quartet, batches):
    _, D_A, D_B = quartet
    x = batches[0].requires_grad_()
    translation.set_requires_grad([D_A, D_B], False)
    (D_A(x).sum() + D_B(x).sum()).backward()
    assert x.grad.abs().sum() > 0
    assert all(p.grad is None for D in (D_A, D_B) for p in D.parameters())
    translation.set_requires_grad([D_A, D_B], True)
    assert untouched(D_A, D_B) and D_A.training


def test_one_optimizer_holds_each_weight_of_both_generators_once(quartet):
    pair, _, _ = quartet
    opt = translation.make_generator_optimizer(pair.G_AB, pair.G_BA, 3e-4)
    held = [id(p) for group in opt.param_groups for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in pair.parameters())
    assert opt.defaults["lr"] == 3e-4 and opt.defaults["betas"] == (0.5, 0.999)


def test_paired_step_is_one_plain_step_of_each_player(batches):
    torch.manual_seed(0)
    G, D = networks.Translator(4, 1), networks.PatchDiscriminator(6, 4)
    plain_G, plain_D = copy.deepcopy((G, D))
    a, b = batches[0], batches[0].flip(0)
    values = translation.paired_step(G, D, sgd(G), sgd(D), a, b, lambda_l1=7.0)

    opt_G, opt_D, fake = sgd(plain_G), sgd(plain_D), plain_G(a)
    loss_adv = F.mse_loss(plain_D(torch.cat([a, fake], 1)), torch.ones(3, 1, 4, 4))
    loss_l1 = (fake - b).abs().mean()
    (loss_adv + 7 * loss_l1).backward()
    opt_G.step()
    opt_D.zero_grad()
    real_pair, fake_pair = torch.cat([a, b], 1), torch.cat([a, fake], 1)
    loss_D = losses.discriminator_adversarial_loss(plain_D, real_pair, fake_pair)
    loss_D.backward()
    opt_D.step()
    torch.testing.assert_close(weights_of(G), weights_of(plain_G), atol=1e-5, rtol=0)
    torch.testing.assert_close(weights_of(D), weights_of(plain_D), atol=1e-5, rtol=0)
    assert all(type(value) is float for value in values)
    assert values == pytest.approx((loss_adv.item(), loss_l1.item(), loss_D.item()), abs=1e-5)


# ---------------------------------------------------------------- the loop


def test_steps_are_plain_numbers_numbered_from_first(quartet, batches):
    gan = translation.CycleGAN(*quartet, lambda_id=0.0)
    steps = list(gan.steps([batches] * 3, first=11))
    assert [step.number for step in steps] == [11, 12, 13]
    assert all(type(value) is float for step in steps for value in step[1:])
    assert all(step.loss_identity == 0 and step.loss_cycle > 0 for step in steps)
    assert len(gan.pool_A.images) == 3 * 2 and len(gan.pool_B.images) == 3 * 3


def test_a_short_training_finds_the_way_back(quartet):
    """A is reddish, B bluish: fakes take the other domain's colour, and the way back is right."""
    torch.manual_seed(0)
    tint = torch.tensor([0.8, 0.0, -0.8]).view(1, 3, 1, 1)
    grey = torch.rand(40, 1, 16, 16).repeat(1, 3, 1, 1) * 0.2
    A, B = (grey[:20] + tint).clamp(-1, 1), (grey[20:] - tint).clamp(-1, 1)
    both = domains.Domains(A, B, A, B, False)
    gan = translation.CycleGAN(*quartet, lr=3e-3)
    steps = list(gan.steps(both.batches(8, 60)))
    assert steps[-1].loss_cycle < 0.5 * steps[0].loss_cycle
    with torch.no_grad():
        fake_B = gan.pair.G_AB(A)
    assert (fake_B - B.mean(0)).abs().mean() < 0.5 * (A - B.mean(0)).abs().mean()


# ---------------------------------------------------------------- what ships


def test_shipped_emoji_beat_changing_nothing_and_pairs_beat_the_cycle():
    both = domains.emoji()
    nothing = metrics.pixel_error(both.test_A, both.test_B)
    unpaired = metrics.translation(weights.load("cyclegan_emoji"), both)
    paired = metrics.translation(weights.load("pix2pix_emoji"), both)
    for error in ("error_AB", "error_BA"):
        assert getattr(paired, error) < getattr(unpaired, error) < 0.9 * nothing


def test_every_seed_of_the_lessons_run_keeps_the_digits_and_none_does_without_both_terms():
    rows = [row for row in json.loads(data.verified("curves/cyclegan.json")) if row["step"] == 300]
    kept = {"cycle 10, identity 5": [], "cycle 0": []}
    for row in rows:
        if row["run"] in kept:
            kept[row["run"]].append((row["kept_AB"], row["kept_BA"], row["error_AB"]))
    assert all(len(seeds) == 3 for seeds in kept.values())
    for kept_AB, kept_BA, error_AB in kept["cycle 10, identity 5"]:
        assert min(kept_AB, kept_BA) >= 0.95 and error_AB <= 0.04
    assert all(min(kept_AB, kept_BA) < 0.5 for kept_AB, kept_BA, _ in kept["cycle 0"])


@pytest.mark.skipif(not PHOTOGRAPHS.exists(), reason="the photographs are not beside this checkout")
def test_shipped_translators_of_photographs_change_horses_and_lead_back(tmp_path):
    """The photographs are for testing only: read here, never stored in the course."""
    packed = numpy.load(PHOTOGRAPHS)
    for part in "AB":
        offsets = packed[f"offsets{part}"]
        for split in ("train", "test"):
            (tmp_path / f"{split}{part}").mkdir()
        for i in range(40):
            content = packed[f"data{part}"][offsets[i] : offsets[i + 1]].tobytes()
            (tmp_path / f"test{part}" / f"{i}.jpg").write_bytes(content)
            (tmp_path / f"train{part}" / f"{i}.jpg").write_bytes(content)
    both = domains.photographs(tmp_path)
    pair = weights.load("cyclegan_horse2zebra")
    scores = metrics.translation(pair, both)
    change = metrics.pixel_error(metrics.translated(pair.G_AB, both.test_A), both.test_A)
    assert max(scores.cycle_A, scores.cycle_B) < 0.06 and change > 1.3 * scores.cycle_A
