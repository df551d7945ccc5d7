"""Laws of a draw z = mu + sigma * eps: its noise, its centre, its spread and its gradient."""

import torch
import torch.nn.functional as F

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, listed
from helpers.checks.laws.latents import is_fresh, leaves_seed
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import same

MU = torch.tensor([1.5, -0.7, 2.4, 0.3, -1.9])
LOGVAR = torch.tensor([0.8, -1.6, -0.5, 1.9, -2.4])
ROWS = 4000


def draw_laws(answer):
    """All that a reparameterised draw has to hold, in the order of diagnosis."""
    for n, latent_dim in ((7, 5), (1, 3), (4, 1)):
        _has_place(answer, n, latent_dim)
    _is_random(answer)
    z = answer(MU.repeat(ROWS, 1), LOGVAR.repeat(ROWS, 1)).detach()
    _differs_by_row(z)
    _has_moments(z)
    _differs_by_column(z)
    _has_normal_tails(z)
    _carries_gradient(answer)


def _has_place(answer, n, latent_dim):
    """(N, L), finite, and mu and logvar stay as they were."""
    mu, logvar = torch.randn(n, latent_dim), torch.randn(n, latent_dim)
    kept = mu.clone(), logvar.clone()
    z = answer(mu, logvar)
    is_tensor(z, f"z of shape {(n, latent_dim)}")
    has_shape(z, (n, latent_dim), "One z per image, as long as its mu: eps has the shape of mu.")
    expect(
        torch.equal(mu, kept[0]) and torch.equal(logvar, kept[1]),
        "mu or logvar has changed during the call, expected both as they were: the KL needs them "
        "again. A name that ends in _ writes in place.",
    )
    expect(
        torch.isfinite(z).all(),
        f"logvar {listed(kept[1][0], '.2g')} gives z {listed(z[0], '.2g')}, expected finite "
        "numbers. nan comes from a root or a log of a negative number: logvar may be negative, "
        "and exp undoes its logarithm.",
    )


def _is_random(answer):
    """Two calls differ, because noise is drawn and not because something else moves."""
    mu, logvar = MU.repeat(3, 1), LOGVAR.repeat(3, 1)

    def draw():
        return answer(mu, logvar).detach()

    first, second = draw(), draw()
    if torch.equal(first, second):
        _without_noise(first, mu, logvar)
    is_fresh(draw)
    leaves_seed(draw)


def _without_noise(z, mu, logvar):
    sigma = (logvar / 2).exp()
    suspects = [
        (mu, "z is mu itself: no noise enters. Where is eps?"),
        (mu + sigma, "z is mu + sigma: no noise enters. sigma says how wide the draw is."),
        (mu + logvar.exp(), "z is mu + sigma^2: no noise enters. Where is eps?"),
        (mu + logvar, "z is mu + logvar: no noise enters. Where is eps?"),
    ]
    for value, why in suspects:
        expect(
            not torch.allclose(z, value, atol=1e-4),
            f"two calls give the same z, expected a new draw each time. {why}",
        )


def _standard(z):
    """Each column with mean 0 and std 1: whatever the scale was, the noise itself."""
    return (z - z.mean(0)) / z.std(0).clamp_min(1e-8)


def _differs_by_row(z):
    """Every image has noise of its own."""
    apart = (z - z[:1]).abs().amax(1)
    different = 1 + int((apart[1:] > 1e-6).sum())
    expect(
        different > 1,
        f"{len(z)} images with one mu and one logvar get the same z, expected {len(z)} different "
        "draws: eps is drawn once for the whole batch. Print eps.shape next to mu.shape.",
    )
    expect(
        len(torch.unique(z, dim=0)) > 0.99 * len(z),
        f"of {len(z)} images with one mu and one logvar, {len(torch.unique(z, dim=0))} get a z of "
        "their own, expected all: eps has to be drawn for each image.",
    )


def _differs_by_column(z):
    """Every latent has noise of its own."""
    eps = _standard(z)
    alike = eps.T @ eps / len(eps) - torch.eye(eps.shape[1])
    expect(
        alike.abs().max() < 0.2,
        f"the noise of two latents has the correlation {alike.abs().max():.2f}, expected 0: one "
        "number is drawn per image and shared by its latents. Print eps.shape next to mu.shape.",
    )


HALF = (
    "The spread is the variance: exp(logvar) is sigma^2. Which of the two multiplies eps, sigma or "
    "its square?"
)
ROOT = (
    "The root is taken of logvar itself. It is the logarithm of sigma^2: undo the logarithm first."
)
RAND = (
    "eps is not centred at 0 and spans 1: that looks uniform on [0, 1). Compare the names rand and "
    "randn."
)
SWAPPED = "mu and sigma have exchanged their roles: which one is the centre, and which the scale?"
NO_EXP = (
    "logvar itself multiplies eps. It is the logarithm of sigma^2: with logvar 0, as an untrained "
    "encoder says, there would be no noise."
)
MISSING_MU = "mu does not enter: every image has the same centre."


def _sigma(mu, logvar):
    return (logvar / 2).exp()


# (centre, spread, words): each a function of mu and logvar; the first that fits both speaks
MOMENTS = [
    (lambda m, v: m, lambda m, v: v.exp(), HALF),
    (lambda m, v: m, lambda m, v: v.abs(), NO_EXP),
    (lambda m, v: m, lambda m, v: v.abs() / 2, NO_EXP),
    (lambda m, v: m, lambda m, v: v.clamp_min(0).sqrt(), ROOT),
    (lambda m, v: m, lambda m, v: v.abs().sqrt(), ROOT),
    (lambda m, v: m, lambda m, v: v.relu(), NO_EXP),
    (
        lambda m, v: m,
        lambda m, v: (-v / 2).exp(),
        "The sign in the exponent is turned. A larger logvar: more noise, or less?",
    ),
    (
        lambda m, v: m,
        lambda m, v: (-v).exp(),
        "The sign in the exponent is turned, and the 1/2 is missing.",
    ),
    (
        lambda m, v: m,
        lambda m, v: (2 * v).exp(),
        "The exponent is doubled where it should be halved: sigma is a root.",
    ),
    (
        lambda m, v: m,
        lambda m, v: v.exp() / 2,
        "exp(logvar) is halved. The half belongs into the exponent: the root of exp(a) is "
        "exp(a / 2).",
    ),
    (lambda m, v: m, lambda m, v: (v / 4).exp(), "The root is taken twice: exp(logvar / 4)."),
    (lambda m, v: m, lambda m, v: torch.ones_like(m), "sigma does not enter: logvar is ignored."),
    (
        lambda m, v: m,
        lambda m, v: F.softplus(v),
        "softplus is for a network's raw output. logvar is a logarithm, and exp undoes it.",
    ),
    (
        lambda m, v: m,
        lambda m, v: torch.sigmoid(v),
        "A sigmoid is no way back from a logarithm: exp undoes it.",
    ),
    (
        lambda m, v: m,
        lambda m, v: (v / 2).exp() * 3**-0.5,
        "eps looks uniform on [-1, 1], with std 0.58. N(0, I) has std 1 and tails.",
    ),
    (_sigma, lambda m, v: m.abs(), SWAPPED),
    (lambda m, v: v.exp(), lambda m, v: m.abs(), SWAPPED),
    (lambda m, v: v, lambda m, v: (m / 2).exp(), SWAPPED + " Look at the order of the arguments."),
    (lambda m, v: v, lambda m, v: m.abs(), SWAPPED),
    (lambda m, v: 0 * m, _sigma, MISSING_MU),
    (
        lambda m, v: 0 * m,
        lambda m, v: torch.ones_like(m),
        "z is eps itself: mu and sigma are missing.",
    ),
    (
        lambda m, v: m + _sigma(m, v),
        lambda m, v: torch.ones_like(m),
        "sigma is added. It multiplies eps: it says how wide the draw is.",
    ),
    (
        lambda m, v: m * _sigma(m, v),
        _sigma,
        "A bracket is too wide: sigma multiplies mu as well.",
    ),
    (lambda m, v: m + _sigma(m, v) / 2, lambda m, v: _sigma(m, v) * 12**-0.5, RAND),
    (lambda m, v: m + v.exp() / 2, lambda m, v: v.exp() * 12**-0.5, RAND + " And " + HALF),
    (
        lambda m, v: m + 0.798 * _sigma(m, v),
        lambda m, v: 0.603 * _sigma(m, v),
        "eps is never negative: leave its sign as it is drawn.",
    ),
    (lambda m, v: m, lambda m, v: _sigma(m, v) * m.abs(), "mu multiplies the noise as well."),
    (lambda m, v: -m, _sigma, "The sign of mu is turned: z is centred at mu."),
]


def _has_moments(z):
    """Each latent has the mean mu and the std exp(logvar / 2)."""
    mean, std = z.mean(0), z.std(0)
    if _fits((lambda m, v: m, _sigma), mean, std):
        return
    seen = f"with mu {listed(MU)} and logvar {listed(LOGVAR)}, {len(z)} draws of z have "
    if _fits((lambda m, v: m, lambda m, v: std), mean, std):
        what = f"the std {listed(std, '.2f')}, expected {listed(_sigma(MU, LOGVAR), '.2f')}."
        otherwise = _factor(std / _sigma(MU, LOGVAR))
    else:
        what = f"the mean {listed(mean, '.2f')}, expected mu."
        otherwise = "What shifts z away from mu? eps has mean 0, and mu is added once."
    moments = [((centre, spread), why) for centre, spread, why in MOMENTS]
    why = diagnosis(moments, lambda pair: _fits(pair, mean, std), otherwise)
    raise CheckError(f"{seen}{what} {why}")


def _fits(pair, mean, std):
    """Whether centre and spread agree with what is seen, as far as 4000 draws can tell."""
    centre, spread = (moment(MU, LOGVAR) for moment in pair)
    near = (mean - centre).abs() < 0.12 * torch.maximum(std, spread) + 0.003
    wide = (std - spread).abs() < 0.09 * spread + 0.003
    return bool((near & wide).all())


def _factor(ratio):
    if ratio.std() < 0.08 * ratio.mean():
        return f"The spread is {ratio.mean():.2f} times sigma: is eps drawn from N(0, I)?"
    return "sigma is the root of the variance, and logvar the logarithm of the variance."


def _has_normal_tails(z):
    """The noise has the third and fourth moment of a normal distribution."""
    eps = _standard(z)
    third, fourth = (eps**3).mean(), (eps**4).mean()
    expect(
        abs(fourth - 3) < 0.5 and abs(third) < 0.25,
        f"the noise has the third moment {third:.1f} and the fourth moment {fourth:.1f}, expected "
        "0 and 3: it is not normal. Look at the distribution that eps is drawn from.",
    )


def _carries_gradient(answer):
    """dz/dmu is 1, and dz/dlogvar is (z - mu) / 2."""
    mu, logvar = MU.repeat(6, 1), LOGVAR.repeat(6, 1) * 0.7
    mu.requires_grad_(), logvar.requires_grad_()
    reseed(7)
    z = answer(mu, logvar)
    expect(
        z.requires_grad,
        "z carries no gradient, expected a path to mu and logvar: the encoder could not learn. "
        "Look for no_grad, detach, .data, and for sample where rsample is meant.",
    )
    weights = torch.randn_like(z)
    pair = torch.autograd.grad((z * weights).sum(), (mu, logvar), allow_unused=True)
    wanted = weights, weights * (z - mu).detach() / 2
    for name, grad, asked in zip(("mu", "logvar"), pair, wanted):
        expect(
            grad is not None and grad.abs().max() > 1e-9,
            f"no gradient reaches {name}, expected one. A detach cuts it, or torch draws with mu "
            "and sigma inside: draw eps on its own, then scale and shift it.",
        )
        expect(
            same(grad.flatten(), asked.flatten()),
            f"the gradient of z for {name} is {listed(grad[0], '.2f')}, expected "
            f"{listed(asked[0], '.2f')}: a part of the path is cut, or eps is not "
            "drawn on its own.",
        )
