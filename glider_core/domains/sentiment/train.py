"""Trains the shipped Sentiment-LSTM: vectors from IMDB, a first lesson from IMDB ratings, then SST's phrases."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from glider_core.domains.sentiment.data import Labelled, imdb_reviews, sst_phrases, sst_sentences
from glider_core.domains.sentiment.network import DIMENSIONS, SentimentLSTM
from glider_core.domains.sentiment.tokens import UNKNOWN
from glider_core.errors import ModelUnavailable

N_WORDS = 23_000
LESSON_SENTENCES = 120_000  # of IMDB, labelled by their review's rating: noisy, but many
EPOCHS = 7  # over SST's phrases
AVERAGING = 0.999  # per step; the shipped weights are a running mean over the last thousand steps or so


def train(data: Path, out: Path, *, seed: int = 0) -> None:
    """Train from scratch and write weights, vocabulary and model card; about 20 minutes on two cores.

    Raises:
        ModelUnavailable: gensim, which learns the word vectors, is not installed.
        InvalidInput: the data folder lacks SST or IMDB.
    """
    random.seed(seed)
    torch.manual_seed(seed)
    phrases = sst_phrases(data)
    parts = {part: sst_sentences(data, part) for part in ("train", "dev", "test")}
    reviews = list(imdb_reviews(data))
    vocabulary, vectors = _learn_vectors(reviews, phrases, seed)
    numbers = {word: number for number, word in enumerate(vocabulary)}
    print(f"{len(vocabulary)} words", flush=True)

    network = SentimentLSTM(len(vocabulary))
    network.vectors.weight.data.copy_(vectors)
    lesson = _lesson(reviews)
    dev = _batches(parts["dev"], numbers)
    _fit(network, [_batches(lesson, numbers)], dev, rate=1e-3, name="IMDB sentences")
    best = _fit(network, [_batches(phrases, numbers)] * EPOCHS, dev, rate=5e-4, name="SST phrases")
    scores = {
        "dev accuracy": _accuracy(best, dev),
        # Looked at once, when everything else was decided.
        "test accuracy": _accuracy(best, _batches(parts["test"], numbers)),
    }
    print(scores, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: value.half().contiguous() for name, value in best.state_dict().items()}, out / "weights.safetensors"
    )
    (out / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "README.md").write_text(_card(parts, phrases, lesson, scores, seed, out), encoding="utf-8")


def _learn_vectors(
    reviews: list[tuple[int, list[tuple[str, ...]]]], phrases: Labelled, seed: int
) -> tuple[list[str], Tensor]:
    """The vocabulary, most frequent first after the unknown word, and skip-gram vectors (words, 200)."""
    try:
        from gensim.models import Word2Vec  # type: ignore[import-not-found]  # needed for training only
    except ImportError:
        raise ModelUnavailable(
            "Training the word vectors needs the package gensim: pip install -r requirements-train.txt"
        ) from None
    counts: Counter[str] = Counter()
    for _, sentences in reviews:
        for sentence in sentences:
            counts.update(sentence)
    for phrase, _ in phrases:
        if len(phrase) == 1:  # each word of SST once, and worth ten mentions on IMDB
            counts[phrase[0]] += 10
    corpus = [sentence for _, sentences in reviews for sentence in sentences if sentence]
    # One worker: with more, the order of updates and so the vectors differ from run to run.
    model = Word2Vec(
        corpus, vector_size=DIMENSIONS, window=6, min_count=5, sg=0, negative=8, epochs=6, seed=seed, workers=1
    )
    vocabulary = [UNKNOWN, *(word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))]
    vocabulary = vocabulary[:N_WORDS]
    vectors = torch.randn(len(vocabulary), DIMENSIONS) * 0.1
    for number, word in enumerate(vocabulary):
        if word in model.wv:
            vectors[number] = torch.from_numpy(model.wv[word].copy())
    known = vectors.norm(dim=1, keepdim=True)
    vectors = vectors / known.clamp(min=1e-6) * 4.0  # one length for all, near that of a unit-variance input
    vectors[0] = 0
    return vocabulary, vectors


def _lesson(reviews: list[tuple[int, list[tuple[str, ...]]]]) -> Labelled:
    """Sentences of outspoken reviews, labelled as their review."""
    sentences = [
        (sentence, int(rating >= 8))
        for rating, review in reviews
        if rating <= 3 or rating >= 8
        for sentence in review
        if 4 <= len(sentence) <= 30
    ]
    return random.sample(sentences, min(LESSON_SENTENCES, len(sentences)))


def _batches(texts: Labelled, numbers: dict[str, int], size: int = 64) -> list[tuple[Tensor, Tensor]]:
    """Batches of texts of one length, so that nothing is padded: word numbers (n, words) and labels (n,)."""
    by_length: dict[int, Labelled] = defaultdict(list)
    for text, label in texts:
        by_length[len(text)].append((text, label))
    batches = []
    for group in by_length.values():
        random.shuffle(group)
        for start in range(0, len(group), size):
            batch = group[start : start + size]
            batches.append(
                (
                    torch.tensor([[numbers.get(word, 0) for word in text] for text, _ in batch]),
                    torch.tensor([float(label) for _, label in batch]),
                )
            )
    return batches


def _fit(
    network: SentimentLSTM,
    epochs: list[list[tuple[Tensor, Tensor]]],
    dev: list[tuple[Tensor, Tensor]],
    *,
    rate: float,
    name: str,
) -> SentimentLSTM:
    """Train through the epochs and return the averaged network that does best on dev; `network` ends averaged too."""
    total = sum(map(len, epochs))
    slow, fast = [network.vectors.weight], [p for n, p in network.named_parameters() if not n.startswith("vectors")]
    optimizer = torch.optim.Adam([{"params": fast}, {"params": slow, "lr": rate / 5}], lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [rate, rate / 5], total_steps=total, pct_start=0.1)
    averaged = copy.deepcopy(network)
    best, best_accuracy, step = copy.deepcopy(network), 0.0, 0
    for epoch, batches in enumerate(epochs):
        for ids, labels in _shuffled(batches):
            network.train()
            # Soft labels: neither source is right every time.
            loss = nn.functional.binary_cross_entropy_with_logits(network(ids), labels * 0.9 + 0.05)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            with torch.no_grad():
                # Early on the mean reaches back only as far as there is something to average.
                keep = min(AVERAGING, step / (step + 10))
                for mean, now in zip(averaged.parameters(), network.parameters(), strict=True):
                    if now is network.vectors.weight and step % 10:
                        continue  # millions of slowly moving numbers: every tenth step will do
                    mean.lerp_(now, 1 - (keep**10 if now is network.vectors.weight else keep))
        accuracy = _accuracy(averaged, dev)
        print(f"{name}, epoch {epoch + 1}: dev accuracy {accuracy:.4f}", flush=True)
        if accuracy > best_accuracy:
            best, best_accuracy = copy.deepcopy(averaged), accuracy
    network.load_state_dict(averaged.state_dict())
    return best


def _shuffled(batches: list[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    yield from random.sample(batches, len(batches))


@torch.inference_mode()
def _accuracy(network: SentimentLSTM, batches: list[tuple[Tensor, Tensor]]) -> float:
    network.eval()
    right = sum(int(((network(ids) > 0) == (labels > 0.5)).sum()) for ids, labels in batches)
    return right / sum(len(labels) for _, labels in batches)


def _card(
    parts: dict[str, Labelled], phrases: Labelled, lesson: Labelled, scores: dict[str, float], seed: int, out: Path
) -> str:
    size = (out / "weights.safetensors").stat().st_size
    return f"""# Sentiment-LSTM

Word vectors of 200, a two-layer bidirectional LSTM of 128 units a direction, one logit: positive against negative.

| | |
| --- | --- |
| data | Stanford Sentiment Treebank, binary task (neutral sentences dropped): {len(parts["train"])} / {len(parts["dev"])} / {len(parts["test"])} sentences; {len(phrases)} distinct phrases of the training trees to learn from; word vectors from the text of the Large Movie Review Dataset (IMDB, 50,000 reviews), and {len(lesson)} of its sentences labelled by their review's rating as a first lesson |
| terms | both data sets are published for research; nothing of them is copied here but the list of words and what the weights learned |
| dev accuracy | {scores["dev accuracy"]:.4f} (chose the epoch) |
| test accuracy | {scores["test accuracy"]:.4f} (looked at once; the paper's LSTM: 0.87) |
| seed | {seed} |
| size | {size / 1e6:.2f} MB, float16 safetensors |
| recipe | `python -m glider_core train sentiment/lstm --data $GLIDER_DATA --seed {seed}` (with requirements-train.txt installed) |

Limits: English film reviews of one to a few sentences. Words outside its {N_WORDS:,} are read as unknown.
"""
