"""How good the fakes are, each number with its protocol."""

from .contract import VERSIONS, Result, check_alike
from .custom_extractors import ModuleExtractor, OnnxExtractor
from .digit_scores import DigitScores
from .digits import Digits
from .duplicates import PAIRED, same_pictures
from .extractor import Extractor, Seen
from .extractor_files import extractor_from_file
from .frechet import extrapolate
from .inception import PROFILES, Inception
from .known_weights import MissingWeights
from .memorization import Memorization, closest
from .memorization_scores import copies, leaks
from .pictures import PictureScores
from .pixels import Pixels
from .random_features import RandomConvolutions
from .scores import GROUPS, check_groups, scores
from .scores_of_moments import balance_of
from .statistics import Gathered
from .student import Difference, Mean, difference_of, mean_of

__all__ = [
    "GROUPS",
    "PAIRED",
    "PROFILES",
    "VERSIONS",
    "Difference",
    "DigitScores",
    "Digits",
    "Extractor",
    "Gathered",
    "Inception",
    "Mean",
    "Memorization",
    "MissingWeights",
    "ModuleExtractor",
    "OnnxExtractor",
    "PictureScores",
    "Pixels",
    "RandomConvolutions",
    "Result",
    "Seen",
    "balance_of",
    "check_alike",
    "check_groups",
    "closest",
    "copies",
    "difference_of",
    "extractor_from_file",
    "extrapolate",
    "leaks",
    "mean_of",
    "same_pictures",
    "scores",
]
