"""Any model of DNA, RNA or proteins as instances: a feature per letter, or per run of letters in long sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Answer, Outputs, Scale, outputs_of, saturates_between
from glider_core.adapters.identity import model_identity
from glider_core.adapters.predictors import predictor_of
from glider_core.cases import Case
from glider_core.domains.dna.payload import Motif, SequencePayload
from glider_core.domains.dna.sequence import find_motifs
from glider_core.domains.function.payload import FunctionPayload
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint

ALPHABETS = {"DNA": "ACGT", "RNA": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}
MAX_LETTERS = 100_000
FEATURES = 200  # of a sequence with more letters, runs of them are the features
DRAWN = 120  # letters that are drawn as a sequence; of more, lines
OTHERS = 8  # sequences that an answer is averaged over, where other letters are drawn at random


class SequenceModel:
    """A model of sequences, which makes instances; what `gl.sequence` returns."""

    def __init__(
        self,
        ask: Callable[[list[str]], Any],
        alphabet: str,
        *,
        title: str,
        off_state: str,
        run: int | None,
        outputs: Outputs | None,
        classes: Sequence[Any] | None,
        usual: dict[str, Any],
        seed: int,
        identity: str | None,
        model_id: str,
    ) -> None:
        self.id, self.title, self.alphabet = model_id, title, alphabet
        self._ask, self._off, self._run, self._seed = ask, off_state, run, seed
        self._outputs, self._classes, self._usual = outputs, classes, usual
        settings = (alphabet, off_state, str(run), str(seed), str(classes))
        self.identity = None if identity is None else fingerprint("sequence", identity, *settings)

    def instance(
        self, raw: str, /, *, target: Any = None, against: Any = None, scale: Scale | None = None
    ) -> LettersInstance:
        """A sequence as an instance.

        Args:
            raw: letters; white space, a header of FASTA and the case of letters do not count.
            target: the explained class; by default the second of two, else the likeliest one.
            against: the class that it is held against; by default all others.
            scale: "log-odds" or "probability".

        Raises:
            InvalidInput: no sequence, a letter that is not of the alphabet, or no such class.
        """
        letters = self._letters(raw)
        first = self._ask([letters])
        if self._outputs is None:
            self._outputs = outputs_of(first, self._classes)
        outputs = self._outputs
        told = {"target": target, "against": against, "scale": scale}
        answer, options = outputs.chosen(first, told, self._usual)
        run = self._run or -(-len(letters) // FEATURES)
        instance = LettersInstance(self, letters, run, self._ask, answer, self._off, options, self._seed)
        if saturates_between(answer, lambda masks: self._ask(instance.sequences(masks)), len(instance.names)):
            answer, options = outputs.chosen(first, told, self._usual, saturated=True)
            return LettersInstance(self, letters, run, self._ask, answer, self._off, options, self._seed)
        return instance

    def _letters(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise InvalidInput(f"Got a {type(raw).__name__} as sequence; give a str of letters.")
        lines = [line for line in raw.splitlines() if not line.startswith((">", ";"))]
        if len([line for line in raw.splitlines() if line.startswith(">")]) > 1:
            raise InvalidInput("The text has several records; give one sequence.")
        letters = "".join("".join(lines).split()).upper()
        if not 1 <= len(letters) <= MAX_LETTERS:
            raise InvalidInput(f"The sequence has {len(letters):,} letters; give 1 to {MAX_LETTERS:,}.")
        odd = next((place for place, letter in enumerate(letters) if letter not in self.alphabet), None)
        if odd is not None:
            raise InvalidInput(
                f"Letter {odd + 1} of the sequence is {letters[odd]!r}; this model reads {', '.join(self.alphabet)}. "
                "Name another `alphabet` if it reads more."
            )
        return letters


class LettersInstance(Instance):
    """A sequence whose letters, or runs of letters, can be switched off.

    Args:
        model: it belongs to.
        letters: the sequence.
        run: how many letters are one feature.
        ask: sequences to raw answers.
        answer: which number is explained.
        off_state: "random", other letters, over several draws of which the answer is averaged; or the letter that
            stands in the place of those that are off.
        options: that were asked.
        seed: of the random letters.
    """

    def __init__(
        self, model: SequenceModel, letters: str, run: int, ask: Callable[[list[str]], Any], answer: Answer,
        off_state: str, options: dict[str, Any], seed: int,
    ) -> None:  # fmt: skip
        starts = range(0, len(letters), run)
        payload: SequencePayload | FunctionPayload
        if run == 1 and len(letters) <= DRAWN:
            motifs = find_motifs(letters) if model.alphabet == "ACGT" else []
            payload = SequencePayload(
                sequence=letters, motifs=tuple(Motif(start=s, letters=w, name=name) for s, w, name in motifs)
            )
        else:
            long = f"Every {run} letters are one feature." if run > 1 else ""
            payload = FunctionPayload(
                values=tuple(letters[s : s + run] for s in starts), notes=(long,) if long else (), unit=answer.unit
            )
        super().__init__(
            [f"{letters[s]}{s + 1}" if run == 1 else f"{s + 1}–{min(s + run, len(letters))}" for s in starts],
            explained=answer.name,
            payload=payload,
            case=Case(domain=payload.domain, model=model.id, raw=letters, options=options, identity=model.identity),
        )
        self._parts = (model, letters, run, ask, answer, off_state, options)
        self._seed, self._ask, self._answer = seed, ask, answer
        self._alphabet, self._random = model.alphabet, off_state == "random"
        symbols = model.alphabet if self._random or off_state in model.alphabet else model.alphabet + off_state
        self._symbols = np.array(list(symbols))
        self._codes = np.array([symbols.index(letter) for letter in letters])
        self._off = 0 if self._random else symbols.index(off_state)
        self._feature = np.arange(len(letters)) // run
        self.stochastic = self._random
        self.batch = max(1, 4000 // (OTHERS if self._random else 1))
        self.scale, self.resolution = answer.known_scale, answer.resolution

    def redrawn(self, draw: int, /) -> Instance:
        """The same sequence, whose letters become others when off; draw 0 is this instance's own."""
        if draw == 0 or not self._random:
            return self
        seed = int(np.random.SeedSequence([self._seed, draw]).generate_state(1)[0])
        return LettersInstance(*self._parts, seed)

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """The explained number (n,) of the sequence with masked features (n, d) off."""
        sequences = self.sequences(masks)
        distinct = list(dict.fromkeys(sequences))
        place = {sequence: number for number, sequence in enumerate(distinct)}
        answers = self._answer(self._ask(distinct))[[place[sequence] for sequence in sequences]]
        return answers.reshape(len(masks), -1).mean(axis=1)

    def sequences(self, masks: NDArray[np.bool_]) -> list[str]:
        """The sequences that masks (n, d) make; where letters are random, several for each mask, one after another.

        Random letters are uniform over the others of the alphabet, and a hash of mask, place and seed: a mask
        always becomes the same sequences, in whatever batch it comes; a motif that chance writes stays with one mask.
        """
        on = masks[:, self._feature]  # (n, letters)
        if not self._random:
            codes = np.where(on, self._codes, self._off)
        else:
            shift = 1 + (_hash(masks, len(self._codes), self._seed) % np.uint64(len(self._alphabet) - 1)).astype(int)
            others = (self._codes + shift) % len(self._alphabet)  # (n, draws, letters)
            codes = np.where(on[:, None], self._codes, others).reshape(-1, len(self._codes))
        return ["".join(row) for row in self._symbols[codes]]


def _hash(masks: NDArray[np.bool_], letters: int, seed: int) -> NDArray[np.uint64]:
    """(n, draws, letters) pseudo-random numbers, each a function of its whole mask, its place and the seed."""
    rng = np.random.default_rng([seed, masks.shape[1]])
    mask = _mix((masks * rng.integers(0, 2**64, size=masks.shape[1], dtype=np.uint64)).sum(axis=1, dtype=np.uint64))
    places = rng.integers(0, 2**64, size=(OTHERS, letters), dtype=np.uint64)
    return _mix(mask[:, None, None] + places)  # sums wrap around modulo 2^64, which is what a hash wants


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64: every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def sequence(
    model: Any,
    alphabet: str = "DNA",
    *,
    off_state: str = "random",
    run: int | None = None,
    target: Any = None,
    against: Any = None,
    scale: Scale | None = None,
    classes: Sequence[Any] | None = None,
    seed: int = 0,
    title: str | None = None,
    identity: str | None = None,
    model_id: str = "function/sequence",
) -> SequenceModel:
    """A model of sequences, ready to make an instance of any: `gl.explain(gl.sequence(f, "RNA").instance("GGAUCC"))`.

    Args:
        model: a function from a list of sequences (str) to (n,) or (n, classes); `gl.endpoint(...)`; or an estimator
            that takes them.
        alphabet: "DNA", "RNA", "protein", or the letters themselves.
        off_state: what a letter becomes that is off: "random", another one, over `OTHERS` draws of which the answer is
            averaged, with the noise of the draw measured; or the letter to stand there, such as "N" or "A".
        run: how many letters are one feature; by default one, and more in sequences of over `FEATURES` letters.
        target: the class to explain; by default the second of two, else the likeliest one of each sequence.
        against: the class that it is held against; by default all others.
        scale: "log-odds" or "probability"; by default log-odds where there are classes.
        classes: names for the columns of the answer.
        seed: of the random letters.
        title: for people.
        identity: of the model, where it cannot be told from its parameters; results are kept only with one.
        model_id: what results are said to be of.

    Raises:
        InvalidInput: no model, an alphabet of fewer than two letters, or an off state of several.
    """
    letters = ALPHABETS.get(alphabet, alphabet)
    if len(letters) < 2 or len(set(letters)) != len(letters) or not letters.isupper():
        raise InvalidInput(
            f"Got the alphabet {alphabet[:60]!r}; name {', '.join(ALPHABETS)}, or give at least two different capitals."
        )
    if off_state != "random" and len(off_state) != 1:
        raise InvalidInput(f"Got off state {off_state[:40]!r}; choose 'random' or one letter, such as 'N'.")
    if run is not None and not 1 <= run <= 1000:
        raise InvalidInput(f"Got run {run}; 1 to 1000 letters can be one feature.")
    predictor = predictor_of(model)
    usual = {"target": target, "against": against, "scale": scale}
    return SequenceModel(
        predictor.ask, letters, title=title or type(model).__name__, off_state=off_state, run=run,
        outputs=None if predictor.outputs is None else predictor.outputs.named(classes),
        classes=predictor.classes if classes is None else classes, usual=usual,
        seed=seed, identity=identity or model_identity(model), model_id=model_id,
    )  # fmt: skip
