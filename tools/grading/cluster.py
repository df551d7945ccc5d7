"""Where submissions are graded: threads that start jails, or the workers of a Dask cluster."""

import contextlib
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from grading import engine
from grading.jail import JailError


@contextlib.contextmanager
def executor(workers, scheduler=None):
    """(an executor as in concurrent.futures, how many submissions to have in flight).

    scheduler: the address of Dask's, which gives the work of a worker that is lost to another.
    """
    if scheduler:
        from distributed import Client  # noqa: PLC0415, an extra: only this line needs it

        with Client(scheduler, timeout=30) as client, client.get_executor() as pool:
            client.wait_for_workers(1, timeout=60)
            yield pool, 2 * sum(client.nthreads().values())
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool, 2 * workers
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
    """Those that are done now, at least one; failures last, so that no result is lost."""
    done = wait(flying, return_when=FIRST_COMPLETED).done
    for future in sorted(done, key=lambda future: future.exception() is not None):
        content = flying.pop(future)
        try:
            yield content, future.result()
        except (engine.GraderError, JailError, OSError):
            raise
        except Exception as error:  # Dask's, when a submission lost too many workers
            raise engine.GraderError(f"the cluster failed: {error}") from error
