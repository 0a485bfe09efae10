//! What the steps of a flow say in `@batch`, written or given by `--with`, as far as it is a matter of settings: queues,
//! roles. Knows no target's output.

use super::StepFunctionsSettings;
use crate::decorator::spec::{self, Spec};
use crate::flow::{Flow, Step};
use crate::value::Value;

/// The steps of a flow with their `@batch`.
pub struct BatchSteps<'a> {
    steps: &'a [Step],
    /// For steps without one.
    given: Option<Spec>,
}

/// One step with its `@batch`.
pub struct BatchStep<'a> {
    step: &'a Step,
    given: Option<&'a Spec>,
}

impl<'a> BatchSteps<'a> {
    pub fn new(flow: &'a Flow, with: &[String]) -> Self {
        let specs = with.iter().filter_map(|text| spec::parse(text).ok());
        Self {
            steps: &flow.steps,
            given: specs.into_iter().find(|spec| spec.name == "batch"),
        }
    }

    fn all(&self) -> impl Iterator<Item = BatchStep<'_>> {
        self.steps.iter().map(|step| BatchStep {
            step,
            given: self.given.as_ref(),
        })
    }

    pub fn all_give(&self, attribute: &str) -> bool {
        self.all().all(|step| step.gives(attribute))
    }

    /// Those whose queue is on Fargate: it is listed, or, where nothing is said of it, a step on it asks for ephemeral
    /// storage.
    pub fn on_fargate<'s>(&'s self, settings: &'s StepFunctionsSettings) -> Vec<BatchStep<'s>> {
        let queue = |step: &BatchStep<'s>| step.text("queue").or(settings.job_queue.as_deref());
        let is_listed = |queues: &[String], queue: Option<&str>| {
            queue.is_some_and(|queue| queues.iter().any(|listed| listed == queue))
        };
        let shown: Vec<Option<&str>> = self
            .all()
            .filter(|step| step.gives("ephemeral_storage"))
            .map(|step| queue(&step))
            .filter(|queue| !is_listed(&settings.ec2_queues, *queue))
            .collect();
        let is_on_fargate = |step: &BatchStep<'s>| {
            let queue = queue(step);
            is_listed(&settings.fargate_queues, queue) || shown.contains(&queue)
        };
        self.all().filter(is_on_fargate).collect()
    }
}

impl<'a> BatchStep<'a> {
    /// Is it written, with a value that is not `None` or not known?
    pub fn gives(&self, attribute: &str) -> bool {
        match self.value(attribute) {
            Some(value) => value.is_none_or(|value| *value != Value::None),
            None => false,
        }
    }

    fn text(&self, attribute: &str) -> Option<&'a str> {
        self.value(attribute)??.as_str()
    }

    /// What is written, and its value where that is known.
    fn value(&self, attribute: &str) -> Option<Option<&'a Value>> {
        let mut uses = self.step.decorators_named("batch").peekable();
        if uses.peek().is_some() {
            let written = uses.find_map(|used| used.attribute(attribute))?;
            return Some(written.value.value());
        }
        let attributes = &self.given?.attributes;
        let (_, value) = attributes.iter().find(|(name, _)| name == attribute)?;
        Some(Some(value))
    }
}
