"""Laws of one training step of a VAE: the batch, the loss, the update, and what comes back."""

import copy

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, is_number, is_tensor, kind_of
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Shared, WatchedSGD, flat, gradient, same

RATE = 0.02
NAMES = ("x_hat", "x", "mu", "logvar")


class SmallVAE(nn.Module):
    """A VAE that records its calls; its eps is fixed, so that its gradient can be worked out."""

    name = "VAE"

    def __init__(self, latent_dim=3):
        """Random weights, in train mode."""
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.Tanh())
        self.heads = nn.Linear(6, 2 * latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid())
        self.register_buffer("eps", torch.randn(latent_dim))
        self.log, self.calls = Shared(), Shared()
        with torch.no_grad():
            self.heads.bias.add_(0.8)

    def plain(self, x):
        """x_hat, mu and logvar without a record."""
        mu, logvar = self.heads(self.encoder(x)).chunk(2, dim=1)
        z = mu + (logvar / 2).exp() * self.eps
        return self.decoder(z).view(-1, 1, 28, 28), mu, logvar

    def forward(self, x):
        """The same, recorded."""
        is_tensor(x, "the batch for the model")
        expect(
            x.dim() == 4 and x.shape[1:] == (1, 28, 28),
            f"the model gets the shape {tuple(x.shape)}, expected (N, 1, 28, 28): hand the batch "
            "over as it is.",
        )
        result = self.plain(x)
        self.calls.append({"x": x.detach().clone(), "training": self.training, "out": result})
        return result

    def zero_grad(self, set_to_none=True):
        """nn.Module's own, recorded."""
        self.log.append("zero_grad")
        super().zero_grad(set_to_none)


def loss_of(x_hat, x, mu, logvar):
    """A loss that none of its arguments can replace another in."""
    recon = ((x_hat - x) ** 2 * (1 + 2 * x)).flatten(1).sum(1).mean() / 20
    return recon + 0.7 * 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()


class Round:
    """One call of train_step: what the model and the loss saw, and how the weights changed."""

    def __init__(self, step, model, opt, x):
        """Calls step(model, opt, x, loss_fn) and reads everything off afterwards."""
        model.log.clear(), model.calls.clear()
        self.model, self.x, self.losses, self.twin = model, x, [], copy.deepcopy(model)
        before = flat([p.detach().clone() for p in model.parameters()])
        kept = x.clone()
        self.result = step(model, opt, x, self._loss)
        self.untouched = torch.equal(x, kept)
        after = flat([p.detach() for p in model.parameters()])
        self.change, self.log = (before - after) / RATE, list(model.log)
        self.wanted = self.of(loss_of)

    def _loss(self, x_hat, x, mu, logvar):
        given = {"x_hat": x_hat, "x": x, "mu": mu, "logvar": logvar}
        for name, value in given.items():
            is_tensor(value, f"{name} for loss_fn(x_hat, x, mu, logvar)")
        _in_place(given, self.model.calls, self.x)
        loss = loss_of(x_hat, x, mu, logvar)
        self.losses.append(loss.item())
        return loss

    def of(self, loss):
        """The gradient of a loss of (x_hat, x, mu, logvar) at the weights before the step."""
        x_hat, mu, logvar = self.twin.plain(self.x)
        return gradient(loss(x_hat, self.x, mu, logvar), self.twin)

    def part(self, module):
        """How far the weights of one part moved."""
        sizes = [p.numel() for p in self.model.parameters()]
        pieces = self.change.split(sizes)
        mine = {id(p) for p in module.parameters()}
        chosen = [s for s, p in zip(pieces, self.model.parameters()) if id(p) in mine]
        return float(torch.cat(chosen).norm())


def watched():
    """A small VAE and its optimiser; backward passes are written into the log."""
    model = SmallVAE().train()
    opt = WatchedSGD(model, RATE)

    def note(_):
        if model.log[-1:] != ["backward"]:
            model.log.append("backward")

    for p in model.parameters():
        p.register_post_accumulate_grad_hook(note)
    return model, opt


def step_laws(answer):
    """Two steps on two batches, then one on a single image."""
    model, opt = watched()
    before = None
    for n in (5, 3, 1):
        now = Round(answer, model, opt, torch.rand(n, 1, 28, 28) ** 2)
        _sees_batch(now)
        _asks_loss(now)
        _moves(now)
        _follows(now, before)
        _keeps_mode(now)
        _gives_number(now)
        before = now


def _sees_batch(now):
    calls = now.model.calls
    expect(
        calls,
        "the model is never called, expected model(x): it gives x_hat, mu and logvar.",
    )
    expect(
        now.untouched,
        "x has changed during the step, expected it as it was: names that end in _ write in place.",
    )
    expect(
        all(torch.equal(call["x"], now.x) for call in calls),
        "the model gets other images than the batch, expected x as it came in.",
    )
    expect(
        all(call["training"] for call in calls),
        "the model runs in eval mode, expected train mode as it came in: a VAE draws its z in "
        "training. Leave eval() to the pictures.",
    )


def _asks_loss(now):
    """The loss comes from loss_fn."""
    expect(
        now.losses,
        "loss_fn is never called, expected loss_fn(x_hat, x, mu, logvar): the loss comes in as an "
        "argument, so that the same step serves every beta.",
    )


def _in_place(given, calls, x):
    """Every argument of loss_fn is what its name says."""
    expect(calls, "loss_fn is called before the model, expected model(x) first: it gives x_hat.")
    x_hat, mu, logvar = calls[-1]["out"]
    known = {"x_hat": x_hat, "x": x, "mu": mu, "logvar": logvar}
    for name, value in given.items():
        found = next((key for key in known if _equal(value, known[key])), "another tensor")
        expect(
            found == name,
            f"loss_fn gets {found} in the place of {name}, expected loss_fn(x_hat, x, mu, logvar). "
            "Compare the order of what the model gives with the order of the arguments.",
        )


def _equal(a, b):
    return a.shape == b.shape and torch.allclose(a, b.detach(), atol=1e-6)


def _moves(now):
    """The weights change, by one step of the optimiser that came in."""
    order = ", ".join(now.log) or "nothing"
    expect(
        now.change.abs().max() > 1e-6,
        f"the weights do not move. Seen: {order}; expected zero_grad, backward, step. "
        f"{_why_still(now.log)}",
    )
    steps = now.log.count("step")
    expect(
        steps,
        "the weights move, and opt never steps. Expected one step of the optimiser that comes in: "
        "an update by hand, or a new optimiser, forgets the state of Adam each time.",
    )
    expect(steps == 1, f"opt.step() runs {steps} times, expected 1: one batch, one step.")
    expect(
        now.part(now.model.encoder) > 1e-6,
        "the encoder does not move and the decoder does, expected both to learn: something cuts "
        "the graph between them. Look for detach and no_grad.",
    )


def _why_still(log):
    if "backward" not in log:
        return "backward() is missing: it fills .grad, which the optimiser follows."
    if "step" not in log:
        return "opt.step() is missing: backward() fills .grad, and which call uses it?"
    if log.index("step") < log.index("backward"):
        return "The step comes before backward(): it has no gradient to follow."
    return "Cleared between backward() and step(): print .grad right before the step."


def _cut(*names):
    """The loss where some of its arguments are detached."""

    def loss(*args):
        given = dict(zip(NAMES, args))
        given |= {name: given[name].detach() for name in names}
        return loss_of(**given)

    return loss


SUSPECTS = [
    (
        _cut("mu", "logvar"),
        "The KL has no effect on the weights: mu or logvar is detached. The encoder learns from "
        "the KL through both.",
    ),
    (_cut("mu"), "The KL does not reach mu: it is detached on the way into the loss."),
    (_cut("logvar"), "The KL does not reach logvar: it is detached on the way into the loss."),
    (
        _cut("x_hat"),
        "The reconstruction has no effect on the weights: x_hat is detached on the way into the "
        "loss.",
    ),
    (lambda *args: -loss_of(*args), "The sign is turned: the step climbs."),
    (
        lambda *args: 2 * loss_of(*args),
        "backward() runs twice, or the loss is doubled: the gradients of both calls are added.",
    ),
]


def _follows(now, before):
    """The weights took exactly one SGD step on the loss of this batch."""
    if same(now.change, now.wanted):
        return
    seen = f"the update is {now.change.norm():.3g} long, expected {now.wanted.norm():.3g}."
    expect(
        before is None or not same(now.change, now.wanted + before.change),
        f"{seen} The gradient of the step before is still in it: seen {', '.join(now.log)}; "
        "expected zero_grad before backward, which adds to .grad and does not overwrite.",
    )
    suspects = [(now.of(loss), why) for loss, why in SUSPECTS]
    factor = float(now.change @ now.wanted / (now.wanted @ now.wanted))
    otherwise = "Expected one step on the loss that loss_fn gives, and nothing else."
    if same(now.change, factor * now.wanted):
        otherwise = (
            f"The direction is right, {factor:.3g} times as long: take the loss as loss_fn gives "
            "it, without a factor and without clipping."
        )
    raise CheckError(
        f"{seen} {diagnosis(suspects, lambda value: same(now.change, value), otherwise)}"
    )


def _keeps_mode(now):
    expect(
        all(module.training for module in now.model.modules()),
        "the model is in eval mode after the step, expected train mode as before: the next steps "
        "would train without noise. Leave eval() to the pictures.",
    )
    expect(
        all(p.requires_grad for p in now.model.parameters()),
        "some weights have requires_grad False after the step, expected that all can learn.",
    )


def _gives_number(now):
    """The loss of the batch comes back, without its graph."""
    result, loss = now.result, now.losses[-1]
    expect(
        result is not None,
        f"None came back, expected the loss of the batch, {loss:.4g}. Look for a missing return.",
    )
    expect(
        not getattr(result, "requires_grad", False),
        "the loss comes back with its graph, expected a plain number: a sum over the epoch would "
        "keep every graph in memory. .item() gives the number.",
    )
    expect(
        is_number(result) and (not torch.is_tensor(result) or result.numel() == 1),
        f"{kind_of(result)} came back, expected one number, the loss of the batch.",
    )
    expect(
        abs(float(result) - loss) < 1e-3 * abs(loss) + 1e-5,
        f"{float(result):.4g} came back, expected {loss:.4g}, the loss of this batch as loss_fn "
        "gives it.",
    )
