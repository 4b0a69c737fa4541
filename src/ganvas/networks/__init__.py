"""Networks of the players, their wrappers, and constraints on their weights."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.types import Discriminator, Generator, Given, Network, Spec, TensorSpec, Verdict
    from ..base.updates import Constraint
    from .biggan import BigGan, BigGanCritic
    from .classifier import ConvClassifier
    from .clip import Clip
    from .clip_critics import ClipCritic, FrameCritic
    from .clip_generators import MotionContent, TemporalGenerator
    from .conditional import ClassBatchNormDcgan, ClassConcat, ClassConcatCritic
    from .dcgan import Dcgan, DcganCritic
    from .doppelganger import AttributeCritic, Doppelganger, DoppelgangerCritic
    from .excited import Excited
    from .flow_unet import FlowUNet
    from .freeze import FreezeLayers
    from .gat import Gat
    from .heads import ClassHead, CodeHead
    from .hifigan import HifiGan
    from .latent_head import LatentHead
    from .mlp import Mlp, MlpCritic
    from .moved_foreground import MovedForeground
    from .multi_scale import MultiScale
    from .packed import Packed
    from .patch import PatchCritic
    from .patch_heads import PatchHeads
    from .progressive import ProgressiveCritic, ProgressiveGan
    from .projected import Projected
    from .proxy_head import ProxyHead
    from .r3gan import R3gan, R3ganCritic
    from .residual_translator import ResidualTranslator
    from .resnet import Resnet, ResnetCritic
    from .restorers import Edsr, Rrdb
    from .salimans import NoisyClassifier, SoftplusMlp
    from .series_gru import SeriesGru, SeriesGruCritic
    from .sound_classifier import SoundClassifier
    from .spectral import SpectralNorm
    from .stylegan2 import StyleGan2
    from .stylegan2_critic import StyleGan2Critic
    from .table_players import TableCritic, TableMlp
    from .text_cnn_critic import TextCnnCritic
    from .text_lstm import TextLstm
    from .text_lstm_critic import TextLstmCritic
    from .text_transformer import TextTransformer
    from .torus import TorusGenerator
    from .transgan import Transgan
    from .unet import UNet
    from .vit_critic import VitCritic
    from .vocos import Vocos
    from .volume_gan import VolumeCritic, VolumeGan
    from .wave_critics import Joined, Periods, Resolutions, Scales
    from .wavegan import WaveGan, WaveGanCritic
    from .word_speaker import WordSpeaker
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "AttributeCritic",
    "BigGan",
    "BigGanCritic",
    "ClassBatchNormDcgan",
    "ClassConcat",
    "ClassConcatCritic",
    "ClassHead",
    "Clip",
    "ClipCritic",
    "CodeHead",
    "Constraint",
    "ConvClassifier",
    "Dcgan",
    "DcganCritic",
    "Discriminator",
    "Doppelganger",
    "DoppelgangerCritic",
    "Edsr",
    "Excited",
    "FlowUNet",
    "FrameCritic",
    "FreezeLayers",
    "Gat",
    "Generator",
    "Given",
    "HifiGan",
    "Joined",
    "LatentHead",
    "Mlp",
    "MlpCritic",
    "MotionContent",
    "MovedForeground",
    "MultiScale",
    "Network",
    "NoisyClassifier",
    "Packed",
    "PatchCritic",
    "PatchHeads",
    "Periods",
    "ProgressiveCritic",
    "ProgressiveGan",
    "Projected",
    "ProxyHead",
    "R3gan",
    "R3ganCritic",
    "ResidualTranslator",
    "Resnet",
    "ResnetCritic",
    "Resolutions",
    "Rrdb",
    "Scales",
    "SeriesGru",
    "SeriesGruCritic",
    "SoftplusMlp",
    "SoundClassifier",
    "Spec",
    "SpectralNorm",
    "StyleGan2",
    "StyleGan2Critic",
    "TableCritic",
    "TableMlp",
    "TemporalGenerator",
    "TensorSpec",
    "TextCnnCritic",
    "TextLstm",
    "TextLstmCritic",
    "TextTransformer",
    "TorusGenerator",
    "Transgan",
    "UNet",
    "Verdict",
    "VitCritic",
    "Vocos",
    "VolumeCritic",
    "VolumeGan",
    "WaveGan",
    "WaveGanCritic",
    "WordSpeaker",
]
