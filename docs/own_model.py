"""A PyTorch module explained by Glider: copy, and put your own in place of `model` and `x`."""

import torch

import glider_core as gl

torch.manual_seed(0)
fields = ["age", "dose", "weight", "smoker", "sex", "height"]
model = torch.nn.Sequential(torch.nn.Linear(6, 64), torch.nn.Tanh(), torch.nn.Linear(64, 2))  # 2 classes
x = torch.tensor([0.9, 1.4, 0.3, 1.0, 0.0, -0.2])  # the row to explain
neutral = torch.zeros(6)  # what a feature becomes when it is off, such as the mean over the data


@torch.inference_mode()
def answer(masks):  # (n, d) of booleans, True where a feature is kept
    kept = torch.as_tensor(masks)
    rows = torch.where(kept, x, neutral)
    logits = model.eval()(rows)
    return logits[:, 1] - logits[:, 0]  # (n,) the explained class against the other


def instance():
    return gl.FunctionInstance(fields, answer, explained="responds", model_id="mine/torch", fingerprint="v1")
