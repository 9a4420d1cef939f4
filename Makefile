# `make run` and `make test` each do all the set-up they need on a machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Training data and experiments; tests that need it are skipped where it does not exist.
export GLIDER_DATA ?= $(wildcard ../shared/data)

.PHONY: run test lint bench train results lock wheel clean

run: $(VENV)/ready
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/ready lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder  # long files of few tests must not come last

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks

# Trains the shipped models anew and writes weights and model cards under assets/.
train: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-train.txt
	$(BIN)/python -m glider_core train dna/cnn
	for model in sentiment/lstm sentiment/distilbert-small recommender/simulated recommender/census image/small50 \
	  graph/karate graph/cora; do $(BIN)/python -m glider_core train $$model || exit 1; done

# Writes anew from assets/results: docs/results.md with its pictures, and what the page Evidence shows.
results: $(VENV)/ready
	$(BIN)/python -m glider_core results --out docs/results.md --store assets/evidence
	$(BIN)/python -m tests.claims  # the numbers in README.md and the other pages of docs

wheel: $(VENV)/ready
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

# Pins what pyproject.toml asks for, with all that it needs in turn: `make lock` keeps the present pins where they still
# fit, `make lock UPGRADE=1` takes the newest. CUDA's own packages are left to PyTorch's build.
LOCK := $(VENV)/lock
FREEZE = $(LOCK)/bin/python -m pip freeze --exclude glider --exclude-editable | sed -E 's/\+cpu$$//' | grep -viE '^(nvidia|cuda|triton)'
lock: $(VENV)/ready
	$(PYTHON) -m venv --clear $(LOCK)
	grep -E '^[A-Za-z0-9_.-]+==' requirements.txt requirements-train.txt --no-filename > $(VENV)/pins.txt
	$(LOCK)/bin/python -m pip install --quiet --prefer-binary $(if $(UPGRADE),,--constraint $(VENV)/pins.txt) '.[dev]'
	{ echo '# What `make run` and `make test` install, all of it pinned: written by `make lock` from pyproject.toml.'; \
	  echo '--prefer-binary'; $(FREEZE); } > $(VENV)/requirements.txt
	$(LOCK)/bin/python -m pip install --quiet --prefer-binary $(if $(UPGRADE),,--constraint $(VENV)/pins.txt) '.[dev,train]'
	{ echo '# What `make train` installs on top: word vectors come from gensim. Written by `make lock`.'; \
	  echo '-r requirements.txt'; $(FREEZE) | grep -vxFf $(VENV)/requirements.txt; } > $(VENV)/requirements-train.txt
	mv $(VENV)/requirements.txt $(VENV)/requirements-train.txt .
	rm -rf $(LOCK) $(VENV)/pins.txt

$(VENV)/ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Glider needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

clean:
	rm -rf $(VENV)
