"""Grade a folder of student notebooks; needs nothing but the folder.

    tools/grade.py submissions                      grades.csv, grades.html and feedback/ in grades/
    tools/grade.py submissions -j 2                 two at a time
    tools/grade.py submissions --gradebook moodle   and a file to import there (or canvas, plain)
    tools/grade.py submissions --scheduler tcp://host:8786     on a Dask cluster

A run that was interrupted goes on where it was: what is graded is kept by content in grades/.kept.
INSTRUCTORS.md says what is run of a submission, and what its jail cannot stop.
"""

import argparse
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from grading import cluster, collect, engine, jail, report  # noqa: E402
from grading.results import Graded  # noqa: E402
from grading.store import Store  # noqa: E402
from tqdm import tqdm  # noqa: E402

OPEN = "These notebooks ran without walls (--trust): with your rights, your files and the network."


def grade(folder, out, options, workers=1, scheduler=None, largest=20_000_000):
    """Every notebook below `folder` as a list of Graded, in order of their names.

    Results are kept in `out`/.kept as they come, and taken from there.
    """
    store = Store(out / ".kept", engine.course().digest, options)
    done, bar = {}, tqdm(total=sum(1 for _ in collect.submissions(folder, largest)), unit="file")

    def note(graded):
        done[graded.file] = graded
        bar.update()

    def left():
        for found in collect.submissions(folder, largest):
            if found.problem:
                note(Graded(found.file, problem=found.problem))
            elif kept := store.get(found.file, found.content):
                note(kept)
            else:
                yield found.file, found.content

    with bar, cluster.executor(workers, scheduler) as (pool, ahead):
        for content, graded in cluster.graded(pool, left(), options, ahead):
            if not graded.problem.startswith(engine.FAILED):
                store.put(content, graded)
            note(graded)
    return [done[file] for file in sorted(done)]


def write(graded, out, options, form):
    """Write all reports; the lines that the command ends with."""
    lessons = {stem: report.lesson_info(book) for stem, book in engine.course().books.items()}
    remarks = [OPEN] if options.trust else []
    report.write_csv(graded, out / "grades.csv")
    report.write_html(graded, lessons, remarks, out / "grades.html")
    report.write_feedback(graded, lessons, out / "feedback")
    problems = [one.file for one in graded if one.problem]
    lines = [*remarks, f"{report.counted(len(graded) - len(problems), 'file')} graded."]
    if problems:
        lines.append(f"Could not be graded: {listed(problems)}.")
    if crowded := report.crowded(graded):
        lines.append(f"Counted as one student's, the best of each lesson: {listed(crowded)}.")
    for earlier in out.glob("gradebook*.csv"):
        earlier.unlink()
    if form:
        unknown = report.write_gradebook(graded, lessons, form, out / "gradebook.csv")
        if unknown:
            lines.append(f"No {form} identifier in the names of: {listed(unknown)}.")
    return [*lines, f"Read {out / 'grades.html'}."]


def listed(names, most=10):
    """The first of some names, in one line, and how many more there are."""
    line = ", ".join(report.clean(name, 80) for name in names[:most])
    return line if len(names) <= most else f"{line} and {len(names) - most} more"


def options_of(arguments):
    """The engine's Options from the command line's."""
    return engine.Options(
        seconds=arguments.seconds,
        memory=arguments.memory << 20,
        disk=arguments.disk << 20,
        processes=arguments.processes,
        whole_cells=arguments.extra_cells,
        trust=arguments.trust,
    )


def positive(text):
    """The number in `text`, one or more."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def parser():
    """The command line."""
    own = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add, default = own.add_argument, engine.Options()
    add("submissions", type=Path, help="folder of notebooks and zip files, at any depth")
    add("--out", type=Path, default=Path("grades"), help="folder for the results (grades)")
    add(
        "-j",
        dest="workers",
        type=positive,
        default=1,
        metavar="N",
        help="submissions at a time (1)",
    )
    add("--gradebook", choices=["moodle", "canvas", "plain"], help="also a file to import there")
    add("--extra-cells", action="store_true", help="run whole cells that an answer needs")
    add(
        "--seconds",
        type=float,
        default=default.seconds,
        help="for a cell or a check (20)",
    )
    add("--memory", type=int, default=default.memory >> 20, help="MB for a submission (4096)")
    add("--disk", type=int, default=default.disk >> 20, help="MB that it may write (64)")
    add("--processes", type=int, default=default.processes, help="that it may start (32)")
    add("--largest", type=int, default=20, help="MB of a notebook's file (20)")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster, as in tcp://host:8786")
    add("--trust", action="store_true", help="without walls, where the system has none to offer")
    return own


def main(arguments=None):
    """Run the command; the exit status."""
    chosen = parser().parse_args(arguments)
    options = options_of(chosen)
    warnings.simplefilter("ignore", SyntaxWarning)  # of students' backslashes
    if not chosen.trust and not chosen.scheduler and (why := jail.capability()):
        print(
            f"No walls for submissions on this system: {why}. Grade in a virtual machine with "
            "Linux, or pass --trust to run them with your rights.",
            file=sys.stderr,
        )
        return 2
    chosen.out.mkdir(parents=True, exist_ok=True)
    try:
        graded = grade(
            chosen.submissions,
            chosen.out,
            options,
            chosen.workers,
            chosen.scheduler,
            chosen.largest * 1_000_000,
        )
        print(*write(graded, chosen.out, options, chosen.gradebook), sep="\n")
    except (collect.CollectError, engine.GraderError, jail.JailError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: what is graded is kept; the same command goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # without waiting for threads: the jails end with this process
