"""How good the fakes are, each number with its protocol."""

from .contract import VERSIONS, Result, require_comparable
from .custom_extractors import ModuleExtractor, OnnxExtractor
from .digit_scores import DigitScores
from .digits import Digits
from .duplicates import PAIRED, duplicate_score
from .extractor import Extractor, Features
from .extractor_files import extractor_from_file
from .frechet import extrapolate
from .inception import PROFILES, Inception
from .known_weights import MissingWeights
from .memorization import Memorization, closest_pairs
from .memorization_scores import copy_scores, membership_scores
from .pictures import PictureScores
from .pixels import Pixels
from .random_features import RandomConvolutions
from .scores import GROUPS, check_groups, extractor_scores
from .scores_of_moments import balance_of
from .statistics import FeatureStatistics
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
    "FeatureStatistics",
    "Features",
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
    "balance_of",
    "check_groups",
    "closest_pairs",
    "copy_scores",
    "difference_of",
    "duplicate_score",
    "extractor_from_file",
    "extractor_scores",
    "extrapolate",
    "mean_of",
    "membership_scores",
    "require_comparable",
]
