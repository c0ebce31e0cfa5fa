"""A small image classifier: which shape is drawn on a noisy grid."""

from .autoencoder import ShapeAutoencoder
from .callback import ThroughputMeter
from .data import ShapesDataModule, ShapesDataset
from .model import ShapeClassifier

__all__ = [
    "ShapeAutoencoder",
    "ShapeClassifier",
    "ShapesDataModule",
    "ShapesDataset",
    "ThroughputMeter",
]
