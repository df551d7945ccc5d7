# make lab    set up if needed, open JupyterLab on notebooks/
# make test   set up if needed, run every test and every solution
# make build  rebuild what is stale in notebooks/ and solutions/
# make check  name what is stale, change nothing
# make bench  how fast the course's training loop is, and grading
# make grade SUBMISSIONS=folder    grade a class into grades/ (INSTRUCTORS.md)
# make setup  only set up .venv, with the maintainers' tools
#
# Linux without a GPU: add TORCH=cpu the first time (PyTorch's CPU build, 5 GB smaller).
# Another Python than python3: add PYTHON=python3.12 the first time.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
J ?= 2
CPU_INDEX := https://download.pytorch.org/whl/cpu

.PHONY: lab test build check bench grade setup help

help:
	@sed -n 's/^# \{0,1\}//p' Makefile

lab: .venv/lab.stamp
	JUPYTER_CONFIG_PATH="$(CURDIR)/tools/lab" $(BIN)/jupyter lab $(LAB)

test: .venv/maintain.stamp
	# conftest.py says which tests stay together, and in which order
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --no-loadscope-reorder \
	--nbval solutions tests $(PYTEST)

build: .venv/maintain.stamp
	$(BIN)/python tools/build.py

check: .venv/maintain.stamp
	$(BIN)/python tools/build.py --check

bench: .venv/maintain.stamp
	OMP_NUM_THREADS=1 $(BIN)/python tools/bench.py
	OMP_NUM_THREADS=1 $(BIN)/python tools/bench_grading.py

grade: .venv/maintain.stamp
	$(BIN)/python tools/grade.py "$(or $(SUBMISSIONS),$(error write make grade SUBMISSIONS=folder))" -j $(J) $(GRADE)

setup: .venv/maintain.stamp

.venv/lab.stamp: pyproject.toml constraints.txt .venv/torch.stamp
	$(INSTALL) -e .
	touch $@

.venv/maintain.stamp: pyproject.toml constraints.txt .venv/torch.stamp
	$(INSTALL) -e '.[maintain,cluster]'
	touch $@

.venv/torch.stamp: constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
ifeq ($(TORCH),cpu)
	$(INSTALL) --no-deps --index-url $(CPU_INDEX) torch torchvision
endif
	touch $@
