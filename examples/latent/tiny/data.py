"""Stripes on small squares, drawn on the spot."""

import torch
from torch.utils.data import Dataset


class Stripes(Dataset):
    def __init__(self, count=32, size=8, seed=0):
        generator = torch.Generator().manual_seed(seed)
        slopes = torch.rand(count, 2, generator=generator) * 3
        axis = torch.linspace(-1, 1, size)
        grid = axis[None, :, None] * slopes[:, 0, None, None] + axis[None, None, :] * slopes[:, 1, None, None]
        self.images = torch.sin(grid * 3)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return {"image": self.images[index]}
