"""ONNX files for tests: some as people export them, some that mean harm."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def file_of(nodes: list[Any], *, inputs: list[Any], outputs: list[Any], numbers: list[Any] = (), **more: Any) -> bytes:  # type: ignore[assignment]
    graph = helper.make_graph(nodes, "test", inputs, outputs, list(numbers))
    opsets = [helper.make_opsetid("", 17), *more.get("opsets", [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def value(name: str, kind: int = FLOAT, shape: tuple[Any, ...] = ("n", 3)) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def product() -> bytes:
    """Logits of two classes of rows (n, 3): nothing, and 4 x0 x1 + x2."""
    pick = [helper.make_tensor(f"i{k}", INT64, [1], [k]) for k in range(3)]
    four, none = helper.make_tensor("four", FLOAT, [1], [4.0]), helper.make_tensor("none", FLOAT, [1], [0.0])
    nodes = [helper.make_node("Gather", ["x", f"i{k}"], [f"x{k}"], axis=1) for k in range(3)]
    nodes += [
        helper.make_node("Mul", ["x0", "x1"], ["both"]), helper.make_node("Mul", ["both", "four"], ["scaled"]),
        helper.make_node("Add", ["scaled", "x2"], ["one"]), helper.make_node("Mul", ["one", "none"], ["zero"]),
        helper.make_node("Concat", ["zero", "one"], ["logits"], axis=1),
    ]  # fmt: skip
    return file_of(nodes, inputs=[value("x")], outputs=[value("logits", shape=("n", 2))], numbers=[*pick, four, none])


def corners(size: int = 32) -> bytes:
    """Logits of pictures (n, 3, 32, 32): class 1 where red at the top left and blue at the bottom right meet."""
    top, bottom = np.zeros((1, 3, size, size), np.float32), np.zeros((1, 3, size, size), np.float32)
    top[:, 0, : size // 2, : size // 2] = 1 / (size // 2) ** 2
    bottom[:, 2, size // 2 :, size // 2 :] = 1 / (size // 2) ** 2
    single = [helper.make_tensor("none", FLOAT, [1], [0.0]), helper.make_tensor("five", FLOAT, [1], [5.0])]
    numbers = [onnx.numpy_helper.from_array(top, "top"), onnx.numpy_helper.from_array(bottom, "bottom"), *single]
    nodes = [
        helper.make_node("Conv", ["x", "top"], ["red4"]), helper.make_node("Conv", ["x", "bottom"], ["blue4"]),
        helper.make_node("Flatten", ["red4"], ["red"]), helper.make_node("Flatten", ["blue4"], ["blue"]),
        helper.make_node("Mul", ["red", "blue"], ["both"]), helper.make_node("Mul", ["both", "five"], ["one"]),
        helper.make_node("Mul", ["one", "none"], ["zero"]), helper.make_node("Concat", ["zero", "one"], ["y"], axis=1),
    ]  # fmt: skip
    return file_of(nodes, inputs=[value("x", shape=("n", 3, size, size))], outputs=[value("y", shape=("n", 2))],
                   numbers=numbers)  # fmt: skip


def endless_loop() -> bytes:
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["on"]), helper.make_node("Add", ["a", "a"], ["b"])], "body",
        [value("i", INT64, ()), value("going", TensorProto.BOOL, ()), value("a")],
        [value("on", TensorProto.BOOL, ()), value("b")],
    )  # fmt: skip
    numbers = [helper.make_tensor("most", INT64, [], [2**62]), helper.make_tensor("yes", TensorProto.BOOL, [], [True])]
    loop = helper.make_node("Loop", ["most", "yes", "x"], ["y"], body=body)
    return file_of([loop], inputs=[value("x")], outputs=[value("y")], numbers=numbers)


def huge_constant() -> bytes:
    """A few bytes that ask for 400 GB when it runs."""
    shape = helper.make_tensor("shape", INT64, [2], [100_000, 1_000_000])
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["big"]),
        helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return file_of(nodes, inputs=[value("x")], outputs=[value("y")], numbers=[shape])


def huge_initialiser() -> bytes:
    number = TensorProto(name="w", data_type=FLOAT, dims=[2**20, 2**20], raw_data=b"1234")
    return file_of([helper.make_node("Add", ["x", "w"], ["y"])], inputs=[value("x")], outputs=[value("y")],
                   numbers=[number])  # fmt: skip


def external(path: str) -> bytes:
    """Reads its numbers from a path, hidden in the inner graph of an If."""
    number = TensorProto(name="w", data_type=FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    number.external_data.add(key="location", value=path)
    inner = helper.make_graph([helper.make_node("Identity", ["w"], ["out"])], "inner", [], [value("out")], [number])
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    chosen = helper.make_node("If", ["yes"], ["y"], then_branch=inner, else_branch=inner)
    return file_of([chosen], inputs=[value("x")], outputs=[value("y")], numbers=[yes])


def custom_operator() -> bytes:
    node = helper.make_node("Shell", ["x"], ["y"], domain="com.somebody")
    return file_of([node], inputs=[value("x")], outputs=[value("y")],
                   opsets=[helper.make_opsetid("com.somebody", 1)])  # fmt: skip


def word_pair(first: int, second: int, length: Any = "length") -> bytes:
    """Logits of two classes of word pieces (n, length): nothing, and 4 where both pieces stand in the text."""
    pieces = [helper.make_tensor(f"piece{k}", INT64, [1], [number]) for k, number in enumerate((first, second))]
    four, none = helper.make_tensor("four", FLOAT, [1], [4.0]), helper.make_tensor("none", FLOAT, [1], [0.0])
    nodes = [helper.make_node("Cast", ["attention_mask"], ["on"], to=FLOAT)]
    for k in range(2):
        nodes += [
            helper.make_node("Equal", ["input_ids", f"piece{k}"], [f"is{k}"]),
            helper.make_node("Cast", [f"is{k}"], [f"number{k}"], to=FLOAT),
            helper.make_node("Mul", [f"number{k}", "on"], [f"seen{k}"]),
            helper.make_node("ReduceMax", [f"seen{k}"], [f"any{k}"], axes=[1], keepdims=1),
        ]
    nodes += [
        helper.make_node("Mul", ["any0", "any1"], ["both"]), helper.make_node("Mul", ["both", "four"], ["one"]),
        helper.make_node("Mul", ["one", "none"], ["zero"]), helper.make_node("Concat", ["zero", "one"], ["y"], axis=1),
    ]  # fmt: skip
    inputs = [value(name, INT64, ("n", length)) for name in ("input_ids", "attention_mask")]
    return file_of(nodes, inputs=inputs, outputs=[value("y", shape=("n", 2))], numbers=[*pieces, four, none])


WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "it", "never", "fail", "##s", "to", "delight", ".", "bore")


def tokenizer(*, longest: int | None = None) -> bytes:
    """A tokenizer.json as BERT's are: lower case, word pieces, two special ones around."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", WORDS.index("[CLS]")), ("[SEP]", WORDS.index("[SEP]"))]
    )
    if longest is not None:
        made.enable_truncation(longest)
    made.enable_padding(length=64)
    return made.to_str().encode()
