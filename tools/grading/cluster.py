"""Where submissions are graded: threads that start jails, or the workers of a Dask cluster."""

import contextlib
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from grading import engine


@contextlib.contextmanager
def executor(workers, scheduler=None):
    """An executor as in concurrent.futures; scheduler: the address of Dask's.

    Dask gives the work of a worker that is lost to another one, three times.
    """
    if scheduler:
        from distributed import Client  # noqa: PLC0415, an extra: only this line needs it

        with Client(scheduler, timeout=30) as client, client.get_executor(retries=3) as pool:
            yield pool
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def graded(pool, found, options, ahead):
    """(content, Graded) of each (file, content), as they are done; `ahead` of them in flight."""
    flying = {}
    for file, content in found:
        digest = engine.course().digest
        flying[pool.submit(engine.grade, file, content, options, digest)] = content
        if len(flying) >= ahead:
            yield from landed(flying)
    while flying:
        yield from landed(flying)


def landed(flying):
    """Those that are done now, at least one."""
    for future in wait(flying, return_when=FIRST_COMPLETED).done:
        yield flying.pop(future), future.result()
