"""What grading finds: a Graded for each submission, with a Mark for each exercise."""

from dataclasses import asdict, dataclass

from helpers.selfcheck.marks import OUTCOMES, Mark

__all__ = ["OUTCOMES", "Graded", "Mark"]


@dataclass(frozen=True)
class Graded:
    """One submission: its marks in the lesson's order, or the problem with the file."""

    file: str  # below the submissions' folder; "a.zip/b.ipynb" inside an archive
    lesson: str = ""  # as in "03_vanilla_gan"
    marks: tuple[Mark, ...] = ()
    problem: str = ""  # why nothing could be graded

    def as_dict(self):
        """Plain data, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain):
        """What `as_dict` gave."""
        marks = tuple(Mark(**mark) for mark in plain["marks"])
        return cls(**{**plain, "marks": marks})
