"""The kinds of things that an exercise asks for, and what is seen of each.

    function   a function of tensors and networks: losses, formulas, attacks
    step       a function that moves weights: a training step
    draw       a function of chance: latents, labels, pictures from a generator
    network    a class of networks
    maps       networks of maps: residual blocks, judges of patches
    labels     networks and steps that take a label beside each input
    classes    labels that are drawn, and pictures of chosen classes
    attack     a draw that walks up the loss; what attacks ask a model for
    wrapper    a class of networks around a model
    dialogue   a class whose objects remember: what they say depends on what came before

A kind turns an answer into an observation, a row of aspects (`observe`). It knows nothing of right
and wrong: its advice is for a difference that no known mistake explains.
"""

import re

from helpers.checks.aspects import Aspect, difference, finite, kind_of

NO_CALL = "Hand over the {} itself, by its name, without brackets and arguments."
NO_NAME = "Run the cell that defines it, and look whether another line gives the name a new value."
OTHER = "Compare the names on both sides of the check."


class Kind:
    """What all kinds share: the right kind of thing came in; words for what has no name."""

    thing = "function"

    def __init__(self, hints=(), causes=(), lenient=()):
        """hints: {aspect: what to try}, in place of the kind's own words.

        causes: {pattern: words} for an error that has a reason of its own in this exercise.
        lenient: the aspects that are worth a remark here, and no more; its words are their hints.
        """
        self.hints, self.causes, self.lenient = dict(hints), dict(causes), lenient

    def handed(self, answer, name):
        """What came in place of a function or class."""
        advice = {"None": NO_NAME, f"the class {getattr(answer, '__name__', '')}": OTHER}
        found = self.found(answer)
        wanted = name if answer is None else f"the {self.thing} {name}"
        words = f"{found} came, expected {wanted}."
        return Aspect("answer", found, lambda a, b: words, advice.get(found, NO_CALL.format(self.thing)))

    def found(self, answer):
        """What sort of thing came in."""
        if isinstance(answer, type):
            return f"the class {answer.__name__}"
        return f"a {self.thing}" if callable(answer) else kind_of(answer)

    def glance(self, past, first):
        """(known answer) -> whether it may be what was seen; a quick look, if there is one."""
        return lambda answer: True

    def advice(self, past, first):
        """What to try where nothing that is known explains the difference."""
        seen, wanted = past[first]
        if seen.error:
            text = f"{type(seen.error).__name__}: {seen.error}"
            return next((words for pattern, words in self.causes.items() if re.search(pattern, text)), "")
        hint = seen.advice(wanted, self.hints.get(seen.name))
        if not seen.series:
            return hint
        found, asked = zip(*[(a.value, b.value) for a, b in past if a.name == b.name == seen.name])
        if finite(seen.value) and not finite(list(found)):
            return hint  # what is told of the first one is not explained by nan in a later one
        return difference(list(found), list(asked)) or hint
