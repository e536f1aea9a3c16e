"""Tasks in threads of this process: what is sent after the answer.

A task queue takes over when TASKS names another backend.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.tasks.backends.immediate import ImmediateBackend
from django.tasks.base import TaskResult

# Of the process: each of its threads has a backend of its own.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="tasks")


class ThreadBackend(ImmediateBackend):
    def _execute_task(self, task_result: "TaskResult[Any, Any]") -> None:
        _threads.submit(self._run, task_result)

    def _run(self, task_result: "TaskResult[Any, Any]") -> None:
        try:
            super()._execute_task(task_result)  # type: ignore[misc] # the stubs lack it
        finally:
            connections.close_all()
