"""Laws of a pool of fakes: images are told apart by a number that each carries in its pixels.

Image k has k / 1000 in every pixel of its pattern, so that what comes back can be read: a new image
or an old one, how often, and from which place.
"""

import collections
import inspect

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import is_tensor, kind_of
from helpers.checks.laws.old import CheckError, expect

SIZE, BATCH, ROUNDS = 8, 4, 160
PATTERN = torch.tensor([1.0, -1.0, 0.5])[:, None, None] * torch.ones(3, 2, 5)


def pool_laws(answer, name):
    """All that an ImagePool(size) has to hold; a remark where one coin decides for a batch."""
    _is_class(answer, name)
    _waits(answer)
    _gives_batches(answer)
    _is_alone(answer)
    _fills(answer)
    _keeps_no_graph(answer)
    _keeps_copies(answer)
    history = _played(answer, 0)
    _mixes(history)
    _is_random(answer, history)
    _holds_size(answer)
    _turns_over(history)
    return _coin_remark(history)


# --- what goes in and comes out -------------------------------------------------------------------


def numbered(first, n):
    """Images first, first + 1, ..., as a batch (n, 3, 2, 5)."""
    return torch.arange(first, first + n)[:, None, None, None] / 1000 * PATTERN


def _read(images):
    """The numbers of the images; None for what is no such image."""
    numbers = (images[:, 0, 0, 0] * 1000).round()
    wanted = numbers[:, None, None, None] / 1000 * PATTERN
    intact = (images - wanted).abs().amax((1, 2, 3)) < 1e-5
    return [int(k) if fine else None for k, fine in zip(numbers.tolist(), intact)]


def _is_class(answer, name):
    expect(
        callable(answer),
        f"{kind_of(answer)} came, expected the class {name}. Hand over the class itself, without "
        "brackets, and compare the names on both sides of the check.",
    )
    pool = answer(SIZE)
    methods = [key for key, value in vars(type(pool)).items() if inspect.isfunction(value)]
    expect(
        callable(getattr(pool, "query", None)),
        f"{name}({SIZE}) gives {kind_of(pool)} with the methods {', '.join(methods) or 'none'}, "
        "expected query(batch). Look at the spelling and at the indentation.",
    )


def _asked(pool, batch):
    result = pool.query(batch)
    is_tensor(result, f"a batch of shape {tuple(batch.shape)}")
    return result


def _waits(answer):
    """While the pool fills, no place is read that holds no image yet."""
    for seed in range(8):
        reseed(200 + seed)
        pool = answer(SIZE)
        for first in range(0, SIZE, BATCH):
            try:
                pool.query(numbered(first, BATCH))
            except IndexError as error:
                if "assignment" in str(error):
                    return
                raise CheckError(
                    f"among the first {SIZE} images of a pool of size {SIZE} one place is read "
                    "that is not filled yet (IndexError), expected that all of them go in and "
                    "come back at once. You draw a place while there is still room: is the pool "
                    "full before the coin is tossed?"
                ) from error
            except Exception:  # the laws below tell it
                return


def _gives_batches(answer):
    """The shape and dtype of the batch, for several images and for one."""
    for n in (BATCH, 1):
        pool = answer(SIZE)
        for k in range(6):
            batch = numbered(k * n, n)
            result = _asked(pool, batch)
            _has_batch_shape(tuple(result.shape), tuple(batch.shape), k * n >= SIZE)
            expect(
                result.dtype == batch.dtype,
                f"the images come back as {result.dtype}, expected {batch.dtype} as they went in.",
            )
            expect(
                torch.equal(batch, numbered(k * n, n)),
                "the batch itself has changed, expected it as it was: the generators' loss may "
                "still need it.",
            )


def _has_batch_shape(shape, wanted, full):
    n, c, h, w = wanted
    hints = {
        (n * c, h, w): "The images are joined along the channels: which function makes a new axis?",
        (c, h, w): "The batch axis is gone: a batch of one image is still a batch.",
        (n, 1, c, h, w): "An axis is left over: the images are stored with a batch axis, and "
        "stacked. Which function joins along an axis that is there?",
        (1, c, h, w): "One image comes back for the whole batch: there is one answer for each.",
    }
    hint = "While the pool fills, each image comes back" if not full else "Each gets an image back"
    if len(shape) == 4 and shape[1:] == wanted[1:]:
        seen = (
            f"{hint}: {n} go in. Look for a branch that appends nothing, or twice, and for two "
            "that both run."
        )
    else:
        seen = "As many images come back as go in, in one tensor."
    expect(
        shape == wanted,
        f"query of a batch {wanted} gives the shape {shape}, expected {wanted}. "
        f"{hints.get(shape, seen)}",
    )


def _fills(answer):
    """Until the pool is full each image comes back itself, in order."""
    for seed in range(8):
        reseed(300 + seed)
        pool = answer(SIZE)
        for first in range(0, SIZE, BATCH):
            wanted = list(range(first, first + BATCH))
            seen = _read(_asked(pool, numbered(first, BATCH)))
            if seen == wanted:
                continue
            told = (
                f"while a pool of size {SIZE} fills, images {wanted} come back as {_shown(seen)}, "
                "expected themselves, in order."
            )
            if sorted(seen, key=str) == sorted(wanted, key=str):
                raise CheckError(f"{told} The order has changed: each at its own place.")
            raise CheckError(
                f"{told} The coin and the swap begin when the pool is full: what does D need while "
                "there is no history?"
            )


def _shown(numbers):
    return [k if k is not None else "?" for k in numbers]


def _keeps_no_graph(answer):
    """Nothing that hangs on the generators is stored or returned."""
    pool = answer(SIZE)
    for first in range(0, 16 * BATCH, BATCH):
        graph = torch.ones(1, requires_grad=True)
        result = _asked(pool, numbered(first, BATCH) * graph)
        expect(
            not result.requires_grad,
            "the images that come back still hang on the generator (requires_grad True), expected "
            "False: D's step would reach back into it, and into steps that are long over. Which "
            "method of a tensor cuts it off?",
        )
    stored = [thing for thing in _tensors(_inside(pool)) if thing.requires_grad]
    expect(
        not stored,
        f"the pool stores {len(stored)} images with their graph, expected 0: every stored image "
        "keeps all that its generator computed in memory. Cut them off before they are stored.",
    )


def _inside(pool):
    """The attributes of a pool, and those of its class."""
    return {**vars(type(pool)), **getattr(pool, "__dict__", {})}


def _tensors(thing):
    if torch.is_tensor(thing):
        return [thing]
    if isinstance(thing, dict):
        thing = thing.values()
    elif not isinstance(thing, (list, tuple, set, collections.deque)):
        return []
    return [tensor for part in thing for tensor in _tensors(part)]


def _keeps_copies(answer):
    """What happens to a batch after the call does not reach the pool."""
    pool = answer(SIZE)
    for first in range(0, 16 * BATCH, BATCH):
        batch = numbered(first, BATCH)
        result = _asked(pool, batch)
        written = [image for image in result.detach() if (image == 0.777).all()]
        expect(
            not written,
            "a stored image comes back with 0.777 in every pixel, which was written into its batch "
            "after the call; expected the image as it went in. A slice of a batch shares its "
            "memory, detach() does, too: what is stored has to be a copy.",
        )
        expect(
            None not in _read(result.detach()),
            "an image comes back that never went in, expected each as it was: nothing is averaged "
            "or scaled here.",
        )
        batch.fill_(0.777)


def _is_alone(answer):
    """Two pools do not share their images: there is one for each domain."""
    first, second = answer(SIZE), answer(SIZE)
    for start in range(0, 4 * SIZE, BATCH):
        _asked(first, numbered(start, BATCH))
    seen = torch.cat([_asked(second, numbered(start, BATCH)) for start in range(900, 940, BATCH)])
    foreign = [k for k in _read(seen.detach()) if k is not None and k < 900]
    expect(
        not foreign,
        f"a new pool gives back image {min(foreign, default=0)}, which went into another one, "
        "expected none of those: both share one list. A list in the class body, or as a default "
        "argument, belongs to all pools: where does each get its own?",
    )


# --- the history ----------------------------------------------------------------------------------


def _played(answer, draw, rounds=ROUNDS):
    """(number, what came back for it) of every image, in order, from a pool that begins empty."""
    reseed(400 + draw)
    pool, images = answer(SIZE), numbered(0, rounds * BATCH)
    seen = torch.cat([_asked(pool, batch.clone()) for batch in images.split(BATCH)])
    return list(enumerate(_read(seen.detach())))


def _after(history):
    """The pairs from the time when the pool is full."""
    return [(new, seen) for new, seen in history if new >= SIZE]


def _batches(history):
    """For each batch after filling whether its images came back new."""
    fresh = [new == seen for new, seen in _after(history)]
    return [fresh[k : k + BATCH] for k in range(0, len(fresh), BATCH)]


def _by_batch(history):
    return all(len(set(batch)) == 1 for batch in _batches(history))


def _mixes(history):
    """Half of the images come back new, half are old ones."""
    pairs = _after(history)
    fresh = sum(new == seen for new, seen in pairs)
    seen = f"once the pool is full, {fresh} of {len(pairs)} images come back themselves"
    wanted = "expected about half."
    expect(
        fresh < len(pairs),
        f"{seen}, {wanted} No image of the past ever comes back: which of the two should D see "
        "when a new one takes the place of an old one?",
    )
    if not fresh:
        lags = {new - old for new, old in pairs}
        expect(
            len(lags) > 1,
            f"{seen}, {wanted} Each comes back {lags.pop()} images later: that is a queue, and D "
            "never sees the newest fakes. Where is the chance?",
        )
        raise CheckError(
            f"{seen}, {wanted} D never sees the newest fakes: when does a new one go straight "
            "through?"
        )
    share, room = fresh / len(pairs), 0.2 if _by_batch(history) else 0.1
    expect(
        abs(share - 0.5) < room,
        f"{seen} ({share:.0%}), {wanted} Look at the condition of the coin.",
    )


def _holds_size(answer):
    """A full pool holds `size` images, and the next one already meets the coin."""
    swapped = 0
    for draw in range(16):
        reseed(500 + draw)
        pool = answer(SIZE)
        for first in range(0, SIZE, BATCH):
            _asked(pool, numbered(first, BATCH))
        swapped += _read(_asked(pool, numbered(SIZE, 1)).detach()) != [SIZE]
    for first in range(SIZE + 1, 5 * SIZE, BATCH):
        _asked(pool, numbered(first, BATCH))
    _stores_size(pool, first + BATCH)
    expect(
        swapped,
        f"image {SIZE + 1} of a pool of size {SIZE} comes back itself in 16 of 16 pools, expected "
        "about 8: the pool takes one image too many before the coin begins. Compare < and <=.",
    )


def _stores_size(pool, given):
    """As far as tensors can be found in its attributes, `size` of them."""
    tensors = [thing for thing in _tensors(_inside(pool)) if thing.dim() >= 3]
    stored = sum(len(thing) if thing.dim() == 4 else 1 for thing in tensors)
    hint = "An image that comes in takes the place of the one that goes out."
    if stored == SIZE + 1:
        hint = "The pool takes one image too many before the coin begins. Compare < and <=."
    elif len(tensors) == SIZE:
        hint = "Its places hold whole batches: each image has a place of its own."
    elif stored == given:
        hint = "Nothing has left so far: where does your code use size?"
    expect(stored <= SIZE, f"a pool of size {SIZE} stores {stored} images, expected {SIZE}. {hint}")


def _is_random(answer, history):
    """Other seeds, another history."""
    other = _played(answer, 1, ROUNDS // 4)
    expect(
        other != history[: len(other)],
        "two runs with different seeds bring back the same images at the same times, expected a "
        "coin: whether and which is drawn anew for every image. Set no seed inside the pool.",
    )


def _turns_over(history):
    """Every swap takes a stored image out for good, from any place, and puts the new one in."""
    old = [seen for new, seen in _after(history) if new != seen]
    stuck = [k for k in range(SIZE) if k not in old]
    expect(
        max(old) >= SIZE,
        f"all {len(old)} old images that come back are among the first {SIZE}, expected later ones "
        "as well: the pool stays as it was filled. When does a new fake get into it?",
    )
    often, count = collections.Counter(old).most_common(1)[0]
    expect(
        count == 1,
        f"image {often} comes back {count} times from the pool, expected once: what is given out "
        "leaves, and the new one takes its own place.",
    )
    early = {seen for new, seen in _after(history) if new == seen}
    both = early & set(old)
    expect(
        not both,
        f"{len(both)} images come back at once and once more later, expected none: a new image is "
        "either returned or stored.",
    )
    expect(
        len(stuck) < SIZE - 1,
        f"{len(stuck)} of the first {SIZE} images never come back, expected 0: the swap is always "
        "at the same place, so the last stored one goes out again. Draw the place.",
    )
    expect(
        not stuck,
        f"{len(stuck)} of the first {SIZE} images never come back, expected 0: a place of the pool "
        "is never drawn. Compare both ends of the range with size.",
    )
    expect(
        old != sorted(old),
        "the oldest image comes back every time, expected a random one: that is a queue. Draw the "
        "place.",
    )


def _coin_remark(history):
    if not _by_batch(history):
        return None
    return "One coin decides for the whole batch: with one for each image, batches are mixed."
