#!/bin/bash
# Trains with the defaults, on one GPU.
set -e
python cli.py fit --trainer.gpus 1 --trainer.precision=16 \
    --data.length 1024 "$@"
