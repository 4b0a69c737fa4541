"""The processes of one run: a flat all-reduce for each turn, a few values through a store, and nothing else shared."""

import itertools
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from ..base import processes
from ..base.errors import PeerLost, ResourceError, UsageError
from .heartbeat import Watchdog

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store, TCPStore

# Of this process, in the same order in each: the next run of a script must not read what the last one wrote.
WORLDS = itertools.count()

T = TypeVar("T")


class ProcessGroup:
    """This process among those of the run, and what they do together. Without arguments: a run of one process.

    Args:
        rank: this process's number, 0 <= rank < size.
        size: how many processes there are.
        here: how many of them are on this machine.
        store: values that all processes read.
        lasting_store: values that outlive a restart of the processes.
        joined: whether this object made torch's process group, and ends it.
    """

    def __init__(
        self,
        rank: int = 0,
        size: int = 1,
        *,
        here: int = 1,
        store: "Store | None" = None,
        lasting_store: "Store | None" = None,
        joined: bool = False,
    ) -> None:
        self.rank, self.size, self.here, self.store, self.lasting_store = rank, size, here, store, lasting_store
        self.joined = joined
        self.patience, self.restarted = processes.timeout_seconds(), processes.restarts() > 0
        self.rank_0_calls = 0  # of `on_rank_0` so far
        self.watchdog = Watchdog(rank, self.patience) if size > 1 and store is not None else None

    @classmethod
    def from_environment(cls, device: torch.device) -> "ProcessGroup":
        """The processes that torchrun describes in RANK and WORLD_SIZE, joined; without them one process.

        Args:
            device: what this process trains on; with "cuda" it takes the GPU of its LOCAL_RANK.

        Raises:
            PeerLost: the processes did not meet in time.
            ResourceError: the machine has fewer GPUs than processes.
        """
        if dist.is_initialized():  # by a script
            default = dist.distributed_c10d._get_default_store()
            store = dist.PrefixStore(f"ganvas/{next(WORLDS)}", default)  # type: ignore[attr-defined]
            return cls(dist.get_rank(), dist.get_world_size(), here=processes.local_size(), store=store)
        if (size := processes.size()) == 1:
            return cls()
        if device.type == "cuda":
            take_gpu(int(os.environ.get("LOCAL_RANK", "0")))
        rank, number, within = processes.rank(), next(WORLDS), timedelta(seconds=processes.timeout_seconds())
        try:
            lasting = common_store(rank, size, within)
            # not the addresses that an earlier group left in the store: a restarted one would wait for ended processes
            name = f"ganvas/{number}/attempt{processes.restarts()}"
            store = dist.PrefixStore(name, lasting)  # type: ignore[attr-defined]
            dist.init_process_group(
                "nccl" if device.type == "cuda" else "gloo", store=store, rank=rank, world_size=size, timeout=within
            )
        except RuntimeError as error:
            raise PeerLost(
                f"the {size} processes have not met within {within.seconds} s: {first_line(error)}"
            ) from error
        return cls(
            rank,
            size,
            here=processes.local_size(),
            store=store,
            lasting_store=dist.PrefixStore(f"ganvas/{number}", lasting),  # type: ignore[attr-defined]
            joined=True,
        )

    @torch.no_grad()
    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor becomes its sum over all processes, in place: one flat message."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with self.message():
            dist.all_reduce(flat)
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    @torch.no_grad()
    def broadcast(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor becomes rank 0's."""
        if self.size > 1:
            for tensor in tensors:
                contiguous = tensor.contiguous()
                with self.message():
                    dist.broadcast(contiguous, 0)
                tensor.copy_(contiguous)

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        return bool(self.all_reduce_max([int(flag)])[0])

    def all_reduce_max(self, numbers: Sequence[int]) -> list[int]:
        """The largest of each over all processes."""
        if self.size == 1:
            return list(numbers)
        largest = self.tensor_of(numbers)
        with self.message():
            dist.all_reduce(largest, op=dist.ReduceOp.MAX)
        return largest.tolist()

    def broadcast_number(self, number: float) -> float:
        """Rank 0's number: what is measured must be the same in all."""
        if self.size == 1:
            return number
        shared = self.tensor_of([number], torch.float64)
        self.broadcast([shared])
        return float(shared)

    def all_gather(self, numbers: Sequence[int]) -> list[list[int]]:
        """Each process's numbers, by rank."""
        if self.size == 1:
            return [list(numbers)]
        mine = self.tensor_of(numbers)
        theirs = [torch.empty_like(mine) for _ in range(self.size)]
        with self.message():
            dist.all_gather(theirs, mine)
        return [each.tolist() for each in theirs]

    def tensor_of(self, numbers: Sequence[float], kind: torch.dtype = torch.int64) -> Tensor:
        """Numbers as a tensor on the device that messages are sent from."""
        return torch.tensor(numbers, dtype=kind, device="cuda" if dist.get_backend() == "nccl" else "cpu")

    def on_rank_0(self, work: Callable[[], T]) -> T:
        """Call a function on rank 0 only; the other processes wait, however long it takes.

        Args:
            work: returns a JSON value.

        Returns:
            The value, in every process.

        Raises:
            PeerLost: in the other processes, where it raised an error on rank 0.
            UsageError: a group of several processes without a store.
        """
        if self.size == 1:
            return work()
        store, watchdog = self._shared()
        key = f"rank-0/{self.rank_0_calls}"
        self.rank_0_calls += 1
        if self.rank:
            return self._from_rank_0(key)
        try:
            with watchdog.busy(lambda: store.add("beats", 1)):
                result = work()
        except BaseException:  # any error at all: the others must not wait
            with suppress(RuntimeError):
                store.set(key, "")
            raise
        with self.message():
            store.set(key, json.dumps(result))
        return result

    def _from_rank_0(self, key: str) -> T:  # type: ignore[type-var]  # whatever rank 0's work returns
        """Wait for rank 0's value as long as its heartbeats come."""
        store, watchdog = self._shared()
        beats, since, nap = -1, time.monotonic(), 0.001
        with self.message():
            while not store.check([key]):  # its own wait prints a warning at every time-out
                time.sleep(nap)
                nap = min(2 * nap, 0.1)
                watchdog.moved()
                if (now := store.add("beats", 0)) != beats:
                    beats, since = now, time.monotonic()
                elif time.monotonic() - since > self.patience:
                    raise TimeoutError("timed out")
            text = store.get(key)
        if not text:
            raise PeerLost("the first process has ended", hint="Its own error message says why.")
        return json.loads(text)

    def _shared(self) -> "tuple[Store, Watchdog]":
        """The store and the watchdog of a group of several processes."""
        if self.store is None or self.watchdog is None:
            raise UsageError(
                f"this group of {self.size} processes has no store", hint="Use ProcessGroup.from_environment."
            )
        return self.store, self.watchdog

    @contextmanager
    def message(self) -> Iterator[None]:
        """Wraps every message: a peer that ended or timed out raises PeerLost, after the stacks are written."""
        if self.watchdog:
            self.watchdog.moved()
        try:
            yield
        except (RuntimeError, TimeoutError) as error:  # torch has no narrower name for a closed connection
            raise self._peer_lost(error) from error

    def _peer_lost(self, error: Exception) -> PeerLost:
        """The error for a message that failed."""
        silent = any(word in str(error).lower() for word in ("timed out", "timeout", "time out"))
        what = f"has not answered for {self.patience:g} s" if silent else "has ended"
        stacks = self.watchdog.dump() if self.watchdog else None
        where = f"The stacks of this one, process {self.rank}, are in {stacks}. " if stacks else ""
        return PeerLost(
            f"another of the {self.size} processes {what}",
            hint=f"{where}`ganvas resume` goes on from the last checkpoint.",
        )

    def close(self) -> None:
        """Wait for the others, then leave."""
        if self.size > 1:
            with self.message():
                dist.barrier()
        if self.joined:
            dist.destroy_process_group()
        if self.watchdog:
            self.watchdog.close()


def common_store(rank: int, size: int, within: timedelta) -> "Store":
    """The launcher's store, or else rank 0's at MASTER_ADDR and MASTER_PORT.

    At a loopback address rank 0 listens on that interface only; else on all interfaces, as torch does.
    """
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    serves = rank == 0 and os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True"
    listener = loopback_listener(host, port) if serves else None
    return dist.TCPStore(  # type: ignore[attr-defined]
        host,
        port,
        size,
        is_master=serves,
        timeout=within,
        wait_for_workers=False,
        multi_tenant=True,
        master_listen_fd=listener,
    )


def loopback_store() -> "TCPStore":
    """A store for processes of this machine, at a free port of 127.0.0.1."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    return dist.TCPStore(  # type: ignore[attr-defined]
        "127.0.0.1", port, is_master=True, wait_for_workers=False, master_listen_fd=server.detach()
    )


def loopback_listener(host: str, port: int) -> int | None:
    """The descriptor of a socket that listens at a loopback address; None for others, or if one listens already."""
    try:
        if host != "localhost" and not ip_address(host).is_loopback:
            return None
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).detach()
    except (ValueError, OSError):  # a name; or an address in use, which may be by an earlier store of ours: torch knows
        return None


def take_gpu(number: int) -> None:
    """One GPU for each process of a machine."""
    if number >= torch.cuda.device_count():
        found = torch.cuda.device_count()
        raise ResourceError(
            f"this machine has {found} GPUs, and this is its process number {number + 1}",
            hint=f"Start at most {found} here, or use --device cpu.",
        )
    torch.cuda.set_device(number)


def first_line(error: Exception) -> str:
    """The first line of an error of torch, at most 200 characters."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
