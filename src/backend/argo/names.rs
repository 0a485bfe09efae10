//! Names of workflows, templates and tasks. Templates are called after what they are (`step`, `step-x`, `foreach-x`,
//! `loop-x`, `part-1`), never after a step alone, so that no step's name can meet another template's.

use std::collections::BTreeSet;

use sha1::{Digest, Sha1};

use crate::plan::{Plan, TaskId};

/// Longest name of a workflow: Metaflow's own cap, which leaves room for the suffixes of runs.
pub const WORKFLOW_NAME_LIMIT: usize = 45;
/// Longest name of a template or task (Argo's CRDs).
const TASK_NAME_LIMIT: usize = 128;
/// `foreach-` and `loop-` come before a task's name, `-12` and `-none` behind it.
const ROOM: usize = 8;

/// The workflow's name: of `--name`, the class, or the project (Metaflow 2.19: `argo_workflows_cli.py`,
/// `resolve_workflow_name_v2`).
pub fn workflow(plan: &Plan) -> String {
    if let Some(project) = &plan.flow.project {
        return in_project(
            &[&project.project, &project.branch, &plan.flow.name],
            &project.flow,
        );
    }
    of_class(plan.deployment.name.as_deref().unwrap_or(&plan.flow.name))
}

/// What becomes of a name that was not made for Argo; empty where nothing of it is left.
pub fn of_class(name: &str) -> String {
    if is_valid(name) {
        name.to_owned()
    } else {
        sanitize(name)
    }
}

/// Does Kubernetes take it (RFC 1123: labels with dots between them)? The first character is a letter, as Metaflow
/// wants it.
pub fn is_valid(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_label = |label: &str| {
        label.starts_with(is_plain)
            && label.ends_with(is_plain)
            && label.chars().all(|c| is_plain(c) || c == '-')
    };
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('.').all(is_label)
}

/// Metaflow's `sanitize_for_argo`: not injective, but the name people know their deployment by. What it leaves
/// that Kubernetes does not take (non-ASCII letters) becomes a dash.
fn sanitize(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let kept = text.chars().filter(|c| !matches!(c, '_' | '@' | '+'));
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    let plain: String = lower
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let parts = plain.split('.').map(|part| part.trim_matches('-'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(".")
}

/// `project.branch.flow`, where it is too long each part cut and a digest of the whole appended.
fn in_project(parts: &[&str; 3], whole: &str) -> String {
    let name = sanitize(&parts.join("."));
    if name.chars().count() <= WORKFLOW_NAME_LIMIT {
        return name;
    }
    let lengths = parts.map(|part| part.chars().count());
    let [project, branch, flow] = budgets(lengths);
    let cut = [
        both_ends(parts[0], project),
        parts[1].chars().take(branch).collect(),
        both_ends(parts[2], flow),
    ];
    let digest: String = base32(&Sha1::digest(whole.as_bytes())).chars().take(5).collect();
    format!("{}-{}", sanitize(&cut.join(".")), digest.to_lowercase())
}

/// Metaflow's division of the 39 characters in front of the digest: seven each, the rest by length.
fn budgets(lengths: [usize; 3]) -> [usize; 3] {
    const LEAST: usize = 7;
    const EXTRA: usize = WORKFLOW_NAME_LIMIT - 6 - 3 * LEAST;
    let total: usize = lengths.iter().sum::<usize>().max(1);
    let mut extras = lengths.map(|length| EXTRA * length / total);
    while extras.iter().sum::<usize>() < EXTRA {
        if let Some(smallest) = extras.iter_mut().min_by_key(|extra| **extra) {
            *smallest += 1;
        }
    }
    extras.map(|extra| LEAST + extra)
}

fn both_ends(text: &str, budget: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= budget {
        return text.to_owned();
    }
    let head = characters.iter().take(budget / 2);
    let tail = characters.iter().skip(characters.len() - (budget - budget / 2));
    head.chain(tail).collect()
}

/// RFC 4648, without padding.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut block = [0u8; 8];
        for (target, byte) in block.iter_mut().skip(3).zip(chunk) {
            *target = *byte;
        }
        let number = u64::from_be_bytes(block);
        for position in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (number >> (35 - 5 * position)) & 31;
            let letter = ALPHABET.get(usize::try_from(index).unwrap_or(0));
            text.push(char::from(*letter.unwrap_or(&b'A')));
        }
    }
    text
}

/// The tasks' names in a DAG: `train_it` → `train-it`.
#[derive(Debug)]
pub struct Names(Vec<String>);

impl Names {
    pub fn new(plan: &Plan) -> Self {
        let mut taken = BTreeSet::new();
        let tasks = plan.tasks.iter();
        Self(
            tasks
                .map(|task| free(&task_name(&task.step), &mut taken))
                .collect(),
        )
    }

    pub fn get(&self, id: TaskId) -> &str {
        self.0.get(id.0).map_or("", String::as_str)
    }

    /// A name for a task beside those of the steps.
    pub fn beside(&self, id: TaskId, suffix: &str) -> String {
        let mut taken: BTreeSet<String> = self.0.iter().cloned().collect();
        free(&format!("{}-{suffix}", self.get(id)), &mut taken)
    }
}

/// The template of a step's pods: `step-train-it`. Pods are called after it, and have no upper-case letters.
pub fn of_leaf(step: &str, taken: &mut BTreeSet<String>) -> String {
    free(&format!("step-{}", task_name(step).to_lowercase()), taken)
}

/// ASCII names keep their letters, which is injective: an identifier has no dash. Others get a digest.
fn task_name(step: &str) -> String {
    let is_plain = step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !step.starts_with('_');
    if is_plain && step.len() <= TASK_NAME_LIMIT - ROOM {
        return step.replace('_', "-");
    }
    let letters = step.chars().filter(char::is_ascii_alphanumeric).take(40);
    let digest: String = base32(&Sha1::digest(step.as_bytes())).chars().take(8).collect();
    format!("s-{}-{}", letters.collect::<String>(), digest.to_lowercase())
}

fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut unique = name.to_owned();
    let mut count = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}-{count}");
        count += 1;
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_names_are_metaflows() {
        assert_eq!(sanitize("MyFlow_X"), "myflowx");
        assert_eq!(
            sanitize("my_project.user.oracle.Proj"),
            "myproject.user.oracle.proj"
        );
        let parts = [
            "a_very_long_project_name",
            "test.another_rather_long_branch",
            "AVeryLongFlowNameIndeed",
        ];
        assert_eq!(
            in_project(&parts, &parts.join(".")),
            "averyctname.test.anotherr.averylindeed-hw43z"
        );
    }

    #[test]
    fn names_are_labels_with_dots_between_them() {
        assert!(["a", "a.b", "a-1.b2"].into_iter().all(is_valid));
        let wrong = ["", "1a", "A", "a..b", "a-.b", "a.-b", "a-", "a_b", "é", ".a"];
        assert!(!wrong.into_iter().any(is_valid));
    }

    #[test]
    fn odd_step_names_become_valid_and_stay_apart() {
        assert_eq!(task_name("train_it"), "train-it");
        assert_eq!(task_name("b_"), "b-");
        assert!(task_name("_x").starts_with("s-x-"));
        assert_ne!(task_name("é"), task_name("è"));
        assert!(task_name(&"a".repeat(300)).len() < TASK_NAME_LIMIT - ROOM);
    }

    #[test]
    fn leaves_are_called_as_pods_may_be() {
        let mut taken = BTreeSet::new();
        let mut names = ["Train_It", "train_it", "train_it_2", "é"].map(|step| of_leaf(step, &mut taken));
        assert_eq!(
            names[..3],
            ["step-train-it", "step-train-it-2", "step-train-it-2-2"]
        );
        assert!(names[3].starts_with("step-s--"));
        names.sort();
        assert!(names.iter().all(|name| is_valid(name)));
    }

    #[test]
    fn base32_is_pythons() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
    }
}
