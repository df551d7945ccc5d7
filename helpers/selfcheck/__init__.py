"""Judge the answers of a notebook without running the rest of it.

`python -m helpers.selfcheck notebooks/03_vanilla_gan.ipynb` prints what each check says and the
table of progress. tools/grade.py does the same for a class, in a jail.

    notebooks.py   a file -> its cells; whatever front end wrote it
    answers.py     cells -> the statements that answer each exercise, and what those need
    sheet.py       answers -> a short notebook: answer, check, answer, check
    plugin.py      nbval's verdict on each cell of the sheet, reported as it falls
    judge.py       in the sheet's kernel: the check of one exercise, and a stand-in for the next
    watch.py       in the sheet's kernel: has an answer changed PyTorch or the course?
    marks.py       the reports -> one mark an exercise
"""
