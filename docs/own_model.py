"""A PyTorch module explained by Glider: copy, and put your own in place of `model` and `x`."""

import torch

import glider_core as gl
from glider_core.provenance import fingerprint

torch.manual_seed(0)
fields = ["age", "dose", "weight", "smoker", "sex", "height"]
model = torch.nn.Sequential(torch.nn.Linear(6, 64), torch.nn.Tanh(), torch.nn.Linear(64, 2)).eval()  # 2 classes
x = torch.tensor([0.9, 1.4, 0.3, 1.0, 0.0, -0.2])  # the row to explain
neutral = torch.zeros(6)  # what a feature becomes when it is off, such as the mean over the data


@torch.inference_mode()
def answer(masks):  # (n, d) of booleans, True where a feature is kept
    rows = torch.where(torch.tensor(masks), x, neutral)
    logits = model(rows)
    return logits[:, 1] - logits[:, 0]  # (n,) the explained class against the other


# Everything that the answers come from, so that a kept result is never shown for another model or row. Without a
# fingerprint, results are not kept.
origin = fingerprint(*(tensor.numpy().tobytes() for tensor in (*model.state_dict().values(), x, neutral)))


def instance():
    return gl.FunctionInstance(fields, answer, explained="responds", fingerprint=origin)


if __name__ == "__main__":
    for interaction in gl.explain(instance()).interactions:
        print(interaction.names, round(interaction.effect, 2))
