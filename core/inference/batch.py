"""The former name of ``core.batch``: ``python -m core.inference.batch`` runs the same command."""

import runpy

if __name__ == "__main__":
    runpy.run_module("core.batch", run_name="__main__", alter_sys=True)
