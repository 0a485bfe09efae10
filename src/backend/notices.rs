//! What only a plan shows: names of the command line that the target does not take, files that have to be where
//! the definition looks for them.

use super::argo::notify::Service;
use super::argo::{self, names, notify};
use super::step_functions;
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::rules::{limits as rules, no_effect, project_name};
use crate::plan::Plan;
use crate::plan::pod;
use crate::plan::python_environment::{self, Interpreter};
use crate::settings::Code;
use crate::settings::argo::ServiceKey;
use crate::target::Target;

/// The findings about a plan, before anything is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = included_files(plan);
    found.extend(project_options(plan));
    match plan.target.target {
        Target::Argo => {
            found.extend(argo_name(plan));
            found.extend(own_variables(plan));
            found.extend(mounts(plan));
            found.extend(events(plan));
            found.extend(notifications(plan));
            found.extend(python_environments(plan));
        }
        Target::Airflow => found.extend(dag_id(plan)),
        Target::StepFunctions => {
            found.extend(python_environments(plan));
            found.extend(step_functions::notices::check(plan));
        }
    }
    found
}

/// `--branch` and `--production` beside `@project`: Metaflow's tasks refuse what contradicts the decorator.
fn project_options(plan: &Plan) -> Vec<Diagnostic> {
    let deployment = &plan.deployment;
    let wrong = |message: String| Diagnostic::new(&project_name::INFO, plan.flow.span, message);
    let mut found = Vec::new();
    let Some(project) = &plan.flow.request.project else {
        let is_given = [
            ("--branch", deployment.branch.is_some()),
            ("--production", deployment.is_production),
        ];
        for (option, _) in is_given.into_iter().filter(|(_, is_given)| *is_given) {
            let message = format!("`{option}` has no effect: `{}` has no `@project`", plan.flow.name);
            found.push(Diagnostic::new(&no_effect::INFO, plan.flow.span, message));
        }
        return found;
    };
    if let Some(branch) = &deployment.branch {
        if let Some(written) = project.branch.as_ref().filter(|written| *written != branch) {
            found.push(wrong(format!(
                "`--branch {branch}` contradicts the branch `{written}` of `@project`"
            )));
        }
        let is_right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !branch.chars().all(is_right) || branch.chars().count() > project_name::LONGEST {
            found.push(wrong(format!(
                "`--branch {branch}` is no branch of a project: up to {} lower-case letters, digits and underscores",
                project_name::LONGEST
            )));
        }
    }
    if deployment.is_production && project.production == Some(false) {
        found.push(wrong(
            "`--production` contradicts `production=False` of `@project`".to_owned(),
        ));
    }
    found
}

/// Included files are not uploaded by compiling.
fn included_files(plan: &Plan) -> Vec<Diagnostic> {
    let files = plan
        .parameters
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::IncludeFile);
    let files = files.filter_map(|parameter| parameter.included.as_ref());
    files
        .map(|file| {
            let message = format!("runs look for `{}` at `{}`, compressed", file.path, file.url);
            Diagnostic::new(&rules::FILE_TO_UPLOAD, plan.flow.span, message)
                .help("`flowc package --upload` puts it there")
        })
        .collect()
}

/// A Sensor needs to know where events come from.
fn events(plan: &Plan) -> Option<Diagnostic> {
    let trigger = plan.flow.request.triggers.first()?;
    let needed = [
        "ARGO_EVENTS_EVENT",
        "ARGO_EVENTS_EVENT_SOURCE",
        "ARGO_EVENTS_SERVICE_ACCOUNT",
    ];
    let is_missing = |name: &&str| plan.deployment.setting(name).is_none_or(str::is_empty);
    let missing: Vec<String> = needed
        .into_iter()
        .filter(is_missing)
        .map(|name| format!("`METAFLOW_{name}`"))
        .collect();
    if missing.is_empty() || plan.deployment.is_draft {
        return None;
    }
    let message = format!("a flow that events start needs {}", missing.join(", "));
    let finding = Diagnostic::new(&rules::EVENTS_NOT_CONFIGURED, trigger.span, message);
    Some(
        finding
            .help("give each with `--set NAME=VALUE`, or under `[metaflow]` in `flowc.toml`")
            .target(Target::Argo),
    )
}

/// Environments that Metaflow solves: what has to be there for the tasks to unpack them.
fn python_environments(plan: &Plan) -> Vec<Diagnostic> {
    if python_environment::solver(plan).is_none() {
        return Vec::new();
    }
    let mut solved = Vec::new();
    let mut unnamed = Vec::new();
    for task in &plan.tasks {
        match python_environment::interpreter(plan, task) {
            Interpreter::OfImage => {}
            Interpreter::Solved(id) => solved.push(format!("`{}`: {id}", task.step)),
            Interpreter::Unnamed => unnamed.push(task),
        }
    }
    let name = python_environment::name(plan);
    let mut found = Vec::new();
    let is_draft = plan.deployment.is_draft;
    if let Some(first) = unnamed.first().filter(|_| !is_draft) {
        let message = format!(
            "the environment of `{}` names no Python; Metaflow takes the version that it is deployed with",
            first.step
        );
        let finding = Diagnostic::new(&rules::ENVIRONMENT_WITHOUT_PYTHON, first.span, message);
        found.push(finding.help("give `python=` in the decorator, or `--python-version`"));
    }
    if matches!(plan.deployment.code, Code::Image { .. }) && !is_draft {
        let message = "an environment that Metaflow solved is unpacked from a code package, and the code is in the image";
        let finding = Diagnostic::new(&rules::ENVIRONMENT_WITHOUT_PACKAGE, plan.flow.span, message);
        found.push(finding.help(
            "give `--code URL@SHA` or `--code package`, or put the packages into the image and leave the decorators out",
        ));
    } else if !solved.is_empty() {
        let message = format!(
            "tasks look for solved environments in the code package ({})",
            solved.join(", ")
        );
        let finding = Diagnostic::new(&rules::ENVIRONMENT_TO_SOLVE, plan.flow.span, message);
        found.push(finding.help(format!(
            "Metaflow solves them: `python {} --environment={name} package save FILE`, with the same datastore",
            plan.flow.file_name
        )));
    }
    found
        .into_iter()
        .map(|finding| finding.target(plan.target.target))
        .collect()
}

/// Who is to be told, and with which key: as an error where that is not said, as a note where a secret has to be made.
fn notifications(plan: &Plan) -> Vec<Diagnostic> {
    let notifications = &plan.deployment.argo.notifications;
    if !notifications.are_asked_for() {
        return Vec::new();
    }
    let services = Service::ALL.into_iter();
    let keys = services.filter_map(|service| Some((service, service.key(notifications)?)));
    let keys: Vec<(Service, &ServiceKey)> = keys.collect();
    let wrong = |message: &str, help: &str| {
        let finding = Diagnostic::new(&rules::NOTIFICATIONS, plan.flow.span, message);
        finding.help(help).target(Target::Argo)
    };
    let mut found = Vec::new();
    if keys.is_empty() {
        found.push(wrong(
            "nobody is named whom to notify of how a run ended",
            "give `--notify-slack-webhook-url`, `--notify-pager-duty-integration-key` or `--notify-incident-io-api-key`",
        ));
    }
    if notifications.incident_io.is_some() && notifications.incident_io_alert_source.is_none() {
        found.push(wrong(
            "incident.io needs to know which of its alert sources the notifications come from",
            "give `--incident-io-alert-source-config-id`",
        ));
    }
    let given = keys.iter().filter(|(_, key)| **key == ServiceKey::Given);
    let entries: Vec<String> = given.map(|(service, _)| service.name().to_owned()).collect();
    if !entries.is_empty() {
        let secret = notify::own_secret(&names::workflow(plan));
        let literals = entries.iter().map(|entry| format!(" --from-literal={entry}=…"));
        let message = format!(
            "a key does not stand in a definition: the run takes it from the secret `{secret}`, where it has to be under `{}`",
            entries.join("`, `")
        );
        let help = format!(
            "make it: `kubectl create secret generic {secret}{}`; or give an entry of another secret: `secret:NAME/KEY`",
            literals.collect::<String>()
        );
        let finding = Diagnostic::new(&rules::NOTIFICATION_SECRET, plan.flow.span, message);
        found.push(finding.help(help).target(Target::Argo));
    }
    found
}

/// Airflow's names of DAGs, which is the file's name, too.
fn dag_id(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let message = if plan.flow.project.is_some() {
        format!("`--name {name}` has no place in a project: the DAG is called after project, branch and flow")
    } else if !name.starts_with('.') && (1..=250).contains(&name.len()) && name.chars().all(is_plain) {
        return None;
    } else {
        format!("`{name}` cannot be the name of a DAG: up to 250 letters, digits, `-`, `_` and `.`")
    };
    Some(Diagnostic::new(&rules::WORKFLOW_NAME, plan.flow.span, message).target(Target::Airflow))
}

/// `--name` is taken as it is, so it has to be a name; in a project the names come from the project. That of a
/// class may leave none, or the same as another's.
fn argo_name(plan: &Plan) -> Option<Diagnostic> {
    let class = &plan.flow.name;
    let found =
        |rule, message: String| Some(Diagnostic::new(rule, plan.flow.span, message).target(Target::Argo));
    match (plan.deployment.name.as_deref(), &plan.flow.project) {
        (Some(name), Some(_)) => found(
            &rules::WORKFLOW_NAME,
            format!(
                "`--name {name}` has no place in a project: the workflow is called after project, branch and flow"
            ),
        ),
        (Some(name), None) if !names::is_valid(name) => found(
            &rules::WORKFLOW_NAME,
            format!(
                "`{name}` cannot be the name of a workflow: lower-case letters, digits, `-` and `.`, a letter first"
            ),
        ),
        (Some(_), None) | (None, Some(_)) => None,
        (None, None) => {
            let name = names::of_class(class);
            if name.is_empty() {
                let message = format!(
                    "`{class}` leaves no name for the workflow: it has no letter from a to z and no digit"
                );
                return found(&rules::WORKFLOW_NAME, message)
                    .map(|finding| finding.help("give one with `--name`"));
            }
            let mut others = plan.flow.beside.iter();
            let other = others.find(|other| names::of_class(other) == name)?;
            let message = format!("the workflows of `{class}` and `{other}` would both be called `{name}`");
            found(&rules::SAME_WORKFLOW_NAME, message).map(|finding| {
                finding.help("the one deployed later replaces the other: give one a name with `--name`")
            })
        }
    }
}

/// A place in a container can be mounted once, and a volume's name is taken once.
fn mounts(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let pod = pod::pod(&task.request, &plan.deployment);
        let mut taken = vec![argo::leaf::OUT_PATH];
        taken.extend(pod.tmpfs.as_ref().map(|tmpfs| tmpfs.path.as_str()));
        taken.extend(pod.shared_memory.map(|_| "/dev/shm"));
        for (claim, path) in &pod.volume_claims {
            let path = path.trim_end_matches('/');
            let message = if taken.contains(&path) {
                format!("`{path}` of `{}` is mounted twice", task.step)
            } else if claim == argo::leaf::OUT {
                format!(
                    "the claim `{claim}` of `{}` has the name of the volume for results",
                    task.step
                )
            } else {
                taken.push(path);
                continue;
            };
            let finding = Diagnostic::new(&rules::MOUNT, task.span, message);
            found.push(
                finding
                    .help("mount each claim at a place of its own")
                    .target(Target::Argo),
            );
        }
    }
    found
}

/// A step's variable that the definition sets itself is dropped, which must be said.
fn own_variables(plan: &Plan) -> Vec<Diagnostic> {
    if plan.tasks.iter().all(|task| task.request.environment.is_empty()) {
        return Vec::new();
    }
    let own = argo::own_variables(plan);
    let mut found = Vec::new();
    for task in &plan.tasks {
        for variable in &task.request.environment {
            if own.contains(&variable.name) {
                let message = format!(
                    "`{}` of `{}` has no effect: the definition sets this variable itself",
                    variable.name, task.step
                );
                let finding = Diagnostic::new(&rules::OWN_VARIABLE, task.span, message);
                found.push(finding.help("choose another name").target(Target::Argo));
            }
        }
    }
    found
}
