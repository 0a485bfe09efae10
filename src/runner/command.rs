//! The commands of a local run: those of the emitted definitions, their holes filled with what the scheduler knows.

use std::path::Path;

use serde::Deserialize;

use super::schedule::Item;
use super::{Given, Options, store};
use crate::plan::Plan;
use crate::plan::command::{self, RuntimeVar, Store, Word};
use crate::target::ThisMachine;

/// The task that holds the parameters.
pub const PARAMETERS_TASK: &str = "t0";

/// A list of input paths beyond this many bytes goes through a file: Linux takes 128 KiB in one argument.
const LONGEST_ARGUMENT: usize = 100_000;

/// What all commands of a run share.
#[derive(Clone, Debug)]
pub struct Commands {
    pub run_id: String,
    /// The run that this one goes on from.
    origin: Option<String>,
    top: Vec<String>,
    /// Options of every command for Metaflow's Configs.
    configs: Vec<String>,
    init: Vec<Word>,
    step: Vec<Word>,
}

/// What `init` wrote of the Configs: the name of each, and the word by which Metaflow takes it from the file.
#[derive(Debug, Default, Deserialize)]
struct ToldConfigs {
    #[serde(default)]
    options: Vec<(String, String)>,
}

/// What is special about one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub item: &'a Item,
    pub step: &'a str,
    pub task_id: &'a str,
    pub number: u32,
    pub user_retries: u32,
}

impl Commands {
    pub fn new(plan: &Plan<ThisMachine>, options: &Options, run_id: &str) -> Self {
        let root = options.root.to_string_lossy();
        let store = Store {
            metadata: "local",
            datastore: "local",
            root: &root,
            environment: "local",
        };
        let with = plan.deployment.with.iter().map(String::as_str);
        let words = command::options(plan, store, with).into_iter().skip(1);
        let words = words.filter_map(|word| match word {
            Word::Text(text) => Some(text),
            Word::Var(_) | Word::InputPaths | Word::SplitIndex => None,
        });
        let mut top = vec![options.python.to_string_lossy().into_owned()];
        top.extend(words);
        Self {
            run_id: run_id.to_owned(),
            origin: options.origin.clone(),
            top,
            configs: options.configs.clone(),
            init: command::init(plan),
            step: command::step(plan),
        }
    }

    /// From now on Configs are what `init` wrote into a file: they are read and parsed once for all tasks, as Metaflow's
    /// own launcher does it. A Metaflow that told nothing changes nothing.
    pub fn take_configs_from(&mut self, file: &Path) {
        let bytes = store::read(file).unwrap_or_default();
        let told: ToldConfigs = serde_json::from_slice(&bytes).unwrap_or_default();
        if told.options.is_empty() {
            return;
        }
        self.configs = vec![
            "--local-config-file".to_owned(),
            file.to_string_lossy().into_owned(),
        ];
        for (name, key) in told.options {
            self.configs.extend(["--config-value".to_owned(), name, key]);
        }
    }

    /// `parameters`: as given.
    pub fn init(&self, parameters: &[Given]) -> Vec<String> {
        let mut argv = self.beginning();
        argv.extend(
            self.init
                .iter()
                .filter_map(|word| self.spelled(word, None))
                .flatten(),
        );
        argv.extend(parameters.iter().flat_map(Given::words));
        argv
    }

    fn beginning(&self) -> Vec<String> {
        self.top.iter().chain(&self.configs).cloned().collect()
    }

    pub fn step(&self, attempt: Attempt<'_>) -> Vec<String> {
        let mut argv = self.bare_step(attempt);
        // `current.origin_run_id`, and what the client says of a resumed run.
        let origin = self.origin.iter();
        argv.extend(origin.flat_map(|run| ["--clone-run-id".to_owned(), run.clone()]));
        argv
    }

    fn bare_step(&self, attempt: Attempt<'_>) -> Vec<String> {
        let mut argv = self.beginning();
        argv.extend(
            self.step
                .iter()
                .filter_map(|word| self.spelled(word, Some(attempt)))
                .flatten(),
        );
        if attempt.item.is_control {
            argv.extend(["--ubf-context".to_owned(), "ubf_control".to_owned()]);
        }
        argv
    }

    /// The command that takes over a finished task of another run, instead of running it.
    pub fn clone_task(&self, attempt: Attempt<'_>, origin: &str) -> Vec<String> {
        let mut argv = self.bare_step(attempt);
        argv.extend(["--clone-only".to_owned(), origin.to_owned()]);
        argv
    }

    /// The words of one hole.
    fn spelled(&self, word: &Word, attempt: Option<Attempt<'_>>) -> Option<Vec<String>> {
        Some(match word {
            Word::Text(text) => vec![text.clone()],
            Word::Var(RuntimeVar::RunId) => vec![self.run_id.clone()],
            Word::Var(RuntimeVar::ParametersTaskId) => vec![PARAMETERS_TASK.to_owned()],
            Word::Var(RuntimeVar::Step) => vec![attempt?.step.to_owned()],
            Word::Var(RuntimeVar::TaskId) => vec![attempt?.task_id.to_owned()],
            Word::Var(RuntimeVar::RetryCount) => vec![attempt?.number.to_string()],
            Word::Var(RuntimeVar::UserRetries) => vec![attempt?.user_retries.to_string()],
            Word::InputPaths => vec!["--input-paths".to_owned(), input_paths(&attempt?.item.inputs)],
            Word::SplitIndex => match attempt?.item.split_index {
                Some(index) => vec!["--split-index".to_owned(), index.to_string()],
                None => Vec::new(),
            },
        })
    }
}

/// Moves a list of input paths that no argument can hold into a file, for a new interpreter.
pub fn shorten(
    argv: &mut [String],
    file: impl FnOnce(&str) -> std::io::Result<String>,
) -> std::io::Result<()> {
    let Some(position) = argv.iter().position(|word| word == "--input-paths") else {
        return Ok(());
    };
    if let [option, paths, ..] = argv.get_mut(position..).unwrap_or_default()
        && paths.len() > LONGEST_ARGUMENT
    {
        *paths = file(paths)?;
        "--input-paths-filename".clone_into(option);
    }
    Ok(())
}

/// `run/step/task`, or `run/step/:task,task` for several of one step.
fn input_paths(paths: &[String]) -> String {
    let common = paths
        .first()
        .and_then(|path| path.rfind('/'))
        .map(|slash| slash + 1);
    let prefix = common.and_then(|end| paths.first()?.get(..end));
    match prefix.filter(|prefix| paths.len() > 1 && paths.iter().all(|path| path.starts_with(prefix))) {
        Some(prefix) => {
            let suffixes: Vec<_> = paths
                .iter()
                .filter_map(|path| path.strip_prefix(prefix))
                .collect();
            format!("{prefix}:{}", suffixes.join(","))
        }
        None => paths.join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_one_step_share_a_prefix() {
        let paths =
            |paths: &[&str]| input_paths(&paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>());
        assert_eq!(paths(&["r/start/t1"]), "r/start/t1");
        assert_eq!(paths(&["r/a/t1", "r/a/t12"]), "r/a/:t1,t12");
        assert_eq!(paths(&["r/a/t1", "r/b/t2"]), "r/a/t1,r/b/t2");
    }

    #[test]
    fn a_long_list_goes_through_a_file() {
        let mut argv = vec!["step".to_owned(), "--input-paths".to_owned(), "r/a/t1".to_owned()];
        shorten(&mut argv, |_| unreachable!()).unwrap();
        argv[2] = "x".repeat(LONGEST_ARGUMENT + 1);
        shorten(&mut argv, |_| Ok("file".to_owned())).unwrap();
        assert_eq!(argv, ["step", "--input-paths-filename", "file"]);
    }
}
