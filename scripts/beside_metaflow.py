"""What the scripts share that execute flows beside Metaflow's own runs: a local AWS, a run on this machine, and what
a run left in a datastore."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOWC = os.environ.get("FLOWC_BIN", str(ROOT / "target" / "release" / "flowc"))
ORACLE = pathlib.Path(os.environ.get("FLOWC_ORACLE", "/nonexistent"))
STORE = "s3://oracle-bucket/metaflow"
READ = """
import json, os, sys
from metaflow.datastore import FlowDataStore
from metaflow.plugins.datastores.%s_storage import %sStorage as Storage
flow, run, root = sys.argv[1:]
store = FlowDataStore(flow, environment=None, metadata=None, storage_impl=Storage, ds_root=root)
shown = lambda name, value: repr(value.decode(name) if type(value).__name__ == "IncludedFile" else value)
tasks, end, transitions = [], None, {}
for task in store.get_task_datastores(run):
    if task.step_name == "_parameters":
        continue
    path = [frame.index for frame in (task["_foreach_stack"] if "_foreach_stack" in task else None) or []]
    tasks.append([task.step_name, path, task.attempt])
    transitions[task.task_id] = task["_transition"] and task["_transition"][0]
    if task.step_name == "end":
        end = {n: shown(n, task[n]) for n, _ in sorted(task.items()) if not n.startswith("_")}
print("@" + json.dumps({"tasks": sorted(tasks), "end": end, "transitions": transitions}))
"""
RUNS = """
import boto3, json, sys
pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="oracle-bucket", Prefix="metaflow/%s/%s-", Delimiter="/")
print("@" + json.dumps([p["Prefix"].split("/")[2] for page in pages for p in page.get("CommonPrefixes", [])]))
"""


def call(command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)


def answer(ran):
    """The JSON that a program of ours printed behind `@`."""
    found = [line for line in ran.stdout.splitlines() if line.startswith("@")]
    return json.loads(found[-1][1:]) if found else "unreadable: " + ran.stderr[-300:]


def ask(python, program, *arguments, environment):
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "ask.py"
        file.write_text(program)
        return answer(call([python, file, *arguments], env=environment, cwd=place))


def flow_name(path):
    return next(line.split("(")[0][6:] for line in path.read_text().splitlines() if line.startswith("class ") and "FlowSpec" in line)


@contextlib.contextmanager
def aws(python, folder, logs):
    """The address of a local AWS whose jobs run in copies of the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("METAFLOW_", "AWS_"))}
    given = {"ORACLE_JOB_LOGS": str(logs), "ORACLE_JOB_WORKDIR": str(folder), "AWS_EC2_METADATA_DISABLED": "true", "ORACLE_JOB_SLOTS": "3"}
    process = subprocess.Popen([python, ORACLE / "lib" / "aws.py"], env={**kept, **given}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            sys.exit("the local AWS did not start")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def compiled(folder, file, target, *options):
    """What flowc wrote for this deployment, or fails with its words."""
    settings = {"METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:5000", "METAFLOW_DEFAULT_METADATA": "local"}
    given = (word for name, value in settings.items() for word in ("--set", "%s=%s" % (name, value)))
    return call([FLOWC, "compile", file, "--target", target, "--datastore-root", STORE, "--image", "python:3.11", "--user", "e2e", *options, *given], cwd=folder)


def environment_of(url, home):
    """Of a program that reads what a run left on the local AWS."""
    given = {"FLOWC_ORACLE_AWS": url, "AWS_ENDPOINT_URL": url, "METAFLOW_S3_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
             "AWS_SECRET_ACCESS_KEY": "test", "METAFLOW_DATASTORE_SYSROOT_S3": STORE, "METAFLOW_USER": "e2e", "METAFLOW_HOME": str(home)}
    return {**os.environ, **given}


def runs(python, flow, prefix, environment):
    """The runs of a flow on the local AWS whose ids begin so."""
    return ask(python, RUNS % (flow, prefix), environment=environment)


def left_there(python, flow, run, environment):
    return ask(python, READ % ("s3", "S3"), flow, run, STORE, environment=environment)


def left_here(folder, file, parameters, python):
    """What `python FILE run` leaves, or that it failed."""
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "METAFLOW_DATASTORE_SYSROOT_LOCAL": place, "METAFLOW_USER": "e2e", "METAFLOW_HOME": place}
        given = [word for name, value in parameters.items() for word in ("--" + name, value)]
        run_id = pathlib.Path(place) / "run"
        ran = call([python, file, "--no-pylint", "--quiet", "run", "--run-id-file", run_id, *given], cwd=folder, env=environment)
        if ran.returncode:
            return "Failed"
        return ask(python, READ % ("local", "Local"), flow_name(folder / file), run_id.read_text(), place + "/.metaflow", environment=environment)


def shown(left, what):
    return json.dumps(left[what] if isinstance(left, dict) else left, ensure_ascii=False)


def same(ours, theirs, must_fail):
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours == theirs == "Failed" and must_fail
    return not must_fail and ours["tasks"] == theirs["tasks"] and ours["end"] == theirs["end"] and ours["end"] is not None


def show(good, name, digest, run, ours, theirs, more=()):
    print("%-4s %s\n     definition %s\n     run        %s" % ("ok" if good else "FAIL", name, digest, run))
    for what in ("tasks", "end"):
        print("     ours       %s\n     metaflow   %s" % (shown(ours, what), shown(theirs, what)))
    print(*("     " + line for line in more), sep="\n", end="\n" if more else "", flush=True)
