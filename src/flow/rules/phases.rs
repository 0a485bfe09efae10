//! Values of one phase in the place of another: names and pages.

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
    /// `-D NAME=VALUE` gives a value for something that is known from the source, or for a name that nothing has.
    ///
    /// Only what cannot be known statically (a deploy-time function, an opaque expression) takes its value from `-D`: a definition must do what the source says. Change the source, or read the value from a `Config` or the environment.
    ///
    /// A name is that of a constant, `NAME` in the flow's file and `module.NAME` in another, of a parameter, `Flow.parameter`, or of an attribute of a decorator, `step.decorator.attribute`. Where several files are checked, one of them must have it; the `[values]` of a `flowc.toml` may be meant for flows that are not read now, and are judged only where a whole folder is checked.
    ///
    /// ## Wrong
    /// The default is written there:
    /// ```sh
    /// flowc check train.py -D TrainFlow.alpha=2
    /// ```
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
    /// ## Right
    /// The default is known only when the flow is deployed:
    /// ```sh
    /// flowc check train.py -D TrainFlow.beta=2
    /// ```
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
