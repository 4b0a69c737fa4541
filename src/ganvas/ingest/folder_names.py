"""Which split and which class the folders of pictures name."""

import unicodedata

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


def shared_root(names: tuple[str, ...]) -> int:
    """How many leading folders all names share; a folder that names a split stays."""
    tops = [name.split("/")[:-1] for name in names]
    depth = 0
    while (
        tops
        and all(len(top) > depth and top[depth] == tops[0][depth] for top in tops)
        and tops[0][depth].lower() not in SPLIT_FOLDERS
    ):
        depth += 1
    return depth


def composed(text: str) -> str:
    """A class's name in Unicode's composed form; other systems may write the same letters as several characters."""
    return unicodedata.normalize("NFC", text)


def splits_and_classes(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For each picture the split that its folder names, and its class folder, the first below that; "" for none."""
    depth = shared_root(names)
    folders = [name.split("/")[depth:-1] for name in names]
    named = any(folder and SPLIT_FOLDERS.get(folder[0].lower()) == "train" for folder in folders)
    if not named:
        depth = (
            max(0, depth - 1) if folders and not any(folders) and depth else depth
        )  # a single class folder stays a class
        folders = [name.split("/")[depth:-1] for name in names]
    splits = tuple(SPLIT_FOLDERS.get(folder[0].lower(), "") if named and folder else "" for folder in folders)
    classes = tuple((folder[1:2] if split else folder[:1]) for folder, split in zip(folders, splits, strict=True))
    return splits, tuple(composed(folder[0]) if folder else "" for folder in classes)
