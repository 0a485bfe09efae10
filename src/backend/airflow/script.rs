//! The program of a pod: one text for all steps, `templates/airflow.sh`, with Metaflow's commands filled in.
//! Kubernetes reads it before the shell does: it holds no `$$` and no `$(word)` of its own.

use crate::backend::{download, script};
use crate::plan::Plan;
use crate::plan::command::{self, RuntimeVar, Word, shell_quote};
use crate::settings::Code;

const STEP: &str = include_str!("../../../templates/airflow.sh");

/// The script, as it stands in the container's command.
pub fn script(plan: &Plan) -> String {
    let top = command::top(plan, Some("kubernetes"), "airflow_internal");
    let holes = [
        ("#CODE\n", code(plan)),
        (
            "#INCLUDED\n",
            command::store_included(plan)
                .map(|words| format!("    {}\n", spell(&words)))
                .unwrap_or_default(),
        ),
        ("#TOP", spell(&top)),
        ("#INIT", spell(&command::init(plan))),
        ("#STEP", spell(&command::step(plan))),
    ];
    script::fill(
        STEP,
        &holes.each_ref().map(|(hole, value)| (*hole, value.as_str())),
    )
}

/// A text that Kubernetes leaves as it is: it reads `$$` as `$`, and `$(NAME)` as that variable's value.
pub fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn code(plan: &Plan) -> String {
    match &plan.deployment.code {
        Code::Image { directory } => {
            let enter = directory
                .as_deref()
                .map(|directory| format!("cd {}", literal(&shell_quote(directory))));
            let folder = command::metadata_folder(plan).map(str::to_owned);
            let lines = enter.into_iter().chain(folder);
            lines.map(|line| format!("{line}\n")).collect()
        }
        Code::Package { metaflow, .. } => download::script(plan.deployment.datastore.kind, metaflow),
    }
}

fn spell(words: &[Word]) -> String {
    words.iter().map(spell_word).collect::<Vec<_>>().join(" ")
}

fn spell_word(word: &Word) -> String {
    match word {
        Word::Text(text) => literal(&shell_quote(text)),
        Word::Var(variable) => spell_variable(*variable).to_owned(),
        Word::InputPaths => r#"--input-paths-filename "$mf_own/input-paths""#.to_owned(),
        Word::SplitIndex => "$mf_index".to_owned(),
    }
}

fn spell_variable(variable: RuntimeVar) -> &'static str {
    match variable {
        RuntimeVar::Step => r#""$METAFLOW_STEP_NAME""#,
        RuntimeVar::RunId => r#""$METAFLOW_RUN_ID""#,
        RuntimeVar::TaskId => r#""$METAFLOW_AIRFLOW_TASK_ID""#,
        RuntimeVar::ParametersTaskId => r#""$FLOWC_PARAMETERS_TASK""#,
        RuntimeVar::RetryCount => r#""$METAFLOW_RETRY_COUNT""#,
        RuntimeVar::UserRetries => r#""$FLOWC_USER_RETRIES""#,
    }
}
