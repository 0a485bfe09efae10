"""The process from which flowc starts the tasks of a local run, each in a process of its own.

It imports metaflow once and forks for each task (`fork`), or starts a new interpreter (`spawn`). Standard library
only, Python 3.9 and later. It knows nothing of flows: flowc says what to start, with which arguments, variables and
pipes, and is told the process's id and how it ended. When flowc goes away, so does everything that was started here.

Never import `metaflow.cli` or its commands here: at import they bake the Parameters of a flow into their options.
"""
import atexit
import errno
import gc
import io
import json
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import tokenize
import traceback

# Of `__main__`: what belongs to the bootstrap, not to the flow.
BOOTSTRAP_NAMES = ("flowc_worker", "flowc_boot")

# What a task's command imports besides `metaflow` and that looks at no flow while it is imported.
SAFE_MODULES = ("metaflow.system", "metaflow.lint", "metaflow.pylint_wrapper", "metaflow.clone_util", "metaflow.task")


# Start threads when they are imported, and are known to work in a fork that comes before they compute anything.
SAFE_THREADS = ("numpy", "pandas", "matplotlib", "sklearn", "lightgbm", "polars", "pyarrow")


class Server:
    """The loop: requests of flowc in, news of processes out. One thread."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.unsent = bytearray()
        self.tasks = {}  # process id -> task number
        self.groups = set()  # process groups that may have members left
        self.leaves_alone = False  # of a run that went well: what its tasks left behind on purpose
        self.is_closed = False

    def serve(self, setup):
        """Comes back in the server's process with nothing when all is over, in a task's with what it is to do."""
        self.setup = setup
        adopt_orphans()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # flowc decides when tasks are interrupted
        wake, woken = os.pipe()
        for descriptor in (wake, woken):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken)
        self.own = [wake, woken, self.socket.fileno()]
        sys.path[0] = setup["folder"]
        try:
            warm = import_metaflow(setup["preload"], setup["sources"]) if setup["warm"] else {}
        except BaseException:
            self.send({"broken": traceback.format_exc()})
            return None
        self.send({"ready": dict(warm, python="%d.%d" % sys.version_info[:2], threads=count_threads())})
        try:
            forked = self.loop(wake)
        except BaseException:
            self.kill_everything()
            raise
        if forked is None:
            self.kill_everything()
        return forked

    def loop(self, wake):
        while not self.is_closed:
            writers = [self.socket] if self.unsent else []
            readable, writable, _ = select.select([self.socket, wake], writers, [])
            if writable:
                self.flush()
            if wake in readable:
                drain(wake)
                self.reap()
            if self.socket in readable:
                message, descriptors = self.receive()
                if "start" in message:
                    if self.start(message, descriptors):
                        return message, descriptors
                else:
                    self.handle(message)
        return None

    # ------------------------------------------------------------------ messages
    def receive(self):
        """(message, descriptors); an empty message when flowc is gone."""
        try:
            head, descriptors, _, _ = socket.recv_fds(self.socket, 4, 2)
            body = b"" if len(head) < 4 else self.exactly(int.from_bytes(head, "big"))
        except ConnectionError:
            head, body, descriptors = b"", b"", []
        if not body:
            self.is_closed = True
            return {}, descriptors
        return json.loads(body), descriptors

    def exactly(self, size):
        body = bytearray()
        while len(body) < size:
            part = self.socket.recv(size - len(body))
            if not part:
                return b""
            body += part
        return bytes(body)

    def send(self, message):
        self.unsent += framed(message)
        self.flush()

    def flush(self):
        """What the socket takes now: waiting here could wait for a flowc that waits for us."""
        try:
            while self.unsent:
                del self.unsent[: self.socket.send(self.unsent, socket.MSG_DONTWAIT)]
        except BlockingIOError:
            pass
        except OSError:
            self.is_closed = True

    def handle(self, message):
        if "signal" in message:
            for group in self.groups if message["task"] is None else [message["task"]]:
                signal_group(group, message["signal"])
        elif "finish" in message:
            self.leaves_alone = not message["finish"]
            self.is_closed = True

    # ------------------------------------------------------------------ processes
    def start(self, job, descriptors):
        """True in the process of the task."""
        try:
            child = os.fork()
        except OSError as error:
            self.send({"failed": job["start"], "error": str(error)})
            child = None
        if child == 0:
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        if child:
            self.tasks[child] = job["start"]
            self.groups.add(child)
            self.send({"started": job["start"], "pid": child})
        return False

    def reap(self):
        while True:
            try:
                child, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not child:
                return
            task = self.tasks.pop(child, None)
            if not group_exists(child):
                self.groups.discard(child)
            if task is not None:  # else an orphan that a task left
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
                memory = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
                self.send({"ended": task, "code": code, "memory": memory, "cpu": usage.ru_utime + usage.ru_stime})

    def kill_everything(self):
        """Groups first; then, where the system lets us adopt them, whatever left its group, also of tasks that are over."""
        if self.leaves_alone:
            return
        for group in self.groups:
            signal_group(group, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            for child in descendants(os.getpid()):
                try:
                    os.kill(child, signal.SIGKILL)
                except OSError:
                    pass
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            time.sleep(0.01)


def drain(descriptor):
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        pass


def adopt_orphans():
    """Processes that outlive a task become ours (Linux), so that they can be found and ended."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    except (ImportError, OSError, AttributeError):
        pass


def descendants(process):
    """Living processes below this one, by /proc; none where there is no /proc."""
    children = {}
    try:
        entries = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return []
    for entry in entries:
        try:
            with open("/proc/%s/stat" % entry, "rb") as stat:
                fields = stat.read().rsplit(b")", 1)[1].split()
            if fields[0] != b"Z":
                children.setdefault(int(fields[1]), []).append(int(entry))
        except (OSError, IndexError, ValueError):
            pass
    found, todo = [], [process]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def signal_group(group, number):
    if group is None or group <= 1:  # to the system group 1 is everybody
        return
    try:
        os.killpg(group, number)
    except OSError:
        pass


def group_exists(group):
    try:
        os.killpg(group, 0)
        return True
    except OSError as error:
        return error.errno == errno.EPERM


def count_threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


# ---------------------------------------------------------------------- the warm process
def import_metaflow(preload, sources):
    """Imports once what every task would import, and remembers what does not change between tasks."""
    gc.disable()
    import metaflow

    found = [name for name in third_party(sources) if name not in sys.modules]
    warnings = []
    named = {"auto": found, "none": []}
    for name in dict.fromkeys(each for name in preload for each in named.get(name, [name])):
        warnings += preloaded(name)
    for name in SAFE_MODULES:
        try:
            __import__(name)
        except Exception:  # of another version of Metaflow
            pass
    list(tokenize.generate_tokens(io.StringIO("class A:\n    pass\n").readline))  # compiles its expressions
    version = remember("metaflow.metaflow_version", "get_version")
    remember("metaflow.metaflow_git", "get_repository_info")
    gc.freeze()  # a collection in a task then touches none of the pages shared with this process
    gc.enable()
    suggested = [] if preload else found
    return {"metaflow": str(version or getattr(metaflow, "__version__", "")), "warnings": warnings, "suggested": suggested}


def preloaded(name):
    """Imports a module; what is to be said of that."""
    before = count_threads()
    try:
        __import__(name)
    except Exception as error:
        return ["cannot preload `%s`: %s: %s" % (name, type(error).__name__, error)]
    if count_threads() > before and name.partition(".")[0] not in SAFE_THREADS:
        text = "`%s` started threads when it was preloaded, which do not survive in forked tasks: leave it out if tasks hang"
        return [text % name]
    return []


def third_party(sources):
    """The modules of installed packages that these files import, wherever in them; only read, not run."""
    import ast
    from importlib.util import find_spec

    names = set()
    for path in sources:
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module)
    installed = {}
    for top in {name.partition(".")[0] for name in names} - {"metaflow"}:
        try:
            spec = find_spec(top)
        except (ImportError, ValueError):
            spec = None
        installed[top] = any(part in str(spec and spec.origin) for part in ("site-packages", "dist-packages"))
    return sorted(name for name in names if installed.get(name.partition(".")[0]))


def remember(module, name):
    """Lets a function without side effects (it runs `git`) answer from memory in every task."""
    try:
        __import__(module)
        holder = sys.modules[module]
        function = getattr(holder, name)
    except Exception:
        return None
    answers = {}

    def remembered(*args, **options):
        key = (args, tuple(sorted(options.items())))
        if key not in answers:
            answers[key] = function(*args, **options)
        return answers[key]

    try:
        answer = remembered() if name == "get_version" else remembered(os.getcwd())
    except Exception:
        answer = None
    for other in list(sys.modules.values()):
        if getattr(other, "__dict__", {}).get(name) is function:
            setattr(other, name, remembered)
    return answer


# ---------------------------------------------------------------------- in the task's process
def become_task(server, job, descriptors):
    """Lets go of all that is the server's; a new interpreter does not come back from here."""
    server.socket.detach()
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, descriptor in enumerate((null, *descriptors)):
        os.dup2(descriptor, target)
    for descriptor in {null, *descriptors, *server.own} - {0, 1, 2}:
        os.close(descriptor)
    os.environ.update(job["environment"])
    job.update(source=server.setup["source"], bootstrap=server.setup["bootstrap"])
    if job["spawn"] and not (job["without"] or job["is_init"]):
        os.execv(job["argv"][0], job["argv"])
    if job["spawn"]:
        start_cold(job)


def start_cold(job):
    """A new interpreter that does what a forked one does: for tasks that need both (`without`, init)."""
    message = tempfile.TemporaryFile()
    message.write(framed(job))
    message.seek(0)
    os.set_inheritable(message.fileno(), True)
    os.execv(job["argv"][0], [job["argv"][0], "-c", job["bootstrap"], str(message.fileno())])


def framed(message):
    body = json.dumps(message).encode()
    return len(body).to_bytes(4, "big") + body


def prepare(job):
    """What the process is to run: compiled source, and the variables of `__main__`."""
    sys.path[0] = folder_of(job["argv"][1])
    import metaflow

    if hasattr(time, "tzset"):
        time.tzset()
    numpy = sys.modules.get("numpy")
    if numpy is not None:  # else every task would draw the same numbers
        numpy.random.seed()
    hide_bootstrap()
    for name in job["without"]:
        setattr(metaflow, name, nothing)
    if job["without"]:
        members_without(job)
    if job["origin"]:
        take_over_parameters(job["origin"])
        take_over_configs(job["origin"])
    elif job["is_init"]:
        evaluate_defaults()
    if job["is_init"]:
        tell_what_init_sees(job["asked_file"], job["configs_file"])
    sys.argv = job["argv"][1:]
    return compiled(sys.argv[0])


def hide_bootstrap():
    """Stacks that are printed (`@timeout`) or searched for the script (`inspect.stack()[-1]`) begin at the flow."""
    import inspect

    outer = inspect.currentframe()
    while outer.f_back:
        outer = outer.f_back
    # `-c`, and the function there that runs the flow.
    own = {outer.f_code} | {code for code in outer.f_code.co_consts if hasattr(code, "co_code")}
    walk_stack, getouterframes = traceback.walk_stack, inspect.getouterframes

    def walk_users_stack(frame):
        if frame is None:
            frame = sys._getframe(1)
        return ((each, line) for each, line in walk_stack(frame) if each.f_code not in own)

    def getouterframes_of_user(frame, context=1):
        return [found for found in getouterframes(frame, context) if found.frame.f_code not in own]

    traceback.walk_stack, inspect.getouterframes = walk_users_stack, getouterframes_of_user


def members_without(job):
    """The control task of a `num_parallel` starts the others itself: they leave out the same decorators."""
    from metaflow.cli_args import cli_args

    step_command = cli_args.step_command

    def command_without(*args, **options):
        _, unbuffered, script, *rest = step_command(*args, **options)
        with tempfile.NamedTemporaryFile(prefix="flowc-", delete=False) as message:
            message.write(framed(dict(job, argv=[job["argv"][0], script, *rest])))
        atexit.register(os.unlink, message.name)
        opened = "import os, sys; sys.argv[1] = os.open(sys.argv[1], os.O_RDONLY)\n"
        return [job["argv"][0], unbuffered, "-c", opened + job["bootstrap"], message.name]

    cli_args.step_command = command_without


def nothing(function=None, **_):
    """A decorator that leaves the step or flow as it is."""
    return function if callable(function) else lambda decorated: decorated


def evaluate_defaults():
    """`init` leaves out defaults that are functions, because a deployer computed them; here nobody did."""
    from metaflow import parameters

    original = getattr(parameters, "add_custom_parameters", None)
    if original is not None:
        parameters.add_custom_parameters = lambda deploy_mode=False: original(deploy_mode=True)


def take_over_parameters(origin):
    """`resume`: the parameters are those of another run, so `init` takes none and copies that run's task."""
    from metaflow import parameters
    from metaflow.clone_util import clone_task_helper
    from metaflow.flowspec import FlowSpec
    from metaflow.runtime import NativeRuntime

    run, step, task = origin.split("/")

    def copy(runtime, task_id=None):
        store, metadata = runtime._flow_datastore, runtime._metadata
        clone_task_helper(runtime._flow.name, run, runtime._run_id, step, task, task_id, store, metadata)

    parameters.add_custom_parameters = lambda deploy_mode=False: lambda command: command
    FlowSpec._set_constants = lambda *_, **__: None
    NativeRuntime.persist_constants = copy


def take_over_configs(origin):
    """`resume`: what decorators find in Configs is what that run found, whatever their files say now (2.19: `cli.py`,
    `start`)."""
    from metaflow.flowspec import FlowSpec

    process = getattr(FlowSpec, "_process_config_decorators", None)
    if process is None:  # of a version without Configs
        return

    def process_taken_over(flow, *args, **options):
        configs = configs_of(flow)
        if configs:
            from metaflow.datastore import FlowDataStore, TaskDataStoreSet

            own = [(name, config.name) for name, config in flow._get_parameters() if config.IS_CONFIG_PARAMETER]
            names, run = [name for name, _ in own], origin.split("/")[0]
            store = TaskDataStoreSet(FlowDataStore(flow.__name__), run, steps=["_parameters"], prefetch_data_artifacts=names)
            for task in store:
                for name, config in own:
                    if name in task and config in configs:  # else it is new
                        old, new = configs[config], task[name]
                        configs[config] = (new, old[1]) if isinstance(old, tuple) else new
        return process.__func__(flow, *args, **options)

    FlowSpec._process_config_decorators = classmethod(process_taken_over)


def configs_of(flow):
    from metaflow import flowspec

    items = getattr(flowspec, "FlowStateItems", None) or flowspec._FlowState  # before 2.19
    return flow._flow_state.get(items.CONFIGS)


def tell_what_init_sees(asked_file, configs_file):
    """`init` sees the steps as they are once everything is imported, mutators and all, and has read the Configs: what
    Metaflow's own launcher would do with that (2.19: `runtime.py`, `Task` and `execute`) is left to flowc."""
    from metaflow.runtime import NativeRuntime

    persist = NativeRuntime.persist_constants

    def tell_and_persist(runtime, *args, **options):
        flow, steps = runtime._flow, [node.name for node in runtime._graph]
        tell(asked_file, lambda: {step: asked_by(getattr(flow, step).decorators) for step in steps})
        tell(configs_file, lambda: configs_for_tasks(flow))
        return persist(runtime, *args, **options)

    NativeRuntime.persist_constants = tell_and_persist


def tell(path, value):
    text = io.StringIO()
    try:
        json.dump(value(), text)  # `dumps` finds nothing in Metaflow's `ConfigValue`
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.getvalue())
    except Exception:  # no file, or of another version of Metaflow
        pass


def configs_for_tasks(flow):
    """As `--local-config-file` wants them, with the words by which each is taken from there."""
    from metaflow.user_configs.config_options import ConfigInput
    from metaflow.user_configs.config_parameters import dump_config_values

    values = dump_config_values(flow)
    return dict(values, options=[[name, ConfigInput.make_key_name(name)] for name in values.get("user_configs", ())])


def asked_by(decorators):
    counts, delay, variables = [(0, 0)], 0.0, {}
    for decorator in decorators:
        counts.append(decorator.step_task_retry_count())
        if decorator.name == "retry":
            delay = float(decorator.attributes["minutes_between_retries"]) * 60
        if decorator.name == "environment":
            variables.update(decorator.attributes["vars"])
    users, fallbacks = zip(*counts)
    if (None, None) in counts:  # none, whatever the others say
        users = fallbacks = (0,)
    return {
        "user_retries": max(users),
        "fallback_retries": max(fallbacks),
        "retry_delay": delay,
        "variables": [[name, str(value)] for name, value in variables.items()],
    }


def folder_of(path):
    return os.path.dirname(os.path.realpath(os.path.join(os.getcwd(), path)))


def compiled(path):
    """A file as `python FILE` would run it."""
    from importlib.machinery import SourceFileLoader

    file = os.path.join(os.getcwd(), path)
    main = sys.modules["__main__"].__dict__
    for name in BOOTSTRAP_NAMES:
        main.pop(name, None)
    main.update(__file__=file, __cached__=None, __loader__=SourceFileLoader("__main__", file))
    with open(file, "rb") as source:
        return compile(source.read(), file, "exec", dont_inherit=True), main


def raised():
    """Ends the process as an exception that nobody caught ends it."""
    kind, error, trace = sys.exc_info()
    if isinstance(error, SystemExit):
        finish(exit_code(error.code))
    error.__traceback__ = trace and trace.tb_next  # the first frame is the bootstrap's
    sys.excepthook(kind, error, error.__traceback__)
    if isinstance(error, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    finish(1)


def exit_code(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def finish(code):
    """What the interpreter does at its end, as far as others can notice it, without tearing itself down: that would
    take longer than many a task, for it touches every page that is shared with the warm process."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    os._exit(code)


def main(descriptor, message):
    """`message`: what a server is to be like, or the job of a cold task. Comes back in a task's process only, so
    that the flow runs on a stack without the server's frames."""
    if "start" in message:
        os.close(descriptor)
        return prepare(message)
    server = Server(descriptor)
    forked = server.serve(message)
    if forked is None:
        os._exit(0)  # an orderly end of the interpreter takes longer than a task
    try:
        job, descriptors = forked
        become_task(server, job, descriptors)
        return prepare(job)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
