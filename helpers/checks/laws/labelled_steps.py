"""Laws of a step with labels: every image goes to D beside the label that belongs to it."""

import torch
import torch.nn.functional as F

from helpers.checks.guard import reseed
from helpers.checks.labelled import USED, LabelledArena, asked, pairs
from helpers.checks.laws.basics import listed
from helpers.checks.laws.named_losses import bce, right_d, right_g
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.steps import (
    asks_g,
    d_gradients,
    d_step_laws,
    g_gradients,
    g_step_laws,
    in_all_plays,
    stays,
)
from helpers.checks.spies import rows_in, same


def labelled_step(laws, play):
    """The laws of a step play(arena, pairs), with pairs of image and label; a remark."""
    remark = in_all_plays(laws, play, LabelledArena, pairs)
    reseed(31)
    _asks_every_class(play(LabelledArena(z_dim=5), pairs(160)))
    return remark


def labelled_d_laws(report, real, leftover=False):
    """One step of D on pairs: first the labels, then all that holds for any step of D."""
    _reals_keep_labels(report, real)
    if report.G_calls:
        stays(report, "G", "D")
        asks_g(report, "D", len(real))
        _fakes_keep_labels(report, real)
        _no_class_as_target(report, "D", *_d_targets(report, real))
    return d_step_laws(report, real, leftover)


def labelled_g_laws(report, real, leftover=False):
    """One step of G through pairs: first the labels, then all that holds for any step of G."""
    if report.G_calls and report.D_calls:
        stays(report, "D", "G")
        asks_g(report, "G", len(real))
        _fakes_keep_labels(report, real)
        z = report.z()[-len(real) :]
        of = g_gradients(report, z, report.twin("D"))
        _no_class_as_target(report, "G", of, right_g, [lambda f: _to_class(f, asked(z))])
    return g_step_laws(report, real, leftover)


def _to_class(logits, y):
    """The cross entropy of logits against the number of the class, where 1 or 0 is asked for."""
    return F.binary_cross_entropy_with_logits(logits, y.to(logits.dtype))


def _d_targets(report, real):
    """From a loss to D's gradient; the right loss, and those with the class as a target."""
    fakes = report.fakes()[-len(real) :]
    of, y, y_fake = d_gradients(report, real, fakes), asked(real), asked(fakes)
    wrong = [
        lambda r, f: _to_class(r, y) + bce(f, 0),
        lambda r, f: _to_class(r, y) + _to_class(f, y_fake),
        lambda r, f: bce(r, 1) + _to_class(f, y_fake),
    ]
    return of, right_d, wrong


def _no_class_as_target(report, name, of, right, wrong):
    """The target of the loss is real or fake, and not the number of the class.

    of: from a loss to its gradient; right: the loss that is asked for; wrong: those with the class.
    """
    wanted = of(right)
    change = report.changes[name]
    if any(same(change, scale * wanted) for scale in (1, 0.5)):
        return
    telling = [gradient for gradient in (of(loss) for loss in wrong) if not same(gradient, wanted)]
    expect(
        not any(same(change, scale * gradient) for gradient in telling for scale in (1, 0.5)),
        f"the update of {name} is {change.norm():.3g} long, expected {wanted.norm():.3g}: the "
        "number of the class is the target of the loss. There are two kinds of label: the class "
        "goes into D beside the image, and the target says real (1) or fake (0).",
    )


def _labels_beside(report, images):
    """For each row of images that D judged, the labels that stood beside it in D's calls."""
    judged = report.judged() if report.D_calls else torch.zeros(0, images.shape[1] + 1)
    pixels = judged[:, : images.shape[1]]
    return [asked(judged[rows_in(pixels, image[None])]).tolist() for image in images]


def _pixels(rows):
    return rows[:, :784]


def _reals_keep_labels(report, real):
    """The real images stand beside their own labels."""
    own, beside = asked(real), _labels_beside(report, _pixels(real))
    shown = [k for k, labels in enumerate(beside) if labels]
    odd = [k for k in shown if any(label != own[k] for label in beside[k])]
    if not odd:
        return
    seen = [beside[k][-1] for k in shown]
    both = any(own[k] in beside[k] for k in odd)
    made = asked(report.z()).tolist() if report.G_calls else []
    if both:
        why = (
            "They are judged with their own label and with a wrong one as well. Real images with "
            "wrong labels as a third kind of pair are another recipe: two kinds are asked for."
        )
    elif len(set(seen)) == 1:
        why = f"All of them are called class {seen[0]}."
    elif seen == made[: len(seen)]:
        why = "Those are the labels that G was asked for: they belong to the fakes."
    else:
        why = "They are drawn or shuffled: whose label stands next to each real image?"
    raise CheckError(
        f"{len(odd)} of the {len(shown)} real images reach D beside a label that is not theirs: "
        f"{seen[:6]}, expected y, {listed(own[shown][:6])}. {why} Then D learns that any image "
        "fits any label."
    )


def _fakes_keep_labels(report, real):
    """A fake is judged beside the label that G was asked for."""
    own = asked(real).tolist()
    for call in report.G_calls:
        rows = report.shown(call)
        made, beside = asked(rows).tolist(), _labels_beside(report, _pixels(rows))
        shown = [k for k, labels in enumerate(beside) if labels]
        odd = [k for k in shown if any(label != made[k] for label in beside[k])]
        if odd:
            seen = [beside[k][-1] for k in shown]
            raise CheckError(
                f"{len(odd)} of {len(shown)} fakes reach D beside another label than G was asked "
                f"for: {seen[:6]}, expected {[made[k] for k in shown][:6]}. "
                f"{_whose(seen, made, own)}"
            )


def _whose(seen, made, own):
    if len(set(seen)) == 1 and len(seen) > 1:
        return (
            f"D is asked about class {seen[0]} for every fake. Ask G for a 7: about which class "
            "should D be asked?"
        )
    if len(set(made)) == 1 and len(made) > 1:
        return (
            f"G is asked for class {made[0]} every time, and D is told something else. Which "
            "labels should G get?"
        )
    if seen == own:
        return (
            "D gets y, and G was asked for other labels. Follow one fake from G to D: its label "
            "has to travel along."
        )
    if made == own:
        return (
            "G gets y, and D is told other labels. Follow one fake from G to D: which label was "
            "it made for?"
        )
    return "Two draws of labels do not agree: draw once, and use the same labels in both calls."


def _asks_every_class(report):
    """Over a large batch the fakes come from all classes that the batch has."""
    labels = asked(report.z())
    missing = [k for k in range(USED) if not (labels == k).any()]
    counts = torch.bincount(labels, minlength=USED)[:USED].tolist()
    if len(labels.unique()) == 1:
        raise CheckError(
            f"all {len(labels)} fakes are asked for class {labels[0]}, expected all classes of the "
            "batch. G then learns one class, and D never sees a fake of another: which labels "
            "could you ask for?"
        )
    expect(
        not missing,
        f"of {len(labels)} fakes {counts} are asked for the classes 0 to {USED - 1}, expected some "
        "of each class that the batch has. A class that is never asked for is never learnt: look "
        "at both ends of the range that you draw from.",
    )
