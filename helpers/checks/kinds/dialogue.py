"""A class whose objects remember: what one says depends on what it was told before.

Here a pool: things go in batch by batch, as many come out, and chance decides which. Each carries
its number in its pixels, so that what comes back can be read: a new one or an old one, how often.
"""

import collections
import inspect

import torch

from helpers.checks.aspects import REMARK, Aspect, kind_of
from helpers.checks.guard import reseed
from helpers.checks.kinds import Kind
from helpers.checks.kinds.function import NO_TENSOR

SIZE, BATCH, ROUNDS = 8, 4, 160  # of a pool, of what goes in at once, and how often
PATTERN = torch.tensor([1.0, -1.0, 0.5])[:, None, None] * torch.ones(3, 2, 5)


def numbered(first, n):
    """Images first, first + 1, ..., as a batch (n, 3, 2, 5)."""
    return torch.arange(first, first + n)[:, None, None, None] / 1000 * PATTERN


def read(images):
    """The numbers of the images; "?" for what is no such image."""
    found = (images.detach()[:, 0, 0, 0] * 1000).round()
    wanted = found[:, None, None, None] / 1000 * PATTERN
    intact = (images.detach() - wanted).abs().amax((1, 2, 3)) < 1e-5
    return [int(k) if fine else "?" for k, fine in zip(found.tolist(), intact)]


class Dialogue(Kind):
    """A pool of images: a class that is built with a size, and asked with `query(batch)`."""

    thing = "class"

    def observe(self, answer, name, tape):
        """What it is, what it does while it fills, what it keeps, and what chance does."""
        yield self.handed(answer, name)
        pool = answer(SIZE)
        methods = [key for key, value in vars(type(pool)).items() if inspect.isfunction(value)]
        asked = callable(getattr(pool, "query", None))
        words = f"{name}({SIZE}) gives {kind_of(pool)} with the methods {', '.join(methods) or 'none'}, expected query(batch)."
        yield said("query", asked, words)
        yield from self.waits(answer)
        yield from self.gives_batches(answer)
        yield from self.stays_alone(answer)
        yield from self.fills(answer)
        yield from self.keeps(answer)
        yield from self.swaps(answer)

    def found(self, answer):
        """What sort of thing came in; a function that makes pools is as good as a class."""
        return "a class" if callable(answer) else kind_of(answer)

    def waits(self, answer):
        """While it fills, no place is read that holds nothing yet."""
        early = False
        for seed in range(8):
            reseed(200 + seed)
            pool = answer(SIZE)
            try:
                for first in range(0, SIZE, BATCH):
                    pool.query(numbered(first, BATCH))
            except IndexError as error:
                early = early or "assignment" not in str(error)
            except Exception:  # what follows tells it
                break
        words = f"among the first {SIZE} images of a pool of size {SIZE} one place is read that is not filled yet (IndexError), expected that all of them go in and come back at once."
        yield said("waits", early, words)

    def gives_batches(self, answer):
        """The shape and dtype of what goes in, of several images and of one; and the batch stays."""
        for n in (BATCH, 1):
            pool = answer(SIZE)
            for k in range(6):
                batch = numbered(k * n, n)
                result = pool.query(batch)
                yield Aspect("type", kind_of(result), "{} came back", NO_TENSOR, mute=True)
                shape, wanted = tuple(result.shape), tuple(batch.shape)
                words = f"query of a batch {wanted} gives the shape {shape}, expected {wanted}."
                yield said("shape", odd_shape(shape, wanted, k * n >= SIZE), words)
                yield Aspect("dtype", result.dtype, "the images come back as {}", mute=True)
                words = "the batch itself has changed, expected it as it was."
                yield said("batch", not torch.equal(batch, numbered(k * n, n)), words)

    def stays_alone(self, answer):
        """Two pools do not share what they hold: there is one for each domain."""
        first, second = answer(SIZE), answer(SIZE)
        for start in range(0, 4 * SIZE, BATCH):
            first.query(numbered(start, BATCH))
        seen = [k for start in range(900, 940, BATCH) for k in read(second.query(numbered(start, BATCH)))]
        foreign = [k for k in seen if k != "?" and k < 900]
        words = f"a new pool gives back image {min(foreign, default=0)}, which went into another one, expected none of those."
        yield said("alone", bool(foreign), words)

    def fills(self, answer):
        """Until it is full each image comes back itself, in order."""
        for seed in range(8):
            reseed(300 + seed)
            pool = answer(SIZE)
            for first in range(0, SIZE, BATCH):
                wanted, seen = (list(range(first, first + BATCH)), read(pool.query(numbered(first, BATCH))))
                mixed = sorted(map(str, seen)) == sorted(map(str, wanted))
                how = "" if seen == wanted else "order" if mixed else "others"
                told = ", ".join(map(str, seen))
                words = f"while a pool of size {SIZE} fills, images {wanted} come back as [{told}], expected themselves, in order."
                yield said("fills", how, words)

    def keeps(self, answer):
        """No graph is kept or returned, and what happens to a batch later does not reach the pool."""
        pool = answer(SIZE)
        hangs = [pool.query(numbered(k, BATCH) * torch.ones(1, requires_grad=True)).requires_grad
                 for k in range(0, 16 * BATCH, BATCH)]  # fmt: skip
        words = "the images that come back still hang on the generator (requires_grad True), expected False."
        yield said("hangs", any(hangs), words)
        stored = sum(x.requires_grad for x in tensors(inside(pool)))
        words = f"the pool stores {stored} images with their graph, expected 0."
        yield said("graphs", bool(stored), words)
        pool, written, strange = answer(SIZE), False, False
        for first in range(0, 16 * BATCH, BATCH):
            batch = numbered(first, BATCH)
            result = pool.query(batch).detach()
            written = written or bool((result == 0.777).all(3).all(2).all(1).any())
            strange = strange or "?" in read(result)
            batch.fill_(0.777)
        words = "a stored image comes back with 0.777 in every pixel, which was written into its batch after the call; expected the image as it went in."
        yield said("written", written, words)
        words = "an image comes back that never went in, expected each as it was."
        yield said("strange", strange, words)

    def swaps(self, answer):
        """Once it is full, chance decides; each swap takes an old image out for good."""
        history = played(answer, 0)
        late = history[SIZE:]
        old = [seen for new, seen in late if new != seen]
        fresh, share = len(late) - len(old), 1 - len(old) / len(late)
        coins = [len({new == seen for new, seen in late[k : k + BATCH]}) for k in range(0, len(late), BATCH)]
        by_batch = set(coins) == {1}
        queue = not fresh and len({new - seen for new, seen in late}) == 1
        off = abs(share - 0.5) > (0.2 if by_batch else 0.1)
        how = "no old one" if not old else "a queue" if queue else "no new one" if not fresh else "coin" if off else ""
        words = f"once the pool is full, {fresh} of {len(late)} images come back themselves, expected about half."
        yield said("half", how, words)
        words = "two runs with different seeds bring back the same images at the same times, expected a coin."
        other = played(answer, 1, ROUNDS // 4)
        yield said("chance", other == history[: len(other)], words)
        yield from self.sizes(answer)
        yield from turnover(history[SIZE:], old)
        yield Aspect("one coin", by_batch, hint=self.hints.get("one coin"), role=REMARK)

    def sizes(self, answer):
        """A full pool holds so many, and the next one already meets the coin."""
        swapped = 0
        for draw in range(16):
            reseed(500 + draw)
            pool = answer(SIZE)
            for first in range(0, SIZE, BATCH):
                pool.query(numbered(first, BATCH))
            swapped += read(pool.query(numbered(SIZE, 1))) != [SIZE]
        for first in range(SIZE + 1, 5 * SIZE, BATCH):
            pool.query(numbered(first, BATCH))
        held = [x for x in tensors(inside(pool)) if x.dim() >= 3]
        stored = sum(len(x) if x.dim() == 4 else 1 for x in held)
        how = ""
        if stored > SIZE:
            all_in = "all" if stored == first + BATCH else "grows"
            how = "one more" if stored == SIZE + 1 else "batches" if len(held) == SIZE else all_in
        words = f"a pool of size {SIZE} stores {stored} images, expected {SIZE}."
        yield said("stored", how, words)
        words = (
            f"image {SIZE + 1} of a pool of size {SIZE} comes back itself in 16 of 16 pools, expected about 8 times."
        )
        yield said("full", not swapped, words)


def turnover(late, old):
    """Every swap takes a stored image out for good, from any place, and puts the new one in."""
    stuck = sum(k not in old for k in range(SIZE))
    words = f"all {len(old)} old images that come back are among the first {SIZE}, expected later ones as well."
    yield said("renewed", max(old) < SIZE, words)
    often, count = collections.Counter(old).most_common(1)[0]
    yield said("once", count > 1, f"image {often} comes back {count} times from the pool, expected once.")
    both = {seen for new, seen in late if new == seen} & set(old)
    yield said("either", bool(both), f"{len(both)} images come back at once and once more later, expected none.")
    words = f"{stuck} of the first {SIZE} images never come back, expected 0."
    yield said("places", "one place" if stuck >= SIZE - 1 else "left out" if stuck else "", words)
    words = "the oldest image comes back every time, expected a random one."
    yield said("oldest", old == sorted(old), words)


def said(name, odd, words):
    """Something that is odd, or is not; the exercise's hints say what to try."""
    return Aspect(name, odd, lambda a, b: words, mute=True)


def odd_shape(shape, wanted, full):
    """What is odd in the shape of what came back for a batch."""
    n, c, h, w = wanted
    known = {
        wanted: "",
        (n * c, h, w): "joined",
        (c, h, w): "no batch",
        (n, 1, c, h, w): "axis",
        (1, c, h, w): "one for all",
    }
    count = ("count full" if full else "count") if len(shape) == 4 and shape[1:] == wanted[1:] else "other"
    return known.get(shape, count)


def inside(pool):
    """The attributes of an object, and those of its class."""
    return {**vars(type(pool)), **getattr(pool, "__dict__", {})}


def tensors(thing):
    """All tensors in nested lists and dicts."""
    if torch.is_tensor(thing):
        return [thing]
    if isinstance(thing, dict):
        thing = thing.values()
    elif not isinstance(thing, (list, tuple, set, collections.deque)):
        return []
    return [x for part in thing for x in tensors(part)]


def played(answer, draw, rounds=ROUNDS):
    """(number, what came back for it) of every image, in order, from a pool that begins empty."""
    reseed(400 + draw)
    pool, images = answer(SIZE), numbered(0, rounds * BATCH)
    seen = torch.cat([pool.query(batch.clone()).detach() for batch in images.split(BATCH)])
    return list(enumerate(read(seen)))
