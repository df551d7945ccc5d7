"""Laws of the two sides of blur: the one image that a loss would give, and the measure of edges."""

import torch

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, kind_of, listed
from helpers.checks.laws.old import CheckError, expect

# --- the best single answer to many targets -------------------------------------------------------

ERRORS = {
    "mse": lambda targets, image: (targets - image).square().mean().item(),
    "l1": lambda targets, image: (targets - image).abs().mean().item(),
}
MEANING = {"mse": "mean squared error", "l1": "mean absolute error"}


def minimises(answer):
    """For both losses, no other image has a lower mean error; worked by hand first."""
    pixel = torch.tensor([0.7, 1.0, 0.5, 0.2, 0.0, 0.3, 0.1]).view(7, 1, 1, 1)
    skewed = torch.rand(7, 1, 5, 3) ** 3
    bright = torch.rand(4, 1, 2, 6) ** 0.3
    for loss in ERRORS:
        _chosen(answer, skewed, loss)  # a shape is told on pictures that have one
    for targets in (pixel, skewed, bright, torch.rand(1, 1, 3, 2)):
        for loss in ("mse", "l1"):
            _is_best(answer, targets, loss)


def _is_best(answer, targets, loss):
    image = _chosen(answer, targets, loss)
    error = ERRORS[loss](targets, image)
    best = ERRORS[loss](targets, _minimiser(targets, loss))
    if error <= best * (1 + 1e-4) + 1e-7:
        return
    shown = f"{len(targets)} targets"
    if targets[0].numel() == 1:
        shown = f"the pixel values {listed(targets)}, your answer {image.item():.3g}"
    expect(
        not _is_right_in_capitals(answer, targets, loss),
        f"for '{loss}' another image does better, and for '{loss.upper()}' you give the expected "
        "one: the argument loss is 'mse' or 'l1', letter for letter, in lower case.",
    )
    raise CheckError(
        f"for '{loss}' and {shown}, the {MEANING[loss]} is {error:.4g}, expected {best:.4g}: "
        f"another image does better. {_why_not_best(targets, image, loss)}"
    )


def _is_right_in_capitals(answer, targets, loss):
    """Whether the answer compares its argument with "MSE" or "L1"."""
    try:
        return torch.allclose(_chosen(answer, targets, loss.upper()), _minimiser(targets, loss))
    except Exception:
        return False


def _minimiser(targets, loss):
    return targets.mean(0) if loss == "mse" else targets.median(0).values


def _chosen(answer, targets, loss):
    """One image in the shape of one target; the targets stay as they were."""
    given = targets.clone()
    image = answer(given, loss)
    expect(
        torch.equal(given, targets),
        "the targets have changed during the call, expected them as they were: sort, += and names "
        "that end in _ write in place.",
    )
    expect(
        not isinstance(image, tuple),
        f"{kind_of(image)} came back, expected one image. median, min and sort with an axis give "
        "the values and their places: take the values.",
    )
    expect(
        image is not None,
        f"None came back for '{loss}', expected one image. A return is missing, or none of your "
        "branches was taken: the argument loss is 'mse' or 'l1', letter for letter.",
    )
    is_tensor(image, f"one image for '{loss}'")
    n, _, height, width = targets.shape
    has_shape(
        image,
        targets.shape[1:],
        f"The check's targets are {n} pictures of {height} x {width} here. "
        + _image_hint(tuple(image.shape), tuple(targets.shape)),
    )
    return image.detach().float()


def _image_hint(shape, targets):
    if shape == ():
        return "That is one number for all: each pixel has a best value of its own. Axis 0 counts."
    if shape == targets:
        return "That is one answer per target: a single image has to serve all of them."
    if shape == (1, *targets[1:]):
        return "The image is there, with an axis of length 1 too many: leave the batch axis out."
    return "One image serves all targets: combine them along axis 0, pixel by pixel."


def _why_not_best(targets, image, loss):
    other = {
        "mse": "The median is the best answer to another loss. Set the derivative of the sum of "
        "(t - c)^2 to 0: which c comes out?",
        "l1": "The mean is the best answer to another loss. For 0, 0, 0, 1, is 0.25 or 0 closer in "
        "absolute error?",
    }
    spread = targets.amax(0) + targets.amin(0)
    suspects = [
        (_minimiser(targets, {"mse": "l1", "l1": "mse"}[loss]), other[loss]),
        (
            targets[0],
            "That is the first target: sharp, and not the best on average. Compare the "
            "errors of targets[0] and of a mixture.",
        ),
        (targets[-1], "That is the last target: sharp, and not the best on average."),
        (
            targets[len(targets) // 2],
            "That is the middle target in the order they come. The median sorts every pixel first.",
        ),
        (
            spread / 2,
            "That is the middle between the smallest and the largest: one odd target "
            "would move it, however many agree.",
        ),
        (targets.amax(0), "That is the largest of all: most targets are below it."),
        (targets.amin(0), "That is the smallest of all: most targets are above it."),
        (targets.sum(0), "That is the sum: divide it by the number of targets."),
        (targets.square().mean(0).sqrt(), "That is the root of the mean square."),
        (targets.mean().expand_as(image), "Each pixel has a best value of its own: axis 0 counts."),
        (targets.median().expand_as(image), "Each pixel has a best value of its own."),
        (targets.mode(0).values, "That is the most frequent value, as in a vote."),
    ]
    return diagnosis(
        suspects,
        lambda value: torch.allclose(image, value, atol=1e-4),
        "Try a few constants by hand on 0, 0, 0, 1: which one has the lowest error?",
    )


# --- the measure of edges -------------------------------------------------------------------------

ACROSS, DOWN = "from left to right", "from top to bottom"


def _canvas(*rows, height=8, width=12):
    """Images (N, 1, H, W), one for each pattern of a row of pixels."""
    return torch.stack([torch.tensor(row)[:width].expand(height, width) for row in rows])[:, None]


STEP = [0.0] * 6 + [1.0] * 6  # one edge
BAR = [0.0] * 4 + [1.0] * 4 + [0.0] * 4  # two edges, and the two ends alike
WIDE = [0.0, 0.0, 1.0, 1.0] * 3  # stripes of two pixels
FINE = [0.0, 1.0] * 6  # stripes of one pixel: as much black and white as in WIDE and STEP


def measured(answer, images):
    """One number per image; the images stay as they were."""
    kept = images.clone()
    scores = answer(images)
    is_tensor(scores, f"{len(images)} numbers")
    n = len(images)
    hints = {
        (): "That is one number for all images: leave the batch axis out of the average.",
        (n, 1): "The numbers are there, with an axis of length 1 too many: average over the "
        "channel, too.",
    }
    has_shape(
        scores,
        (n,),
        hints.get(tuple(scores.shape), "How many images, how many numbers? Average over the rest."),
    )
    expect(
        torch.equal(images, kept),
        "the images have changed during the call, expected them as they were.",
    )
    expect(
        not scores.isnan().any(),
        "a score is nan, expected a number: a mean over nothing, perhaps. The axes of an image "
        "(N, 1, H, W) are 2 and 3; axis 1 has length 1.",
    )
    return scores.detach().float()


def sharpness_laws(answer):
    """Edges of both directions count the same, whatever else is in the batch."""
    photos = torch.rand(5, 1, 9, 14)
    together = measured(answer, photos)
    alone = torch.cat([measured(answer, photo[None]) for photo in photos])
    expect(
        torch.allclose(together, alone, rtol=1e-3, atol=1e-6),
        f"the first image scores {alone[0]:.4g} alone and {together[0]:.4g} in a batch, expected "
        "the same. Something mixes the images: axis 0 is the batch.",
    )
    _zero_where_flat(answer)
    step, bar, wide, fine = measured(answer, _canvas(STEP, BAR, WIDE, FINE)).tolist()
    up = measured(answer, _canvas(STEP, BAR, [1 - x for x in STEP]).mT)
    down = measured(answer, _canvas([1 - x for x in STEP]))
    _no_cancelling(bar, float(up[1]), float(down[0]), step)
    _sees(step, ACROSS), _sees(float(up[0]), DOWN)
    _edges_count(step, bar, wide, fine)
    _same_both_ways(answer, photos)
    return _remark(answer, step, bar)


def _zero_where_flat(answer):
    flat = torch.stack([torch.full((1, 8, 12), grey) for grey in (0.0, 0.3, 1.0)])
    scores = measured(answer, flat)
    expect(
        scores.abs().max() < 1e-5,
        f"three flat images, grey 0, 0.3 and 1, score {listed(scores, '.3g')}, expected 0 each: "
        "nothing in them changes from pixel to pixel. Does your measure look at brightness, or at "
        "pixels beyond the border (padding)?",
    )


def _no_cancelling(across, down, falling, step):
    text = "rising and falling edges cancel: take the size of each difference before averaging."
    if abs(step) > 1e-6 or abs(falling) > 1e-6:
        expect(
            abs(across) > 1e-6,
            f"a white bar on black scores {across:.2g}, expected more than 0: {text}",
        )
        expect(
            falling > 0 and step > 0,
            f"an edge from black to white scores {step:.3g} and one from white to black "
            f"{falling:.3g}, expected the same number above 0: {text}",
        )
        expect(
            abs(falling - step) < 1e-3 * step,
            f"an edge from black to white scores {step:.3g} and one from white to black "
            f"{falling:.3g}, expected the same: an edge counts whichever side is bright.",
        )


def _sees(score, direction):
    other = {ACROSS: "a vertical", DOWN: "a horizontal"}[direction]
    expect(
        score > 1e-6,
        f"{other} edge scores {score:.2g}, expected more than 0: nothing compares neighbours "
        f"{direction}. Turn the picture by 90 degrees: should the value change?",
    )


def _edges_count(step, bar, wide, fine):
    expect(
        bar > 1.2 * step,
        f"one edge scores {step:.3g} and two edges {bar:.3g}, expected clearly more for two. "
        + (
            "With one edge the two borders differ, and you compare them too: roll and padding "
            "join the ends. Only true neighbours count."
            if abs(bar - step) < 0.05 * step
            else "Contrast is not sharpness: what would happen if you shuffled the pixels?"
        ),
    )
    expect(
        wide > 1.2 * bar,
        f"two edges score {bar:.3g} and five edges {wide:.3g}, at about the same contrast; "
        "expected more for more edges. Contrast is not sharpness: what would happen if you "
        "shuffled the pixels?",
    )
    expect(
        fine > 1.2 * wide,
        f"stripes of two pixels score {wide:.3g} and stripes of one pixel {fine:.3g}, expected "
        "more for the finer ones: every pixel differs from its neighbour there. You compare "
        "pixels that are further apart.",
    )


def _same_both_ways(answer, photos):
    """A picture and its transpose score the same."""
    one, other = measured(answer, photos), measured(answer, photos.mT.contiguous())
    expect(
        torch.allclose(one, other, rtol=1e-3, atol=1e-6),
        f"an image scores {one[0]:.4g}, and mirrored at its diagonal {other[0]:.4g}; expected the "
        "same. Both directions weigh the same: look for a factor, or for one average over the "
        "wrong count.",
    )


def _remark(answer, step, bar):
    """A remark where the numbers follow another formula: squared differences, or their sum."""
    faint = measured(answer, 0.5 * _canvas(STEP))[0]
    small = measured(answer, _canvas(FINE, height=8))[0]
    large = measured(answer, _canvas(FINE * 2, height=16, width=24))[0]
    remarks = []
    if step > 3 * faint or bar < 1.8 * step:  # twice the contrast, twice the edges
        remarks.append(
            "You square the differences; the formula takes their size, so your numbers will "
            "differ from the lesson's."
        )
    if large > 1.5 * small:
        remarks.append(
            "You add the differences up; the formula takes their mean, so your numbers grow with "
            "the size of the picture."
        )
    return " ".join(remarks)
