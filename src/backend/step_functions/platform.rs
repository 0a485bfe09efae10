//! What a job asks of the platform that its queue is on: Fargate takes less than EC2, and one thing more.
//! AWS Batch User Guide, job definitions on Fargate; Metaflow 2.19: `batch_client.py`.

use super::compute::{self, float, request_of, whole};
use crate::diagnostic::{Diagnostic, RuleInfo, Severity};
use crate::lint::rules::{aws_batch as rules, no_effect};
use crate::plan::{Plan, Task};
use crate::request::BatchRequest;
use crate::request::merge::{self, EffectiveCompute};
use crate::target::Target;
use crate::value::Value;

/// The findings about the jobs of a plan.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let none = BatchRequest::default();
        let request = request_of(task).unwrap_or(&none);
        let job = Job {
            task,
            request,
            sizes: merge::batch(request, task.request.resources.as_ref()),
        };
        job.memory(&mut found);
        job.cut(&mut found);
        job.paths(&mut found);
        found.extend(job.idle_tmpfs_path());
        if compute::is_on_fargate(plan, request) {
            job.on_fargate(&mut found);
        } else {
            job.on_ec2(&mut found);
        }
    }
    found
}

struct Job<'a> {
    task: &'a Task,
    request: &'a BatchRequest,
    sizes: EffectiveCompute,
}

/// GiB of ephemeral storage on Fargate.
const STORAGE: std::ops::RangeInclusive<i64> = 21..=200;
const LOG_DRIVERS: [&str; 2] = ["awslogs", "splunk"];

/// Cores on Fargate, with the memory in MiB that they can have: least, most, step; of the smallest, doubled each time.
const SIZES: [(f64, i64, i64, i64); 7] = [
    (0.25, 512, 2_048, 0),
    (0.5, 1_024, 4_096, 1_024),
    (1.0, 2_048, 8_192, 1_024),
    (2.0, 4_096, 16_384, 1_024),
    (4.0, 8_192, 30_720, 1_024),
    (8.0, 16_384, 61_440, 4_096),
    (16.0, 32_768, 122_880, 8_192),
];

/// AWS Batch: MiB of memory.
const LEAST_MEMORY: i64 = 4;

impl Job<'_> {
    fn memory(&self, found: &mut Vec<Diagnostic>) {
        let memory = compute::truncated(float(&self.sizes.memory));
        if memory < LEAST_MEMORY {
            let problem = format!("it has {memory} MiB of memory, {LEAST_MEMORY} are the least");
            found.push(self.refused(&problem, "`memory` is in MiB: 4096 are 4 GiB"));
        }
    }

    /// What a job gets less of than is asked for: AWS Batch counts whole MiB, and Metaflow takes the part before the point.
    fn cut(&self, found: &mut Vec<Diagnostic>) {
        let sizes = [
            ("memory", Some(self.sizes.memory.as_str())),
            ("shared_memory", self.sizes.shared_memory.as_deref()),
        ];
        for (name, text) in sizes {
            let Some(text) = text.filter(|text| float(text).fract() != 0.0) else {
                continue;
            };
            // Less than one is refused.
            let given = compute::truncated(float(text));
            if given > 0 {
                let reason = format!("is cut to {given}: AWS Batch counts whole MiB, not {text}");
                found.push(self.note(name, &reason));
            }
        }
        if self.sizes.gpu.as_deref().is_some_and(|gpus| float(gpus) < 0.0) {
            found.push(self.note("gpu", "has no effect: it is less than none"));
        }
        let adapters = whole(self.request.efa.as_ref()).unwrap_or(0);
        if adapters > 1 {
            let reason = format!("is cut to 1: a job of one node gets one adapter, not {adapters}");
            found.push(self.note("efa", &reason));
        }
    }

    /// A path for nothing. Without `tmpfs_tempdir` it is still what `current.tempdir` says.
    fn idle_tmpfs_path(&self) -> Option<Diagnostic> {
        let request = self.request;
        request.tmpfs_path.as_ref().filter(|path| !path.is_empty())?;
        let is_asked = request.use_tmpfs == Some(true) || is_truthy(request.tmpfs_size.as_ref());
        let is_idle = !is_asked && request.tmpfs_tempdir != Some(false);
        is_idle.then(|| self.note("tmpfs_path", "has no effect without `use_tmpfs` or `tmpfs_size`"))
    }

    /// A path in the container holds one thing.
    fn paths(&self, found: &mut Vec<Diagnostic>) {
        let (_, mounts) = compute::volumes(self.request);
        let tmpfs = compute::tmpfs(self.request, float(&self.sizes.memory));
        let mut paths: Vec<String> = mounts.into_iter().map(|mount| mount.container_path).collect();
        paths.extend(tmpfs.map(|tmpfs| tmpfs.container_path));
        paths.sort_unstable();
        let repeated = paths.windows(2).find(|pair| pair.first() == pair.last());
        if let Some(path) = repeated.and_then(|pair| pair.first()) {
            let problem = format!("two volumes are mounted at `{path}`");
            found.push(self.refused(&problem, "write another path behind the `:`"));
        }
    }

    fn on_ec2(&self, found: &mut Vec<Diagnostic>) {
        if is_truthy(self.request.ephemeral_storage.as_ref()) {
            found.push(self.refused(
                "`ephemeral_storage` is only available for Fargate, and the queue is on EC2",
                "leave it out, or name a queue of Fargate: `--queue QUEUE=fargate`",
            ));
        }
        if self
            .sizes
            .shared_memory
            .as_deref()
            .is_some_and(|size| compute::truncated(float(size)) < 1)
        {
            found.push(self.refused(
                "`shared_memory` is less than a MiB",
                "ask for more, or leave it out",
            ));
        }
        let cores = float(&self.sizes.cpu);
        if cores.fract() != 0.0 {
            let problem = format!("it asks for {cores} cores, and on EC2 they are whole");
            let help = "give a whole number as `cpu`, or name a queue of Fargate: `--queue QUEUE=fargate`";
            found.push(self.refused(&problem, help).severity(Severity::Warning));
        }
        if self.request.swappiness.is_some() && self.request.max_swap.is_none() {
            found.push(self.note("swappiness", "has no effect without `max_swap`"));
        }
        if self.request.execution_role.is_some() {
            found.push(self.note(
                "execution_role",
                "has no effect: it is for Fargate, and the queue is on EC2",
            ));
        }
        if self.request.use_tmpfs == Some(true)
            && compute::tmpfs(self.request, float(&self.sizes.memory)).is_some_and(|tmpfs| tmpfs.size < 1)
        {
            found.push(self.refused(
                "half of the job's memory, which the tmpfs gets, is less than a MiB",
                "ask for more `memory`, or give `tmpfs_size`",
            ));
        }
    }

    fn on_fargate(&self, found: &mut Vec<Diagnostic>) {
        let request = self.request;
        let gpus = self.sizes.gpu.as_deref().map_or(0.0, float);
        let refused = [
            ("gpu", gpus > 0.0),
            ("privileged", request.privileged == Some(true)),
            ("host_volumes", is_truthy(request.host_volumes.as_ref())),
            ("inferentia", is_some(request.inferentia.as_ref())),
            ("trainium", is_some(request.trainium.as_ref())),
            ("efa", is_some(request.efa.as_ref())),
            ("use_tmpfs", request.use_tmpfs == Some(true)),
            ("tmpfs_size", is_truthy(request.tmpfs_size.as_ref())),
        ];
        for (name, _) in refused.into_iter().filter(|(_, is_asked)| *is_asked) {
            let problem = format!("Fargate has no `{name}`");
            found.push(self.refused(&problem, "leave it out, or name a queue of EC2 for the step"));
        }
        found.extend(self.log_driver());
        found.extend(self.size());
        found.extend(self.storage());
        let ignored = [
            ("shared_memory", self.sizes.shared_memory.is_some()),
            ("max_swap", request.max_swap.is_some()),
            ("swappiness", request.swappiness.is_some()),
        ];
        let ignored = ignored.into_iter().filter(|(_, is_asked)| *is_asked);
        found.extend(ignored.map(|(name, _)| self.note(name, "has no effect: its queue is on Fargate")));
    }

    fn log_driver(&self) -> Option<Diagnostic> {
        let driver = self.request.log_driver.as_deref()?;
        let problem = format!("the `log_driver` on Fargate is `awslogs` or `splunk`, not `{driver}`");
        (!LOG_DRIVERS.contains(&driver))
            .then(|| self.refused(&problem, "take one of these, or name a queue of EC2 for the step"))
    }

    fn size(&self) -> Option<Diagnostic> {
        let (cpu, memory) = (
            float(&self.sizes.cpu),
            compute::truncated(float(&self.sizes.memory)),
        );
        let cores = |size: &(f64, i64, i64, i64)| (size.0 - cpu).abs() < 1e-6;
        let Some((_, least, most, step)) = SIZES.iter().find(|size| cores(size)) else {
            let problem = format!("Fargate has no jobs of {cpu} cores; it has 0.25, 0.5, 1, 2, 4, 8 or 16");
            return Some(self.refused(&problem, "give one of these as `cpu`"));
        };
        let is_right = match step {
            0 => [512, 1_024, 2_048].contains(&memory),
            step => (*least..=*most).contains(&memory) && memory % step == 0,
        };
        let problem = format!("a job of {cpu} cores on Fargate cannot have {memory} MiB of memory");
        let help = match step {
            0 => "give `memory` 512, 1024 or 2048".to_owned(),
            step => format!("give `memory` from {least} to {most}, a multiple of {step}"),
        };
        (!is_right && memory >= LEAST_MEMORY).then(|| self.refused(&problem, &help))
    }

    fn storage(&self) -> Option<Diagnostic> {
        let size = whole(self.request.ephemeral_storage.as_ref())?;
        let problem = format!("`ephemeral_storage` is {size} GiB");
        (!STORAGE.contains(&size)).then(|| self.refused(&problem, "Fargate gives 21 to 200"))
    }

    fn refused(&self, problem: &str, help: &str) -> Diagnostic {
        let message = format!("AWS Batch refuses the job of `{}`: {problem}", self.task.step);
        self.finding(&rules::PLATFORM, &message).help(help)
    }

    /// What becomes of an attribute that the job does not get as it is written.
    fn note(&self, attribute: &str, becomes: &str) -> Diagnostic {
        let message = format!("`{attribute}` of `{}` {becomes}", self.task.step);
        self.finding(&no_effect::INFO, &message)
    }

    fn finding(&self, rule: &'static RuleInfo, message: &str) -> Diagnostic {
        let finding = Diagnostic::new(rule, self.task.span, message);
        finding.step(self.task.step.clone()).target(Target::StepFunctions)
    }
}

fn is_truthy(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_truthy)
}

/// Is a number of devices asked for?
fn is_some(value: Option<&Value>) -> bool {
    whole(value).is_some_and(|count| count > 0)
}
