//! The rule `mount`.

use crate::declare_rule;
use crate::decorator::kubernetes_values::VOLUMES_OF_ARGO;
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, Written};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// A place in the pod is mounted twice, by two claims of `persistent_volume_claims`, or by one and what the pod has
    /// anyway: tmpfs, shared memory, the folder for results; or a claim has the name of such a volume. An error where
    /// a target is asked that uses it.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
    ///     @kubernetes(persistent_volume_claims={"data": "/mnt", "models": "/mnt"})
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
    ///     @kubernetes(persistent_volume_claims={"data": "/mnt/data", "models": "/mnt/models"})
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
    /// Nothing; the API server refuses the template: `mountPath … must be unique` (2.19.39).
    pub static INFO: warning "FLC519" "mount";
}

/// What a pod mounts besides its claims: the volume's name, the place, and what asks for it.
struct Taken {
    volume: &'static str,
    path: String,
    by: &'static str,
}

/// Claims that come with the deployment are held against these when the flow has been planned.
pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "kubernetes") {
        let taken = taken(context, &used);
        // tmpfs comes first, where there is one: its place alone is chosen.
        if let Some((tmpfs, others)) = taken.split_first()
            && let Some(other) = others.iter().find(|other| other.path == tmpfs.path)
        {
            let message = format!(
                "`{}` is mounted twice: by {} and by {}",
                tmpfs.path, tmpfs.by, other.by
            );
            let place = used.get("tmpfs_path").map_or(used.span(), |written| written.span);
            let finding = used.finding(&INFO, place, message);
            out.push(used.for_target(context, "tmpfs_path", finding));
        }
        if let Some(claims) = used.truthy("persistent_volume_claims") {
            let problems = problems(claims, &taken).into_iter();
            out.extend(problems.map(|(claim, message)| {
                let finding = used.finding(&INFO, claims.place(claim), message);
                let finding = used.for_target(context, "persistent_volume_claims", finding);
                finding.help("mount each claim at a place of its own")
            }));
        }
    }
}

/// Each with the claim that is to blame.
fn problems<'a>(claims: Written<'a>, taken: &[Taken]) -> Vec<(&'a str, String)> {
    let mut found = Vec::new();
    let mut mounted: Vec<(&str, &str)> = Vec::new();
    for (claim, path) in claims.value.as_dict().unwrap_or_default() {
        let (Some(claim), Some(path)) = (claim.as_str(), path.as_str()) else {
            continue;
        };
        let path = path.trim_end_matches('/');
        if let Some(taken) = taken.iter().find(|taken| taken.path == path) {
            found.push((
                claim,
                format!(
                    "`{path}` is mounted twice: by the claim `{claim}` and by {}",
                    taken.by
                ),
            ));
        } else if let Some((other, _)) = mounted.iter().find(|(_, place)| *place == path) {
            found.push((
                claim,
                format!("`{path}` is mounted twice: by the claims `{other}` and `{claim}`"),
            ));
        } else if let Some(taken) = taken.iter().find(|taken| taken.volume == claim) {
            found.push((
                claim,
                format!("the claim `{claim}` has the name of the volume of {}", taken.by),
            ));
        }
        mounted.push((claim, path));
    }
    found
}

fn taken(context: &Context<'_>, used: &Use<'_>) -> Vec<Taken> {
    let mut taken = Vec::new();
    if used.truthy("use_tmpfs").or(used.truthy("tmpfs_size")).is_some() {
        let path = used.get("tmpfs_path").and_then(|written| written.value.as_str());
        taken.push(Taken {
            volume: "tmpfs-ephemeral-volume",
            path: path.unwrap_or("/metaflow_temp").trim_end_matches('/').to_owned(),
            by: "`tmpfs_path`",
        });
    }
    let resources = used.step.and_then(|step| uses::first(step, "resources"));
    let asked = resources.and_then(|resources| resources.get("shared_memory"));
    let asked = asked.filter(|written| *written.value != Value::None);
    if asked
        .or(used.get("shared_memory"))
        .is_some_and(|written| written.value.is_truthy())
    {
        taken.push(Taken {
            volume: "dhsm",
            path: "/dev/shm".to_owned(),
            by: "`shared_memory`",
        });
    }
    // Where a task leaves what the next ones are to know.
    let (volume, path) = match context.target.map(|target| target.target) {
        Some(Target::Argo) => ("out", "/mnt/out"),
        Some(Target::Airflow) => ("xcom", "/airflow/xcom"),
        Some(Target::StepFunctions) | None => return taken,
    };
    taken.push(Taken {
        volume,
        path: path.to_owned(),
        by: "the folder for results",
    });
    if volume == "out" {
        // The second is not mounted beside the step's own container.
        let places = ["/var/run/argo", "\0"];
        taken.extend(
            VOLUMES_OF_ARGO
                .into_iter()
                .zip(places)
                .map(|(volume, path)| Taken {
                    volume,
                    path: path.to_owned(),
                    by: "Argo's executor",
                }),
        );
    }
    taken
}
