from pytorch_lightning.utilities.cli import LightningCLI

from shapes import ShapeClassifier, ShapesDataModule


def main():
    LightningCLI(ShapeClassifier, ShapesDataModule)


if __name__ == "__main__":
    main()
