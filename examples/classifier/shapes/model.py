from torch import nn
from torch.nn import functional as F

from .base import ShapesModule
from .data import SHAPES, SIZE


class ShapeClassifier(ShapesModule):
    def __init__(self, width=16, lr=1e-2, entropy_weight=0.0):
        super().__init__(width, lr)
        self.save_hyperparameters()
        self.head = nn.Linear(2 * width * (SIZE // 4) ** 2, len(SHAPES))

    def forward(self, images):
        return self.head(self.encoder(images))

    def training_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        if self.hparams.entropy_weight > 0:
            log_probs = logits.log_softmax(dim=-1)
            entropy = -(log_probs.exp() * log_probs).sum(dim=-1).mean()
            self.log("train_entropy", entropy)
            loss = loss - self.hparams.entropy_weight * entropy

        self.log("train_loss", loss, prog_bar=True)
        self.log("train_acc", self.accuracy(logits, labels), prog_bar=True)

    def validation_step(self, batch, batch_idx):
        self.evaluate(batch, "val")

    def test_step(self, batch, batch_idx):
        self.evaluate(batch, "test")

    def evaluate(self, batch, stage):
        images, labels = batch
        logits = self(images)
        self.log(f"{stage}_loss", F.cross_entropy(logits, labels), prog_bar=True)
        self.log(f"{stage}_acc", self.accuracy(logits, labels), prog_bar=True)

    @staticmethod
    def accuracy(logits, labels):
        return (logits.argmax(dim=-1) == labels).float().mean()
