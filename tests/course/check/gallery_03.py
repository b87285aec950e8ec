import numpy as np
from galleries import Gallery

from xaiteach_course.check.lesson_03.exercises import _two_photos


def by_einsum(maps, gradients):
    cam = np.einsum("hwf,f->hw", maps, gradients.mean((0, 1)))
    return np.where(cam > 0, cam, 0)


def by_loops(maps, gradients):
    cam = np.zeros(maps.shape[:2])
    for f in range(maps.shape[2]):
        cam += maps[:, :, f] * gradients[:, :, f].sum() / maps[:, :, f].size
    return cam.clip(0, None)


def in_place(maps, gradients):
    maps *= gradients.mean(axis=(0, 1))
    return np.maximum(maps.sum(axis=-1), 0)


def relu(values):
    return np.maximum(values, 0)


def batched(maps, gradients):
    return np.stack([by_einsum(*pair) for pair in zip(maps, gradients, strict=True)])


def broken(maps, gradients):
    return np.abs((maps * gradients.mean(axis=(0, 1, 2))).sum(axis=-1))


TWO = _two_photos()[1]

GALLERY = {
    "build_grad_cam": Gallery(
        right=[by_einsum, by_loops],
        wrong=[
            (lambda a, g: a @ g.mean((0, 1)), "ReLU at the end is missing"),
            (lambda a, g: relu(a * g.mean((0, 1))).sum(-1), "thrown away too early"),
            (lambda a, g: relu((a * g).sum(-1)), "not averaged over height and width"),
            (lambda a, g: relu(a @ relu(g.mean((0, 1)))), "thrown away too early"),
            (lambda a, g: relu(a @ g.sum((0, 1))), "the right one times 35"),
            (lambda a, g: relu((a * g.mean((0, 1))).mean(-1)), "means over the units"),
            (lambda a, g: by_einsum(a, g) / by_einsum(a, g).max(), "divided by its largest value"),
            (lambda a, g: relu((a * g.mean(-1, keepdims=True)).sum(-1)), "averaged over the units"),
            (lambda a, g: by_einsum(a, g).T, "rows and columns are exchanged"),
            (lambda a, g: by_einsum(a, g)[None], "a batch of one"),
            (lambda a, g: relu(a * g.mean((0, 1))), "the last axis is still to be summed"),
            (in_place, "changed in place"),
            (lambda a, g: by_einsum(a, g) + 0.001, "largest difference"),
            (lambda a, g: by_einsum(a, g).clip(0, 1), "largest difference"),
            (lambda a, g: by_einsum(relu(a), g), "Is there a ReLU before the sum"),
            (lambda a, g: np.abs(a @ g.mean((0, 1))), "abs() turns evidence"),
            (lambda a, g: relu(a @ g.max((0, 1))), "not the largest one"),
            (lambda a, g: relu((a * g.mean(1, keepdims=True)).sum(-1)), "over axis 1 alone"),
        ],
    ),
    "scale_a_map": Gallery(
        right=[
            lambda cam: cam / cam.max() if cam.any() else cam,
            lambda cam: np.divide(cam, cam.max(), where=cam.max() > 0, out=np.zeros_like(cam)),
        ],
        wrong=[
            (lambda cam: cam / cam.max(), "NaN"),
            (lambda cam: (cam - cam.min()) / (cam.max() - cam.min()), "smallest value is drawn as 0"),
            (lambda cam: cam / (cam.max() + 1e-8), "a small number added to the divisor"),
            (lambda cam: cam / max(cam.sum(), 1e-30), "divided by the sum"),
            (lambda cam: np.minimum(cam, 1), "that is a clip"),
            (lambda cam: np.divide(cam, cam.max(), out=cam), "changed in place"),
            (lambda cam: cam / cam.max() if cam.all() else cam, "the largest is not"),
            (lambda cam: cam / cam.max() if cam[0, 0] > 0 else cam, "the largest is not"),
            (lambda cam: cam.copy(), "Nothing is scaled yet"),
            (lambda cam: cam / (cam.max() + 1e-15), "a small number added to the divisor"),
            (lambda cam: cam / cam.max() if cam.max() > 1e-9 else cam, "compared with one"),
            (lambda cam: 0.98 * cam / cam.max() if cam.any() else cam, "the right one times 0.98"),
        ],
    ),
    "explain_two_photos": Gallery(
        right=[TWO, [list(TWO[0]), TWO[1].astype(np.float32)]],
        wrong=[
            (TWO[::-1], "exchanged"),
            (TWO[[0, 0]], "Both are the map of the cat"),
            (TWO[[1, 1]], "Both are the map of the coffee"),
            (TWO / TWO.max(axis=(1, 2), keepdims=True), "divided by its largest value"),
            (TWO.transpose(0, 2, 1), "2×192×96"),
            (TWO + 0.01, "largest difference"),
            (TWO - 0.5, "Leave it out"),
            (1.07 * TWO, "the right one times 1.07"),
            (relu(TWO - 0.0009), "largest difference"),
            (np.where(0.07 * TWO.max() < TWO, TWO, 0), "largest difference"),
        ],
    ),
    "mend_grad_cam": Gallery(
        right=[
            batched,
            lambda a, g: relu(np.einsum("nhwf,nf->nhw", a, g.mean((1, 2)))),
        ],
        wrong=[
            (broken, "Nothing is mended yet"),
            (lambda a, g: relu(a @ g.mean((0, 1, 2))), "averaged over the images"),
            (lambda a, g: np.abs((a * g.mean((1, 2), keepdims=True)).sum(-1)), "evidence against"),
            (lambda a, g: batched(a, g) / batched(a, g).max((1, 2), keepdims=True), "divided by its largest"),
            (lambda a, g: batched(a, g)[::-1], "largest difference"),
            (lambda a, g: batched(a, g) * 1.001, "largest difference"),
            (lambda a, g: batched(a, g).clip(0, 1), "largest difference"),
            (lambda a, g: (a * g.mean((1, 2), keepdims=True)).sum(-1), "ReLU at the end is missing"),
            (lambda a, g: relu(a * g.mean((1, 2), keepdims=True)).sum(-1), "thrown away too early"),
            (lambda a, g: relu((a * g).sum(-1)), "not averaged over the places"),
            (lambda a, g: relu((a * g.mean((0, 1), keepdims=True)).sum(-1)), "axis 0 holds the images"),
            (lambda a, g: relu(a @ g[0].mean((0, 1))), "weights of the first one"),
            (lambda a, g: batched(a, g) / 6, "means over the units"),
        ],
    ),
    "read_the_map": Gallery(
        right=["bd", {"D", "B"}, ["d", "b"], "b, d"],
        wrong=[
            ("b", "It could fail"),
            ("abd", "another place is red"),
            ("bcd", "took away"),
            ("d", "24×48"),
            ("", "At least one"),
        ],
    ),
}
