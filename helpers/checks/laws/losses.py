"""Laws of a loss on logits: its value, that it stays finite, its gradient."""

import math

import torch

from helpers.checks.laws.basics import diagnosis, is_tensor, listed
from helpers.checks.laws.named_losses import LOG_OF_LOGIT
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import same

FITS = "ones_like(logits) would fit the course's (N,) as well."
LOGITS = torch.tensor([1.5, -0.5, 2.25, 0.25, 0.75]), torch.tensor([-2.0, 0.5, 1.25, -0.75, 1.8])


def loss_laws(answer, logits, right, scales, suspects):
    """What both losses have to hold, in the order of diagnosis."""
    loss_on(answer, *logits, column=True)
    has_value(answer, logits, right, scales, suspects)
    is_finite(answer, len(logits))
    has_gradient(answer, logits, right, scales)
    fits_other_batches(answer, len(logits), right, scales, suspects)
    return row_remark(answer, logits)


def gives_scalar(loss):
    """One number comes back, a tensor that backward() can start from."""
    is_tensor(loss, "one loss")
    expect(
        loss.numel() == 1,
        f"the loss has the shape {tuple(loss.shape)}, expected one number. "
        "Average over the images of the batch.",
    )
    return loss.reshape(())


def loss_on(answer, *logits, column):
    """The loss and the logits it was given, as (N,) or as a column (N, 1)."""
    logits = [x.clone().reshape(-1, 1) if column else x.clone() for x in logits]
    inputs = [x.requires_grad_() for x in logits]
    kept = [x.detach().clone() for x in inputs]
    loss = gives_scalar(answer(*inputs))
    untouched = all(map(torch.equal, inputs, kept))
    expect(
        untouched,
        "the logits have changed during the call, expected them as they were. A name that "
        "ends in _ writes in place.",
    )
    return loss, inputs


def is_finite(answer, count):
    """Confident logits, right or wrong, give a finite loss and a finite gradient."""
    for size in (30.0, 120.0):
        for sign in (1.0, -1.0):
            logits = [torch.tensor([size, size, size]) * sign * (-1) ** k for k in range(count)]
            loss, inputs = loss_on(answer, *logits, column=True)
            expect(
                torch.isfinite(loss),
                f"logits of {sign * size:g} give the loss {loss.item()}, expected a "
                "finite number. The sigmoid rounds to 0 or 1 and its log is infinite: use a form "
                "that "
                "takes logits.",
            )
            if loss.requires_grad:
                grads = torch.autograd.grad(loss, inputs, allow_unused=True)
                finite = all(g is None or torch.isfinite(g).all() for g in grads)
                expect(
                    finite,
                    f"logits of {sign * size:g} give a gradient that is not finite. Use a form "
                    "that takes logits.",
                )


def same_number(seen, expected):
    """Equal to three digits."""
    return math.isclose(seen, expected, rel_tol=1e-3, abs_tol=1e-4)


def has_value(answer, logits, right, scales, suspects):
    """The loss of the worked logits; the suspect that gives the same numbers is the diagnosis."""
    loss, _ = loss_on(answer, *logits, column=True)
    seen, wanted = loss.item(), right(*logits).item()
    if any(same_number(seen, scale * wanted) for scale in scales):
        return
    names = ("real_logits ", "fake_logits ")[-len(logits) :]
    on = " and ".join(name + listed(x) for name, x in zip(names, logits, strict=True))
    said = f"the loss of {on} is {seen:.3f}, expected {scales[0] * wanted:.3f}{or_sum(scales)}."
    if math.isnan(seen):
        raise CheckError(f"{said} {_why_nan(answer, logits)}")
    raise CheckError(f"{said} {_suspicion(answer, logits, scales, suspects)}")


def or_sum(scales):
    """Words for the second right scale of D's loss; the first is the one that the task names."""
    return " (or twice that, the plain sum)" if len(scales) > 1 else ""


def _why_nan(answer, logits):
    """nan only where logits are not like probabilities: the log was taken of the logits."""
    loss, _ = loss_on(answer, *(0.1 + 0.8 * x.sigmoid() for x in logits), column=True)
    if torch.isfinite(loss):
        return LOG_OF_LOGIT
    return "nan comes from a log of a negative number, or from 0 / 0."


def _suspicion(answer, logits, scales, suspects):
    """What the suspect that fits on three batches has to say: one number alone can coincide."""
    batches = [logits, *([torch.randn_like(x) * 2 + 0.3 for x in logits] for _ in range(2))]
    seen = [loss_on(answer, *batch, column=True)[0].item() for batch in batches]

    def fits(loss):
        wanted = [loss(*batch).item() for batch in batches]
        return any(
            all(same_number(a, scale * b) for a, b in zip(seen, wanted, strict=True))
            for scale in scales
        )

    return diagnosis(
        suspects,
        fits,
        "Work one logit by hand: at 0 each term is log 2 = 0.693, and a sure right answer "
        "costs nearly 0.",
    )


def has_gradient(answer, logits, right, scales):
    """The gradient reaches every logit, as the formula says."""
    loss, inputs = loss_on(answer, *logits, column=True)
    expect(
        loss.requires_grad,
        "the loss carries no gradient, expected a path back to the logits. Look for "
        ".item(), .detach(), no_grad or torch.tensor(...) around it.",
    )
    grads = torch.autograd.grad(loss, inputs, allow_unused=True)
    cut = [k for k, g in enumerate(grads) if g is None or g.abs().max() < 1e-9]
    expect(
        not cut,
        "no gradient reaches some of the logits, expected all. detach belongs to the fake "
        "images in D's step, not into the loss.",
    )
    twins = [x.detach().clone().requires_grad_() for x in inputs]
    wanted = torch.cat(torch.autograd.grad(right(*twins), twins))
    fits = any(same(torch.cat(grads), scale * wanted) for scale in scales)
    expect(
        fits,
        f"the gradient of the loss is {listed(torch.cat(grads), '.3f')}, "
        f"expected {listed(scales[0] * wanted, '.3f')}. The value is right, "
        "and a part of its path is cut.",
    )


def fits_other_batches(answer, count, right, scales, suspects):
    """Batches of 1 and 7 and random logits follow the same law."""
    for n in (1, 7):
        logits = [torch.randn(n) * 2 for _ in range(count)]
        has_value(answer, logits, right, scales, suspects)


def row_remark(answer, logits):
    """A remark if logits (N,) stop an answer that takes (N, 1)."""
    try:
        row, _ = loss_on(answer, *logits, column=False)
        column, _ = loss_on(answer, *logits, column=True)
        return None if same_number(row.item(), column.item()) else FITS
    except Exception:
        return FITS
