from torch import nn
from torch.nn import functional as F

from .base import ShapesModule
from .data import SIZE


class ShapeAutoencoder(ShapesModule):
    """Learns to redraw its input; ported from a plain PyTorch loop."""

    def __init__(self, width=16, lr=1e-2):
        super().__init__(width, lr)
        self.decoder = nn.Linear(2 * width * (SIZE // 4) ** 2, SIZE * SIZE)

    def forward(self, images):
        return self.decoder(self.encoder(images)).view_as(images)

    def training_step(self, batch, batch_idx):
        images, _ = batch
        opt = self.optimizers()
        opt.zero_grad()
        loss = F.mse_loss(self(images), images)
        self.manual_backward(loss)
        opt.step()
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        images, _ = batch
        self.log("val_loss", F.mse_loss(self(images), images), prog_bar=True)

    def test_step(self, batch, batch_idx):
        images, _ = batch
        self.log("test_loss", F.mse_loss(self(images), images), prog_bar=True)
