"""The processes that train together: one flat all-reduce a turn, and nothing else shared."""

import os
from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor


class World:
    """rank of size; one process alone is rank 0 of 1."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @classmethod
    def from_environment(cls, device: torch.device) -> "World":
        """The world that torchrun describes in RANK and WORLD_SIZE, joined; else one process."""
        if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
            if device.type == "cuda":
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return cls(dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else cls()

    @torch.no_grad()
    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor becomes its sum over all processes, in place: one flat message."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    @torch.no_grad()
    def broadcast(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor becomes rank 0's."""
        if self.size > 1:
            for tensor in tensors:
                contiguous = tensor.contiguous()
                dist.broadcast(contiguous, 0)
                tensor.copy_(contiguous)

    def close(self) -> None:
        """Wait for the others, then leave."""
        if self.size > 1:
            dist.barrier()
            dist.destroy_process_group()

    def any(self, flag: bool) -> bool:
        """Whether any process says yes."""
        if self.size == 1:
            return flag
        asked = torch.tensor([int(flag)], device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.all_reduce(asked, op=dist.ReduceOp.MAX)
        return bool(asked.item())
