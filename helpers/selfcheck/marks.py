"""From the reports of a sheet's run to one mark an exercise; what dies is asked without."""

import re
from dataclasses import dataclass

KILLED = "it ended the process that runs it."
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
    An exercise during which a run ends is a suspect. If its run ends when it is alone, too, the
    rest runs again without it. If not, or if that run ends, each runs alone: the end was another
    one's doing.
    """
    names = lesson.exercises

    def asking(asked):
        return one_run(write_sheet(without=[name for name in names if name not in asked]), run)

    whole = write_sheet(without=[])
    found = {name: unasked(whole, name) for name in names if name not in whole.asked}
    now, suspect = one_run(whole, run) if whole.asked else ({}, None)
    if suspect:
        now, guilty = asking([suspect])
        rest = [name for name in whole.asked if name != suspect]
        if guilty and rest:
            others, another = asking(rest)
            now |= {} if another else others
    found |= now
    for name in names:
        if name not in found:
            found |= asking([name])[0]
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
            if "done" in record:
                return {name: mark(name, records.get(name, [])) for name in sheet.asked}, None
            if "died" in record:
                raise Ended(record["died"])
            if "begins" in record:
                current = record["exercise"] or current
            elif "role" in record:
                records.setdefault(record["exercise"], []).append(record)
                if tampered(record):
                    raise Ended(record["error"][1])
                if record["role"] == "check" and not verdict(record, [])[0]:
                    raise Ended("its check did not answer.")
        raise Ended(KILLED)
    except Ended as end:
        culprit = current if current in sheet.asked else sheet.asked[0]
        return {culprit: Mark(culprit, "error", str(end), spent(records.get(culprit, [])))}, culprit


def tampered(record):
    """Did the watch find that an answer changed what judges it?"""
    return record["error"] and record["error"][0] == "Tampered"


def spent(records):
    """The seconds of an exercise's cells."""
    return round(sum(record["seconds"] for record in records), 3)


def mark(name, records):
    """The Mark that the records of an exercise's cells amount to."""
    check = next((record for record in records if record["role"] == "check"), None)
    if check is None:
        return Mark(name, "error", "its check did not run.", spent(records))
    stopped = [record for record in records if record["role"] == "answer" and record["error"]]
    outcome, message = verdict(check, stopped)
    return Mark(name, outcome, message.strip(), spent(records))


def verdict(check, stopped):
    """(outcome, message) from the check's record and those of the answer's cells that stopped.

    The outcome is "" if the check said nothing that it can say.
    """
    said = re.search(rf"(?m)^{check['exercise']}: (right\.|still blank) ?(.*)$", check["text"])
    if check["passed"]:
        return "right", said[2] if said else ""
    if check["error"] is None:
        return ("blank", f"still blank {said[2]}") if said and said[1] != "right." else ("", "")
    ended = next((record for record in [*stopped, check] if "Timeout" in record["reason"]), None)
    if ended:
        return "error", "it did not end in time."
    if stopped:
        return "error", f"the cell that defines it stops: {told(stopped[0])}"
    if check["error"][0] == "CheckError":
        return "wrong", check["error"][1].removeprefix(f"{check['exercise']}: ")
    return "error", told(check)


def told(record):
    """The error of a cell in a line."""
    return ": ".join(filter(None, record["error"]))
