//! The program of a pod: one text for all steps, `templates/step.sh`, with Metaflow's commands filled in.
//! Kubernetes and Argo read it before the shell does: it holds no `$$`, no `$(word)` and no `{{`.

use super::text;
use crate::backend::{download, script};
use crate::plan::command::{self, RuntimeVar, Word, shell_quote};
use crate::plan::{Fan, Plan, python_environment};
use crate::settings::Code;

const STEP: &str = include_str!("../../../templates/step.sh");
const GANG: &str = include_str!("../../../templates/gang.sh");
const HOOK: &str = include_str!("../../../templates/hook.sh");
const CAPTURE: &str = include_str!("../../../templates/capture.sh");
const HEARTBEAT: &str = include_str!("../../../templates/heartbeat.sh");

/// The payloads of the events that may have started the run, under Metaflow's names.
const EVENTS: &str = r#"for mf_event in ${!FLOWC_EVENT_@}; do
  export "METAFLOW_ARGO_EVENT_PAYLOAD_${mf_event#FLOWC_EVENT_}=$(printenv "$mf_event" | base64 -d)"
done
"#;

/// The tasks of `num_parallel` are called after their place in it (Metaflow 2.19: `jobset_input_paths.py`).
const GANG_JOIN: &str = r#"  elif [ -n "${FLOWC_GANG_OF:-}" ]; then  # join of num_parallel
    mf_paths=$(python -m metaflow.plugins.argo.jobset_input_paths "$mf_run" "$FLOWC_GANG_OF" "$FLOWC_ENTROPY" "$FLOWC_GANG_SIZE")
"#;

/// The interpreter of a step: the image's, or that of the environment that the task unpacks (Metaflow 2.19:
/// `conda_environment.py`, `executable`).
const PYTHON: &str = r#"mf_python=python
if [ -n "${FLOWC_ENVIRONMENT_ID:-}" ]; then  # @conda, @pypi
  case $(uname -m) in aarch64) export MF_ARCH=linux-aarch64 ;; *) export MF_ARCH=linux-64 ;; esac
  export PATH=$PATH:$PWD/micromamba/bin
  mf_python="$MF_ARCH/$FLOWC_ENVIRONMENT_ID/bin/python -s"
fi
"#;
const BOOTSTRAP: &str = r#"  if [ -n "${FLOWC_ENVIRONMENT_ID:-}" ]; then
    echo "Bootstrapping virtual environment..."
    DISABLE_TRACING=True python -m metaflow.plugins.pypi.bootstrap "$METAFLOW_FLOW_NAME" "$FLOWC_ENVIRONMENT_ID" "$METAFLOW_DEFAULT_DATASTORE"
  fi
"#;

/// The script, as it stands in the definition.
pub fn script(plan: &Plan) -> String {
    fill(plan, STEP, is_solved(plan))
}

/// The script of the pods of a gang, which the manifest of a JobSet holds.
pub fn gang(plan: &Plan) -> String {
    fill(plan, GANG, is_solved(plan))
}

/// Do tasks publish that they have finished? They need to know where.
fn emits_events(plan: &Plan) -> bool {
    let has_webhook = plan.deployment.setting("ARGO_EVENTS_WEBHOOK_URL").is_some();
    plan.deployment.argo.emits_events.unwrap_or(has_webhook)
}

/// Do some tasks run in an environment that `@conda` or `@pypi` made?
fn is_solved(plan: &Plan) -> bool {
    python_environment::solver(plan).is_some()
}

fn fill(plan: &Plan, template: &str, is_solved: bool) -> String {
    let internal = format!(
        "argo_workflows_internal:auto-emit-argo-events={}",
        u8::from(emits_events(plan))
    );
    let top = command::top(plan, Some("kubernetes"), &internal);
    let top = match top.split_first() {
        // Two words, so without quotes.
        Some((_, options)) if is_solved => format!("$mf_python {}", spell(options)),
        Some(_) | None => spell(&top),
    };
    let included = command::store_included(plan)
        .map(|words| format!("    {}\n", spell(&words)))
        .unwrap_or_default();
    let has_triggers = !plan.flow.request.triggers.is_empty();
    let holes = [
        ("#EVENTS\n", if has_triggers { EVENTS } else { "" }),
        ("#GANG-JOIN\n", if has_gang(plan) { GANG_JOIN } else { "" }),
        ("#PACKAGE\n", &place(plan)),
        ("#PYTHON\n", if is_solved { PYTHON } else { "" }),
        ("#BOOTSTRAP\n", if is_solved { BOOTSTRAP } else { "" }),
        ("#INCLUDED\n", &included),
        ("#TOP", &top),
        ("#INIT", &spell(&command::init(plan))),
        ("#STEP", &spell(&command::step(plan))),
        ("#TAGS", &spell(&command::tags(plan).collect::<Vec<_>>())),
    ];
    script::fill(template, &holes)
}

fn has_gang(plan: &Plan) -> bool {
    plan.tasks
        .iter()
        .any(|task| matches!(task.role.fans, Fan::Parallel { .. }))
}

/// The script of an exit handler.
pub fn hook(plan: &Plan) -> String {
    script::fill(HOOK, &[("#PACKAGE\n", &code(plan))])
}

/// The script of the handler that says which task failed first.
pub fn capture(plan: &Plan) -> String {
    script::fill(CAPTURE, &[("#PACKAGE\n", &code(plan))])
}

/// The script of the daemon that tells the metadata service that a run goes on.
pub fn heartbeat(plan: &Plan) -> String {
    // The daemon is no step: it runs in the image's Python.
    let script = fill(plan, HEARTBEAT, false);
    script.trim_end().to_owned() + "\n"
}

/// What brings the code into the container.
fn code(plan: &Plan) -> String {
    match &plan.deployment.code {
        Code::Image { directory: _ } => String::new(),
        Code::Package { metaflow, .. } => download::script(plan.deployment.datastore.kind, metaflow),
    }
}

/// The code, and the folder beside it in which a task keeps its metadata.
fn place(plan: &Plan) -> String {
    let folder = command::metadata_folder(plan).map(|command| format!("{command}\n"));
    code(plan) + &folder.unwrap_or_default()
}

/// Does the script hold a text that has to be kept from Argo?
pub fn needs_empty(script: &str) -> bool {
    script.contains("$(EMPTY)")
}

fn spell(words: &[Word]) -> String {
    words.iter().map(spell_word).collect::<Vec<_>>().join(" ")
}

fn spell_word(word: &Word) -> String {
    match word {
        Word::Text(text) => text::escape(&shell_quote(text)),
        Word::Var(variable) => spell_variable(*variable).to_owned(),
        Word::InputPaths => "--input-paths-filename /tmp/mf-input-paths".to_owned(),
        Word::SplitIndex => "$mf_index".to_owned(),
    }
}

fn spell_variable(variable: RuntimeVar) -> &'static str {
    match variable {
        RuntimeVar::Step => r#""$METAFLOW_STEP_NAME""#,
        RuntimeVar::RunId => r#""$mf_run""#,
        RuntimeVar::TaskId => r#""$METAFLOW_TASK_ID""#,
        RuntimeVar::ParametersTaskId => r#""$METAFLOW_TASK_ID-params""#,
        RuntimeVar::RetryCount => r#""$METAFLOW_RETRY_COUNT""#,
        RuntimeVar::UserRetries => r#""$FLOWC_USER_RETRIES""#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DatastoreKind, Metaflow};

    #[test]
    fn nothing_in_the_script_is_read_by_kubernetes_or_argo() {
        for text in [
            STEP,
            HOOK,
            CAPTURE,
            HEARTBEAT,
            EVENTS,
            GANG,
            GANG_JOIN,
            PYTHON,
            BOOTSTRAP,
            &download::script(DatastoreKind::S3, &Metaflow::Packed),
            &download::script(DatastoreKind::Azure, &Metaflow::Installed("2.19.39".to_owned())),
            &download::script(DatastoreKind::Gs, &Metaflow::InImage),
        ] {
            assert!(!text.contains("$$") && !text.contains("{{"));
            for (_, rest) in text.match_indices("$(").map(|(at, _)| text.split_at(at + 2)) {
                let word = rest.split(')').next().unwrap();
                assert!(word.contains(' '), "{word}");
            }
        }
    }
}
