//! Metaflow's command line of a task. It is the same on every target except for holes that are known only when
//! the task runs; each backend spells them in its own language.

use super::Plan;

/// What only a running task knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeVar {
    /// The step's name, where one text serves several steps.
    Step,
    RunId,
    TaskId,
    /// The id of the `_parameters` task that the start task makes.
    ParametersTaskId,
    /// 0 in the first attempt.
    RetryCount,
    /// `@retry(times=…)`, where one text serves several steps.
    UserRetries,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// As it is; texts of users may stand in it, so it has to be quoted for the shell.
    Text(String),
    /// A value of the task.
    Var(RuntimeVar),
    /// The option with the input paths; form and place differ by target.
    InputPaths,
    /// The option with the index in a foreach, nothing where the task has none.
    SplitIndex,
}

impl Word {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// Interpreter, file and the options in front of the command, as every command of a task has them.
/// `internal` is the target's own decorator, which writes the result files of a task:
/// `argo_workflows_internal:auto-emit-argo-events=0`.
pub fn top(plan: &Plan, compute: Option<&str>, internal: &str) -> Vec<Word> {
    let deployment = &plan.deployment;
    let metadata = deployment.setting("DEFAULT_METADATA").unwrap_or("local");
    let mut words = vec![Word::text("python"), Word::text(&plan.flow.file_name)];
    words.extend(plan.flow.options.iter().map(Word::text));
    words.push(Word::text("--quiet"));
    words.extend(
        plan.deployment
            .with
            .iter()
            .map(|spec| Word::text(format!("--with={spec}"))),
    );
    words.extend(compute.map(|compute| Word::text(format!("--with={compute}"))));
    words.extend([
        Word::text(format!("--metadata={metadata}")),
        Word::text("--environment=local"),
        Word::text(format!("--datastore={}", deployment.datastore.kind.name())),
        Word::text(format!("--datastore-root={}", deployment.datastore.root)),
        Word::text("--event-logger=nullSidecarLogger"),
        Word::text("--monitor=nullSidecarMonitor"),
        Word::text("--no-pylint"),
        Word::text(format!("--with={internal}")),
    ]);
    words
}

/// `init`, which stores the run's parameters as the task `_parameters`.
pub fn init(plan: &Plan) -> Vec<Word> {
    let mut words = vec![
        Word::text("init"),
        Word::text("--run-id"),
        Word::Var(RuntimeVar::RunId),
        Word::text("--task-id"),
        Word::Var(RuntimeVar::ParametersTaskId),
    ];
    words.extend(tags(plan));
    words
}

/// `step`, with holes for the step's name and its retries too: one text for all steps.
pub fn step(plan: &Plan) -> Vec<Word> {
    let mut words = vec![Word::text("step"), Word::Var(RuntimeVar::Step)];
    let options = [
        ("--run-id", RuntimeVar::RunId),
        ("--task-id", RuntimeVar::TaskId),
        ("--retry-count", RuntimeVar::RetryCount),
        ("--max-user-code-retries", RuntimeVar::UserRetries),
    ];
    for (option, value) in options {
        words.extend([Word::text(option), Word::Var(value)]);
    }
    words.extend([Word::InputPaths, Word::SplitIndex]);
    words.extend(tags(plan));
    words.extend(
        plan.deployment
            .namespace
            .iter()
            .map(|namespace| Word::text(format!("--namespace={namespace}"))),
    );
    words
}

fn tags(plan: &Plan) -> impl Iterator<Item = Word> {
    plan.deployment
        .tags
        .iter()
        .map(|tag| Word::text(format!("--tag={tag}")))
}

/// A text as one word of a POSIX shell.
pub fn shell_quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r#"'"'"'"#))
}

#[cfg(test)]
mod tests {
    use super::shell_quote;

    #[test]
    fn quotes_what_a_shell_would_read() {
        assert_eq!(shell_quote("--tag=a:b"), "--tag=a:b");
        assert_eq!(shell_quote("it's $(x)"), r#"'it'"'"'s $(x)'"#);
        assert_eq!(shell_quote(""), "''");
    }
}
