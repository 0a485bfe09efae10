//! Decorators that cannot be applied where they stand: names and pages.

use crate::declare_rule;

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
    /// Metaflow finds steps by a mark on the function. A wrapper keeps the mark when it is made with `functools.wraps`. A decorator that forgets its `return` leaves `None` in the function's place, a class with a `__call__` leaves an object. `@staticmethod` and `@classmethod` have no place on a step: below `@step` they hide it too, above it the task calls the function without the flow.
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
    /// nothing: the step is not part of the flow; with `@staticmethod` above `@step` the task ends with `TypeError: TrainFlow.report() missing 1 required positional argument: 'self'` (2.19.39)
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
