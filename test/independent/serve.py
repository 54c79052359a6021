"""Runs recover.py and make.py for recover.test.ts, one command line after another in this one process.

A line of JSON on stdin has the program, its arguments, the working directory and what is on stdin; the
answer has the exit status, and what the program wrote. For tests only.
"""

import io
import json
import os
import sys
import tempfile

sys.path[:0] = [os.path.join(sys.path[0], "../.."), sys.path[0]]

import make
import recover

jobs, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
for job in map(json.loads, jobs):
    os.chdir(job["cwd"])
    sys.argv = [job["program"], *job["argv"]]
    sys.stdin = io.TextIOWrapper(io.BytesIO(bytes.fromhex(job["stdin"])))
    with tempfile.TemporaryFile() as out:
        os.dup2(out.fileno(), 1)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), io.StringIO()
        code = 0
        try:
            {"recover": recover, "make": make}[job["program"]].main()
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        out.seek(0)
        answer = {"code": code, "stdout": out.read().hex(), "stderr": sys.stderr.getvalue()}
    print(json.dumps(answer), file=answers, flush=True)
