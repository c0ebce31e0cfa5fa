#!/bin/sh
# One device; "--gpus 0,1" for two of them.
python main.py --base configs/denoiser.yaml -t --gpus 0, --max_epochs 2 "$@"
