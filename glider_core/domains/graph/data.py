"""Graphs that ship or are fetched: the karate club, and Cora in the Planetoid format."""

from __future__ import annotations

import os
import pickle
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from glider_core.domains.base import Progress
from glider_core.domains.graph.network import Graph
from glider_core.downloads import cached, fetch
from glider_core.errors import ModelUnavailable

CORA_URL = "https://raw.githubusercontent.com/tkipf/gcn/master/gcn/data/"
CORA_FILES = {
    "ind.cora.allx": "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543",
    "ind.cora.ally": "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71",
    "ind.cora.graph": "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d",
    "ind.cora.test.index": "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
    "ind.cora.tx": "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a",
    "ind.cora.ty": "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad",
    "ind.cora.x": "23cfa55d91c6f624233f5eb7b6e3f141f1bd2b2ae39608a63cf5d084bb27baab",
    "ind.cora.y": "94465c14eb53e04ca262198dcbb2521ee8af60fb3f3d546cd6ca24a511b0e7d1",
}
# The order of the classes in these files, told by their sizes (351, 217, 418, 818, 426, 298, 180).
CORA_CLASSES = (
    "Theory",
    "Reinforcement learning",
    "Genetic algorithms",
    "Neural networks",
    "Probabilistic methods",
    "Case-based",
    "Rule learning",
)

MAX_BYTES = 20_000_000


def karate() -> Graph:
    """Zachary's karate club (1977): who meets whom outside the club, and which side each took when it split."""
    import networkx

    club = networkx.karate_club_graph()
    names = {0: "Mr. Hi", 33: "Officer"}
    sides = ("Mr. Hi's side", "Officer's side")
    return Graph(
        title="Karate club",
        nodes=tuple(names.get(node, str(node + 1)) for node in club),
        features=names_alone(len(club)),
        edges=np.array([sorted(edge) for edge in club.edges()], dtype=np.int64),
        labels=np.array([int(club.nodes[node]["club"] != "Mr. Hi") for node in club]),
        classes=sides,
    )


def cora_folder() -> Path | None:
    """A local folder with Cora's files: under GLIDER_DATA, else the cache; None where there is none."""
    candidates = [Path(os.environ["GLIDER_DATA"]) / "cora"] if os.environ.get("GLIDER_DATA") else []
    candidates.append(cached(CORA_URL + "ind.cora.x", "graph").parent)
    return next((folder for folder in candidates if all((folder / name).is_file() for name in CORA_FILES)), None)


def fetch_cora(on_progress: Progress | None = None) -> Path:
    """Download what is missing of Cora into the cache, hashes checked; the folder.

    Raises:
        ModelUnavailable: no network, or not the files that they should be.
    """
    paths = [
        fetch(CORA_URL + name, folder="graph", sha256=sha256, on_progress=on_progress)
        for name, sha256 in CORA_FILES.items()
    ]
    return paths[0].parent


def load_cora(folder: Path) -> tuple[Graph, dict[str, NDArray[np.int64]]]:
    """Cora and its standard split (Yang et al. 2016): 140 / 500 / 1000 papers.

    Raises:
        ModelUnavailable: a file is missing, damaged, or holds something else than Planetoid's arrays.
    """
    try:
        parts = {name.rsplit(".", 1)[1]: _read_planetoid(folder / name) for name in CORA_FILES if "index" not in name}
        test = np.array((folder / "ind.cora.test.index").read_text().split(), dtype=np.int64)
        order = np.sort(test)
        features = sparse.vstack([parts["allx"], parts["tx"]]).tolil()
        features[test] = features[order]  # the test papers are stored in another order than numbered
        onehot = np.vstack([parts["ally"], parts["ty"]])
        onehot[test] = onehot[order]
        known, training = len(parts["ally"]), len(parts["y"])
        pairs = {tuple(sorted((int(a), int(b)))) for a, others in parts["graph"].items() for b in others if a != b}
        n = known + len(test)
        graph = Graph(
            title="Cora",
            nodes=tuple(f"paper {number}" for number in range(n)),
            features=rows_to_one(features.tocsr()),
            edges=checked_edges(np.array(sorted(pairs)), n),
            labels=onehot.argmax(axis=1),
            classes=CORA_CLASSES,
        )
        split = {
            "train": np.arange(training),
            "validation": np.arange(training, training + min(500, known - training)),
            "test": order,
        }
    except OSError as error:
        raise ModelUnavailable(f"Cora's files in {folder.name} cannot be read ({type(error).__name__}).") from None
    except (pickle.UnpicklingError, ValueError, TypeError, KeyError, EOFError, AttributeError, IndexError) as error:
        raise ModelUnavailable(
            f"Cora's files in {folder.name} are damaged or not in the Planetoid format ({error}). Fetch them again."
        ) from None
    return graph, split


class _Csr:
    """Stands in for scipy's class while unpickling: an inert bag, made into a matrix by code of ours."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.state = dict(state)


class _PlanetoidUnpickler(pickle.Unpickler):
    """Reads arrays, sparse matrices and a dict of lists; a pickle that names anything else is refused."""

    allowed: ClassVar = {
        ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("scipy.sparse.csr", "csr_matrix"): _Csr,
        ("collections", "defaultdict"): defaultdict,
        ("__builtin__", "list"): list,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("copy_reg", "_reconstructor"):
            return _new_csr
        if (module, name) == ("__builtin__", "object"):
            return object
        try:
            return self.allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def _new_csr(kind: type, base: type, state: None) -> _Csr:
    if kind is not _Csr:
        raise pickle.UnpicklingError(f"it makes a {kind!r}")
    return _Csr()


def _read_planetoid(path: Path) -> Any:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has more than {MAX_BYTES:,} bytes")
    with path.open("rb") as file:
        loaded = _PlanetoidUnpickler(file, encoding="latin1").load()
    if isinstance(loaded, _Csr):
        state = loaded.state
        return sparse.csr_matrix(
            (np.asarray(state["data"]), np.asarray(state["indices"]), np.asarray(state["indptr"])),
            shape=tuple(map(int, state["_shape"])),
        )
    return loaded


def names_alone(n: int) -> sparse.csr_matrix:
    """One column per node: who it is, and nothing else."""
    places = np.arange(n)
    return sparse.csr_matrix((np.ones(n, dtype=np.float32), (places, places)), shape=(n, n))


def rows_to_one(features: Any) -> sparse.csr_matrix:
    """Each node's features divided by their sum, which is 1 afterwards."""
    total = np.asarray(features.sum(axis=1)).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.where(total, total, 1)) @ features, dtype=np.float32)


def checked_edges(edges: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The edges (m, 2), which lead to nodes only; raises ValueError where one does not."""
    if edges.ndim != 2 or edges.min() < 0 or edges.max() >= n:
        raise ValueError("an edge leads to no node")
    return edges
