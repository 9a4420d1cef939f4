# `make run` and `make test` each do all the set-up they need on a machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Training data and experiments; tests that need it are skipped where it does not exist.
export GLIDER_DATA ?= $(wildcard ../shared/data)

.PHONY: run test lint bench train clean

run: $(VENV)/ready
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/ready lint
	$(BIN)/python -m pytest

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

$(VENV)/ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Glider needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

clean:
	rm -rf $(VENV)
