"""Grade a class: collect submissions, run each in a jail under nbval, keep and report results.

    collect.py   folder, archives -> the notebooks in them, within limits
    jail.py      one command without network, with its own empty folder, within limits
    engine.py    one submission -> its marks
    store.py     what has been graded, by content
    cluster.py   the same over Dask workers
    report.py    marks -> CSV, HTML, feedback, gradebook

How an answer is found and judged is helpers/selfcheck, which students use too.
"""
