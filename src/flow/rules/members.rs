//! Members of the class that are not what they seem: names and pages.

use crate::declare_rule;

declare_rule! {
    /// A class body imports a module, which thereby becomes an attribute of the flow.
    ///
    /// Every attribute of the class whose name does not begin with `_` is stored as an artifact when a run starts, and a module cannot be stored. Import at the top of the file, or in the step that needs it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     import json
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// import json
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.text = json.dumps([])
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; `Cannot pickle dump artifact named "json"` when the flow is run (2.19.39)
    pub static MODULE_AS_CONSTANT: error "FLC312" "module-as-constant";
}

declare_rule! {
    /// A class attribute holds what no run can store: a class (`class Meta:` inside of the flow, `Model = RandomForest`), a lock, a queue, a connection, a thread pool.
    ///
    /// Attributes of the class are stored when a run starts, and these cannot be: every run fails there. Neither can containers that hold a lambda, a generator, a module or such an object. Put it beside the flow, or make it in the step that needs it. A class whose name begins with `_` is left alone.
    ///
    /// ## Wrong
    /// ```python
    /// import threading
    ///
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     lock = threading.Lock()
    ///
    ///     class Limits:
    ///         depth = 3
    ///
    ///     @step
    ///     def start(self):
    ///         self.depth = self.Limits.depth
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// import threading
    ///
    /// from metaflow import FlowSpec, step
    ///
    /// lock = threading.Lock()
    ///
    ///
    /// class Limits:
    ///     depth = 3
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.depth = Limits.depth
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; when the flow is run a raw `AttributeError: 'TrainFlow' object has no attribute 'Limits'`, or `Cannot pickle dump artifact named "lock"` (2.19.39)
    pub static UNSTORABLE_CONSTANT: warning "FLC314" "unstorable-constant";
}

declare_rule! {
    /// A class body defines a step, and then something else of the same name: the step is lost.
    ///
    /// In Python the last definition of a name counts, in a class as anywhere.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.train)
    ///
    ///     @step
    ///     def train(self):
    ///         self.model = "a"
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def train(self):
    ///         self.model = "b"
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.train)
    ///
    ///     @step
    ///     def train(self):
    ///         self.model = "b"
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing: it sees the last one only (2.19.39)
    pub static REPEATED_STEP: warning "FLC129" "step-defined-twice";
}

declare_rule! {
    /// A flow has an `__init__` of its own that never calls the one of `FlowSpec`, which is what reads the command line and does the work.
    ///
    /// The file does nothing then, whatever it is asked for, and ends as if all were well: `run`, and every task of a deployment. The same goes for the `__init__` that `@dataclass` writes, and for that of a mixin that is named before `FlowSpec`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     def __init__(self):
    ///         self.rate = 0.1
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     rate = 0.1
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing, and exits with 0, whichever command is given (2.19.39)
    pub static UNSTARTED_FLOW: warning "FLC315" "unstarted-flow";
}

declare_rule! {
    /// A `Parameter`, `IncludeFile` or `Config` has no name, or one that is no text.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter()
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha")
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// a raw `TypeError: Parameter.__init__() missing 1 required positional argument: 'name'` (2.19.39)
    pub static NAMELESS_PARAMETER: error "FLC602" "nameless-parameter";
}

declare_rule! {
    /// A `Parameter` is bound in a way that Metaflow takes no notice of: to a name that begins with `_`, to one of Metaflow's own names (`cmd`, `foreach_stack`, `index`, `input`, `script_name`, `name`), inside of a list or dict, or to a name under which a step is defined after it.
    ///
    /// It cannot be set, and a step that reads it gets the declaring object.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     _alpha = Parameter("alpha", default=1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default=1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing (2.19.39)
    pub static IGNORED_PARAMETER: warning "FLC609" "ignored-parameter";
}

declare_rule! {
    /// A `Config` has no content: its file is not there, its text is no JSON (or what its parser wants), or it is required and nothing is given.
    ///
    /// Paths are relative to the folder in which the command runs. Give a file by `--config NAME=FILE`, a value by `--config-value NAME=JSON`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     settings = Config("settings", default_value="{")
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import Config, FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     settings = Config("settings", default_value={"cpu": 2})
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// `Bad values passed for configuration options: configuration value for 'settings' is not valid JSON: …`, by every command (2.19.39)
    pub static UNREADABLE_CONFIG: error "FLC615" "unreadable-config";
}

declare_rule! {
    /// A class with steps derives from a class that cannot be found, so that nobody can tell what the flow is.
    ///
    /// Bases are followed into the files beside the flow's file and into folders that it adds to `sys.path` from its own place (`sys.path.insert(0, str(Path(__file__).parent / "lib"))`), not into installed packages: what such a package holds when the flow runs cannot be known from its source. Put the base class into the project. (Where `FlowSpec` is among the bases too, it is a flow for certain: FLC907.)
    ///
    /// ## Wrong
    /// ```python
    /// from lost_module import BaseFlow
    /// from metaflow import step
    ///
    ///
    /// class TrainFlow(BaseFlow):
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Python's `ModuleNotFoundError` as a raw traceback where the module is not installed (2.19.39)
    pub static UNKNOWN_BASE: error "FLC905" "unknown-base";
}

declare_rule! {
    /// The `type` of a parameter is a value (`"int"`, `[int]`), where a type is meant, or one for annotations only (`Optional[str]`, `Literal["a", "b"]`, `int | None`), which cannot be called to make a value of a text.
    ///
    /// Where there is no default, the latter is a warning: the flow runs until a value is given. A parameter without a default is `None` as it is; choices are `click.Choice(["a", "b"])`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     epochs = Parameter("epochs", type="int")
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     epochs = Parameter("epochs", type=int)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; a raw `AttributeError: 'str' object has no attribute '__name__'` or `TypeError: Cannot instantiate typing.Union` when the flow is run (2.19.39)
    pub static VALUE_AS_TYPE: error "FLC617" "value-as-parameter-type";
}

declare_rule! {
    /// The function that gives a parameter's default when the flow is run or deployed cannot: it takes no argument, needs more than it gets, or returns a literal of another type than the parameter's. Without `type` that is `str`.
    ///
    /// A value of another type than `str` where `str` is wanted is a warning: deployers make JSON of it, and only a run refuses it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", type=float, default=lambda: 0.1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", type=float, default=lambda context: 0.1)
    ///
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing at `check`; a raw `TypeError: <lambda>() takes 0 positional arguments but 1 was given` when the flow is run or deployed, or `The value returned by the deploy-time function for the parameter alpha field default has a wrong type. Expected a float.` (2.19.39)
    pub static UNFIT_FUNCTION: error "FLC618" "unfit-deploy-time-function";
}
