"""Boxes as arrays of (left, top, width, height) in pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

NO_BOXES: Floats = np.zeros((0, 4))


def feet(boxes: Floats) -> Floats:
    """Foot points (N, 2): middle of each box's lower edge."""
    return np.column_stack([boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3]])


def _overlap(a: Floats, b: Floats) -> Floats:
    left = np.maximum(a[:, None, 0], b[None, :, 0])
    top = np.maximum(a[:, None, 1], b[None, :, 1])
    right = np.minimum(a[:, None, 0] + a[:, None, 2], b[None, :, 0] + b[None, :, 2])
    bottom = np.minimum(a[:, None, 1] + a[:, None, 3], b[None, :, 1] + b[None, :, 3])
    shared: Floats = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
    return shared


def iou(a: Floats, b: Floats) -> Floats:
    """Intersection over union of boxes (N, 4) and (M, 4), shape (N, M)."""
    shared = _overlap(a, b)
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def covered(a: Floats, b: Floats) -> Floats:
    """Share of each box (N, 4) that each of (M, 4) covers, shape (N, M)."""
    shared = _overlap(a, b)
    area = np.broadcast_to((a[:, 2] * a[:, 3])[:, None], shared.shape)
    return np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)


def best_of_overlapping(boxes: Floats, score: Floats, most: float) -> Longs:
    """Indices of the boxes that stay when of any two with IoU above ``most`` the weaker one goes."""
    overlap = iou(boxes, boxes)
    kept: list[int] = []
    for index in np.argsort(-score, kind="stable").tolist():
        if not kept or overlap[index, kept].max() <= most:
            kept.append(index)
    return np.array(sorted(kept), dtype=np.int64)
