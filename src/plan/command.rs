//! Metaflow's command line of a task. It is the same on every target except for holes that are known only when
//! the task runs; each backend spells them in its own language.

use super::{Plan, python_environment};
use crate::settings::{Code, Deployment};

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

/// Where a command finds metadata and artifacts.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// `local`, `service`.
    pub metadata: &'a str,
    /// `s3`, `local` …
    pub datastore: &'a str,
    pub root: &'a str,
    /// Metaflow's `--environment`: `local`, `conda`, `pypi`.
    pub environment: &'a str,
}

/// Interpreter, file and the options in front of the command, as every command of a task has them on a target.
/// `internal` is the target's own decorator, which writes the result files of a task:
/// `argo_workflows_internal:auto-emit-argo-events=0`.
pub fn top(plan: &Plan, compute: Option<&str>, internal: &str) -> Vec<Word> {
    let deployment = &plan.deployment;
    let store = Store {
        metadata: metadata(deployment),
        datastore: deployment.datastore.kind.name(),
        root: &deployment.datastore.root,
        environment: python_environment::name(plan),
    };
    let with = deployment.with.iter().map(String::as_str).chain(compute);
    let mut words = options(plan, store, with);
    words.push(Word::text(format!("--with={internal}")));
    words
}

fn metadata(deployment: &Deployment) -> &str {
    deployment.setting("DEFAULT_METADATA").unwrap_or("local")
}

/// Makes the folder of local metadata in the working directory, where a task packs it for the datastore. Metaflow looks
/// for one in the folders above first, and then packs none (`sync_local_metadata_to_datastore`). Code packages are
/// unpacked beside theirs.
pub fn metadata_folder(plan: &Plan) -> Option<&'static str> {
    let is_image = matches!(plan.deployment.code, Code::Image { .. });
    (is_image && metadata(&plan.deployment) == "local").then_some("mkdir -p .metaflow")
}

/// The same for any store and any decorators put on all steps.
pub fn options<'a, T>(plan: &Plan<T>, store: Store<'_>, with: impl Iterator<Item = &'a str>) -> Vec<Word> {
    let mut words = vec![Word::text("python"), Word::text(&plan.flow.file_name)];
    words.extend(plan.flow.options.iter().map(Word::text));
    words.push(Word::text("--quiet"));
    words.extend(with.map(|spec| Word::text(format!("--with={spec}"))));
    words.extend([
        Word::text(format!("--metadata={}", store.metadata)),
        Word::text(format!("--environment={}", store.environment)),
        Word::text(format!("--datastore={}", store.datastore)),
        Word::text(format!("--datastore-root={}", store.root)),
        Word::text("--event-logger=nullSidecarLogger"),
        Word::text("--monitor=nullSidecarMonitor"),
        Word::text("--no-pylint"),
    ]);
    words
}

/// Stores the files of `IncludeFile` defaults where their descriptors look for them, each unless its content is another
/// than that of the definition. On one line: some targets know no other commands.
const STORE_INCLUDED: &str = r#"import hashlib,os,sys; from metaflow.includefile import UploaderV2 as u; [u.store(sys.argv[1],p,True,"utf-8",u._get_handler(l),print) for p,l in zip(sys.argv[2::2],sys.argv[3::2]) if os.path.isfile(p) and hashlib.sha1(open(p,"rb").read()).hexdigest()==l.rsplit("/",1)[1]]"#;

/// Brings the included files of the image to the datastore, before `init`. None where the flow includes none, and where
/// `flowc package --upload` brings them along with the code.
pub fn store_included(plan: &Plan) -> Option<Vec<Word>> {
    if !matches!(plan.deployment.code, Code::Image { .. }) {
        return None;
    }
    let files: Vec<_> = plan
        .parameters
        .iter()
        .filter_map(|parameter| parameter.included.as_ref())
        .collect();
    if files.is_empty() {
        return None;
    }
    let mut words: Vec<Word> = ["python", "-c", STORE_INCLUDED, &plan.flow.name]
        .map(Word::text)
        .into();
    for file in files {
        words.extend([Word::text(&file.path), Word::text(&file.url)]);
    }
    Some(words)
}

/// `init`, which stores the run's parameters as the task `_parameters`.
pub fn init<T>(plan: &Plan<T>) -> Vec<Word> {
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
pub fn step<T>(plan: &Plan<T>) -> Vec<Word> {
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

/// The tags of a run, an option each.
pub fn tags<T>(plan: &Plan<T>) -> impl Iterator<Item = Word> {
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
