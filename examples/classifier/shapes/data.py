import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset, random_split

SHAPES = ("disc", "square", "cross")
SIZE = 16


def draw(shape, centre, radius):
    """A SIZE x SIZE image of one shape, 1.0 inside and 0.0 outside."""
    rows, columns = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    down, right = (rows - centre[0]).abs(), (columns - centre[1]).abs()
    if shape == "disc":
        inside = down**2 + right**2 <= radius**2
    elif shape == "square":
        inside = torch.maximum(down, right) <= radius
    else:
        inside = (torch.minimum(down, right) <= 1) & (torch.maximum(down, right) <= radius)
    return inside.float()


class ShapesDataset(Dataset):
    """Noisy drawings, made on the fly; the same seed gives the same images."""

    def __init__(self, length=2048, noise=0.2, seed=0):
        self.length = length
        self.noise = noise
        self.seed = seed

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if index >= self.length:
            raise IndexError(index)
        generator = torch.Generator().manual_seed(self.seed * self.length + index)
        label = index % len(SHAPES)
        centre = torch.randint(5, SIZE - 5, (2,), generator=generator)
        radius = torch.randint(3, 6, (1,), generator=generator)
        noise = self.noise * torch.randn(SIZE, SIZE, generator=generator)
        image = draw(SHAPES[label], centre, radius) + noise
        return image.unsqueeze(0), label


class ShapesDataModule(pl.LightningDataModule):
    def __init__(self, length=2048, batch_size=32, seed=0):
        super().__init__()
        self.length = length
        self.batch_size = batch_size
        self.seed = seed

    def setup(self, stage=None):
        shapes = ShapesDataset(self.length, seed=self.seed)
        held_out = self.length // 4
        self.train_set, self.val_set = random_split(
            shapes,
            [self.length - held_out, held_out],
            generator=torch.Generator().manual_seed(self.seed),
        )

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return self.val_set
