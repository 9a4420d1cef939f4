"""Processes that explain and train beside the one that serves pages: started once, with models of their own."""

from glider_core.workers.portable import Task
from glider_core.workers.worker import Worker, WorkerDied, n_workers, threads_each

__all__ = ["Task", "Worker", "WorkerDied", "n_workers", "threads_each"]
