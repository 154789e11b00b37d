"""The command `vectors`."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder")


def run(arguments: argparse.Namespace) -> int:
    return 1
