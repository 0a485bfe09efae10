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

/// What is written for an attribute.
enum Given<'a> {
    Known(&'a Value),
    Unknown,
    Not,
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

    /// Those whose queue is on Fargate.
    pub fn on_fargate<'s>(&'s self, settings: &'s StepFunctionsSettings) -> Vec<BatchStep<'s>> {
        let queue = |step: &BatchStep<'s>| step.text("queue").or(settings.job_queue.as_deref());
        let queues = self
            .all()
            .map(|step| (queue(&step), step.gives("ephemeral_storage")));
        let on_fargate = settings.on_fargate(queues);
        self.all()
            .filter(|step| on_fargate.contains(&queue(step)))
            .collect()
    }
}

impl<'a> BatchStep<'a> {
    /// Is it written, with a value that is not `None` or not known?
    pub fn gives(&self, attribute: &str) -> bool {
        match self.value(attribute) {
            Given::Known(value) => *value != Value::None,
            Given::Unknown => true,
            Given::Not => false,
        }
    }

    fn text(&self, attribute: &str) -> Option<&'a str> {
        match self.value(attribute) {
            Given::Known(value) => value.as_str(),
            Given::Unknown | Given::Not => None,
        }
    }

    fn value(&self, attribute: &str) -> Given<'a> {
        let mut uses = self.step.decorators_named("batch").peekable();
        if uses.peek().is_some() {
            let written = uses.find_map(|used| used.attribute(attribute));
            return written.map_or(Given::Not, |written| {
                written.value.value().map_or(Given::Unknown, Given::Known)
            });
        }
        let attributes = self.given.map(|spec| spec.attributes.iter());
        let mut attributes = attributes.into_iter().flatten();
        let found = attributes.find(|(name, _)| name == attribute);
        found.map_or(Given::Not, |(_, value)| Given::Known(value))
    }
}
