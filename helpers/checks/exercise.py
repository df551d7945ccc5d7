"""An exercise: a right answer, the kind of thing it is, and its known mistakes.

A mistake is an edit of the right answer, with what a student should hear who made it. To judge an
answer, it is observed side by side with the right one. In the first aspect in which they differ,
the known mistake that looks as the answer does is the diagnosis. (A bug library, as in Brown and
Burton 1978, whose bugs are mutants of a program.)
"""

import ast
import functools
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from helpers.checks.aspects import CLUE, DONE, REMARK, Aspect
from helpers.checks.explain import CheckError, blank_line, stopped
from helpers.checks.guard import reseed, settle

ONCE = "One of your two terms is right: compare them."
END = Aspect("the end", None)  # of an observation that stops before another one does


class Exercise:
    """What is asked, and what is known about answers to it.

    mistakes: {edit: what to hear}. variants: {edit: remark}, right answers that look different.
    An edit is a new result ("x - 0.5"), a new body, or lines "old -> new"; a tuple holds several.
    """

    def __init__(self, kind, right, earlier=()):
        """right: a function or class; earlier: the exercises before it, which its code may call."""
        self.kind, self.name, self._earlier = kind, right.__name__, tuple(earlier)
        self._module = sys.modules[right.__module__]
        self._built, self.mistakes, self.variants = {}, {}, {}

    @functools.cached_property
    def source(self):
        """The text of the right answer, without decorators."""
        return sources(self._module)[self.name]

    @functools.cached_property
    def called(self):
        """The earlier exercises that the right answer calls."""
        return [part for part in self._earlier if calls(self.source, part)]

    @functools.cached_property
    def right(self):
        """The right answer, as the student's copy of it would run."""
        return self.built()

    def built(self, edit=None):
        """The right answer, or an edited one."""
        if edit not in self._built:
            source = self.source if edit is None else edited(self.source, edit)
            code = compile(source, f"<{self.name}>", "exec", dont_inherit=True)
            self._built[edit] = code, self._made(code)
        return self._built[edit][1]

    def both(self, edit, wrong):
        """A variant with a mistake of its own, if that fits; else the mistake alone."""
        if (edit, wrong) not in self._built:
            try:
                source = edited(edited(self.source, edit), wrong)
                code = compile(source, f"<{self.name}>", "exec", dont_inherit=True)
            except (AssertionError, SyntaxError):
                return self.built(wrong)
            self._built[edit, wrong] = code, self._made(code)
        return self._built[edit, wrong][1]

    def with_part(self, name, wrong, edit=None):
        """The right answer, or an edited one, in which a mistaken answer stands for an exercise."""
        self.built(edit)
        return self._made(self._built[edit][0], {name: wrong})

    def _made(self, code, others=()):
        space = vars(self._module) | {part.name: part.right for part in self._earlier} | dict(others)
        exec(code, space)
        return space[self.name]

    def known(self, edit=None, idle=()):
        """(what to hear, a function that makes the mistaken answer): its own, then inherited ones.

        A mistake of an exercise that the right answer calls is one of this exercise, too, but for
        the idle ones. All are mistakes of the variant `edit` as well, if the answer is one.
        """
        source = self.source if edit is None else edited(self.source, edit)
        called = [part for part in self.called if part.name not in idle and calls(source, part)]
        for wrong, hears in spread(self.mistakes):
            yield hears, functools.partial(self.built, wrong)
            if edit is not None:
                yield hears, functools.partial(self.both, edit, wrong)
        for part in called:
            for hears, wrong in part.known():
                made = lambda name=part.name, wrong=wrong: self.with_part(name, wrong(), edit)
                yield hears, made
        for part in called:
            if len(re.findall(rf"\b{part.name}\(", self.source)) == 2:
                yield from self._known_once(part)

    def _known_once(self, part):
        """The mistakes of a part that is called twice, made in one of its two calls."""
        for hears, wrong in part.known():
            for order in (lambda a, b: (a, b)), (lambda a, b: (b, a)):
                turns = lambda wrong=wrong, order=order: in_turn(order(wrong(), part.right))
                yield f"{hears} {ONCE}", lambda turns=turns: self.with_part(part.name, turns())

    def observed(self, answer, tape):
        """The aspects of an answer, one by one; an error is the last of them."""
        try:
            for aspect in self.kind.observe(answer, self.name, tape):
                if aspect.name in self.kind.lenient:
                    aspect.role = aspect.role or REMARK
                yield aspect
        except Exception as error:
            text = error.args[0] if isinstance(error, CheckError) else error
            text = re.sub(r"(and \d+)x\d+\)", r"\1)", f"{type(error).__name__}: {text}")
            yield Aspect("error", text, error=error)  # a layer may have any number of outputs

    def judge(self, answer):
        """The remarks on a right answer; a CheckError, or the answer's own error, for a wrong one."""
        tape = Tape()
        mine = Seen(self.observed(answer, tape))
        verdicts = []
        for edit, remark in self.rights():
            verdict = self.compared(mine, self.observed(self.built(edit), tape.again()))
            verdict.edit = edit
            if verdict.first is None:
                return " ".join(dict.fromkeys(filter(None, [*verdict.remarks, remark])))
            verdicts.append(verdict)
        raise self.wrong(nearest(verdicts), tape)

    def rights(self):
        """(edit, remark on it) of all right answers: of the plain one, None, then of variants."""
        yield None, ""
        yield from spread(self.variants)

    def compared(self, mine, right):
        """How far an answer looks as a right one does."""
        verdict = Verdict([], [], pairs=((seen, next(right, END)) for seen in mine))
        for seen, wanted in verdict.pairs:
            if seen.error and blank_line(seen.error, self.name):
                raise seen.error
            if wanted.error:
                raise RuntimeError(f"the right answer of {self.name} stops") from wanted.error
            verdict.past.append((seen, wanted))
            if seen.role == CLUE or seen.agrees(wanted):
                continue
            if seen.role == REMARK:
                verdict.remarks.append(seen.advice(wanted, self.kind.hints.get(seen.name)))
                continue
            verdict.first = len(verdict.past) - 1
            break
        return verdict

    def wrong(self, verdicts, tape):
        """The error to raise for the first aspect in which the answer differs from right ones."""
        whys = ((verdict, self.named(verdict, tape)) for verdict in verdicts)
        verdict, why = next((pair for pair in whys if pair[1]), (verdicts[0], ""))
        why = why or self.unnamed(verdict)
        seen, wanted = verdict.past[verdict.first]
        if seen.error and not why:
            return seen.error
        told = CheckError(stopped(seen.error) if seen.error else seen.sentence(wanted), why)
        told.__cause__ = seen.error
        return told

    def idle(self, verdict, tape):
        """The exercises it calls that have no say in what differs.

        When one is off, nothing shows; or it shows in the numbers of the plays, and what differs is
        the chance, which comes behind them.
        """
        usual = [wanted for _, wanted in verdict.past[: verdict.first + 1]]
        if verdict.past[verdict.first][0].own:
            return [part.name for part in self.called]
        behind = any(aspect is DONE for aspect in usual)
        if not usual[-1].series and not behind:
            return []
        usual = usual[:-1] if behind else usual
        found = []
        for part in self.called:
            odd = self.with_part(part.name, off(part.right), verdict.edit)
            pairs = zip(usual, self.observed(odd, tape.again()))
            same = [True] * len(usual) == [a.role != "" or a.agrees(b) for a, b in pairs]
            if same != behind:
                found.append(part.name)
        return found

    def named(self, verdict, tape):
        """What to hear who made a known mistake that looks the same; empty if there is none."""
        past, first = verdict.past, verdict.first
        same_numbers, mute = "", past[first][0].mute
        idle = () if mute else self.idle(verdict, tape)
        may_be = self.kind.glance(past, first)
        for hears, wrong in () if mute else self.known(verdict.edit, idle):
            answer = wrong()
            alike = may_be(answer) and looks_as(past, self.observed(answer, tape.again()))
            if alike == "in all":
                return hears
            if alike and past[first][0].series:
                same_numbers = same_numbers or hears
        return same_numbers

    def unnamed(self, verdict):
        """Why, without a known mistake: a clue that differs, else general advice."""
        past, first = verdict.past, verdict.first
        if past[first][0].error is None:
            for mine, usual in past[:first]:
                if mine.role == CLUE and not mine.agrees(usual):
                    hint = mine.advice(usual, self.kind.hints.get(mine.name))
                    return f"{mine.sentence(usual)} {hint or self.kind.advice(past, first)}"
        return self.kind.advice(past, first)


@dataclass
class Verdict:
    """What an answer and a right one have in common, pair by pair of aspects, and where it ends.

    first: the place in `past` of the first difference, None if there is none. Behind it only the
    other aspects of the same series follow. edit: which of the right answers it is. pairs: what is
    still to come.
    """

    past: list
    remarks: list
    first: int | None = None
    edit: str | None = None
    pairs: Iterator = ()

    def clues(self):
        """How many clues differ."""
        return sum(not mine.agrees(usual) for mine, usual in self.past if mine.role == CLUE)

    def follow(self):
        """Goes on from the first difference, to the end of its series."""
        seen, _ = self.past[-1]
        for pair in self.pairs if seen.series else ():
            if pair[0] is DONE:
                return
            if pair[0].name == seen.name:
                self.past.append(pair)


class Seen:
    """An observation that is made once, step by step, and can be gone through several times."""

    def __init__(self, aspects):
        self._aspects, self._past = aspects, []

    def __iter__(self):
        for k in itertools.count():
            while k >= len(self._past):
                self._past.append(next(self._aspects, END))
            if self._past[k] is END:
                return
            yield self._past[k]


def nearest(verdicts):
    """Of the verdicts that get furthest, those with unlike right answers, the fewest clues first."""
    found = []
    furthest = max(verdict.first for verdict in verdicts)
    for verdict in sorted(verdicts, key=Verdict.clues) if len(verdicts) > 1 else verdicts:
        wanted = verdict.past[verdict.first][1]
        if verdict.first == furthest and not any(wanted.agrees(v.past[v.first][1]) for v in found):
            verdict.follow()
            found.append(verdict)
    return found[:4]  # each costs a look at all mistakes


def looks_as(past, other):
    """Whether another answer is the same so far "in all", or "but for clues"; else it is empty.

    It is empty, too, for an answer that does not differ from the right one.
    """
    clues, differs = [], False
    for mine, wanted in past:
        theirs = next(other, END)
        while mine.series and theirs.name not in (mine.name, END.name, "error"):
            theirs = next(other, END)
        if mine.role:
            clues.append((mine, theirs))  # they cost more: the others first
        elif not mine.agrees(theirs):
            return ""
        elif not theirs.agrees(wanted):
            differs = True
    if not differs:
        return ""
    same = all(mine.agrees(theirs) for mine, theirs in clues if mine.role == CLUE)
    return "in all" if same else "but for clues"


def off(right):
    """A function whose result is off; one that gives no real numbers stops."""

    def part(*args):
        result = right(*args)
        if not (torch.is_tensor(result) and result.is_floating_point()):
            raise TypeError("no real numbers")
        return 0.01 - 1.37 * result  # also where only the sign counts

    return part


def in_turn(answers):
    """A function that is one of these at each call, one after the other."""
    turns = itertools.cycle(answers)
    return lambda *args: next(turns)(*args)


def calls(source, part):
    """Whether some code calls an exercise."""
    return re.search(rf"\b{part.name}\(", source) is not None


def spread(edits):
    """(edit, words) for each edit of a dict whose keys may hold several."""
    for key, words in edits.items():
        for edit in key if isinstance(key, tuple) else (key,):
            yield edit, words


def edited(source, edit):
    """The source after an edit; one that does not fit the source is a slip in this file."""
    if " -> " in edit:
        for line in re.split(r"\n(?=.* -> )", edit):
            old, new = line.split(" -> ")
            assert old in source, f"{old!r} is not in {source}"
            source = source.replace(old, new)
        return source
    if re.search(r"\breturn\b|\bpass\b|^yield\b", edit):
        body = source.index(":\n") + 2
        return source[:body] + textwrap.indent(edit, "    ") + "\n"
    head, _, result = source.rpartition("    return ")
    assert result, f"{source} returns nothing that {edit} could replace"
    return f"{head}    return {edit}\n"


@functools.cache
def sources(module):
    """name -> source of each function and class at the top of a module, without decorators."""
    text = getattr(module, "__source__", None) or inspect.getsource(module)  # a packed one
    lines = text.splitlines(keepends=True)
    kinds = ast.FunctionDef | ast.ClassDef
    found = [node for node in ast.parse(text).body if isinstance(node, kinds)]
    return {node.name: "".join(lines[node.lineno - 1 : node.end_lineno]) for node in found}


class Tape:
    """The random numbers that an answer drew, played to the others in place of their own.

    So a random step is compared with the right one, and with each mistake, on the very same z.
    """

    def __init__(self, plays=None):
        """plays: what another tape has recorded; None for a new recording."""
        self.records, self.plays = plays is None, {} if plays is None else plays

    def __deepcopy__(self, memo):
        return self

    def again(self):
        """The same recording, for another listener."""
        return Tape(self.plays)

    def cue(self, play):
        """At the start of a play, which always starts from the same random state."""
        self.play, self.at, self.used = play, 0, {}
        settle()
        reseed(1000 + play)

    def hear(self, rows, labels=None):
        """The rows that are just drawn, written down; or those that stand on the tape.

        labels: of the rows, if they have any: each then hears a row that was drawn for its label.
        """
        drawn = self.plays.setdefault(self.play, [])
        if self.records:
            drawn.append((rows.detach().clone(), labels))
        if self.records or not drawn or drawn[0][0].shape[1:] != rows.shape[1:]:
            return rows
        every = torch.cat([x for x, _ in drawn])
        index = (self.at + torch.arange(len(rows))) % len(every)
        self.at += len(rows)
        if labels is not None:
            index = self._turns(labels.tolist(), index.tolist())
        return every[index].to(rows.dtype)

    def _turns(self, labels, otherwise):
        """The place of the next row that was drawn for each label, if there is any."""
        places = {}
        for place, label in enumerate(self.asked().tolist()):
            places.setdefault(label, []).append(place)
        turns = []
        for label, other in zip(labels, otherwise):
            mine, used = places.get(label, [other]), self.used.get(label, 0)
            turns.append(mine[used % len(mine)])
            self.used[label] = used + 1
        return turns

    def asked(self):
        """The labels that rows were drawn for in this play."""
        return torch.cat([labels for _, labels in self.plays[self.play]])
