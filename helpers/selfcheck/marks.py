"""From the reports of a sheet's run to one mark an exercise; what dies is asked without."""

import re
from dataclasses import dataclass

OUTCOMES = ("right", "wrong", "blank", "error", "missing")


@dataclass(frozen=True)
class Mark:
    """One exercise of one submission."""

    exercise: str
    outcome: str  # one of OUTCOMES
    message: str  # what its check said, or why there is no verdict
    seconds: float  # that its answer and check took


class Ended(Exception):
    """A run of a sheet that did not come to its end; the text says why."""


def marks(lesson, write_sheet, run):
    """A Mark for each exercise of `lesson`, in order.

    write_sheet(without) gives a Sheet; run(sheet) yields the plugin's records and may raise Ended.
    An exercise that ends a run is marked as an error, and the rest runs again without it; when a
    second one ends a run, each of the rest runs alone, for its end may be another's doing.
    """
    found, ends = {}, 0
    names = list(lesson.exercises)
    while left := [name for name in names if name not in found]:
        asked = left if ends < 2 else left[:1]
        sheet = write_sheet(without=[name for name in names if name not in asked])
        for name in set(asked) - set(sheet.asked):
            found[name] = unasked(sheet, name)
        if not sheet.asked:
            continue
        now, culprit = one_run(sheet, run)
        found |= now
        ends += culprit is not None
    return [found[name] for name in names]


def unasked(sheet, name):
    """The mark of an exercise that needs no run."""
    if name in sheet.broken:
        return Mark(name, "error", f"its cell is no Python, {sheet.broken[name]}.", 0.0)
    return Mark(name, "missing", f"the notebook defines no {name}.", 0.0)


def one_run(sheet, run):
    """({exercise: Mark}, the exercise that ended the run or None).

    Before a run ends nothing of it counts but the ending: the culprit may have judged itself.
    """
    records, current = {}, ""
    try:
        for record in run(sheet):
            if "died" in record:
                raise Ended("its kernel ended")
            if "begins" in record:
                current = record["exercise"] or current
            else:
                records.setdefault(record["exercise"], []).append(record)
                if tampered(record):
                    raise Ended(record["error"][1])
    except Ended as end:
        culprit = current if current in sheet.asked else sheet.asked[0]
        return {culprit: Mark(culprit, "error", str(end), spent(records.get(culprit, [])))}, culprit
    return {name: mark(name, records.get(name, [])) for name in sheet.asked}, None


def tampered(record):
    """Did the watch find that an answer changed what judges it?"""
    return record["error"] and record["error"][0] == "Tampered"


def spent(records):
    """The seconds of an exercise's cells."""
    return round(sum(record["seconds"] for record in records), 3)


def mark(name, records):
    """The Mark that the records of an exercise's cells amount to."""
    check = next((record for record in records if record["role"] == "check"), None)
    answers = [record for record in records if record["role"] == "answer" and record["error"]]
    outcome, message = verdict(name, check, answers)
    return Mark(name, outcome, message.strip(), spent(records))


def verdict(name, check, stopped):
    """(outcome, message) from the check's record and those of the answer's cells that stopped."""
    if check is None:
        return "error", "its check did not run."
    said = re.search(rf"(?m)^{name}: (right\.|still blank) ?(.*)$", check["text"])
    if check["passed"]:
        return "right", said[2] if said else ""
    if check["error"] is None and said and said[1] == "still blank":
        return "blank", f"still blank {said[2]}"
    if stopped:
        return "error", "the cell that defines it stops: {}: {}".format(*stopped[0]["error"])
    if check["error"] and check["error"][0] == "CheckError":
        return "wrong", check["error"][1].removeprefix(f"{name}: ")
    if check["error"] and "Timeout" in check["reason"]:
        return "error", "it did not end in time."
    if check["error"]:
        return "error", "{}: {}".format(*check["error"])
    return "error", check["reason"] or "its check did not answer."
