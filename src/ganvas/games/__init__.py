"""The rules of training: which player steps in which turn, and what the turn minimises."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.draws import Draws
    from ..base.play import Latents, Play
    from ..base.types import Batch, Term
    from .adaptive import Adaptive
    from .answers import AnswerLikelihood, AnswerReinforce
    from .attribute_synthesis import AttributeSynthesis
    from .auxiliary import AuxiliaryTerm, BeginsAtReals, ReadsIntermediate
    from .class_term import ClassTerm
    from .code_term import CodeTerm
    from .condition_term import ConditionTerm
    from .contract import Game, Terms, Turn
    from .contrast import Contrast
    from .cycle import Cycle
    from .data_cross_entropy import DataCrossEntropy
    from .domain_adversarial import DomainAdversarial
    from .feature_matching import FeatureMatching
    from .flow_matching import FlowMatching
    from .ganomaly import Ganomaly
    from .growing import Growing
    from .gumbel import Gumbel
    from .intermediate_outputs import IntermediateOutputs
    from .inversion import Encoding, Inversion
    from .likelihood import Likelihood
    from .pair_terms import ClassMap, MaskedL1, MatchedFeatures, PairTerm, PerceptualTerm, TotalVariation
    from .pseudo_reals import PseudoReals
    from .reconstruction import Reconstruction
    from .reinforce import Reinforce
    from .residual_encoding import ResidualEncoding
    from .rewards import ConstantReward, Logit, MovingBaseline, RealProbability, Reward
    from .segmentation import Segmentation
    from .simultaneous import Simultaneous
    from .speaking import Speaking
    from .style_synthesis import StyleSynthesis
    from .supervised import Supervised
    from .synthesis import Synthesis
    from .timegan import Timegan
    from .translation import Translation
    from .vocoding import MelL1, Vocoding
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Adaptive",
    "AnswerLikelihood",
    "AnswerReinforce",
    "AttributeSynthesis",
    "AuxiliaryTerm",
    "Batch",
    "BeginsAtReals",
    "ClassMap",
    "ClassTerm",
    "CodeTerm",
    "ConditionTerm",
    "ConstantReward",
    "Contrast",
    "Cycle",
    "DataCrossEntropy",
    "DomainAdversarial",
    "Draws",
    "Encoding",
    "FeatureMatching",
    "FlowMatching",
    "Game",
    "Ganomaly",
    "Growing",
    "Gumbel",
    "IntermediateOutputs",
    "Inversion",
    "Latents",
    "Likelihood",
    "Logit",
    "MaskedL1",
    "MatchedFeatures",
    "MelL1",
    "MovingBaseline",
    "PairTerm",
    "PerceptualTerm",
    "Play",
    "PseudoReals",
    "ReadsIntermediate",
    "RealProbability",
    "Reconstruction",
    "Reinforce",
    "ResidualEncoding",
    "Reward",
    "Segmentation",
    "Simultaneous",
    "Speaking",
    "StyleSynthesis",
    "Supervised",
    "Synthesis",
    "Term",
    "Terms",
    "Timegan",
    "TotalVariation",
    "Translation",
    "Turn",
    "Vocoding",
]
