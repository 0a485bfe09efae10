//! Rules on what only reading can see: decorators that cannot be applied, values of another phase, parameters
//! that are none. Only their names and pages stand here.

use crate::declare_rule;

declare_rule! {
    /// A value that exists only in a running task (`self.x`, `inputs`, `current.run_id`) stands where Python evaluates it when the flow is defined: in a decorator's argument, a parameter's field, a class attribute.
    ///
    /// Decorators are applied once, before any task runs; what they ask for is written into the definition. Take the value from what is known by then (a literal, a module constant, a `Config`, `os.environ`), or write one step for each choice and go to one of them by a switch.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, resources, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @resources(cpu=2 if self.cpu_heavy else 1)
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
    /// from metaflow import FlowSpec, resources, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.size = "big"
    ///         self.next({"big": self.big, "small": self.small}, condition="size")
    ///
    ///     @resources(cpu=2)
    ///     @step
    ///     def big(self):
    ///         self.next(self.end)
    ///
    ///     @resources(cpu=1)
    ///     @step
    ///     def small(self):
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
    /// `NameError: name 'self' is not defined` as a raw traceback; `current.run_id` is silently `None` (2.19.39)
    pub static RUN_TIME_VALUE: error "FLC201" "run-time-value-in-decorator";
}

declare_rule! {
    /// A `Parameter`, `IncludeFile` or `Config` object is used as if it were its value.
    ///
    /// In the class body and in decorators a parameter has no value yet: the name is bound to the object that declares it. As a condition it is always true, in text it is the object's description, in arithmetic it raises `TypeError`. A `Config` may stand alone in a decorator (`cpu=config.cpu`), where Metaflow resolves it, but not within an expression.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, Parameter, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     patient = Parameter("patient", default=True)
    ///
    ///     @retry(times=2 if patient else 1)
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
    /// from metaflow import FlowSpec, Parameter, retry, step
    ///
    /// PATIENT = True
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     patient = Parameter("patient", default=True)
    ///
    ///     @retry(times=2 if PATIENT else 1)
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
    /// nothing, and goes on with the wrong value, or a raw `TypeError` (2.19.39)
    pub static PARAMETER_AS_VALUE: error "FLC202" "parameter-used-as-value";
}

declare_rule! {
    /// A step decorator is applied to a function that is no step, or below `@step`.
    ///
    /// Decorators are applied from the bottom up, so `@step` must be the one next to `def`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     @retry(times=2)
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// `You tried to apply decorator 'retry' on 'start' which is not declared as a @step` in a raw traceback (2.19.39)
    pub static DECORATOR_WITHOUT_STEP: error "FLC210" "decorator-without-step";
}

declare_rule! {
    /// A decorator gets a positional argument.
    ///
    /// Metaflow's decorators take keyword arguments only: a positional one is taken for the function or class that is decorated.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(2)
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// `You tried to apply decorator 'retry' on '2' which is not declared as a @step` in a raw traceback (2.19.39)
    pub static POSITIONAL_ATTRIBUTE: error "FLC211" "positional-attribute";
}

declare_rule! {
    /// A decorator for flows is on a step, or on a class that is no flow.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, project, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @project(name="demo")
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
    /// from metaflow import FlowSpec, project, step
    ///
    ///
    /// @project(name="demo")
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
    /// `Decorator 'project' can be applied only to FlowSpecs` in a raw traceback (2.19.39)
    pub static FLOW_DECORATOR_MISPLACED: error "FLC212" "flow-decorator-misplaced";
}

declare_rule! {
    /// A decorator for steps is on a class.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// @retry(times=2)
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
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// `You tried to apply decorator 'retry' on 'TrainFlow' which is not declared as a @step` in a raw traceback (2.19.39)
    pub static STEP_DECORATOR_ON_CLASS: error "FLC213" "step-decorator-on-class";
}

declare_rule! {
    /// A decorator that may stand once is on a step or flow twice. For a flow the decorators of its base classes count.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(times=1)
    ///     @retry(times=2)
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
    /// from metaflow import FlowSpec, retry, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @retry(times=2)
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
    /// `Step 'start' already has a decorator 'retry'` in a raw traceback (2.19.39)
    pub static DUPLICATE_DECORATOR: error "FLC214" "duplicate-decorator";
}

declare_rule! {
    /// `@step` is called with an argument that it does not take.
    ///
    /// Allowed are `@step`, `@step()`, `@step(start=True)`, `@step(end=True)` and `@step(node_info={…})`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step(True)
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
    ///     @step(start=True)
    ///     def first(self):
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
    /// a raw `AttributeError: 'bool' object has no attribute 'is_step'` or `TypeError` (2.19.39)
    pub static BAD_STEP_FORM: error "FLC215" "bad-step-form";
}

declare_rule! {
    /// A step is made from a function whose source Metaflow cannot read: a lambda, or a plain function at module level.
    ///
    /// Metaflow parses the source of each step. A lambda has no statements, and from a function at the left margin without a decorator it takes away the indentation of the body.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     end = step(lambda self: None)
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
    /// a raw `AttributeError: 'Assign' object has no attribute 'args'`, or `IndentationError` (2.19.39)
    pub static UNREADABLE_STEP: error "FLC216" "unreadable-step";
}

declare_rule! {
    /// A decorator above `@step` puts another object in the place of the step, which thereby disappears from the flow.
    ///
    /// Metaflow finds steps by a mark on the function. A wrapper keeps the mark when it is made with `functools.wraps`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    /// def timed(function):
    ///     def wrapper(self):
    ///         return function(self)
    ///
    ///     return wrapper
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
    ///     @timed
    ///     @step
    ///     def report(self):
    ///         self.next(self.end)
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
    /// nothing: the step is not part of the flow (2.19.39)
    pub static HIDDEN_STEP: warning "FLC217" "hidden-step";
}

declare_rule! {
    /// A decorator that the project defines itself has a form that Metaflow refuses.
    ///
    /// A `@user_step_decorator` must be a generator function that takes `step_name`, `flow`, `inputs` and, if it has arguments, `attributes`; its arguments are given by keyword. A `FlowMutator` or `StepMutator` that is given arguments must define `init`; parameters and flow decorators may change in `pre_mutate` only, not in `mutate`.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step, user_step_decorator
    ///
    /// @user_step_decorator
    /// def timing(step_name, flow, inputs):
    ///     return 1
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @timing
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
    /// from metaflow import FlowSpec, step, user_step_decorator
    ///
    /// @user_step_decorator
    /// def timing(step_name, flow, inputs):
    ///     yield
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @timing
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
    /// `@user_step_decorator can only decorate generator functions.` in a raw traceback (2.19.39)
    pub static BAD_USER_DECORATOR: error "FLC218" "bad-user-decorator";
}

declare_rule! {
    /// A function or lambda is given where a decorator takes a value.
    ///
    /// Metaflow never calls it: the function object itself is the value, which no target can use.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @kubernetes(cpu=lambda: 2)
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
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @kubernetes(cpu=2)
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
    /// `Invalid cpu value <function TrainFlow.<lambda> at 0x…> for step start; it should be greater than 0`; with `@resources` nothing (2.19.39)
    pub static FUNCTION_AS_VALUE: error "FLC219" "function-as-value";
}

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
    /// A `Parameter` is bound in a way that Metaflow takes no notice of: to a name that begins with `_`, to one of Metaflow's own names (`cmd`, `foreach_stack`, `index`, `input`, `script_name`, `name`), or inside of a list or dict.
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
    /// `-D NAME=VALUE` gives a value for something that is known from the source.
    ///
    /// Only what cannot be known statically (a deploy-time function, an opaque expression) takes its value from `-D`: a definition must do what the source says. Change the source, or read the value from a `Config` or the environment.
    ///
    /// For the flow below, `flowc check -D TrainFlow.alpha=2` is without effect, since the default is written there; `-D TrainFlow.beta=2` has one.
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, Parameter, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     alpha = Parameter("alpha", default=1)
    ///     beta = Parameter("beta", default=lambda context: 1)
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
    /// nothing: it has no such option (2.19.39)
    pub static DEFINE_WITHOUT_EFFECT: warning "FLC904" "define-without-effect";
}

declare_rule! {
    /// A class with steps derives from a class that cannot be found, so that nobody can tell what the flow is.
    ///
    /// Bases are followed into the files beside the flow's file, not into installed packages: what such a package holds when the flow runs cannot be known from its source. Put the base class into the project.
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
